/** What each type of notification is called, and how it is drawn: 16 by 16, by strokes. */
import type { NotificationType } from "../generated";

const DRAWN = {
  at: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 1 0 0-5.6M10.8 5v4a1.6 1.6 0 0 0 3.2 0V8a6 6 0 1 0-2.5 4.9",
  heart: "M8 13.5 2.6 8.2a3.2 3.2 0 0 1 5.4-3.4 3.2 3.2 0 0 1 5.4 3.4z",
  repeat: "M3 7V6a2 2 0 0 1 2-2h8m-2.5-2.5L13 4l-2.5 2.5M13 9v1a2 2 0 0 1-2 2H3m2.5-2.5L3 12l2.5 2.5",
  person: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8M2.5 14c.5-5 10.5-5 11 0",
  smile: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M5.5 9.5c1 1.8 4 1.8 5 0M6 6v.5M10 6v.5",
  bars: "M3 13V9M8 13V3M13 13V6",
  pencil: "m3 13 .6-3L11 2.6 13.4 5 6 12.4zM9.5 4.1l2.4 2.4",
  page: "M4 2h5l3 3v9H4zM9 2v3h3M8 7v4M6 9h4",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.2 5.2v.1",
  tool: "M13.5 4.5 11 7 9 5l2.5-2.5a3.5 3.5 0 0 0-4.7 4.3L2.5 11l2.5 2.5 4.2-4.3a3.5 3.5 0 0 0 4.3-4.7z",
  talk: "M2.5 3h11v8H8l-3 2.5V11H2.5z",
  quote: "M6.5 4C4 4.5 3 6 3 8v4h4V8H4.5M13 4c-2.5.5-3.5 2-3.5 4v4h4V8H11",
  undo: "M5.5 3 2.5 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6",
  link: "M7 9a2.5 2.5 0 0 0 3.5 0l2.5-2.5A2.5 2.5 0 0 0 9.5 3L8.5 4M9 7a2.5 2.5 0 0 0-3.5 0L3 9.5A2.5 2.5 0 0 0 6.5 13l1-1",
  shield: "M8 2 3 4v4c0 3 2 5 5 6 3-1 5-3 5-6V4zM8 6v3M8 11v.1",
  mail: "M2 4h12v9H2zM2 4.5 8 9l6-4.5",
  star: "m8 2 1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM7 14h2",
  world: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M2 8h12M8 2c-4 4-4 8 0 12 4-4 4-8 0-12",
} as const;

export type Drawn = keyof typeof DRAWN;

const KINDS: Record<NotificationType, [name: string, drawn: Drawn]> = {
  MENTION: ["Mention", "at"],
  STATUS: ["Post", "bell"],
  REBLOG: ["Boost", "repeat"],
  FOLLOW: ["Follower", "person"],
  FOLLOW_REQUEST: ["Follow request", "person"],
  FAVOURITE: ["Like", "heart"],
  REACTION: ["Reaction", "smile"],
  POLL: ["Poll", "bars"],
  UPDATE: ["Edited post", "pencil"],
  QUOTE: ["Quote", "quote"],
  QUOTED_UPDATE: ["Edited quote", "pencil"],
  ADMIN_SIGN_UP: ["Sign-up", "person"],
  ADMIN_REPORT: ["Report", "shield"],
  SEVERED_RELATIONSHIPS: ["Severed relationships", "shield"],
  MODERATION_WARNING: ["Moderation", "shield"],
  ANNUAL_REPORT: ["Annual report", "star"],
  ADDED_TO_COLLECTION: ["Collection", "star"],
  COLLECTION_UPDATE: ["Collection", "star"],
  PAGE_EDITED: ["Edit", "pencil"],
  PAGE_CREATED: ["New page", "page"],
  PAGE_LOGGED: ["Log entry", "tool"],
  PAGE_CATEGORIZED: ["Category", "tag"],
  EXTERNAL_CHANGE: ["External change", "world"],
  TALK: ["Message", "talk"],
  REPLY: ["Reply", "talk"],
  THANKS: ["Thanks", "heart"],
  REVERTED: ["Reverted", "undo"],
  PAGE_LINKED: ["Link", "link"],
  USER_RIGHTS: ["User rights", "shield"],
  EMAIL: ["Email", "mail"],
  MILESTONE: ["Milestone", "star"],
  OTHER: ["Notification", "bell"],
};

/** The name and the picture of a type; of one that is newer than this page, those of OTHER. */
export function kindOf(type: NotificationType): { name: string; path: string } {
  const [name, drawn] = KINDS[type] ?? KINDS.OTHER;
  return { name, path: DRAWN[drawn] };
}

export function pathOf(drawn: Drawn): string {
  return DRAWN[drawn];
}
