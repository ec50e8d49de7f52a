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
import { findPlace, focusRow, holdPlace, isListHidden, isQuiet, type Place, rowAfter } from "./place";
import { Reading } from "./reading";

const TICK = 15_000; // milliseconds
const SLEPT = 10 * TICK; // beyond what browsers let timers of hidden tabs wait
/** With twenty notifications each, they are fewer than `Reading` keeps. */
const MOST_UNFOLDED = 8;
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
    this.acting = new Acting(
      this.store,
      reached,
      () => void this.reading.inboxes(),
      (ids) => this.noteLeft(ids),
      say,
    );
    this.following = new Following(
      this.store,
      this.reading,
      isQuiet,
      () => void this.acting.sendWaiting(),
      (ids) => this.noteLeft(ids),
      say,
    );
  }

  /** What has left is in no list that was kept either, and in no page that is under way. */
  private noteLeft(ids: ReadonlySet<string>): void {
    this.reading.noteLeft(ids);
    this.keeping.remove(ids);
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
    const isHidden = isListHidden();
    if (list) this.keeping.keep(listOf(before), { list, place: this.placeNow(), at: Date.now() });
    this.store.change({ view, dialog: null });
    const kept = this.keeping.find(listOf(view));
    if (listOf(view) === listOf(before)) {
      if (isHidden && view.open === null) this.goal = kept?.place ?? null;
      return;
    }
    this.store.change({ list: kept?.list ?? null, problem: null, isLoading: "", selected: new Set(), unfolded: new Set(), stalledUntil: 0 });
    this.goal = kept?.place ?? "top";
    if (kept) this.following.start();
    if (!kept || this.state.link !== "live") void this.renew();
  }

  /** Where the user is in the list, also while what is open has its place. */
  private placeNow(): Place | null {
    if (this.goal !== null) return this.goal === "top" ? null : this.goal;
    return isListHidden() ? (this.keeping.find(listOf(this.state.view))?.place ?? null) : findPlace();
  }

  /** Whether a block is beside the one that is scrolled to. */
  isNearGoal(shown: readonly Shown[], at: number): boolean {
    const { goal } = this;
    const id = goal !== null && goal !== "top" ? goal.groupId : null;
    const there = shown.findIndex((block) => block.groups.some((group) => group.groupId === id));
    return Math.abs(at - Math.max(0, there)) <= 1;
  }

  /** The newest of the view, past everything that is kept with `isNow`. */
  async renew({ isNow = false } = {}): Promise<void> {
    if (isNow) this.reading.inboxesSoon();
    if (await this.reading.newest({ isNow })) this.following.start();
    else this.following.askLater();
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

  /** Unfolds a group, or folds it; of many that were unfolded the last few stay so. */
  unfold(group: Group): void {
    const unfolded = [...toggled(this.state.unfolded, group.groupId)].slice(-MOST_UNFOLDED);
    this.store.change({ unfolded: new Set(unfolded) });
    void this.reading.details(group.notificationIds);
  }

  /** What is known of the first of a group's notifications; undefined where it was not asked yet. */
  membersOf(group: Group) {
    return group.notificationIds.slice(0, MOST_MEMBERS).map((id) => this.state.details.get(id));
  }

  /** Whether dismissing does anything: not with a key that may only read, and not to what a wiki calls seen. */
  canDismiss(group: Group): boolean {
    const inbox = this.state.inboxes?.find((each) => each.id === group.latest.inbox.id);
    const isSeen = this.state.view.withSeen && inbox?.instance.platform === "MEDIAWIKI" && group.isUnread === false;
    return inbox?.capabilities.canDismiss !== false && !isSeen;
  }

  /** Takes groups out of the list; the focus goes to the row after them. */
  dismiss(groups: readonly Group[]): void {
    const next = rowAfter(new Set(groups.map((group) => group.groupId)));
    const { open } = this.state.view;
    if (groups.some((group) => open !== null && group.notificationIds.includes(open))) this.go({ open: null }, { replaces: true });
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
    const howMany = (await this.reading.howMany(inboxId)) ?? "";
    const { dialog } = this.state;
    if (dialog?.kind === "clear" && dialog.inboxId === inboxId) this.store.change({ dialog: { ...dialog, howMany } });
  }

  /** Uses another key: what the one before it opened is not for whoever has this one. */
  useKey(key: string): void {
    this.forget();
    if (!/^[!-~]+$/.test(key)) return this.store.change({ key: "wrong" }); // else no header can carry it
    keepKey(key);
    this.store.change({ key: "used" });
    void this.reading.inboxes();
    void this.renew();
  }

  /** Forgets the key, and all that it opened. */
  forgetKey(): void {
    history.replaceState(null, "", hrefOf(ALL));
    this.forget();
    this.store.change({ key: "needed" });
  }

  private forget(): void {
    forgetKey();
    this.reading.forget();
    this.following.stop();
    this.keeping.clear();
    this.store.change(firstState());
  }

  switchKeys(hasKeys: boolean): void {
    localStorage.setItem(KEYS, hasKeys ? "on" : "off");
    this.store.change({ hasKeys });
  }

  private keepForReload(): void {
    const { list, view, key } = this.state;
    if (list && key !== "needed" && key !== "wrong") {
      keepForReload(listOf(view), { list, place: this.placeNow(), at: Date.now() });
    }
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
    const isDue = (retryAt: string | null | undefined) => retryAt && Date.parse(retryAt) < now;
    if (this.state.list?.sources.some(({ failure }) => isDue(failure?.retryAt)) && isQuiet()) void this.renew();
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
    stalledUntil: 0,
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
