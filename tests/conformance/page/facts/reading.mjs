// What is read: rows, views, groups, what is open, and the place in the list.
import { check } from "../../facts.mjs";
import { ask, lines, openPage, rows, until } from "../tools.mjs";

const GROUPS = "{ notificationGroups(first: 30) { nodes { groupId summary latest { isUnread createdAt } } } }";
const placeOf = (page, id) =>
  page.evaluate((group) => Math.round(document.querySelector(`.rows [data-group="${group}"]`)?.getBoundingClientRect().top ?? NaN), id);

export async function reading({ browser, quiet, note }) {
  const { context, page } = note(await openPage(browser));
  await page.goto(quiet.url);
  await rows(page).first().waitFor();

  const { notificationGroups } = await ask(quiet.url, GROUPS);
  const shown = await rows(page).evaluateAll((all) => all.map((each) => each.dataset.group));
  const expected = notificationGroups.nodes.map((each) => each.groupId);
  check("1. The rows are the groups of the API, in its order", shown.slice(0, 30).join() === expected.join());

  const first = rows(page).first();
  const { latest, summary } = notificationGroups.nodes[0];
  const words = await first.innerText();
  check("2. A row says what happened, where and when", words.includes(summary) && (await first.locator(".tag").innerText()) !== "", words);
  check("3. The age of a row is a time that programs can read", (await first.locator("time").getAttribute("datetime")) === latest.createdAt);
  check("4. The icon of a row has a name", (await first.getByRole("img").getAttribute("aria-label")) !== "");
  const unread = await first.locator(".line").innerText();
  check("5. Unread is said in words, not by colour alone", unread.startsWith("Unread:") === latest.isUnread, unread);
  check("6. Days have headings", (await page.locator(".rows h3").first().innerText()) === "Today");

  const inboxes = page.getByRole("navigation", { name: "Views", exact: true }).getByRole("list", { name: "Inboxes" });
  await inboxes.getByText(", working").first().waitFor({ state: "attached" });
  const wiki = await inboxes.getByRole("link", { name: /wiki/ }).innerText();
  check("7. Each inbox shows its health and its unread count", /working/.test(wiki) && /\d+\s+unread/.test(wiki), wiki);

  for (const [name, address] of [["Unread", "?show=unread"], ["Mentions", "?show=mentions"], ["Wikis", "?platform=mediawiki"]]) {
    await page.getByRole("link", { name, exact: true }).click();
    await until(`${name} is shown`, async () => (await page.title()).startsWith(name));
    await rows(page).first().waitFor();
    check(`8. ${name} has an address`, page.url().endsWith(address), page.url());
  }
  const mine = await lines(page);
  await page.goto(page.url());
  await rows(page).first().waitFor();
  check("9. The address of a view shows the same list again", (await lines(page)).slice(0, 5).join() === mine.slice(0, 5).join());

  await page.goto(quiet.url);
  await page.getByRole("searchbox").fill("Lighthouse");
  await until("only what matches is shown", async () => (await rows(page).allInnerTexts()).every((each) => /lighthouse/i.test(each)));
  check("10. The search is in the address", page.url().includes("search=Lighthouse"), page.url());
  await page.getByRole("searchbox").fill("");

  const group = page.locator(".row", { has: page.locator(".count") }).first();
  const count = parseInt(await group.locator(".count").innerText(), 10);
  await group.locator(".count").click();
  await group.locator(".members time").first().waitFor();
  check("11. A group unfolds to what is in it", (await group.locator(".members time").count()) === Math.min(count, 20));

  await keepingThePlace(page, quiet);
  await opening(page, context, quiet);
  await page.close();
  await returning(browser, quiet, note);
  await locales(browser, quiet, note);
}

