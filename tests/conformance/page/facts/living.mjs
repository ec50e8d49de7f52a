// What happens meanwhile: arrivals, breaks, sleep, instances that fail and come back.
import { check } from "../../facts.mjs";
import { arrive, ask, lines, openGateway, openPage, openSandbox, rows, setFault, until, writeConfiguration } from "../tools.mjs";

const PILL = ".pill";
const isLive = (page) => page.getByText("live", { exact: true }).waitFor({ timeout: 40_000 });

export async function living(given) {
  const { tidings, browser, note } = given;
  const sandbox = await openSandbox(tidings);
  const gateway = await openGateway(tidings, ["--config", writeConfiguration(sandbox.configuration)]);
  const { page, context } = note(await openPage(browser), { breaks: true });
  await page.addInitScript(() => {
    const now = Date.now;
    let slept = 0;
    Date.now = () => now() + slept;
    globalThis.sleep = (milliseconds) => (slept += milliseconds);
  });
  await page.goto(gateway.url);
  await rows(page).first().waitFor();
  await isLive(page);
  await arriving(page, sandbox, gateway);
  await breaking(page, context, sandbox, gateway);
  await context.close();
  await resting(browser, gateway, note);
  await polling(browser, sandbox, gateway, note);
  await comingBack(given);
  await gateway.stop();
  await sandbox.stop();
}

async function newest(gateway) {
  const { notificationGroups } = await ask(gateway.url, "{ notificationGroups(first: 10) { nodes { latest { id } } } }");
  return notificationGroups.nodes.map((each) => each.latest.id);
}
const held = (page) => page.locator(".rows .line").evaluateAll((all) => all.map((each) => new URLSearchParams(each.getAttribute("href")).get("open")));

async function arriving(page, sandbox, gateway) {
  const row = rows(page).nth(2);
  await row.hover();
  const [before, box] = [await row.getAttribute("data-group"), await row.boundingBox()];
  await page.evaluate(() => {
    globalThis.said = [];
    const told = document.querySelector("[aria-live]");
    new MutationObserver(() => globalThis.said.push(performance.now())).observe(told, { childList: true, characterData: true, subtree: true });
  });
  for (let at = 0; at < 3; at++) await arrive(sandbox.url, "social");
  await page.locator(PILL, { hasText: "3 new" }).waitFor();
  const now = await row.boundingBox();
  check("37. Arrivals move nothing under the pointer: a button counts them", (await row.getAttribute("data-group")) === before && now.y === box.y);
  check("38. The title counts them as well", (await page.title()).startsWith("(3) "), await page.title());
  await page.locator(PILL).click();
  await page.locator(PILL).waitFor({ state: "detached" });
  check("39. The button lets them in, and the title is as before", (await page.title()).startsWith("All"));
  await row.hover();
  await arrive(sandbox.url, "social");
  await page.locator(PILL).waitFor();
  await page.keyboard.press(".");
  await page.locator(PILL).waitFor({ state: "detached" });
  check("80. The key . lets in what is new", (await held(page)).includes((await newest(gateway))[0]));
  await page.mouse.move(5, 700);
  await arrive(sandbox.url, "work");
  const [id] = await newest(gateway);
  await until("it comes in by itself", async () => (await held(page)).includes(id));
  check("40. If nobody would be disturbed, arrivals come in by themselves", true);
  await page.waitForTimeout(10_500);
  const said = await page.evaluate(() => globalThis.said);
  const pauses = said.slice(1).map((each, at) => each - said[at]).filter((each) => each > 50); // one saying is several changes
  check("41. Screen readers are told of arrivals, at most every ten seconds", said.length > 0 && pauses.every((each) => each > 9_900), pauses.join(", "));
}

