// Gateways and sandboxes as processes of their own. What is started here ends with the script.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LONGEST = 30_000; // milliseconds

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** Starts the command `tidings`; its log is heard where it tells of an error. */
export function start(tidings, ...words) {
  const env = { ...process.env, TIDINGS_LOG__LEVEL: "error" };
  const child = spawn(tidings, words, { env, stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (text) => /^Warning: The secret of/.test(text) || process.stderr.write(text));
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

export async function stop(child, signal = "SIGKILL") {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}

export async function until(what, isSo, longest = LONGEST) {
  const end = Date.now() + longest;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${longest / 1000} s`);
    await sleep(50);
  }
}

/** Whether something answers at an address, and well. */
export const answers = (address) => () => fetch(address).then((response) => response.ok, () => false);

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** The first of so many ports in a row that are free. */
export async function freePorts(count) {
  for (let first = 20_000; first < 32_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no ports are free");
}

/** A configuration file of this text. */
export function writeConfiguration(text) {
  const file = join(mkdtempSync(join(tmpdir(), "tidings-")), "tidings.toml");
  writeFileSync(file, text);
  return file;
}