async function keepingThePlace(page, quiet) {
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  await page.mouse.move(5, 790);
  for (let step = 0; step < 8; step++) {
    await page.evaluate(() => scrollBy(0, 700));
    await page.waitForTimeout(60);
  }
  const id = await page.evaluate(() => document.elementFromPoint(600, 400).closest("[data-group]").dataset.group);
  const before = await placeOf(page, id);
  const isThere = async () => Math.abs((await placeOf(page, id)) - before) <= 2;
  await page.getByRole("link", { name: "Mentions", exact: true }).click();
  await until("mentions are shown", async () => (await page.title()).startsWith("Mentions"));
  await page.goBack();
  await until("the place is found again", isThere).catch(() => {});
  check("12. Going back finds the same row at the same place", await isThere(), `${before}, ${await placeOf(page, id)}`);
  await page.reload();
  await until("the place is found again", isThere).catch(() => {});
  check("13. So does loading the page again", await isThere(), `${before}, ${await placeOf(page, id)}`);
  await until("the top", async () => {
    await page.evaluate(() => scrollBy(0, -900));
    return page.evaluate(() => scrollY === 0 && document.querySelector(".rows h3")?.textContent === "Today");
  }).catch(() => {});
  const ids = await rows(page).evaluateAll((all) => all.map((each) => each.dataset.group));
  const { notificationGroups } = await ask(quiet.url, GROUPS);
  check("14. From that place the list scrolls up to the newest, too", ids[0] === notificationGroups.nodes[0].groupId, ids.length);
}

async function opening(page, context, quiet) {
  const row = page.locator(".row", { hasText: "Filtered: Weather" }).first();
  const line = await row.locator(".line bdi").innerText();
  await row.locator(".line").click();
  await page.locator(".opened h2").waitFor();
  check("15. A row opens beside the list, under an address of its own", page.url().includes("open=") && (await page.locator(".opened h2").innerText()).includes(line));
  const warning = page.locator(".opened details.warning").first();
  await warning.waitFor();
  check("16. A post that matches a filter of the user is folded", !(await warning.getAttribute("open")) && !(await warning.locator(".html").isVisible()));
  await warning.locator("summary").click();
  check("17. The folded post opens when asked to", await warning.locator(".html").isVisible());
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator(".opened .post").first().waitFor();
  check("18. The address of an open row opens it in another tab", true);
  await other.close();
  const link = page.locator(".opened .actions a").first();
  check("19. The source opens in a tab that learns nothing of this one", /noopener/.test(await link.getAttribute("rel")) && (await link.getAttribute("target")) === "_blank");
  const { node } = await ask(quiet.url, `{ node: inbox(name: "social") { notifications(last: 1) { nodes { id } } } }`);
  await page.goto(`${quiet.url}?open=${encodeURIComponent(node.notifications.nodes[0].id)}`);
  const spoiler = page.locator(".opened details.warning");
  await spoiler.waitFor();
  const isFolded = (await spoiler.innerText()) === "How the book ends" && !(await spoiler.locator(".html").isVisible());
  check("77. A content warning folds what it warns of", isFolded, await spoiler.innerText());
  await spoiler.locator("summary").click();
  const hidden = await spoiler.getByText("A broken lantern").count();
  await spoiler.getByRole("button", { name: /^Show attachment/ }).click();
  const picture = spoiler.getByRole("link", { name: "Image: A broken lantern" });
  check("78. Sensitive attachments are hidden until asked for", hidden === 0 && (await picture.isVisible()));
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  const faces = await rows(page).evaluateAll((all) => all.map((each) => each.querySelectorAll(".face").length));
  check("79. A row has the faces of up to three people", Math.max(...faces) === 3 && Math.min(...faces) >= 0, faces.join());
}

/** On a phone what is open takes the place of the list. */
async function returning(browser, quiet, note) {
  const { page, context } = note(await openPage(browser, { viewport: { width: 400, height: 800 } }));
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  for (let step = 0; step < 5; step++) {
    await page.evaluate(() => scrollBy(0, 600));
    await page.waitForTimeout(60);
  }
  const id = await page.evaluate(() => document.elementFromPoint(200, 400).closest("[data-group]").dataset.group);
  const before = await placeOf(page, id);
  await page.locator(`.rows [data-group="${id}"] .line`).click();
  await page.locator(".opened h2").waitFor();
  await page.getByRole("link", { name: "Back to the list" }).click();
  const isThere = async () => Math.abs((await placeOf(page, id)) - before) <= 2;
  await until("the place is found again", isThere).catch(() => {});
  check("69. Closing a row on a phone returns to its place", await isThere(), `${before}, ${await placeOf(page, id)}`);
  await context.close();
}

async function locales(browser, quiet, note) {
  const { page, context } = note(await openPage(browser, { locale: "de-DE" }));
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  check("20. Dates follow the language of the browser", (await page.locator(".rows h3").first().innerText()) === "Heute");
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  const [side, list] = await page.evaluate(() => [".side", ".rows"].map((name) => document.querySelector(name).getBoundingClientRect().left));
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  check("21. From right to left the page is mirrored", side > list && !isWide, `${side}, ${list}`);
  await context.close();
}
