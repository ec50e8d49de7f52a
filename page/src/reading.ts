/** Reads lists, inboxes and details from the gateway. */
import { ask, askNodes, Refused, Unanswered } from "./graphql/ask";
import { readKey } from "./graphql/key";
import { Details, Groups, type GroupsQueryVariables, HowMany, Inboxes, Rows } from "./generated";
import { addAbove, addBelow, addPolled, giveHeads, ofPage, type Page } from "./model/list";
import type { Store } from "./model/state";
import { MOST_MEMBERS, type Row, without } from "./model/groups";
import { filterOf, listOf } from "./model/view";

const PAGE = 30; // groups
const MOST_KEPT_DETAILS = 200;
const INBOXES_EVERY = 15_000; // milliseconds, which is how often the gateway counts anew
const TRIED_AGAIN_AFTER = 5_000; // milliseconds, where a page brought nothing
const DETAILS_AFTER = 30_000; // milliseconds, where one could not be read

export class Reading {
  private inboxesDue: ReturnType<typeof setTimeout> | undefined;
  private inboxesAt = -Infinity;
  private detailsAsked = new Set<string>();
  /** How often the key was forgotten: what was asked before is nobody's now. */
  private epoch = 0;
  private inboxesAsked: Promise<void> | null = null;
  private underWay = 0;
  /** What has left while a page was under way that may still have it. */
  private readonly left = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly reached: (isReached: boolean) => void,
  ) {}

  /** The newest page of the view; whatever was shown of it stays until the page is here. */
  async newest({ isNow = false } = {}): Promise<boolean> {
    this.store.change({ isLoading: "newest", problem: null });
    const page = await this.page({ first: PAGE }, isNow);
    if (!page) return false;
    const fresh = new Set(page.sources.flatMap((each) => (each.freshness === "FRESH" ? [each.inbox.id] : [])));
    const acts = this.store.state.acts.filter((act) => act.state !== "unknown" || !fresh.has(act.inboxId)); // now it is known
    this.store.change({ list: ofPage(page, this.store.state.list), acts, keptSince: null, isLoading: "", unseen: 0, stalledUntil: 0 });
    return true;
  }

  /** Notes what has left, for pages that are under way. */
  noteLeft(ids: Iterable<string>): void {
    if (this.underWay > 0) for (const id of ids) this.left.add(id);
  }

  async below(): Promise<void> {
    const { list, isLoading } = this.store.state;
    const after = list?.blocks.at(-1)?.end;
    if (!list?.hasBelow || isLoading || !after) return;
    this.store.change({ isLoading: "below" });
    const page = await this.page({ first: PAGE, after });
    if (page) this.store.changeList((held) => addBelow(held, page, after));
    this.end("below", page);
  }

  async above(): Promise<void> {
    const { list, isLoading } = this.store.state;
    const before = list?.blocks[0]?.start;
    if (!list?.hasAbove || isLoading || !before) return;
    this.store.change({ isLoading: "above" });
    const page = await this.page({ last: PAGE, before });
    if (page) this.store.changeList((held) => addAbove(held, page, before));
    this.end("above", page);
  }

  /** Asks what has come since; whether the gateway answered. For where no subscription stands. */
  async poll(): Promise<boolean> {
    const before = this.store.state.list?.blocks[0]?.start;
    if (!before) return this.newest();
    const page = await this.page({ last: PAGE, before });
    if (!page) return false;
    this.store.changeList((held) => addPolled(held, page, before));
    this.store.change({ keptSince: null });
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
    const { details } = this.store.state;
    const isKnown = (id: string) => this.detailsAsked.has(id) || (details.get(id) ?? "failed") !== "failed";
    const missing = ids.slice(0, MOST_MEMBERS).filter((id) => !isKnown(id));
    if (missing.length === 0) return;
    for (const id of missing) this.detailsAsked.add(id);
    const answer = await this.ask(() => askNodes(Details, { ids: missing }));
    const found = missing.map((id) => [id, answer?.has(id) ? (asNotification(answer.get(id)) ?? "gone") : "failed"] as const);
    const isHere = (id: string) => answer?.has(id);
    setTimeout(() => missing.forEach((id) => isHere(id) || this.detailsAsked.delete(id)), DETAILS_AFTER);
    for (const id of missing.filter(isHere)) this.detailsAsked.delete(id);
    this.store.change({ details: new Map([...[...this.store.state.details].slice(-MOST_KEPT_DETAILS), ...found]) });
  }

  /** Asks for the newest of groups whose own has left. */
  async heads(): Promise<void> {
    const groups = this.store.state.list?.blocks.flatMap((block) => block.groups) ?? [];
    const ids = groups.flatMap((group) => (group.isHeadless ? group.notificationIds.slice(0, 1) : [])).slice(0, 100);
    if (ids.length === 0) return;
    const rows = await this.rows(ids);
    this.store.changeList((held) => giveHeads(held, rows));
  }

  /** Rows by their IDs: null for what is gone; what could not be read is left out. */
  async rows(ids: string[]): Promise<Map<string, Row | null>> {
    const answer = await this.ask(() => askNodes(Rows, { ids }));
    return new Map([...(answer ?? [])].map(([id, node]) => [id, asNotification(node)]));
  }

  /** In words, how many notifications an inbox has. */
  async howMany(inboxId: string): Promise<string | null> {
    const answer = await this.ask(() => ask(HowMany, { id: inboxId }));
    if (answer?.node?.__typename !== "Inbox" || !answer.node.notifications) return null;
    const { nodes, pageInfo } = answer.node.notifications;
    return pageInfo.hasNextPage ? `more than ${nodes.length}` : `${nodes.length}`;
  }

  /** A page that brought nothing, or failed, is not asked for again at once: an inbox that fails always has more. */
  private end(loading: "below" | "above", page: Page | null): void {
    const stalledUntil = page?.nodes.length ? 0 : Date.now() + TRIED_AGAIN_AFTER;
    if (this.store.state.isLoading === loading) this.store.change({ isLoading: "", stalledUntil });
  }

  /** A page of the view, if it is still the one looked at when the answer comes. */
  private async page(variables: Omit<GroupsQueryVariables, "filter">, isNow = false): Promise<Page | null> {
    const list = listOf(this.store.state.view);
    this.underWay++;
    const answer = await this.ask(async () => {
      const filter = await this.filter();
      return ask(Groups, { ...variables, filter }, { isNow });
    }, true);
    const page = answer?.notificationGroups;
    const nodes = page?.nodes.flatMap((group) => without(group, this.left) ?? []) ?? [];
    this.underWay--;
    if (this.underWay === 0) this.left.clear();
    return page && listOf(this.store.state.view) === list ? { ...page, nodes } : null;
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

  /** What was asked for; null where it failed, which the state then tells of the list. */
  private async ask<Answer>(asking: () => Promise<Answer>, isOfList = false): Promise<Answer | null> {
    const { epoch } = this;
    try {
      const answer = await asking();
      if (epoch !== this.epoch) return null;
      this.reached(true);
      if (isOfList && this.store.state.problem !== null) this.store.change({ problem: null });
      return answer;
    } catch (error) {
      if (epoch === this.epoch) this.fail(error, isOfList);
      return null;
    }
  }

  /** Lets go of everything that is under way. */
  forget(): void {
    this.epoch++;
    this.inboxesAsked = null;
    clearTimeout(this.inboxesDue);
  }

  private fail(error: unknown, isOfList: boolean): void {
    if (isOfList) this.store.change({ isLoading: "", problem: error instanceof Error ? error.message : String(error) });
    if (error instanceof Unanswered) this.reached(false);
    if (error instanceof Refused && error.code === "UNAUTHORIZED") this.store.change({ key: readKey() ? "wrong" : "needed" });
  }
}

/** A node if it is a notification. */
function asNotification<Node extends object>(node: Node | null | undefined): Extract<Node, { groupId: string }> | null {
  return node && "groupId" in node ? (node as Extract<Node, { groupId: string }>) : null;
}
