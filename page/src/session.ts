/** One user's session: which view is looked at, and what the parts of the page do for it. */
import { Acting } from "./acting";
import { Announcer } from "./announcer";
import { Following } from "./following";
import type { InboxFragment } from "./generated";
import { forgetKey, keepKey, readKey } from "./graphql/key";
import { findAfterReload, Keeping, keepForReload } from "./keeping";
import { type Group, MOST_MEMBERS } from "./model/groups";
import { groupWith, type Shown, shownOf } from "./model/shown";
import { showArrived } from "./model/list";
import { type Dialog, type State, Store } from "./model/state";
import { ALL, hrefOf, listOf, readView, type View } from "./model/view";
import { findPlace, focusRow, holdPlace, isQuiet, type Place, rowAfter } from "./place";
import { Reading } from "./reading";

const TICK = 15_000; // milliseconds
const SLEPT = 3 * TICK;
const KEYS = "tidings.keys";

export class Session {
  readonly store: Store;
  readonly reading: Reading;
  readonly acting: Acting;
  private readonly following: Following;
  private readonly keeping = new Keeping();
  private readonly announcer: Announcer;
  private ticked = Date.now();
  /** Where to scroll to once the list is drawn. */
  private goal: Place | "top" | null = null;

  constructor(tell: () => void) {
    this.store = new Store(firstState(), tell);
    this.announcer = new Announcer((said) => this.store.change({ said }));
    const say = (text: string) => this.announcer.say(text);
    const reached = (isReached: boolean) => this.following.reached(isReached);
    this.reading = new Reading(this.store, reached);
    this.acting = new Acting(this.store, reached, () => this.reading.inboxesSoon(), say);
    this.following = new Following(this.store, this.reading, isQuiet, () => void this.acting.sendWaiting(), say);
  }

  get state(): State {
    return this.store.state;
  }

