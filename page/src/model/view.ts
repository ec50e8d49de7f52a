/** What is looked at, and its address: every view has a URL of its own. */
import type { NotificationFilter, NotificationType, Platform } from "../generated";

export type Show = "all" | "unread" | "mentions";

export type View = {
  show: Show;
  platform: Platform | null;
  /** An inbox by its configured name. */
  inbox: string | null;
  /** Also what was seen or read at wikis. */
  withSeen: boolean;
  /** What the rows shown are searched for. */
  search: string;
  /** The ID of a notification whose group is looked at closely. */
  open: string | null;
};

export const ALL: View = { show: "all", platform: null, inbox: null, withSeen: false, search: "", open: null };

const MENTIONS: NotificationType[] = ["MENTION", "TALK", "REPLY", "QUOTE"];
const PLATFORMS: Platform[] = ["MASTODON", "MEDIAWIKI"];
const SHOWN: Show[] = ["all", "unread", "mentions"];

export function readView(query: string): View {
  const given = new URLSearchParams(query);
  const platform = given.get("platform")?.toUpperCase();
  return {
    show: SHOWN.find((each) => each === given.get("show")) ?? "all",
    platform: PLATFORMS.find((each) => each === platform) ?? null,
    inbox: given.get("inbox"),
    withSeen: given.has("seen"),
    search: given.get("search") ?? "",
    open: given.get("open"),
  };
}

export function hrefOf(view: View): string {
  const query = new URLSearchParams();
  if (view.show !== "all") query.set("show", view.show);
  if (view.platform) query.set("platform", view.platform.toLowerCase());
  if (view.inbox) query.set("inbox", view.inbox);
  if (view.withSeen) query.set("seen", "");
  if (view.search) query.set("search", view.search);
  if (view.open) query.set("open", view.open);
  const text = query.toString().replace(/=(?=&|$)/, "");
  return text ? `?${text}` : "./";
}

/** Names the list of a view: what is searched and what is open change nothing of it. */
export function listOf(view: View): string {
  return hrefOf({ ...view, search: "", open: null });
}

/** What of the API's list a view has; `inboxId` is the ID of its inbox. */
export function filterOf(view: View, inboxId: string | null): NotificationFilter {
  return {
    ...(view.show === "unread" && { unreadOnly: true }),
    ...(view.show === "mentions" && { types: MENTIONS }),
    ...(view.platform && { platforms: [view.platform] }),
    ...(inboxId && { inboxIds: [inboxId] }),
    ...(view.withSeen && { watchlist: { includeSeen: true }, echo: { includeRead: true } }),
  };
}
