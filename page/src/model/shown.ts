/** What of a list is drawn: the parts of each group joined, acts applied, searched, with headings for days. */
import { type Act, lookOf } from "./acts";
import { type Group, join, wordsOf } from "./groups";
import type { Block, List } from "./list";

export type Shown = { key: number; groups: Group[] };

const joined = new WeakMap<Group, { parts: Group[]; whole: Group }>();

/** Parts as one group: the same value as before where its parts are the same, so that it is not drawn anew. */
function joinOnce(parts: Group[]): Group {
  if (parts.length === 1) return parts[0]!;
  const known = joined.get(parts[0]!);
  if (known?.parts.length === parts.length && known.parts.every((part, at) => part === parts[at])) return known.whole;
  const whole = join(parts);
  joined.set(parts[0]!, { parts, whole });
  return whole;
}

/** The blocks as they are drawn. A group stands where its newest part does. */
export function shownOf(list: List, acts: readonly Act[], search: string): Shown[] {
  const parts = partsById(list.blocks);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const met = new Set<string>();
  return list.blocks.map(({ key, groups }) => ({
    key,
    groups: groups.flatMap(({ groupId }) => {
      if (met.has(groupId)) return [];
      met.add(groupId);
      const group = lookOf(joinOnce(parts.get(groupId)!), acts);
      if (!group || !words.every((word) => wordsOf(group).includes(word))) return [];
      return [group];
    }),
  }));
}

function partsById(blocks: readonly Block[]): Map<string, Group[]> {
  const parts = new Map<string, Group[]>();
  for (const block of blocks) {
    for (const group of block.groups) {
      const known = parts.get(group.groupId);
      if (known) known.push(group);
      else parts.set(group.groupId, [group]);
    }
  }
  return parts;
}

/** The group that a notification is in. */
export function groupWith(id: string, shown: readonly Shown[]): Group | null {
  for (const { groups } of shown) {
    const found = groups.find((group) => group.notificationIds.includes(id));
    if (found) return found;
  }
  return null;
}
