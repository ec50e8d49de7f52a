/** Follows what happens: by a subscription, and where none gets through by asking now and then. */
import { type Event, Listener } from "./graphql/listen";
import { readKey } from "./graphql/key";
import { addArrived, countArrived, insert, markRead, remove, removeInbox, showArrived, withSource } from "./model/list";
import { type Group, ofRow, type Row, timeOf } from "./model/groups";
import type { Link, Store } from "./model/state";
import { filterOf } from "./model/view";
import type { Reading } from "./reading";

const POLL_EVERY = 15_000; // milliseconds
export const POLL_SECONDS = POLL_EVERY / 1000;
const FIRST_POLL = 3_000;

export class Following {
  private readonly listener: Listener;
  private polling: ReturnType<typeof setTimeout> | undefined;
  private isOpen = false;
  private isPolling = false;

  constructor(
    private readonly store: Store,
    private readonly reading: Reading,
    /** Whether nobody would be disturbed by rows that come in at the top. */
    private readonly isQuiet: () => boolean,
    /** The gateway can be reached again. */
    private readonly back: () => void,
    private readonly left: (ids: ReadonlySet<string>) => void,
    private readonly say: (text: string) => void,
  ) {
    this.listener = new Listener({
      hear: (event) => this.hear(event),
      begin: () => this.open(),
      lose: () => this.lose(),
      fail: () => this.store.changeList((list) => ({ ...list, isChanged: true })), // so that it is read anew
      refuse: () => this.store.change({ key: readKey() ? "wrong" : "needed" }),
    });
  }

  /** Follows the list that is shown, from where it stands. */
  start(): void {
    const { list, view, inboxes } = this.store.state;
    if (!list) return;
    if (view.inbox !== null && inboxes === null) {
      void this.reading.inboxes().then(() => this.store.state.inboxes && this.start()); // which knows its ID
      return;
    }
    this.listener.start(filterOf(view, this.reading.inboxId()), list.cursor);
  }

  stop(): void {
    clearTimeout(this.polling);
    this.polling = undefined;
    this.isOpen = false;
    this.listener.stop();
  }

  /** Asks again in a while, for where a list could not be read. */
  askLater(): void {
    this.poll(POLL_EVERY);
  }

  /** After a sleep, or when the browser says that there is a network again. */
  wake(): void {
    this.listener.wake();
    this.poll(0);
  }

  /** Whether the gateway answered, as whoever asked it found. */
  reached(isReached: boolean): void {
    if (!isReached) {
      this.link("offline");
      this.poll(FIRST_POLL);
    } else if (this.store.state.link === "offline" && navigator.onLine) {
      this.link(this.isOpen ? "live" : "polling");
    }
  }

  private open(): void {
    this.isOpen = true;
    clearTimeout(this.polling);
    this.polling = undefined;
    this.link("live");
    if (this.store.state.list === null) this.poll(0); // of a view that was chosen meanwhile
  }

  private lose(): void {
    this.isOpen = false;
    if (this.store.state.link !== "offline") this.link("polling");
    this.poll(FIRST_POLL);
  }

  private link(link: Link): void {
    const before = this.store.state.link;
    if (before === link) return;
    this.store.change({ link });
    if (link === "offline") this.say("Offline.");
    if (before === "offline") {
      this.say("Connected again.");
      this.back();
    }
  }

  private poll(pause: number): void {
    const { key } = this.store.state;
    if (key === "needed" || key === "wrong") return; // asking without one that works leads nowhere
    if (this.polling !== undefined && pause > 0) return;
    clearTimeout(this.polling);
    this.polling = setTimeout(() => void this.pollNow(), pause);
  }

  private async pollNow(): Promise<void> {
    this.polling = undefined;
    if (this.isPolling) return;
    this.isPolling = true;
    const hadList = this.store.state.list !== null;
    const isRead = await this.reading.poll();
    this.isPolling = false;
    if (isRead && !hadList) this.start();
    if (isRead) this.settle();
    this.reading.inboxesSoon();
    if (!this.isOpen || !isRead) this.poll(POLL_EVERY);
  }

  private hear(event: Event): void {
    this.store.changeList((list) => ({ ...list, cursor: event.cursor }));
    switch (event.__typename) {
      case "LiveStarted":
        this.store.change({ keptSince: null });
        for (const source of event.sources) this.store.changeList((list) => withSource(list, source));
        return;
      case "InboxChanged":
        this.store.changeList((list) => withSource(list, event.source));
        this.reading.inboxesSoon();
        return;
      case "NotificationArrived":
        this.arrive(event.edge.node, event.isNew);
        return;
      case "NotificationsRemoved": {
        const { inbox, isWholeInbox, notificationIds } = event;
        const gone = new Set(notificationIds);
        this.left(gone);
        this.store.changeList((list) => (isWholeInbox ? removeInbox(list, inbox.id) : remove(list, gone)));
        void this.reading.heads();
        break;
      }
      case "NotificationsRead":
        void this.read(event.inbox.id, event.notificationIds, event.upToNotificationId);
        break;
      case "NotificationsChanged":
        this.store.changeList((list) => ({ ...list, isChanged: true }));
        this.settle();
    }
    this.reading.inboxesSoon();
  }

  private arrive(row: Row, isNew: boolean): void {
    if (!isNew) {
      this.store.changeList((list) => insert(list, row));
      this.settle();
      return;
    }
    const before = countArrived(this.store.state.list);
    this.store.changeList((list) => addArrived(list, [ofRow(row)]));
    const has = countArrived(this.store.state.list);
    if (has > before) {
      if (document.visibilityState === "hidden") this.store.change({ unseen: this.store.state.unseen + 1 });
      this.say(has === 1 ? `New: ${row.summary}` : `${has} new notifications`);
      this.reading.inboxesSoon();
    }
    this.settle();
  }

  private async read(inboxId: string, ids: readonly string[], upTo: string | null): Promise<void> {
    const named = new Set(ids);
    const held = this.store.state.list?.blocks.flatMap((block) => block.groups) ?? [];
    const last = upTo === null ? null : held.find((group) => group.latest.id === upTo)?.latest;
    const until = last === undefined ? (await this.reading.rows([upTo!])).get(upTo!) : last;
    const isRead = (group: Group) =>
      group.latest.inbox.id === inboxId &&
      (until ? timeOf(group.latest) <= timeOf(until) : group.notificationIds.every((id) => named.has(id)));
    this.store.changeList((list) => markRead(list, isRead, this.store.state.view.show === "unread"));
  }

  /** Lets in what has come, unless it would move what somebody looks at. */
  settle(): void {
    const { list } = this.store.state;
    if (!list || !this.isQuiet()) return;
    if (list.isChanged) void this.reading.newest().then((isHere) => isHere && this.start());
    else this.store.changeList(showArrived);
  }
}
