// scrolling.mjs TIDINGS: a list of 2,000 notifications, down and up again.
import { check, finish } from "../facts.mjs";
import { ask, openBrowser, openGateway, openPage, openSandbox, rows, until, writeConfiguration } from "./tools.mjs";

const ROWS = 2000;
const STEPS = 200;
const STEP = 600; // pixels
const LONGEST = 50; // milliseconds
const MOST_ELEMENTS = 300;
const FIRST_PAGE = 1000; // milliseconds

const tidings = process.argv[2];
const sandbox = await openSandbox(tidings, ["--rows", `${ROWS}`]);
const gateway = await openGateway(tidings, ["--config", writeConfiguration(sandbox.configuration)]);
const browser = await openBrowser();
const { page } = await openPage(browser);

const begun = performance.now();
await page.goto(gateway.url, { waitUntil: "commit" });
await rows(page).first().waitFor();
const first = Math.round(performance.now() - begun);
check(`the first page of a cold gateway is there after ${first} ms, at most ${FIRST_PAGE}`, first <= FIRST_PAGE);

await page.evaluate(() => {
  globalThis.long = [];
  new PerformanceObserver((list) => {
    globalThis.long.push(...list.getEntries().map((each) => Math.round(each.duration)));
  }).observe({ type: "longtask" });
});
let most = 0;
let met = new Set();
async function scroll(step) {
  const seen = await page.evaluate(async (by) => {
    scrollBy(0, by);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return [...document.querySelectorAll("[data-group]")].map((each) => each.dataset.group);
  }, step);
  most = Math.max(most, seen.length);
  met = new Set([...met, ...seen]);
}
for (let step = 0; step < STEPS; step++) await scroll(STEP);
check(`${STEPS} steps down: at most ${most} row elements, at most ${MOST_ELEMENTS}`, most <= MOST_ELEMENTS);
const long = await page.evaluate(() => globalThis.long);
check(`no task is longer than ${LONGEST} ms`, long.every((each) => each <= LONGEST), long.join(", "));

await until("the end of the list", async () => {
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await scroll(1);
  return page.getByText("No more notifications.").isVisible();
}, 60_000);
console.log(`     the longest task: ${Math.max(0, ...long)} ms`);

const all = await allGroups();
await until("the top", async () => {
  await scroll(-STEP);
  return page.evaluate((first) => scrollY === 0 && document.querySelector("[data-group]")?.dataset.group === first, [...all][0]);
}, 60_000);
const missed = [...all].filter((id) => !met.has(id));
check(`back at the top all ${all.size} groups of the API were met`, missed.length === 0 && met.size === all.size, `${missed.length} missed, ${met.size} met`);
const doubled = await page.evaluate(() => {
  const ids = [...document.querySelectorAll("[data-group]")].map((each) => each.dataset.group);
  return ids.length - new Set(ids).size;
});
check("no group is drawn twice", doubled === 0, doubled);
await browser.close();
finish();

async function allGroups() {
  const query = "query ($after: String) { notificationGroups(first: 100, after: $after) { nodes { groupId } pageInfo { hasNextPage endCursor } } }";
  const ids = new Set();
  let after = null;
  do {
    const { nodes, pageInfo } = (await ask(gateway.url, query, { after })).notificationGroups;
    for (const { groupId } of nodes) ids.add(groupId);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
}
