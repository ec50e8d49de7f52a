/** Groups of notifications, as the API gives them and as they become by what happens afterwards. */
import type { GroupFragment } from "../generated";

export type Row = GroupFragment["latest"];

/** Part of a group: what one page, or one event, brought of it. */
export type Group = GroupFragment & {
  /** Something of it has left, so that its `summary` says too much. */
  isReduced?: true;
  /** Its newest has left, and the next one has to be asked for. */
  isHeadless?: true;
};

/** As many of a group's notifications are shown one by one. */
export const MOST_MEMBERS = 20;

/** A group of one notification, as it arrives. */
export function ofRow(row: Row): Group {
  return {
    groupId: row.groupId,
    summary: row.summary,
    isUnread: row.isUnread,
    count: 1,
    isCountCapped: false,
    actorCount: row.actor ? 1 : 0,
    actors: row.actor ? [row.actor] : [],
    latest: row,
    notificationIds: [row.id],
  };
}

/** When it happened, in milliseconds: as texts, instants of the same second do not compare. */
export function timeOf(row: Row): number {
  return Date.parse(row.createdAt);
}

export function isNewer(one: Row, other: Row): boolean {
  return timeOf(one) > timeOf(other);
}

/** All parts of a group as one, the newest part first. */
export function join(parts: readonly Group[]): Group {
  const [newest] = parts;
  if (!newest || parts.length === 1) return newest!;
  const people = new Map(parts.flatMap((part) => part.actors.map((each) => [each.id, each] as const)));
  return {
    ...newest,
    isReduced: true,
    isUnread: parts.some((part) => part.isUnread) || (parts.some((part) => part.isUnread === null) ? null : false),
    count: parts.reduce((sum, part) => sum + part.count, 0),
    isCountCapped: parts.at(-1)!.isCountCapped,
    actorCount: Math.max(people.size, ...parts.map((part) => part.actorCount)),
    actors: [...people.values()].slice(0, 3),
    notificationIds: parts.flatMap((part) => part.notificationIds),
  };
}

/** What is left without some notifications; null where that is nothing. */
export function without(group: Group, ids: ReadonlySet<string>): Group | null {
  const left = group.notificationIds.filter((id) => !ids.has(id));
  if (left.length === group.notificationIds.length) return group;
  if (left.length === 0) return null;
  const isHeadless = group.isHeadless || ids.has(group.latest.id);
  return {
    ...group,
    notificationIds: left,
    count: left.length,
    actorCount: Math.min(group.actorCount, left.length),
    isReduced: true,
    ...(isHeadless && { isHeadless: true as const }),
  };
}

/** The group with another newest, which was asked for where the one it had has left. */
export function withHead(group: Group, row: Row): Group {
  const { isHeadless: _, ...rest } = group;
  return { ...rest, latest: row };
}

export function asRead(group: Group): Group {
  return group.isUnread ? { ...group, isUnread: false, latest: { ...group.latest, isUnread: false } } : group;
}

/** One line for the group: the API's own, or where that says too much or too little, the newest's with all people. */
export function lineOf(group: Group): string {
  const { summary, actor } = group.latest;
  const others = group.actorCount - 1;
  if (!group.isReduced) return group.summary;
  if (!actor || others < 1 || !summary.startsWith(actor.displayName)) return summary;
  return `${actor.displayName} and ${others === 1 ? "1 other" : `${others} others`}${summary.slice(actor.displayName.length)}`;
}

/** What is written, drawn or said beside the line; empty where there is nothing. */
export function secondLineOf(row: Row): string {
  switch (row.__typename) {
    case "MastodonNotification": {
      const { status } = row;
      if (!status) return "";
      const filter = status.matchedFilters.find((each) => each.action !== "BLUR");
      if (filter) return `Filtered: ${filter.title}`;
      return status.spoilerText || status.text;
    }
    case "WatchlistNotification":
      return row.comment ?? "";
    case "EchoNotification":
      return row.about?.title ?? "";
  }
}

/** What a search looks at, in small letters. */
export function wordsOf(group: Group): string {
  const people = group.actors.map((each) => `${each.displayName} ${each.handle}`);
  return [group.summary, lineOf(group), secondLineOf(group.latest), ...people].join("\n").toLowerCase();
}
