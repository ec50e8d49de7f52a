/** Everything that the page knows, as one value; whoever changes it makes another. */
import type { DetailsQuery, FollowRequestAnswer, InboxFragment } from "../generated";
import type { Act } from "./acts";
import type { List } from "./list";
import type { View } from "./view";

/** How the gateway tells what happens: of its own accord, when it is asked now and then, or not at all. */
export type Link = "connecting" | "live" | "polling" | "offline";

export type Detail = Exclude<NonNullable<NonNullable<DetailsQuery["nodes"]>[number]>, { __typename: "Inbox" | "Instance" }>;

export type Known = Detail | "gone" | "failed";

/** A sentence for the user; it stays until it is closed. */
export type Notice = { key: number; text: string };

/** `howMany` is null until it is known, and empty where nobody can tell. */
export type Dialog = { kind: "help" } | { kind: "inboxes" } | { kind: "clear"; inboxId: string; howMany: string | null };

export type State = {
  view: View;
  list: List | null;
  /** When what is shown was had, where it is from before; milliseconds. */
  keptSince: number | null;
  /** Why there is no list. */
  problem: string | null;
  isLoading: "" | "newest" | "below" | "above";
  inboxes: InboxFragment[] | null;
  /** Until when no further page is asked for, as the last one brought nothing; milliseconds. */
  stalledUntil: number;
  /** What is known of notifications beyond their rows. */
  details: ReadonlyMap<string, Known>;
  /** What follow requests were answered here. */
  answered: ReadonlyMap<string, FollowRequestAnswer>;
  link: Link;
  acts: readonly Act[];
  /** IDs of groups. */
  selected: ReadonlySet<string>;
  unfolded: ReadonlySet<string>;
  notices: readonly Notice[];
  dialog: Dialog | null;
  /** Whether the gateway wants a key; "wrong" where it did not take the one it got. */
  key: "none" | "used" | "needed" | "wrong";
  /** How much has come while nobody looked. */
  unseen: number;
  hasKeys: boolean;
  /** What a screen reader is told. */
  said: string;
  /** The minute that it is, in milliseconds. */
  now: number;
};

export class Store {
  constructor(
    public state: State,
    private readonly tell: () => void,
  ) {}

  change(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    this.tell();
  }

  /** Whether nothing can be sent, as far as the gateway or the browser tells. */
  get isOffline(): boolean {
    return this.state.link === "offline" || !navigator.onLine;
  }

  /** Changes the list that is shown, if there is one. */
  changeList(change: (list: List) => List): void {
    const { list } = this.state;
    if (list) this.change({ list: change(list) });
  }
}
