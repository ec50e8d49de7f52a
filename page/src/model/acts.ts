/** What the user did and the instances have not answered yet: shown at once, and taken back where it failed. */
import type { ProblemFragment } from "../generated";
import { asRead, type Group, timeOf, without } from "./groups";

export type Act = {
  key: number;
  kind: "dismiss" | "read" | "unseen" | "answer" | "clear";
  /** What it is about, in words. */
  name: string;
  /** What is said when it is done. */
  done: string;
  inboxId: string;
  /** The notifications that it is about. */
  ids: ReadonlySet<string>;
  /** With "read": everything of the inbox up to this instant, in milliseconds. */
  upTo: number | null;
  /** Whether rows stay when it is done, marked as read: at wikis where seen changes are listed. */
  keepsRows: boolean;
  state: "sent" | "waiting" | "unknown";
  /** Sends it, does to the list what was done, and says what was not. */
  send: () => Promise<readonly ProblemFragment[]>;
};

let made = 0;

export function makeAct(of: Pick<Act, "kind" | "name" | "done" | "inboxId" | "ids" | "send"> & Partial<Act>): Act {
  return { key: ++made, upTo: null, keepsRows: false, state: "sent", ...of };
}

/** A group as it looks while acts are under way; null where it does not show. */
export function lookOf(group: Group, acts: readonly Act[]): Group | null {
  let look: Group | null = group;
  for (const act of acts) {
    if (look === null) return null;
    if (act.inboxId === group.latest.inbox.id && act.state === "sent") look = lookDuring(act, look);
  }
  return look;
}

function lookDuring(act: Act, group: Group): Group | null {
  const isMeant = () => group.notificationIds.some((id) => act.ids.has(id));
  switch (act.kind) {
    case "clear":
      return act.keepsRows ? asRead(group) : null;
    case "read":
      return act.upTo !== null && timeOf(group.latest) <= act.upTo ? asRead(group) : group;
    case "unseen":
      return isMeant() ? { ...group, isUnread: true } : group;
    default:
      return act.keepsRows ? (isMeant() ? asRead(group) : group) : without(group, act.ids);
  }
}

/** What is to be said beside a group of what was done with it. */
export function wordOf(group: Group, acts: readonly Act[]): string {
  const act = acts.find(
    (each) =>
      each.state !== "sent" &&
      each.inboxId === group.latest.inbox.id &&
      (each.kind === "clear" || group.notificationIds.some((id) => each.ids.has(id))),
  );
  if (!act) return "";
  return act.state === "waiting" ? "Waiting for the connection" : "Couldn’t confirm that this was done";
}
