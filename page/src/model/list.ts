/** The part of a list that the page holds: blocks of groups, one below the other. Everything here is a new value. */
import type { GroupsQuery, SourceFragment } from "../generated";
import { asRead, type Group, isNewer, ofRow, type Row, timeOf, withHead, without } from "./groups";

export type Page = NonNullable<GroupsQuery["notificationGroups"]>;

/** What one page brought: it is drawn, and left undrawn, as one. */
export type Block = { key: number; groups: Group[]; start: string | null; end: string | null };

export type List = {
  blocks: Block[];
  /** Whether newer ones were let go, or never held. */
  hasAbove: boolean;
  hasBelow: boolean;
  isIncomplete: boolean;
  sources: SourceFragment[];
  /** Where a subscription goes on: after everything that is held. */
  cursor: string | null;
  /** What has come and is not shown yet, the last first. */
  arrived: Group[];
  /** The gateway said that what is held may be wrong. */
  isChanged: boolean;
};

/** Groups that are held at most in about as many pages as a person scrolls back. */
const MOST_BLOCKS = 40;
const MOST_ARRIVED = 500;
const LARGEST_TOP = 60;

let made = 0;

function blockOf(groups: Group[], start: string | null, end: string | null): Block {
  return { key: ++made, groups, start, end };
}

/** A list that begins with the newest page; in place of another one it is drawn over that, so that rows keep the focus. */
export function ofPage(page: Page, inPlaceOf: List | null = null): List {
  const { startCursor, endCursor, hasNextPage } = page.pageInfo;
  const block = blockOf(page.nodes, startCursor, endCursor);
  return {
    blocks: [{ ...block, key: inPlaceOf?.blocks[0]?.key ?? block.key }],
    hasAbove: false,
    hasBelow: hasNextPage,
    isIncomplete: page.isIncomplete,
    sources: page.sources,
    cursor: startCursor,
    arrived: [],
    isChanged: false,
  };
}

/** The same list with keys of this run of the page, as where it was kept in another. */
export function revive(list: List): List {
  return { ...list, blocks: list.blocks.map(({ groups, start, end }) => blockOf(groups, start, end)) };
}

/** A list of a few blocks around one, to be kept. */
export function around(list: List, groupId: string | null): List {
  const at = Math.max(0, list.blocks.findIndex(({ groups }) => groups.some((group) => group.groupId === groupId)));
  const from = Math.max(0, at - 1);
  const blocks = list.blocks.slice(from, at + 2);
  const isCut = from + blocks.length < list.blocks.length;
  return { ...list, blocks, hasAbove: list.hasAbove || from > 0, hasBelow: list.hasBelow || isCut };
}

/** IDs of all that is held. */
export function idsOf(list: List): Set<string> {
  return new Set([...list.blocks, { groups: list.arrived }].flatMap(idsIn));
}

function idsIn({ groups }: { groups: Group[] }): string[] {
  return groups.flatMap((group) => group.notificationIds);
}

/** The groups without what is held already, or without what the blocks hold. */
function newOf(list: List | { blocks: Block[] }, groups: readonly Group[]): Group[] {
  const held = "arrived" in list ? idsOf(list) : new Set(list.blocks.flatMap(idsIn));
  return groups.flatMap((group) => without(group, held) ?? []);
}

/** The list without what waited to be shown and has come with a page. */
function withoutArrived(list: List, page: Page): List {
  const ids = new Set(page.nodes.flatMap((group) => group.notificationIds));
  return { ...list, arrived: list.arrived.flatMap((group) => without(group, ids) ?? []) };
}

/** With the page below `after`; the same where that is not the end any more. */
export function addBelow(list: List, page: Page, after: string): List {
  if (list.blocks.at(-1)?.end !== after) return list;
  const { endCursor, startCursor, hasNextPage } = page.pageInfo;
  const end = endCursor ?? list.blocks.at(-1)?.end ?? null;
  const blocks = [...list.blocks, blockOf(newOf(list, page.nodes), startCursor, end)];
  const kept = blocks.slice(-MOST_BLOCKS);
  const isCut = kept.length < blocks.length;
  const reports = { sources: page.sources, isIncomplete: page.isIncomplete };
  return { ...list, ...reports, blocks: kept, hasAbove: list.hasAbove || isCut, hasBelow: hasNextPage };
}

/** With the page above `before`; the same where that is not the beginning any more. */
export function addAbove(list: List, page: Page, before: string): List {
  if (list.blocks[0]?.start !== before) return list;
  const { startCursor, endCursor, hasPreviousPage } = page.pageInfo;
  const start = startCursor ?? list.blocks[0]?.start ?? null;
  const blocks = [blockOf(newOf({ blocks: list.blocks }, page.nodes), start, endCursor), ...list.blocks];
  const kept = blocks.slice(0, MOST_BLOCKS);
  return { ...withoutArrived(list, page), blocks: kept, hasAbove: hasPreviousPage, hasBelow: list.hasBelow || kept.length < blocks.length };
}

