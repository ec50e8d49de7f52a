// What is done: at once on the page, and taken back where it was not done.
import { check } from "../../facts.mjs";
import { ask, lines, openGateway, openPage, rows, setFault, until } from "../tools.mjs";

const listed = async (url, id) => {
  const { node } = await ask(url, "query ($id: ID!) { node(id: $id) { ... on Notification { id isUnread } } }", { id });
  return node;
};
/** The row of a notification: its group may have another row, of what stands on another page. */
const rowWith = (page, id) => page.locator(`.rows .line[href*="open=${encodeURIComponent(id)}"]`);
const groupOf = (row) => row.getAttribute("data-group");
const openId = (row) => row.locator(".line").getAttribute("href").then((href) => new URLSearchParams(href).get("open"));

export async function acting({ tidings, browser, demo, note }) {
  const { page, context, complaints } = note(await openPage(browser));
  await page.goto(demo.url);
  await rows(page).first().waitFor();
  await dismissing(page, demo);
  await marking(page, demo);
  await clearing(page, demo);
  const other = await openGateway(tidings, ["--demo"]); // an instance that failed is left alone for a while
  await failing(page, other);
  complaints.length = 0; // of the connection that was cut
  await context.close();
  await other.stop();
  await swiping(browser, demo, note);
}

const single = (page, inbox) =>
  page.locator(".row", { hasNot: page.locator(".count") }).filter({ has: page.locator(".tag", { hasText: inbox }) });

async function dismissing(page, demo) {
  const row = single(page, "social").first();
  const id = await openId(row);
  let answer = () => {};
  await page.route("**/graphql", async (route) => {
    if (route.request().postData()?.includes("mutation Dismiss")) await new Promise((resolve) => (answer = resolve));
    await route.continue();
  });
  await row.getByRole("button", { name: /^Dismiss/ }).click();
  await rowWith(page, id).waitFor({ state: "detached" });
  check("22. A dismissed row leaves at once, before the instance has answered", (await listed(demo.url, id)) !== null);
  answer();
  await until("it has left the list", async () => (await listed(demo.url, id)) === null);
  check("23. A dismissed row has left the list of the API", true);
  await page.unroute("**/graphql");

  const many = page.locator(".row", { has: page.locator(".count") }).filter({ has: page.locator(".tag", { hasText: "social" }) }).first();
  const newest = await openId(many);
  await many.getByRole("button", { name: /^Dismiss/ }).click();
  await until("the group has left", async () => (await listed(demo.url, newest)) === null);
  check("24. A group is dismissed as a whole", (await rowWith(page, newest).count()) === 0);

  const chosen = await Promise.all([0, 1, 2].map((at) => openId(single(page, "social").nth(at))));
  for (const at of [0, 1, 2]) await single(page, "social").nth(at).locator(".pick input").check();
  await page.getByRole("button", { name: "Dismiss 3 selected" }).click();
  await until("the three have left", async () => (await Promise.all(chosen.map((id) => listed(demo.url, id)))).every((each) => each === null));
  check("25. Several selected rows are dismissed together", true);
}

async function marking(page, demo) {
  const row = page.locator(".row-unread").filter({ has: page.locator(".tag", { hasText: "work" }) }).first();
  const id = await openId(row);
  await row.locator(".line").click();
  await page.getByRole("button", { name: "Mark as read up to here" }).click();
  await until("it is read at the instance", async () => (await listed(demo.url, id)).isUnread === false);
  const left = await page.locator(".row-unread").filter({ has: page.locator(".tag", { hasText: "work" }) }).count();
  check("26. Read up to here: no older row of that inbox stays unread", left === 0, left);

  await page.goto(`${demo.url}?inbox=wiki&seen`);
  const change = page.locator(".row-unread").filter({ hasText: /edited|changes of/ }).first();
  const changed = await openId(change);
  const same = page.locator(`.rows [data-group="${await groupOf(change)}"]`);
  await change.getByRole("button", { name: /^Dismiss/ }).click();
  await until("the change is seen", async () => (await same.getAttribute("class")) === "row");
  check("27. With seen changes shown, a dismissed change stays and is read", true);
  await same.locator(".line").click();
  await page.getByRole("button", { name: "Mark as unseen from here" }).click();
  await until("it is unseen again", async () => (await listed(demo.url, changed))?.isUnread === true);
  check("28. A page of a wiki can be made unseen again from a change on", true);

  await page.goto(demo.url);
  const accept = page.getByRole("button", { name: /^Accept/ }).first();
  const who = (await accept.getAttribute("aria-label")).replace("Accept ", "");
  const request = page.locator(".row", { has: page.getByRole("button", { name: /^Accept/ }) }).first();
  const asked = await openId(request);
  await accept.click();
  await until("the request is answered", async () => (await listed(demo.url, asked)) === null);
  check(`29. A follow request can be accepted`, who !== "");
}

