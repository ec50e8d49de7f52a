/** Reads lists, inboxes and details from the gateway. */
import { ask, Refused, Unanswered } from "./graphql/ask";
import { readKey } from "./graphql/key";
import { Details, type DetailsQuery, Groups, type GroupsQueryVariables, HowMany, Inboxes, Rows, type RowsQuery } from "./generated";
import { addAbove, addBelow, addPolled, giveHeads, ofPage, type Page } from "./model/list";
import type { Detail, Store } from "./model/state";
import { MOST_MEMBERS, type Row } from "./model/groups";
import { filterOf, listOf } from "./model/view";

export const PAGE = 30;
const MOST_KEPT_DETAILS = 200;
const INBOXES_EVERY = 15_000; // milliseconds, which is how often the gateway counts anew

type Options = { isNow?: boolean };

export class Reading {
  private inboxesDue: ReturnType<typeof setTimeout> | undefined;
  private inboxesAt = -Infinity;
  private detailsAsked = new Set<string>();
  /** How often the key was forgotten: what was asked before is nobody's now. */
  private epoch = 0;
  private inboxesAsked: Promise<void> | null = null;

  constructor(
    private readonly store: Store,
    private readonly reached: (isReached: boolean) => void,
  ) {}

  /** The newest page of the view; whatever was shown of it stays until the page is here. */
  async newest({ isNow = false }: Options = {}): Promise<boolean> {
    this.store.change({ isLoading: "newest", problem: null });
    const page = await this.page({ first: PAGE }, isNow);
    if (!page) return false;
    const acts = this.store.state.acts.filter((act) => act.state !== "unknown"); // now it is known
    this.store.change({ list: ofPage(page, true), acts, keptSince: null, isLoading: "", unseen: 0 });
    return true;
  }

  async below(): Promise<void> {
    const { list, isLoading } = this.store.state;
    const after = list?.blocks.at(-1)?.end;
    if (!list?.hasBelow || isLoading || !after) return;
    this.store.change({ isLoading: "below" });
    const page = await this.page({ first: PAGE, after });
    if (page) this.store.changeList((held) => addBelow(held, page, after));
    this.end("below");
  }

  async above(): Promise<void> {
    const { list, isLoading } = this.store.state;
    const before = list?.blocks[0]?.start;
    if (!list?.hasAbove || isLoading || !before) return;
    this.store.change({ isLoading: "above" });
    const page = await this.page({ last: PAGE, before });
    if (page) this.store.changeList((held) => addAbove(held, page, before));
    this.end("above");
  }

  /** Asks what has come since; whether the gateway answered. For where no subscription stands. */
  async poll(): Promise<boolean> {
    const before = this.store.state.list?.blocks[0]?.start;
    if (!before) return this.newest();
    const page = await this.page({ last: PAGE, before });
    if (!page) return false;
    this.store.changeList((held) => addPolled(held, page, before));
    return true;
  }

  /** The inboxes, with their health and their counts. */
  inboxes(): Promise<void> {
    this.inboxesAsked ??= this.askInboxes().finally(() => (this.inboxesAsked = null));
    return this.inboxesAsked;
  }

  private async askInboxes(): Promise<void> {
    this.inboxesAt = Date.now();
    const answer = await this.ask(() => ask(Inboxes, {}));
    if (answer) this.store.change({ inboxes: answer.inboxes });
  }

  /** The same, as soon as the gateway counts anew. */
  inboxesSoon(): void {
    clearTimeout(this.inboxesDue);
    const pause = Math.max(1000, this.inboxesAt + INBOXES_EVERY - Date.now());
    this.inboxesDue = setTimeout(() => void this.inboxes(), pause);
  }

