/** The pane that shows one group closely, and all that can be done with it. */
import { useEffect, useRef } from "preact/hooks";

import { type Group, lineOf, MOST_MEMBERS, ofRow } from "../model/groups";
import { wordOf } from "../model/acts";
import type { Detail } from "../model/state";
import { hrefOf } from "../model/view";
import type { Session } from "../session";
import { Html } from "./Html";
import { Age, Away, Faces, Kind } from "./parts";
import { Post } from "./Post";
import { Answer } from "./Row";

const SAID = { gone: "This notification is gone.", failed: "This notification can’t be read right now." };

export function DetailPane({ session, group }: { session: Session; group: Group | null }) {
  const { view, now, inboxes, acts, list, answered } = session.state;
  const heading = useRef<HTMLHeadingElement>(null);
  const ids = group?.notificationIds.slice(0, MOST_MEMBERS) ?? (view.open === null ? [] : [view.open]);
  useEffect(() => void session.reading.details(ids), [ids.join(), list === null]);
  useEffect(() => heading.current?.focus(), [view.open]);
  if (view.open === null) {
    return <p class="hint">Select a row to read it here.</p>;
  }
  const known = ids.map((id) => session.state.details.get(id));
  const [first] = known;
  const latest = group?.latest ?? (typeof first === "object" ? first : null);
  if (!latest) return <p class="hint">{typeof first === "string" ? SAID[first] : "Loading …"}</p>;
  const inbox = inboxes?.find((each) => each.id === latest.inbox.id);
  const whole = group ?? ofRow(latest); // which a link may lead to though the list does not reach it
  const line = lineOf(whole);
  const word = wordOf(whole, acts);
  return (
    <>
      <a class="button close" href={hrefOf({ ...view, open: null })}>
        <span aria-hidden="true">←</span> Back to the list
      </a>
      <h2 tabIndex={-1} ref={heading} dir="auto">
        <Kind type={latest.type} /> {line}
      </h2>
      <p class="meta">
        <Faces people={whole.actors} /> <span class="tag">{inbox?.name}</span> {inbox?.instance.title}{" "}
        <Age instant={latest.createdAt} now={now} />
        {word && <strong class="word">{word}</strong>}
      </p>
      <div class="actions">
        <Answer session={session} group={whole} inbox={inbox} answered={answered.get(latest.id)} />
        {latest.url && (
          <Away class="button" href={latest.url}>
            Open original
          </Away>
        )}
        <Actions session={session} group={whole} />
      </div>
      {known.map((each, at) =>
        typeof each === "object" ? (
          <One key={each.id} row={each} isAlone={known.length === 1} now={now} />
        ) : (
          <p class="hint" key={ids[at]}>
            {each === undefined ? "Loading …" : SAID[each]}
          </p>
        ),
      )}
      {group && group.count > ids.length && <p class="hint">and {group.count - ids.length} more</p>}
    </>
  );
}

function Actions({ session, group }: { session: Session; group: Group }) {
  const { latest } = group;
  const able = session.state.inboxes?.find((each) => each.id === latest.inbox.id)?.capabilities;
  const isWiki = latest.__typename === "WatchlistNotification";
  return (
    <>
      {session.canDismiss(group) && (
        <button class="button" onClick={() => session.dismissOpen(group)}>
          Dismiss{group.count > 1 ? ` ${group.isCountCapped ? "these" : "all"} ${group.count}` : ""}
        </button>
      )}
      {able?.canMarkRead && (
        <button class="button" onClick={() => session.acting.markRead(latest)}>
          Mark as read up to here
        </button>
      )}
      {isWiki && able?.canSetTimestamp !== false && (
        <button class="button" onClick={() => session.acting.setUnseen(latest)}>
          Mark as unseen from here
        </button>
      )}
    </>
  );
}

function One({ row, isAlone, now }: { row: Detail; isAlone: boolean; now: number }) {
  return (
    <section class="one">
      {!isAlone && (
        <h3 dir="auto">
          {row.summary} <Age instant={row.createdAt} now={now} />
        </h3>
      )}
      <Body row={row} />
    </section>
  );
}

function Body({ row }: { row: Detail }) {
  switch (row.__typename) {
    case "MastodonNotification":
      return (
        <>
          {row.fallback?.summary && <Html markup={row.fallback.summary} />}
          {row.post && <Post post={row.post} />}
          {row.post?.quote?.state === "ACCEPTED" && row.post.quote.status && (
            <blockquote>
              <Post post={row.post.quote.status} />
            </blockquote>
          )}
          {!row.post && row.account?.note && <Html markup={row.account.note} />}
        </>
      );
    case "WatchlistNotification":
      return (
        <>
          {row.commentHtml && <Html markup={row.commentHtml} />}
          <p class="hint">
            {[row.lengthDelta === null ? "" : bytesOf(row.lengthDelta), row.isMinor ? "minor" : ""].filter(Boolean).join(", ")}{" "}
            {row.diffUrl && <Away href={row.diffUrl}>See what changed</Away>}
          </p>
        </>
      );
    case "EchoNotification":
      return (
        <>
          <Html markup={row.header} />
          {row.body && <Html markup={row.body} />}
          <ul class="links">
            {row.links.map((link) => (
              <li key={link.url}>
                <Away href={link.url}>{link.label}</Away>
              </li>
            ))}
          </ul>
        </>
      );
  }
}

function bytesOf(delta: number): string {
  return `${delta > 0 ? "+" : delta < 0 ? "−" : ""}${Math.abs(delta)} bytes`;
}