async function failing(page, demo) {
  await page.goto(demo.url);
  const row = single(page, "social").first();
  await row.waitFor();
  const group = await groupOf(row);
  await setFault(demo.url, { social: "503" });
  await row.getByRole("button", { name: /^Dismiss/ }).click();
  const notice = page.locator(".report-bad", { has: page.getByRole("button", { name: "Close" }) });
  await notice.first().waitFor();
  await setFault(demo.url, { social: null });
  check("30. What an instance refused is taken back, with the reason", (await page.locator(`.rows [data-group="${group}"]`).count()) === 1 && (await notice.first().innerText()).includes("social.sandbox"));
  await notice.first().getByRole("button", { name: "Close" }).click();

  await page.route("**/graphql", (route) => (route.request().postData()?.includes("mutation Dismiss") ? route.abort() : route.continue()));
  const other = single(page, "wiki").first();
  await other.getByRole("button", { name: /^Dismiss/ }).click();
  await page.getByText("Couldn’t confirm that this was done").first().waitFor();
  check("31. If nobody knows whether it was done, the row says so", true);
  await page.unroute("**/graphql");
}

async function clearing(page, demo) {
  await page.goto(`${demo.url}?inbox=work`);
  await rows(page).first().waitFor();
  const { inbox } = await ask(demo.url, '{ inbox(name: "work") { notifications(first: 100) { nodes { id } } } }');
  await page.getByRole("button", { name: "Clear work" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("notifications.").waitFor();
  const said = await dialog.innerText();
  check("32. Clearing asks first, and says how many and that they are gone for good", said.includes(`${inbox.notifications.nodes.length}`) && said.includes("for good"), said);
  await dialog.getByRole("button", { name: "Close" }).click();
  check("33. Closing the question clears nothing", (await lines(page)).length > 0);
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Clear work" }).click();
  const offline = await dialog.getByRole("button", { name: "Clear work" }).isDisabled();
  check("74. Offline nothing can be cleared: what would go by then nobody knows", offline);
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.context().setOffline(false);
  await page.getByText("live", { exact: true }).waitFor({ timeout: 40_000 });
  await page.getByRole("button", { name: "Clear work" }).click();
  await dialog.getByRole("button", { name: "Clear work" }).click();
  await page.getByText("All caught up").waitFor();
  check("34. A cleared inbox is all caught up", true);
}

async function swiping(browser, demo, note) {
  const { page, context } = note(await openPage(browser, { viewport: { width: 400, height: 800 }, hasTouch: true, isMobile: true }));
  await page.goto(demo.url);
  const row = single(page, "social").first();
  await row.scrollIntoViewIfNeeded();
  const [id, box] = [await openId(row), await row.boundingBox()];
  const touch = await context.newCDPSession(page);
  const y = box.y + 30;
  const send = (type, x) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: x === null ? [] : [{ x, y }] });
  await send("touchStart", 150);
  for (let x = 160; x <= 300; x += 20) await send("touchMove", x);
  await send("touchEnd", null);
  await rowWith(page, id).waitFor({ state: "detached" });
  check("35. Swiping a row aside dismisses it", true);
  await page.getByRole("button", { name: "Inboxes" }).click();
  await page.getByRole("dialog").getByRole("link", { name: /wiki/ }).click();
  await until("the wiki is shown", () => page.url().endsWith("?inbox=wiki"));
  check("36. On a phone every inbox is two taps away", true);
  await context.close();
}
