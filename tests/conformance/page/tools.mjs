// Gateways, sandboxes and browsers for the facts about the page. What is started here ends with the process.
import { chromium } from "playwright-core";

import { answers, freePorts, start, stop, until as untilSoon } from "../processes.mjs";

export { writeConfiguration } from "../processes.mjs";

const WAIT = 15_000; // milliseconds
export const KEYS = { reader: `reader-${"r".repeat(40)}`, writer: `writer-${"w".repeat(40)}` };

export const until = (what, isSo, longest = WAIT) => untilSoon(what, isSo, longest);

/** A gateway that answers; `stop` and `again` are for those who look at what becomes of the page. */
export async function openGateway(tidings, words) {
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}/`;
  const begin = async () => {
    const child = start(tidings, "serve", "--port", `${port}`, ...words);
    await untilSoon("the gateway starts", answers(`${url}health/ready`));
    return child;
  };
  let child = await begin();
  return { url, port, stop: () => stop(child), again: async () => void (child = await begin()) };
}

/** The sandbox on ports of its own, and the configuration for it. */
export async function openSandbox(tidings, words = []) {
  const port = await freePorts(4);
  const child = start(tidings, "sandbox", "--port", `${port}`, ...words);
  const url = `http://127.0.0.1:${port}/`;
  await untilSoon("the sandbox starts", answers(url));
  const configuration = await (await fetch(url)).text();
  return { url, stop: () => stop(child), configuration };
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
