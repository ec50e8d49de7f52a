// walk.mjs TIDINGS: the facts about the page, in a real browser; docs/page.md lists them.
import { gzipSync } from "node:zlib";

import { check, finish } from "../facts.mjs";
import { acting } from "./facts/acting.mjs";
import { guarding } from "./facts/guarding.mjs";
import { keys } from "./facts/keys.mjs";
import { living } from "./facts/living.mjs";
import { reading } from "./facts/reading.mjs";
import { KEYS, openBrowser, openGateway, writeConfiguration } from "./tools.mjs";

const MOST = { script: 30 * 1024, stylesheet: 10 * 1024 }; // bytes, compressed
const SECTIONS = { reading, acting, keys, living, guarding };

const [tidings, ...only] = process.argv.slice(2);
const clients = Object.entries(KEYS).map(
  ([name, key]) => `[[clients]]\nname = "${name}"\nkey = "${key}"\naccess = "${name === "writer" ? "write" : "read"}"\n`,
);
const browser = await openBrowser();
const opened = [];
const loaded = new Map();

/** Notes what a page loads, and what its console says; one that is meant to break may complain. */
function note(given, { breaks = false } = {}) {
  if (!breaks) opened.push(given);
  given.page.on("response", async (response) => {
    const type = response.request().resourceType();
    if (type in MOST && response.ok()) loaded.set(response.url().split("/").pop(), [type, await response.body().catch(() => null)]);
  });
  return given;
}

const given = {
  tidings,
  browser,
  note,
  demo: await openGateway(tidings, ["--demo"]),
  quiet: await openGateway(tidings, ["--demo"]),
  typed: await openGateway(tidings, ["--demo"]),
  keyed: await openGateway(tidings, ["--demo", "--config", writeConfiguration(clients.join("\n"))]),
};
for (const [name, section] of Object.entries(SECTIONS)) {
  if (only.length && !only.includes(name)) continue;
  try {
    await section(given);
  } catch (error) {
    check(`${name} goes through`, false, error.stack.split("\n").slice(0, 6).join(" "));
  }
}
for (const [type, most] of Object.entries(MOST)) {
  const bytes = [...loaded.values()].flatMap(([each, body]) => (each === type && body ? gzipSync(body, { level: 9 }).length : []));
  const sum = bytes.reduce((one, other) => one + other, 0);
  check(`75. ${type}: ${sum} bytes in all, compressed, at most ${most}`, sum > 0 && sum <= most);
}
const complaints = opened.flatMap((each) => each.complaints);
check("76. The console has no error", complaints.length === 0, complaints.join("; "));
await browser.close();
finish();
