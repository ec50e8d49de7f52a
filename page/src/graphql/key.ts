/** The key that the gateway asks for, kept for this tab alone; with it go the rows that it opened. */
const PREFIX = "tidings.";
const NAME = `${PREFIX}key`;

export function readKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(NAME, key);
}

/** Forgets the key, and every row that was kept for this tab. */
export function forgetKey(): void {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  }
}
