/** What stands between the header and the rows: what failed, what is old, what was not done. */
import type { SourceFragment } from "../generated";
import type { Session } from "../session";
import { clockOf } from "./times";

export function Reports({ session }: { session: Session }) {
  const { list, keptSince, link, acts, problem } = session.state;
  const waiting = acts.filter((act) => act.state === "waiting").length;
  return (
    <div class="reports">
      {session.isReadOnly() && <p class="report">Your key is read-only: you can’t change anything here.</p>}
      {link === "offline" && list && (
        <p class="report report-bad">
          You’re offline. These notifications are {keptSince ? `from ${clockOf(keptSince)}` : "from before"} and may be out of date.
          {waiting > 0 && ` ${waiting === 1 ? "1 action waits" : `${waiting} actions wait`} for the connection.`}
        </p>
      )}
      {link !== "offline" && list && problem && (
        <p class="report report-bad">
          <span>{problem}</span>
          <button class="button" onClick={() => void session.renew({ isNow: true })}>
            Retry
          </button>
        </p>
      )}
      {link !== "offline" && keptSince && <p class="report">As of {clockOf(keptSince)}. Checking for new notifications …</p>}
      {list?.sources.map((source) => <SourceReport key={source.inbox.id} session={session} source={source} />)}
      {list?.isIncomplete && <p class="report">The search stopped early, and there may be more.</p>}
    </div>
  );
}

/** What was not done, wherever the user is in the list. */
export function Notices({ session }: { session: Session }) {
  return (
    <div class="notices" role="alert">
      {session.state.notices.map((notice) => (
        <p class="report report-bad" key={notice.key}>
          <span>{notice.text}</span>
          <button class="button" onClick={() => session.closeNotice(notice.key)}>
            Close
          </button>
        </p>
      ))}
    </div>
  );
}

function SourceReport({ session, source }: { session: Session; source: SourceFragment }) {
  const name = session.state.inboxes?.find((each) => each.id === source.inbox.id)?.name ?? "An inbox";
  const { failure, freshness, fetchedAt } = source;
  if (!failure && freshness === "FRESH") return null;
  const held = failure?.retryAt ? ` Next try at ${clockOf(failure.retryAt)}.` : "";
  const old = freshness === "STALE" && fetchedAt ? ` Last updated at ${clockOf(fetchedAt)}.` : "";
  return (
    <p class={`report${failure && freshness === "MISSING" ? " report-bad" : ""}`}>
      <span>
        <strong>{name}</strong>: {failure ? failure.message : "checking …"}
        {old}
        {held}
      </span>
      {failure && failure.code !== "UNSUPPORTED" && (
        <button
          class="button"
          aria-label={`Retry ${name}`}
          disabled={session.state.isLoading === "newest"}
          onClick={() => void session.renew({ isNow: true })}>
          Retry
        </button>
      )}
    </p>
  );
}
