/** The ways to the views: what is shown, of which network, of which inbox. */
import type { InboxFragment, InboxHealth, SourceFragment } from "../generated";
import { ALL, hrefOf, listOf, type View } from "../model/view";
import type { Session } from "../session";
import { Hidden } from "./parts";
import { clockOf } from "./times";

type Way = { name: string; view: View };

export const MAIN: Way[] = [
  { name: "All", view: ALL },
  { name: "Unread", view: { ...ALL, show: "unread" } },
  { name: "Mentions", view: { ...ALL, show: "mentions" } },
];

const NETWORKS = { MASTODON: "Fediverse", MEDIAWIKI: "Wikis" } as const;

/** What a view is called. */
export function titleOf(view: View): string {
  if (view.inbox) return view.inbox;
  if (view.platform) return NETWORKS[view.platform];
  return MAIN.find((way) => way.view.show === view.show)?.name ?? "All";
}

export function Ways({ session, ways }: { session: Session; ways: readonly Way[] }) {
  return (
    <ul>
      {ways.map(({ name, view }) => (
        <li key={name}>
          <a href={hrefOf(view)} aria-current={isCurrent(session, view) ? "page" : undefined}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}

export function InboxWays({ session }: { session: Session }) {
  const { inboxes } = session.state;
  const platforms = new Set(inboxes?.map((each) => each.instance.platform));
  const networks = (["MASTODON", "MEDIAWIKI"] as const).filter((each) => platforms.has(each) && platforms.size > 1);
  return (
    <>
      {networks.length > 0 && (
        <Ways session={session} ways={networks.map((each) => ({ name: NETWORKS[each], view: { ...ALL, platform: each } }))} />
      )}
      <ul aria-label="Inboxes">
        {inboxes?.map((each) => (
          <li key={each.id}>
            <InboxWay session={session} inbox={each} />
          </li>
        ))}
      </ul>
    </>
  );
}

function InboxWay({ session, inbox }: { session: Session; inbox: InboxFragment }) {
  const { count, isCapped } = inbox.unreadCount;
  const view = { ...ALL, inbox: inbox.name };
  const source = session.state.list?.sources.find((each) => each.inbox.id === inbox.id);
  const health = healthOf(inbox.status.health, source);
  return (
    <a href={hrefOf(view)} aria-current={isCurrent(session, view) ? "page" : undefined}>
      <span class={`dot health-${health.toLowerCase()}`} title={HEALTHS[health]} />
      <span class="name">
        {inbox.name}
        {inbox.handle && <small dir="ltr">{inbox.handle}</small>}
        <Held inbox={inbox} />
      </span>
      {count !== null && count > 0 && (
        <span class="unread">
          {count}
          {isCapped && "+"}
          <Hidden> unread</Hidden>
        </span>
      )}
      <Hidden>, {HEALTHS[health]}</Hidden>
    </a>
  );
}

const HEALTHS = {
  UNKNOWN: "not checked yet",
  HEALTHY: "working",
  DEGRADED: "recent errors",
  SUSPENDED: "not responding",
} as const;

/** How an instance answers: what the page that is shown says of it is newer than what was asked before. */
function healthOf(health: InboxHealth, source: SourceFragment | undefined): InboxHealth {
  if (source?.failure) return health === "SUSPENDED" ? health : "DEGRADED";
  return source && source.freshness !== "MISSING" && health === "UNKNOWN" ? "HEALTHY" : health;
}

function Held({ inbox: { status } }: { inbox: InboxFragment }) {
  if (!status.retryAt) return null;
  return <small>asked again at {clockOf(status.retryAt)}</small>;
}

function isCurrent(session: Session, view: View): boolean {
  return listOf({ ...session.state.view, withSeen: false }) === listOf(view);
}