  start(): void {
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => this.show(readView(location.search)));
    addEventListener("pagehide", () => this.keepForReload());
    addEventListener("online", () => this.following.wake());
    addEventListener("offline", () => this.following.reached(false));
    document.addEventListener("visibilitychange", () => this.look());
    setInterval(() => this.tick(), TICK);
    const kept = findAfterReload(listOf(this.state.view));
    if (kept) {
      this.store.change({ list: kept.list, keptSince: kept.at, isLoading: "" });
      this.goal = kept.place;
    }
    if (kept?.place) this.following.start();
    else void this.renew();
    if (this.state.inboxes === null) void this.reading.inboxes();
  }

  /** Looks at a view; its address is an entry of the history, unless it takes the place of the last one. */
  go(part: Partial<View>, { replaces = false } = {}): void {
    const view = { ...this.state.view, ...part };
    const href = hrefOf(view);
    if (href === hrefOf(this.state.view)) return;
    if (replaces) history.replaceState(null, "", href);
    else history.pushState(null, "", href);
    this.show(view);
  }

  private show(view: View): void {
    const { view: before, list } = this.state;
    const place = this.goal && this.goal !== "top" ? this.goal : findPlace();
    if (before.open === null && list) this.keeping.keep(listOf(before), { list, place, at: Date.now() });
    this.store.change({ view, dialog: null });
    const kept = this.keeping.find(listOf(view));
    if (listOf(view) === listOf(before)) {
      if (before.open !== null && view.open === null) this.goal = kept?.place ?? null;
      return;
    }
    this.store.change({ list: kept?.list ?? null, problem: null, isLoading: "", selected: new Set(), unfolded: new Set() });
    this.goal = kept?.place ?? "top";
    if (kept) this.following.start();
    else void this.renew();
  }

  /** The newest of the view, past everything that is kept with `isNow`. */
  async renew({ isNow = false } = {}): Promise<void> {
    if (isNow) this.reading.inboxesSoon();
    if (await this.reading.newest({ isNow })) this.following.start();
  }

  /** Shows what has come, from the top. */
  showNew(): void {
    this.goal = "top";
    const { list } = this.state;
    this.store.change({ unseen: 0 });
    if (list?.hasAbove || list?.isChanged) void this.renew();
    else this.store.changeList(showArrived);
  }

  /** Once all is drawn: scrolls to where it should be, or else so that a row is where it was. */
  settlePlace(place: Place | null): void {
    const { goal } = this;
    if (goal === "top") scrollTo({ top: 0, behavior: "instant" });
    else if (goal ?? place) holdPlace(goal ?? place!);
    if (this.state.list) this.goal = null;
  }

  /** Groups as they are drawn. */
  shown(): Shown[] {
    const { list, acts, view } = this.state;
    return list ? shownOf(list, acts, view.search) : [];
  }

  /** The groups that an act is for: those selected, or else one. */
  chosen(groupId: string | null) {
    const { selected } = this.state;
    const groups = this.shown().flatMap((block) => block.groups);
    return groups.filter((group) => (selected.size ? selected.has(group.groupId) : group.groupId === groupId));
  }

  opened() {
    const { open } = this.state.view;
    return open === null ? null : groupWith(open, this.shown());
  }

  toggleSelected(groupId: string): void {
    this.store.change({ selected: toggled(this.state.selected, groupId) });
  }

  /** Unfolds a group, or folds it. */
  unfold(group: Group): void {
    this.store.change({ unfolded: toggled(this.state.unfolded, group.groupId) });
    void this.reading.details(group.notificationIds);
  }

  /** What is known of the first of a group's notifications; undefined where it was not asked yet. */
  membersOf(group: Group) {
    return group.notificationIds.slice(0, MOST_MEMBERS).map((id) => this.state.details.get(id));
  }

  canDismiss(group: Group): boolean {
    const inbox = this.state.inboxes?.find((each) => each.id === group.latest.inbox.id);
    return inbox?.capabilities.canDismiss !== false;
  }

  /** Takes groups out of the list; the focus goes to the row after them. */
  dismiss(groups: readonly Group[]): void {
    const next = rowAfter(new Set(groups.map((group) => group.groupId)));
    this.acting.dismiss(groups.filter((group) => this.canDismiss(group)));
    if (next !== null) requestAnimationFrame(() => focusRow(next));
  }

  /** The same with what is open, which closes. */
  dismissOpen(group: Group): void {
    this.go({ open: null });
    requestAnimationFrame(() => {
      focusRow(group.groupId); // on a small screen the list is there only now
      this.dismiss([group]);
    });
  }

  /** Whether a key is used that may change nothing. */
  isReadOnly(): boolean {
    const { key, inboxes } = this.state;
    return key === "used" && inboxes !== null && inboxes.length > 0 && !inboxes.some(({ capabilities }) => canChange(capabilities));
  }

  closeNotice(key: number): void {
    this.store.change({ notices: this.state.notices.filter((notice) => notice.key !== key) });
  }

  openDialog(dialog: Dialog | null): void {
    this.store.change({ dialog });
    if (dialog?.kind === "clear") void this.count(dialog.inboxId);
  }

  private async count(inboxId: string): Promise<void> {
    const howMany = (await this.reading.howMany(inboxId)) ?? "all";
    const { dialog } = this.state;
    if (dialog?.kind === "clear" && dialog.inboxId === inboxId) this.store.change({ dialog: { ...dialog, howMany } });
  }

  useKey(key: string): void {
    keepKey(key);
    this.store.change({ key: "used", problem: null });
    void this.reading.inboxes();
    void this.renew();
  }

  /** Forgets the key, and all that it opened. */
  forgetKey(): void {
    forgetKey();
    this.reading.forget();
    this.following.stop();
    this.keeping.clear();
    history.replaceState(null, "", hrefOf(ALL));
    this.store.change({ ...firstState(), view: ALL, key: "needed" });
  }

  switchKeys(hasKeys: boolean): void {
    localStorage.setItem(KEYS, hasKeys ? "on" : "off");
    this.store.change({ hasKeys });
  }

  private keepForReload(): void {
    const { list, view, key } = this.state;
    const place = view.open === null ? findPlace() : (this.keeping.find(listOf(view))?.place ?? null);
    if (list && key !== "needed") keepForReload(listOf(view), { list, place, at: Date.now() });
  }

  private look(): void {
    if (document.visibilityState !== "visible") return;
    this.store.change({ unseen: 0, now: Date.now() });
    this.tick();
  }

  /** A machine that slept has missed its ticks, and its connection is dead though it does not say so. */
  private tick(): void {
    const now = Date.now();
    if (now - this.ticked > SLEPT) this.following.wake();
    this.ticked = now;
    if (now - this.state.now >= 60_000) this.store.change({ now });
    this.following.settle();
  }
}

function toggled(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const other = new Set(set);
  if (!other.delete(value)) other.add(value);
  return other;
}

/** Whether anything can be done; what nobody knows might. */
function canChange(able: InboxFragment["capabilities"]): boolean {
  return able.canDismiss !== false || able.canClear !== false || able.canMarkRead !== false;
}

function firstState(): State {
  return {
    view: readView(location.search),
    list: null,
    keptSince: null,
    problem: null,
    isLoading: "newest",
    inboxes: null,
    details: new Map(),
    answered: new Map(),
    link: "connecting",
    acts: [],
    selected: new Set(),
    unfolded: new Set(),
    notices: [],
    dialog: null,
    key: readKey() ? "used" : "none",
    unseen: 0,
    hasKeys: localStorage.getItem(KEYS) !== "off",
    said: "",
    now: Date.now(),
  };
}
