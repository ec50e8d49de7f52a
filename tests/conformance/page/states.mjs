// states.mjs TIDINGS FOLDER: brings the page into each of its states, for each theme and width: axe finds nothing in
// it, and a picture of it is in FOLDER for whoever builds it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

import { check, finish } from "../facts.mjs";
import { arrive, ask, KEYS, openBrowser, openGateway, openPage, openSandbox, rows, setFault, writeConfiguration } from "./tools.mjs";

const [tidings, folder, only] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [400, 800, 1280];
const SCHEMES = ["light", "dark"];

const shown = (page) => rows(page).first().waitFor();
const text = (page, words) => page.getByText(words).first().waitFor();

const demo = await openGateway(tidings, ["--demo"]);
const failing = await openGateway(tidings, ["--demo", "--fault", "wiki=503"]);
const keyed = await openGateway(tidings, [
  "--demo",
  "--config",
  writeConfiguration(
    Object.entries(KEYS)
      .map(([name, key]) => `[[clients]]\nname = "${name}"\nkey = "${key}"\naccess = "${name === "writer" ? "write" : "read"}"\n`)
      .join("\n"),
  ),
]);
const nobodys = '[[inboxes]]\nname = "guest"\nplatform = "mastodon"\nurl = "https://guest.invalid"\ncredentials = "request"\n';
const contact = '[upstream]\ncontact = "me@example.org"\n';
const bare = await openGateway(tidings, ["--config", writeConfiguration(contact + nobodys)]);
const aging = await openGateway(tidings, ["--demo", "--config", writeConfiguration("[cache]\nfresh = 0.1\n")]);
await ask(aging.url, "{ notifications { nodes { id } } }");
await setFault(aging.url, { wiki: "503" });
const reset = await openGateway(tidings, ["--demo"]);
await ask(reset.url, "{ notifications { nodes { id } } }");
await setFault(reset.url, { social: "503", work: "503", wiki: "503" });
const sandbox = await openSandbox(tidings, ["--rows", "8000"]);
const long = await openGateway(tidings, ["--config", writeConfiguration(sandbox.configuration)]);
const read = "mutation ($id: ID!) { markNotificationsRead(input: { upToNotificationId: $id }) { userErrors { message } } }";
for (const name of ["social", "work"]) {
  const { inbox } = await ask(long.url, `{ inbox(name: "${name}") { notifications(first: 1) { nodes { id } } } }`);
  await ask(long.url, read, { id: inbox.notifications.nodes[0].id });
}
const cleared = await openGateway(tidings, ["--demo"]);
const { inboxes } = await ask(cleared.url, "{ inboxes { id } }");
const clear = "mutation ($ids: [ID!]!) { clearNotifications(input: { inboxIds: $ids }) { userErrors { message } } }";
await ask(cleared.url, clear, { ids: inboxes.map((each) => each.id) });

async function useKey(page, key) {
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Use this key" }).click();
}

