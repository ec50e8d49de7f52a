/** Tells screen readers what happens, at most every ten seconds: more often nobody could listen. */
const EVERY = 10_000; // milliseconds

export class Announcer {
  private waiting: string[] = [];
  private saidAt = -Infinity;
  private due: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (text: string) => void) {}

  say(text: string): void {
    this.waiting = [...this.waiting.slice(-2), text]; // of many only the last few are worth hearing
    this.due ??= setTimeout(() => this.speak(), Math.max(0, this.saidAt + EVERY - Date.now()));
  }

  private speak(): void {
    this.due = undefined;
    this.saidAt = Date.now();
    this.tell(this.waiting.join(" "));
    this.waiting = [];
  }
}