  /** What is to be known of notifications that are looked at closely. */
  async details(ids: readonly string[]): Promise<void> {
    const isKnown = (id: string) => this.store.state.details.has(id) || this.detailsAsked.has(id);
    const missing = ids.slice(0, MOST_MEMBERS).filter((id) => !isKnown(id));
    if (missing.length === 0) return;
    for (const id of missing) this.detailsAsked.add(id);
    const answer = await this.ask(() => ask(Details, { ids: missing }));
    for (const id of missing) this.detailsAsked.delete(id);
    if (!answer?.nodes) return;
    const found = missing.map((id, at) => [id, asDetail(answer.nodes?.[at])] as const);
    this.store.change({ details: new Map([...[...this.store.state.details].slice(-MOST_KEPT_DETAILS), ...found]) });
  }

  /** Asks for the newest of groups whose own has left. */
  async heads(): Promise<void> {
    const groups = this.store.state.list?.blocks.flatMap((block) => block.groups) ?? [];
    const ids = groups.flatMap((group) => (group.isHeadless ? group.notificationIds.slice(0, 1) : [])).slice(0, 100);
    if (ids.length === 0) return;
    const answer = await this.ask(() => ask(Rows, { ids }));
    if (!answer?.nodes) return;
    const rows = ids.map((id, at) => [id, asRow(answer.nodes?.[at])] as const);
    this.store.changeList((held) => giveHeads(held, new Map(rows)));
  }

  /** In words, how many notifications an inbox has. */
  async howMany(inboxId: string): Promise<string | null> {
    const answer = await this.ask(() => ask(HowMany, { id: inboxId }));
    if (answer?.node?.__typename !== "Inbox" || !answer.node.notifications) return null;
    const { nodes, pageInfo } = answer.node.notifications;
    return pageInfo.hasNextPage ? `more than ${nodes.length}` : `${nodes.length}`;
  }

  private end(loading: "below" | "above"): void {
    if (this.store.state.isLoading === loading) this.store.change({ isLoading: "" });
  }

  /** A page of the view, if it is still the one looked at when the answer comes. */
  private async page(variables: Omit<GroupsQueryVariables, "filter">, isNow = false): Promise<Page | null> {
    const list = listOf(this.store.state.view);
    const answer = await this.ask(async () => {
      const filter = await this.filter();
      return ask(Groups, { ...variables, filter }, { isNow });
    });
    return listOf(this.store.state.view) === list ? (answer?.notificationGroups ?? null) : null;
  }

  private async filter() {
    const { view, inboxes } = this.store.state;
    if (view.inbox !== null && inboxes === null) await this.inboxes();
    return filterOf(view, this.inboxId());
  }

  /** The ID of the view's inbox; an inbox that nobody has is a list of nothing. */
  inboxId(): string | null {
    const { view, inboxes } = this.store.state;
    if (view.inbox === null) return null;
    return inboxes?.find((each) => each.name === view.inbox)?.id ?? view.inbox;
  }

  /** What was asked for; null where it failed, which the state then tells. */
  private async ask<Answer>(asking: () => Promise<Answer>): Promise<Answer | null> {
    const { epoch } = this;
    try {
      const answer = await asking();
      if (epoch !== this.epoch) return null;
      this.reached(true);
      if (this.store.state.problem !== null) this.store.change({ problem: null });
      return answer;
    } catch (error) {
      if (epoch === this.epoch) this.fail(error);
      return null;
    }
  }

  /** Lets go of everything that is under way. */
  forget(): void {
    this.epoch++;
    clearTimeout(this.inboxesDue);
  }

  private fail(error: unknown): void {
    this.store.change({ isLoading: "" });
    if (error instanceof Unanswered) {
      this.reached(false);
      this.store.change({ problem: "The gateway doesn’t answer." });
    } else if (error instanceof Refused && error.code === "UNAUTHORIZED") {
      this.store.change({ key: readKey() ? "wrong" : "needed" });
    } else if (error instanceof Error) {
      this.store.change({ problem: error.message });
    }
  }
}

function asRow(node: NonNullable<RowsQuery["nodes"]>[number] | undefined): Row | null {
  return node && "groupId" in node ? node : null;
}

function asDetail(node: NonNullable<DetailsQuery["nodes"]>[number] | undefined): Detail | null {
  return node && "groupId" in node ? node : null;
}