/** Each state: where, and what brings the page there. */
const STATES = {
  list: [demo, shown],
  loading: [
    demo,
    (page) => text(page, "Loading"),
    (page) => page.route("**/graphql", () => {}), // which is never answered
  ],
  open: [
    demo,
    async (page) => {
      await page.locator(".row .line").nth(3).click();
      await page.locator(".opened .one").first().waitFor();
    },
  ],
  selected: [
    demo,
    async (page) => {
      await shown(page);
      for (const at of [0, 2]) await page.locator(".pick input").nth(at).check();
    },
  ],
  unfolded: [
    demo,
    async (page) => {
      await page.locator(".count").first().click();
      await page.locator(".members time").first().waitFor();
    },
  ],
  failed: [failing, (page) => page.getByRole("button", { name: "Retry wiki" }).waitFor()],
  kept: [
    demo,
    async (page) => {
      await shown(page);
      await page.route("**/graphql", () => {});
      await page.reload();
      await text(page, "As of");
    },
  ],
  stale: [aging, (page) => text(page, "Last updated at")],
  arrived: [
    demo,
    async (page) => {
      await shown(page);
      await page.locator(".link-live").waitFor();
      await rows(page).nth(1).hover();
      await arrive(demo.url, "social");
      await page.locator(".pill").waitFor();
    },
  ],
  "not-done": [
    reset,
    async (page) => {
      await page.getByRole("button", { name: "Dismiss:" }).first().click();
      await page.getByRole("button", { name: "Close" }).waitFor();
    },
  ],
  inboxes: [
    demo,
    async (page) => {
      await shown(page);
      if (page.viewportSize().width >= 700) return; // where they are at the side
      await page.getByRole("button", { name: "Inboxes" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  partial: [
    long,
    (page) => text(page, "The search stopped early"),
    (page) => page.goto(`${long.url}?platform=mastodon&show=unread`),
  ],
  empty: [cleared, (page) => text(page, "All caught up")],
  "nothing-found": [
    demo,
    async (page) => {
      await shown(page);
      await page.getByRole("searchbox").fill("no such words");
      await text(page, "No matches");
    },
  ],
  offline: [
    demo,
    async (page, context) => {
      await shown(page);
      await context.setOffline(true);
      await text(page, "You’re offline");
      await page.getByRole("button", { name: "Dismiss:" }).first().click();
      await text(page, "Waiting for the connection");
    },
  ],
  "no-gateway": [
    demo,
    (page) => page.getByRole("button", { name: "Retry" }).waitFor(),
    (page) => page.route("**/graphql", (route) => route.abort()),
  ],
  "key-asked": [keyed, (page) => page.getByLabel("Key").waitFor()],
  "key-wrong": [
    keyed,
    async (page) => {
      await useKey(page, "x".repeat(40));
      await page.getByRole("alert").waitFor();
    },
  ],
  "read-only": [
    keyed,
    async (page) => {
      await useKey(page, KEYS.reader);
      await text(page, "Your key is read-only");
    },
  ],
  "first-run": [bare, (page) => text(page, "Add your first inbox")],
  help: [
    demo,
    async (page) => {
      await shown(page);
      await page.getByRole("button", { name: "Help" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  clear: [
    demo,
    async (page) => {
      await page.getByRole("button", { name: "Clear work" }).click();
      await text(page, "for good");
    },
    (page) => page.goto(`${demo.url}?inbox=work`),
  ],
  "no-javascript": [demo, (page) => page.locator("noscript .place").waitFor(), null, { javaScriptEnabled: false }],
};

const browser = await openBrowser();
for (const [name, [gateway, reach, prepare, options]] of Object.entries(STATES)) {
  if (only && only !== name) continue;
  for (const colorScheme of SCHEMES) {
    const found = await Promise.all(
      WIDTHS.map(async (width) => {
        const viewport = { width, height: 800 };
        const { context, page } = await openPage(browser, { colorScheme, viewport, hasTouch: width < 700, ...options });
        try {
          await prepare?.(page);
          if (page.url() === "about:blank") await page.goto(gateway.url);
          await reach(page, context);
          return (await findings(page, options?.javaScriptEnabled !== false)).map((each) => `${width}: ${each}`);
        } catch (error) {
          return `${width}: ${error.message.split("\n")[0]}`;
        } finally {
          await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
          await context.close();
        }
      }),
    );
    check(`${name}, ${colorScheme}: reached, and axe finds nothing`, found.flat().length === 0, found.flat().join("; "));
  }
}
await browser.close();
finish();

/** What axe has against a page, and whether it is wider than its window. */
async function findings(page, hasScripts) {
  if (!hasScripts) return [];
  const { violations } = await page.evaluate(`(() => { const module = undefined; ${axe}; return axe.run(); })()`);
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 2).map((each) => each.html.slice(0, 160)).join(" | ")}`),
    ...(isWide ? ["it is wider than the window"] : []),
  ];
}
