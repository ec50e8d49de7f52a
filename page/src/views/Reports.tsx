/** What stands between the header and the rows: what failed, what is old, what was not done. */
import type { SourceFragment } from "../generated";
import type { Session } from "../session";
import { clockOf } from "./times";

export function Reports({ session }: { session: Session }) {
  const { list, keptSince, link, acts, notices, problem } = session.state;
  const waiting = acts.filter((act) => act.state === "waiting").length;
  return (
    <div class="reports">
      {session.isReadOnly() && <p class="report">This key may read and not change anything.</p>}
      {link === "offline" && list && (
        <p class="report report-bad">
          Offline: these rows are from before{keptSince ? `, ${clockOf(keptSince)}` : ""}.
          {waiting > 0 && ` ${waiting === 1 ? "One action waits" : `${waiting} actions wait`} for the connection.`}
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
      {link !== "offline" && keptSince && <p class="report">As of {clockOf(keptSince)}: asking for what is new …</p>}
      {list?.sources.map((source) => <SourceReport key={source.inbox.id} session={session} source={source} />)}
      {list?.isIncomplete && <p class="report">The search stopped early: scroll on for more.</p>}
      {notices.map((notice) => (
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
  if (!failure && freshness !== "STALE") return null;
  const held = failure?.retryAt ? ` Asked again at ${clockOf(failure.retryAt)}.` : "";
  const old = freshness === "STALE" && fetchedAt ? ` Shown as of ${clockOf(fetchedAt)}.` : "";
  return (
    <p class={`report${failure && freshness === "MISSING" ? " report-bad" : ""}`}>
      <span>
        <strong>{name}</strong>: {failure ? failure.message : "being asked anew."}
        {old}
        {held}
      </span>
      {failure && failure.code !== "UNSUPPORTED" && (
        <button class="button" aria-label={`Retry ${name}`} onClick={() => void session.renew({ isNow: true })}>
          Retry
        </button>
      )}
    </p>
  );
}