async function breaking(page, context, sandbox, gateway) {
  await gateway.stop();
  await page.getByText("offline", { exact: true }).waitFor();
  await arrive(sandbox.url, "social");
  check("42. Without the gateway the rows stay, with a word about their age", (await lines(page)).length > 20 && (await page.getByText("These notifications are from before").isVisible()));
  await gateway.again();
  await isLive(page);
  const hasAll = async () => {
    if (await page.locator(PILL).isVisible()) await page.locator(PILL).click();
    const ids = new Set(await held(page));
    return (await newest(gateway)).every((id) => ids.has(id));
  };
  await until("nothing is missing", hasAll);
  check("43. Once it is back, nothing is missing and nothing is there twice", new Set(await held(page)).size === (await held(page)).length);

  await context.setOffline(true);
  await page.getByText("offline", { exact: true }).waitFor();
  const row = rows(page).first();
  const [id] = await held(page);
  await row.getByRole("button", { name: /^Dismiss/ }).click();
  await row.getByText("Waiting for the connection").waitFor();
  check("44. Offline, an action waits and says so", true);
  await context.setOffline(false);
  await until("it has left", async () => !(await held(page)).includes(id), 40_000);
  check("45. It is carried out once the connection is back", true);
  await isLive(page);

  let sockets = 0;
  page.on("websocket", () => sockets++);
  await arrive(sandbox.url, "wiki");
  await page.evaluate(() => globalThis.sleep(2 * 60 * 60 * 1000)); // as for the page a machine's sleep is
  await arrive(sandbox.url, "social");
  await until("it connects anew", () => sockets > 0, 40_000).catch(() => {});
  await until("nothing is missing after a sleep", hasAll, 40_000);
  check("46. After a sleep the page connects again, and goes on without a gap", sockets > 0, sockets);
}

/** A view that is chosen while the gateway is gone, and one inbox that is loaded anew. */
async function resting(browser, gateway, note) {
  const { page, context } = note(await openPage(browser), { breaks: true });
  await page.goto(`${gateway.url}?inbox=social`);
  await rows(page).first().waitFor();
  for (let step = 0; step < 4; step++) {
    await page.evaluate(() => scrollBy(0, 400));
    await page.waitForTimeout(60);
  }
  await page.reload();
  await isLive(page);
  check("70. Loading the list of one inbox again in its middle keeps it live", (await page.getByText("Checking for new").count()) === 0);
  await gateway.stop();
  await page.getByRole("link", { name: "Mentions", exact: true }).click();
  await page.getByRole("button", { name: "Retry" }).waitFor();
  await gateway.again();
  await rows(page).first().waitFor({ timeout: 40_000 });
  check("71. A view chosen while the gateway was gone is read once it is back", true);
  await context.close();
}

async function polling(browser, sandbox, gateway, note) {
  const { page, context } = note(await openPage(browser), { breaks: true });
  await page.routeWebSocket("**/graphql", (socket) => socket.close());
  await page.goto(gateway.url);
  await page.getByText(/^every \d+ s$/).waitFor();
  for (const inbox of ["work", "social"]) {
    await arrive(sandbox.url, inbox);
    const [id] = await newest(gateway);
    await until("what arrived is polled", async () => {
      if (await page.locator(PILL).isVisible()) await page.locator(PILL).click();
      return (await held(page)).includes(id);
    }, 40_000);
  }
  check("47. Without WebSockets the page asks every few seconds, and says so", true);
  await context.close();
}

async function comingBack({ tidings, browser, note }) {
  const demo = await openGateway(tidings, ["--demo", "--fault", "wiki=503"]);
  const { page, context } = note(await openPage(browser));
  await page.goto(demo.url);
  await page.locator(".side").getByText(/asked again at \d\d:\d\d/).waitFor({ timeout: 40_000 }).catch(() => {});
  const said = await page.locator(".side").innerText();
  check("81. An inbox that is held says when it is asked again", /wiki[^]*asked again at \d\d:\d\d/.test(said), said);
  let asked = 0;
  page.on("request", (request) => (asked += request.postData()?.includes("query Groups") ? 1 : 0));
  const retry = page.getByRole("button", { name: "Retry wiki" });
  const report = page.locator(".report", { has: retry });
  await retry.waitFor({ timeout: 40_000 }).catch(() => {});
  check("48. An instance that fails is reported with the reason, and the others are shown", (await report.innerText()).includes("wiki.sandbox") && (await lines(page)).length > 0);
  await until("the end of what can be read", async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    return page.getByRole("button", { name: "Load older notifications" }).isVisible();
  }, 60_000);
  asked = 0;
  await page.waitForTimeout(3000);
  check("72. At the end of what can be read, nothing is asked again and again", asked <= 3, asked);
  await setFault(demo.url, { wiki: null });
  await until("it is shown again", async () => {
    await retry.click({ timeout: 500 }).catch(() => {}); // it may have gone meanwhile
    return (await retry.count()) === 0;
  }, 60_000);
  check("49. After Retry it is back", (await page.locator(".tag", { hasText: "wiki" }).count()) > 0);
  await context.close();
  await demo.stop();
}
