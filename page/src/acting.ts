/** Does what the user wants: at once on the page, and taken back with a sentence where it was not done. */
import { Answer, Clear, Dismiss, type FollowRequestAnswer, MarkRead, type ProblemFragment, SetUnseen } from "./generated";
import { ask, Refused, Unanswered } from "./graphql/ask";
import { type Act, makeAct } from "./model/acts";
import { type Group, lineOf, type Row, timeOf } from "./model/groups";
import { markRead, remove, removeInbox } from "./model/list";
import type { Store } from "./model/state";

const MOST_DISMISSED = 500;
const MOST_NOTICES = 4;
const BROKEN = "the connection broke, so it’s not known whether this was done.";

/** An act of which nobody knows the outcome, without what is tried again. */
function withoutIds(act: Act, ids: ReadonlySet<string>): Act | null {
  if (act.state !== "unknown" || act.ids.size === 0) return act;
  const left = new Set([...act.ids].filter((id) => !ids.has(id)));
  return left.size ? { ...act, ids: left } : null;
}

type Problems = readonly ProblemFragment[];

export class Acting {
  private noticesMade = 0;
  private isSending = false;

  constructor(
    private readonly store: Store,
    private readonly reached: (isReached: boolean) => void,
    /** Something is done, so that what instances count has changed. */
    private readonly done: () => void,
    private readonly left: (ids: ReadonlySet<string>) => void,
    private readonly say: (text: string) => void,
  ) {}

  /** Takes groups out of the list. */
  dismiss(groups: readonly Group[]): void {
    for (const [inboxId, ofInbox] of Map.groupBy(groups, (group) => group.latest.inbox.id)) {
      const ids = ofInbox.flatMap((group) => group.notificationIds);
      const name = lineOf(ofInbox[0]!);
      for (let at = 0; at < ids.length; at += MOST_DISMISSED) {
        this.dismissOf(inboxId, name, ids.slice(at, at + MOST_DISMISSED));
      }
    }
    const gone = new Set(groups.map((group) => group.groupId));
    this.store.change({ selected: new Set([...this.store.state.selected].filter((id) => !gone.has(id))) });
  }

  private dismissOf(inboxId: string, name: string, ids: readonly string[]): void {
    const keepsRows = this.keepsRows(inboxId);
    const send = async (): Promise<Problems> => {
      const { dismissNotifications: said } = await ask(Dismiss, { ids: [...ids] });
      const gone = new Set(said?.dismissedNotificationIds);
      if (!keepsRows) this.left(gone);
      this.store.changeList((list) =>
        keepsRows ? markRead(list, (group) => group.notificationIds.every((id) => gone.has(id))) : remove(list, gone),
      );
      return said?.userErrors ?? [];
    };
    const done = ids.length === 1 ? "Dismissed." : `${ids.length} dismissed.`;
    this.run(makeAct({ kind: "dismiss", name, done, inboxId, ids: new Set(ids), keepsRows, send }));
  }

  /** Marks a row and all older ones of its inbox as read. */
  markRead(row: Row): void {
    const inboxId = row.inbox.id;
    const upTo = timeOf(row);
    const send = async (): Promise<Problems> => {
      const { markNotificationsRead: said } = await ask(MarkRead, { id: row.id });
      if (said?.userErrors.length) return said.userErrors;
      this.store.changeList((list) =>
        markRead(list, ({ latest }) => latest.inbox.id === inboxId && timeOf(latest) <= upTo),
      );
      return [];
    };
    this.run(makeAct({ kind: "read", name: row.summary, done: "Marked as read.", inboxId, ids: new Set(), upTo, send }));
  }

  /** Makes a wiki's page unseen again, from a change of it on. */
  setUnseen(row: Row): void {
    const inboxId = row.inbox.id;
    const revision = row.__typename === "WatchlistNotification" ? row.revisionId : null;
    const from = revision ? { toRevisionId: revision } : { timestamp: row.createdAt };
    const send = async (): Promise<Problems> => {
      const { setNotificationTimestamp: said } = await ask(SetUnseen, { inboxId, id: row.id, from });
      return said?.userErrors ?? [];
    };
    this.run(makeAct({ kind: "unseen", name: row.summary, done: "Marked as unseen.", inboxId, ids: new Set([row.id]), send }));
  }

