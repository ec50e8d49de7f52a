// Gateways, sandboxes and browsers for the facts about the page. What is started here ends with the process.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { chromium } from "playwright-core";

export const WAIT = 15_000; // milliseconds
export const KEYS = { reader: `reader-${"r".repeat(40)}`, writer: `writer-${"w".repeat(40)}` };

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

export async function freePorts(count) {
  for (let first = 21_000; first < 31_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no ports are free");
}

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

export async function until(what, isSo, longest = WAIT) {
  const end = Date.now() + longest;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${longest / 1000} s`);
    await sleep(30);
  }
}

function start(tidings, words) {
  const env = { ...process.env, TIDINGS_LOG__LEVEL: "error" };
  const child = spawn(tidings, words, { env, stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (text) => /^Warning: The secret of/.test(text) || process.stderr.write(text));
  children.add(child);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    children.delete(child);
    child.kill("SIGKILL");
    await ended;
  };
  return stop;
}

/** A configuration file of these lines. */
export function writeConfiguration(text) {
  const file = join(mkdtempSync(join(tmpdir(), "tidings-")), "tidings.toml");
  writeFileSync(file, text);
  return file;
}

/** A gateway that answers; `stop` and `again` are for those who look at what becomes of the page. */
export async function openGateway(tidings, words, port) {
  port ??= await freePorts(1);
  const url = `http://127.0.0.1:${port}/`;
  const begin = async () => {
    const stop = start(tidings, ["serve", "--port", `${port}`, ...words]);
    await until("the gateway starts", () => fetch(`${url}health/ready`).then((answer) => answer.ok, () => false), 30_000);
    return stop;
  };
  let stop = await begin();
  return { url, port, stop: () => stop(), again: async () => void (stop = await begin()) };
}

/** The sandbox on ports of its own, and the configuration for it. */
export async function openSandbox(tidings, words = []) {
  const port = await freePorts(4);
  const stop = start(tidings, ["sandbox", "--port", `${port}`, ...words]);
  const url = `http://127.0.0.1:${port}/`;
  await until("the sandbox starts", () => fetch(url).then(() => true, () => false), 30_000);
  const configuration = await (await fetch(url)).text();
  return { url, stop, configuration };
}

const post = (url, body, headers = {}) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

export const ask = async (url, query, variables = {}) => (await (await post(`${url}graphql`, { query, variables })).json()).data;
export const setFault = (url, faults) => post(`${url}sandbox/faults`, faults);
export const arrive = (url, inbox) => post(`${url}sandbox/arrive`, { inbox });

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
  });
}

/** A page of a browser of its own; `complaints` are what its console has against it, `foreign` what it asks elsewhere. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  const complaints = [];
  const foreign = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => new URL(request.url()).hostname !== "127.0.0.1" && foreign.push(request.url()));
  return { context, page, complaints, foreign };
}

export const rows = (page) => page.locator("main [data-group]");
export const lines = (page) => page.locator("main [data-group] .line").allInnerTexts();
