/** The whole page. */
import { countArrived } from "../model/list";
import type { Session } from "../session";
import { hrefOf } from "../model/view";
import { DetailPane } from "./Detail";
import { Dialogs } from "./Dialogs";
import { Header } from "./Header";
import { ListView } from "./List";
import { InboxWays, MAIN, titleOf, Ways } from "./Navigation";
import { Empty, FirstRun, KeyForm, Loading, Problem } from "./Places";
import { Notices, Reports } from "./Reports";

export function App({ session }: { session: Session }) {
  const { view, key, said } = session.state;
  if (key === "needed" || key === "wrong") {
    return (
      <div class="app app-alone">
        <Header session={session} />
        <main>
          <KeyForm session={session} />
        </main>
      </div>
    );
  }
  return (
    <div class={`app${view.open === null ? "" : " app-open"}`}>
      <Header session={session} />
      <nav class="side" aria-label="Views">
        <Ways session={session} ways={MAIN} />
        <InboxWays session={session} />
      </nav>
      <main>
        <div class="rows">
          <Head session={session} />
          <Reports session={session} />
          <Rows session={session} />
        </div>
        <section class="opened" aria-label="Details">
          <DetailPane session={session} group={session.opened()} />
        </section>
      </main>
      <nav class="bottom" aria-label="Main views">
        <Ways session={session} ways={MAIN} />
        <button aria-haspopup="dialog" onClick={() => session.openDialog({ kind: "inboxes" })}>
          Inboxes
        </button>
      </nav>
      <Notices session={session} />
      <Dialogs session={session} />
      <div class="hidden" role="status" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

/** What the list is, and what can be done with all of it. */
function Head({ session }: { session: Session }) {
  const { view, selected, inboxes } = session.state;
  const inbox = inboxes?.find((each) => each.name === view.inbox);
  const chosen = selected.size > 0 ? session.chosen(null) : [];
  const hasWikis = (inbox ? [inbox] : inboxes)?.some((each) => each.instance.platform === "MEDIAWIKI");
  return (
    <div class="head">
      <h2 id="view" tabIndex={-1}>
        {titleOf(view)}
      </h2>
      <Pill session={session} />
      {chosen.length > 0 && (
        <>
          <button class="button" onClick={() => session.dismiss(chosen)}>
            Dismiss {chosen.length} selected
          </button>
          <button class="button" onClick={() => session.store.change({ selected: new Set() })}>
            Clear selection
          </button>
        </>
      )}
      {hasWikis && view.platform !== "MASTODON" && view.show !== "unread" && (
        <a class="button" href={hrefOf({ ...view, withSeen: !view.withSeen, open: null })}>
          {view.withSeen ? "Hide seen wiki changes" : "Show seen wiki changes"}
        </a>
      )}
      {inbox && inbox.capabilities.canClear !== false && (
        <button class="button" aria-haspopup="dialog" onClick={() => session.openDialog({ kind: "clear", inboxId: inbox.id, howMany: null })}>
          Clear {inbox.name}
        </button>
      )}
    </div>
  );
}

function Rows({ session }: { session: Session }) {
  const { list, problem, inboxes, isLoading, view, stalledUntil } = session.state;
  if (inboxes?.length === 0) return <FirstRun />;
  if (view.inbox && inboxes && !inboxes.some((each) => each.name === view.inbox)) {
    return <Problem session={session} text={`There is no inbox named ${view.inbox}.`} />;
  }
  if (!list) return problem ? <Problem session={session} text={problem} /> : <Loading />;
  const shown = session.shown();
  const isEmpty = shown.every((block) => block.groups.length === 0);
  return (
    <>
      <ListView session={session} state={session.state} shown={shown} />
      {isEmpty && (view.search || !list.hasBelow || stalledUntil > 0) && <Empty session={session} />}
      {(view.search || stalledUntil > 0) && list.hasBelow && !isLoading && (
        <p class="end">
          <button class="button" onClick={() => void session.reading.below()}>
            {view.search ? "Search older notifications" : "Load older notifications"}
          </button>
        </p>
      )}
      {isLoading === "below" && <p class="end">Loading more …</p>}
      {!isEmpty && !list.hasBelow && <p class="end">No more notifications.</p>}
    </>
  );
}

function Pill({ session }: { session: Session }) {
  const { list } = session.state;
  const count = countArrived(list);
  if (count === 0 && !list?.isChanged) return null;
  return (
    <button class="pill" onClick={() => session.showNew()}>
      {list?.isChanged ? "Refresh the list" : `${count} new`}
    </button>
  );
}
