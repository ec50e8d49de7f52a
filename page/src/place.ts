/** Where the user is in the list: a row, and how far it is from the top of the window. */
export type Place = { groupId: string; top: number };

export const ROW = "[data-group]";

export function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`.rows ${ROW}`)];
}

export function rowOf(groupId: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`.rows [data-group="${CSS.escape(groupId)}"]`);
}

/** Whether any of a row is in the window. */
export function isSeen(groupId: string): boolean {
  const box = rowOf(groupId)?.getBoundingClientRect();
  return box !== undefined && box.height > 0 && box.bottom > topOfList() && box.top < innerHeight;
}

/** Puts the focus on a row. */
export function focusRow(groupId: string): void {
  const row = rowOf(groupId);
  row?.querySelector<HTMLElement>("a.line")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

/** The row that the focus goes to when some leave; null where it was not on one of them, or none is left. */
export function rowAfter(gone: ReadonlySet<string>): string | null {
  const all = rows().map((row) => row.dataset["group"]!);
  const current = document.activeElement?.closest<HTMLElement>(ROW)?.dataset["group"] ?? "";
  if (!gone.has(current)) return null;
  const at = all.indexOf(current);
  return [...all.slice(at + 1), ...all.slice(0, at).reverse()].find((id) => !gone.has(id)) ?? null;
}

/** The row that must not move: the one under the pointer, else the first that is seen. Null at the end above. */
export function findPlace(hasAbove = false): Place | null {
  const hovered = document.querySelector<HTMLElement>(`.rows ${ROW}:hover`);
  const row = hovered ?? (scrollY > 0 || hasAbove ? firstSeen() : null);
  return row && { groupId: row.dataset["group"]!, top: row.getBoundingClientRect().top };
}

function firstSeen(): HTMLElement | null {
  return rows().find((row) => row.getBoundingClientRect().bottom > topOfList()) ?? null;
}

/** Below what is fixed at the top of the window. */
function topOfList(): number {
  return (document.querySelector(".head") ?? document.querySelector("header"))?.getBoundingClientRect().bottom ?? 0;
}

/** Scrolls so that a row is where it was, if it is there. */
export function holdPlace(place: Place): void {
  const row = rowOf(place.groupId);
  if (!row || isListHidden()) return;
  const moved = row.getBoundingClientRect().top - place.top;
  if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
}

/** On a small screen what is open takes the place of the list. */
export function isListHidden(): boolean {
  return document.querySelector(".rows")?.clientHeight === 0;
}

const HOVERS = matchMedia("(hover: hover)");

/**
 * Whether rows that come in at the top would move nothing that somebody is about to press. A finger says
 * nothing beforehand: there only whoever looks elsewhere is not disturbed.
 */
export function isQuiet(): boolean {
  if (scrollY >= 40) return false;
  if (document.visibilityState === "hidden") return true;
  const list = document.querySelector(".rows");
  const { activeElement } = document;
  const isBusy = document.hasFocus() && activeElement !== null && activeElement !== document.body;
  return HOVERS.matches && !list?.matches(":hover") && !(isBusy && list?.contains(activeElement)) && !document.querySelector("dialog[open]");
}