/** With what has come since, which waits to be shown. */
export function addArrived(list: List, groups: readonly Group[]): List {
  const fresh = newOf(list, groups);
  if (fresh.length === 0) return list;
  const arrived = [...fresh, ...list.arrived].sort(byAge);
  return { ...list, arrived: arrived.slice(0, MOST_ARRIVED), isChanged: list.isChanged || arrived.length > MOST_ARRIVED };
}

/** With the page that was polled above `before`, so that the next one is asked above that. */
export function addPolled(list: List, page: Page, before: string): List {
  const [top] = list.blocks;
  if (!top || list.hasAbove || top.start !== before) return list;
  const { startCursor, hasPreviousPage } = page.pageInfo;
  const blocks = list.blocks.with(0, { ...top, start: startCursor ?? before });
  const isMissed = hasPreviousPage && page.sources.every((source) => source.failure === null); // else it is only not known
  return { ...addArrived({ ...list, blocks }, page.nodes), sources: page.sources, isChanged: list.isChanged || isMissed };
}

/** How many notifications have come and are not shown yet. */
export function countArrived(list: List | null): number {
  return list?.arrived.reduce((sum, group) => sum + group.count, 0) ?? 0;
}

/** With what has come at the top. */
export function showArrived(list: List): List {
  if (list.arrived.length === 0 || list.hasAbove) return list;
  const fresh = list.arrived;
  const [top, ...below] = list.blocks;
  if (!top) return { ...list, arrived: [], blocks: [blockOf(fresh, null, null)] };
  const blocks =
    top.groups.length + fresh.length > LARGEST_TOP
      ? [blockOf(fresh, top.start, top.start), top, ...below]
      : [{ ...top, groups: [...fresh, ...top.groups].sort(byAge) }, ...below];
  const kept = blocks.slice(0, MOST_BLOCKS);
  return { ...list, arrived: [], blocks: kept, hasBelow: list.hasBelow || kept.length < blocks.length };
}

/** With a row of an inbox that has only now become readable, where its time has it; not below the held part. */
export function insert(list: List, row: Row): List {
  if (idsOf(list).has(row.id)) return list;
  const newest = list.blocks.find((block) => block.groups.length > 0)?.groups[0];
  if (!newest || isNewer(row, newest.latest)) return addArrived(list, [ofRow(row)]); // above all that is shown
  const at = list.blocks.findIndex((block) => {
    const last = block.groups.at(-1);
    return last !== undefined && !isNewer(last.latest, row);
  });
  if (at < 0 && list.hasBelow) return list;
  const block = list.blocks.at(at)!;
  const place = block.groups.findIndex((group) => isNewer(row, group.latest));
  const groups = block.groups.toSpliced(place < 0 ? block.groups.length : place, 0, ofRow(row));
  return { ...list, blocks: list.blocks.with(at, { ...block, groups }) };
}

/** Without some notifications. */
export function remove(list: List, ids: ReadonlySet<string>): List {
  const left = mapGroups(list, (group) => without(group, ids));
  return { ...left, arrived: list.arrived.flatMap((group) => without(group, ids) ?? []) };
}

/** Without everything of an inbox. */
export function removeInbox(list: List, inboxId: string): List {
  const left = mapGroups(list, (group) => (group.latest.inbox.id === inboxId ? null : group));
  return { ...left, arrived: list.arrived.filter(({ latest }) => latest.inbox.id !== inboxId) };
}

/** With what was read, or without it where only what is unread is listed. */
export function markRead(list: List, isRead: (group: Group) => boolean, isOfUnread = false): List {
  const read = (group: Group) => (!isRead(group) ? group : isOfUnread ? null : asRead(group));
  return { ...mapGroups(list, read), arrived: list.arrived.flatMap((group) => read(group) ?? []) };
}

/** With the newest of groups whose own has left; null is one that is gone, too. */
export function giveHeads(list: List, rows: ReadonlyMap<string, Row | null>): List {
  const gone = new Set([...rows].flatMap(([id, row]) => (row === null ? [id] : [])));
  return mapGroups(remove(list, gone), (group) => {
    const row = group.isHeadless && rows.get(group.notificationIds[0]!);
    return row ? withHead(group, row) : group;
  });
}

/** The report of one inbox in place of the one that there was; not one that only says that nothing is known yet. */
export function withSource(list: List, source: SourceFragment): List {
  if (source.freshness === "MISSING" && !source.failure) return list;
  const at = list.sources.findIndex((each) => each.inbox.id === source.inbox.id);
  return { ...list, sources: at < 0 ? [...list.sources, source] : list.sources.with(at, source) };
}

function mapGroups(list: List, change: (group: Group) => Group | null): List {
  let isSame = true;
  const blocks = list.blocks.map((block) => {
    const groups = block.groups.flatMap((group) => change(group) ?? []);
    if (groups.length === block.groups.length && groups.every((group, at) => group === block.groups[at])) return block;
    isSame = false;
    return { ...block, groups };
  });
  return isSame ? list : { ...list, blocks };
}

function byAge(one: Group, other: Group): number {
  return timeOf(other.latest) - timeOf(one.latest);
}
