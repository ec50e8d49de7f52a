/** Single keys, as mail programs have them; a setting switches them off: https://www.w3.org/TR/WCAG22/#character-key-shortcuts */
import { ALL, type View } from "./model/view";
import { focusRow, isSeen, ROW, rowOf, rows } from "./place";
import type { Session } from "./session";

const SEQUENCE = 1500; // milliseconds between the keys of one

const WAYS: Record<string, View> = {
  a: ALL,
  u: { ...ALL, show: "unread" },
  m: { ...ALL, show: "mentions" },
};

export class Keys {
  private began = -Infinity;
  /** The row that was used last. */
  private current: string | null = null;

  constructor(private readonly session: Session) {}

  start(): void {
    document.addEventListener("keydown", (event) => this.press(event));
    addEventListener("popstate", () => (this.current = null));
    document.addEventListener("focusin", ({ target }) => {
      const row = (target as Element).closest<HTMLElement>(ROW);
      if (row) this.current = row.dataset["group"]!;
    });
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") return this.leave(event);
    const target = event.target as HTMLElement;
    const isTyping = target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (isTyping || document.querySelector("dialog[open]") || !this.session.state.hasKeys) return;
    if (this.act(event.key)) event.preventDefault();
  }

  /** Whether the key does something. */
  private act(key: string): boolean {
    const isSecond = performance.now() - this.began < SEQUENCE;
    this.began = key === "g" ? performance.now() : -Infinity;
    if (isSecond && WAYS[key]) return this.go(WAYS[key]);
    if (/^[1-9]$/.test(key)) return this.goToInbox(Number(key));
    switch (key) {
      case "j":
        return this.move(1);
      case "k":
        return this.move(-1);
      case "x":
        return this.withCurrent((id) => this.session.toggleSelected(id));
      case "e":
        return this.dismiss();
      case "o":
        return this.withCurrent((id) => rowOf(id)?.querySelector<HTMLElement>("a.act")?.click());
      case ".":
        this.session.showNew();
        return true;
      case "/":
        document.getElementById("search")?.focus();
        return true;
      case "?":
        this.session.openDialog({ kind: "help" });
        return true;
      default:
        return false;
    }
  }

  /** From the search or from what is open back to the list. */
  private leave(event: KeyboardEvent): void {
    if (document.querySelector("dialog[open]")) return; // which closes by itself
    const target = event.target as HTMLElement;
    if (target.id === "search") {
      target.blur();
      this.session.go({ search: "" }, { replaces: true });
    } else if (this.session.state.view.open !== null) {
      this.session.go({ open: null });
    } else {
      return;
    }
    const { current } = this;
    if (current !== null) requestAnimationFrame(() => focusRow(current)); // once the list is drawn
  }

  private go(view: View): boolean {
    this.current = null;
    this.session.go(view);
    return true;
  }

  private goToInbox(number: number): boolean {
    const inbox = this.session.state.inboxes?.[number - 1];
    return inbox !== undefined && this.go({ ...ALL, inbox: inbox.name });
  }

  private move(step: 1 | -1): boolean {
    const all = rows();
    const at = all.findIndex((row) => row.dataset["group"] === this.current);
    const next = at < 0 ? all[0] : all[at + step];
    if (next) focusRow(next.dataset["group"]!);
    return true;
  }

  private dismiss(): boolean {
    const groups = this.session.chosen(this.meant());
    if (groups.length) this.session.dismiss(groups);
    return true;
  }

  /** The row that is meant: one that was used last, of this list, and is seen. */
  private meant(): string | null {
    const focused = document.activeElement?.closest<HTMLElement>(ROW)?.dataset["group"];
    return focused ?? (this.current !== null && isSeen(this.current) ? this.current : null);
  }

  private withCurrent(does: (groupId: string) => void): boolean {
    const meant = this.meant();
    if (meant !== null) does(meant);
    return true;
  }
}
