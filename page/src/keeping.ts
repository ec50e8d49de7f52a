/** Lists that were left, so that going back finds the same rows at the same place. */
import { around, type List, remove, revive } from "./model/list";
import { readView } from "./model/view";
import type { Place } from "./place";

export type Kept = { list: List; place: Place | null; at: number };

const MOST = 6;
const OLDEST = 60 * 60 * 1000; // milliseconds: as long as a cursor of an event tells what left
const NAME = "tidings.list";

export class Keeping {
  private readonly kept = new Map<string, Kept>();

  keep(name: string, kept: Kept): void {
    this.kept.delete(name);
    this.kept.set(name, kept);
    if (this.kept.size > MOST) this.kept.delete(this.kept.keys().next().value!);
  }

  find(name: string): Kept | null {
    const kept = this.kept.get(name);
    return kept && Date.now() - kept.at < OLDEST ? kept : null;
  }

  /** Takes what has left out of the lists; where seen changes are shown it may have stayed. */
  remove(ids: ReadonlySet<string>): void {
    for (const [name, kept] of this.kept) {
      if (!readView(name).withSeen) this.kept.set(name, { ...kept, list: remove(kept.list, ids) });
    }
  }

  clear(): void {
    this.kept.clear();
  }
}

/** Keeps a list for when the page is loaded again in this tab. */
export function keepForReload(name: string, { list, place, at }: Kept): void {
  try {
    const part = around(list, place?.groupId ?? null);
    sessionStorage.setItem(NAME, JSON.stringify({ name, list: part, place, at } satisfies Kept & { name: string }));
  } catch {
    sessionStorage.removeItem(NAME); // too large: then it is read anew
  }
}

export function findAfterReload(name: string): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME) ?? "null") as (Kept & { name: string }) | null;
    if (kept?.name !== name || Date.now() - kept.at > OLDEST) return null;
    return { ...kept, list: revive(kept.list) };
  } catch {
    return null;
  }
}