  /** Lets somebody follow, or not. */
  answer(row: Row, answer: FollowRequestAnswer): void {
    const inboxId = row.inbox.id;
    const send = async (): Promise<Problems> => {
      const { answerFollowRequest: said } = await ask(Answer, { id: row.id, answer });
      if (said?.userErrors.length) return said.userErrors;
      this.store.change({ answered: new Map(this.store.state.answered).set(row.id, answer) });
      const gone = new Set(said?.dismissedNotificationIds);
      this.left(gone);
      this.store.changeList((list) => remove(list, gone));
      return [];
    };
    const done = answer === "ACCEPT" ? "Accepted." : "Rejected.";
    this.run(makeAct({ kind: "answer", name: row.summary, done, inboxId, ids: new Set([row.id]), send }));
  }

  /** Takes everything out of an inbox. */
  clear(inboxId: string): void {
    const keepsRows = this.keepsRows(inboxId);
    const send = async (): Promise<Problems> => {
      const { clearNotifications: said } = await ask(Clear, { id: inboxId });
      if (said?.userErrors.length) return said.userErrors;
      this.store.changeList((list) =>
        keepsRows ? markRead(list, ({ latest }) => latest.inbox.id === inboxId) : removeInbox(list, inboxId),
      );
      return [];
    };
    this.run(makeAct({ kind: "clear", name: "Clearing", done: "Cleared.", inboxId, ids: new Set(), keepsRows, send }));
  }

  /** Sends what has waited for the connection, in order. */
  async sendWaiting(): Promise<void> {
    const act = this.store.state.acts.find(({ state }) => state === "waiting");
    if (!act || this.isSending || this.store.isOffline) return;
    this.isSending = true;
    this.replace(act, { ...act, state: "sent" });
    await this.send({ ...act, state: "sent" });
    this.isSending = false;
    await this.sendWaiting();
  }

  /** A sentence that stays until it is closed. */
  private notice(text: string): void {
    const notices = [...this.store.state.notices, { key: ++this.noticesMade, text }];
    this.store.change({ notices: notices.slice(-MOST_NOTICES) });
  }

  private run(act: Act): void {
    const { isOffline } = this.store;
    const isWaiting = (each: Act) => each.state === "waiting" && [...act.ids].some((id) => each.ids.has(id));
    if (this.store.state.acts.some(isWaiting)) return; // one thing after the other
    const begun: Act = isOffline ? { ...act, state: "waiting" } : act;
    const others = this.store.state.acts.flatMap((each) => withoutIds(each, act.ids) ?? []);
    this.store.change({ acts: [...others, begun] });
    if (!isOffline) void this.send(begun);
  }

  private async send(act: Act): Promise<void> {
    try {
      this.settle(act, await act.send());
      this.reached(true);
      this.done();
    } catch (error) {
      if (error instanceof Unanswered) {
        this.replace(act, { ...act, state: "unknown" });
        this.notice(`${act.name}: ${BROKEN}`);
        this.reached(false);
        return;
      }
      this.replace(act, null);
      this.notice(`${act.name}: ${error instanceof Refused ? error.message : String(error)}`);
    }
  }

  /** Ends an act; what was not done is taken back, and what nobody knows stays marked. */
  private settle(act: Act, problems: Problems): void {
    const unknown = problems.filter((each) => each.isOutcomeUnknown);
    const ids = new Set(unknown.map((each) => [...act.ids][Number(each.path?.[2])] ?? "").filter(Boolean));
    const left: Act | null = unknown.length ? { ...act, state: "unknown", ids: ids.size ? ids : act.ids } : null;
    this.replace(act, left);
    for (const text of new Set(problems.map((each) => each.message))) this.notice(`${act.name}: ${text}`);
    if (problems.length === 0) this.say(act.done);
  }

  private replace(act: Act, by: Act | null): void {
    this.store.change({ acts: this.store.state.acts.flatMap((each) => (each.key === act.key ? (by ?? []) : each)) });
  }

  private keepsRows(inboxId: string): boolean {
    const inbox = this.store.state.inboxes?.find((each) => each.id === inboxId);
    return this.store.state.view.withSeen && inbox?.instance.platform === "MEDIAWIKI";
  }
}
