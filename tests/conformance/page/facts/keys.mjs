// The whole page by keyboard alone.
import { check } from "../../facts.mjs";
import { lines, openPage, rows, until } from "../tools.mjs";

const current = (page) => page.evaluate(() => document.activeElement?.closest("[data-group]")?.dataset.group ?? null);

export async function keys({ browser, typed: demo, note }) {
  const { page, context } = note(await openPage(browser));
  await page.goto(demo.url);
  await rows(page).first().waitFor();
  const press = (key) => page.keyboard.press(key);
  const ids = () => rows(page).evaluateAll((all) => all.map((each) => each.dataset.group));

  await press("j");
  await press("j");
  await press("k");
  await press("j");
  check("50. j and k go from row to row", (await current(page)) === (await ids())[1]);
  await press("x");
  check("51. x selects the row", await rows(page).nth(1).locator(".pick input").isChecked());
  await press("x");
  const opened = () => page.locator(".rows .line").evaluateAll((all) => all.map((each) => each.getAttribute("href")));
  const gone = await page.evaluate(() => document.activeElement.getAttribute("href"));
  const all = await ids();
  const next = all[all.indexOf(await current(page)) + 1];
  await press("e");
  await until("the row has left", async () => !(await opened()).includes(gone));
  await until("another has the focus", async () => (await current(page)) === next).catch(() => {});
  check("52. e dismisses the row, and the next one has the focus", (await current(page)) === next);
  await press("Enter");
  await page.locator(".opened h2:focus").waitFor();
  check("53. Enter opens the row", page.url().includes("open="));
  await press("Escape");
  await until("the row has the focus again", async () => (await current(page)) === next);
  check("54. Escape returns to the row", !page.url().includes("open="));
  const [tab] = await Promise.all([context.waitForEvent("page"), press("o")]);
  check("55. o opens the row at the source", tab !== null);
  await tab.close();
  await press("/");
  await page.keyboard.type("edited");
  await until("the search is done", async () => (await lines(page)).every((each) => /edited/.test(each)));
  await press("Escape");
  await until("the search is left", () => !page.url().includes("search="));
  check("56. / searches, and Escape leaves the search", true);
  for (const [first, second, title] of [["g", "u", "Unread"], ["g", "m", "Mentions"], ["g", "a", "All"]]) {
    await press(first);
    await press(second);
    await until(`${title} is shown`, async () => (await page.title()).includes(title)).catch(() => {});
    check(`57. ${first} ${second} shows ${title}`, (await page.title()).includes(title), await page.title());
  }
  await press("1");
  await until("the first inbox is shown", () => page.url().endsWith("?inbox=social"));
  await press("?");
  await page.getByRole("dialog").waitFor();
  await page.getByLabel("Enable single-key shortcuts").press("Space");
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const before = page.url();
  await press("3");
  await press("j");
  check("58. A setting switches single keys off", page.url() === before && (await current(page)) === null);
  await byTab(page, demo);
  await context.close();
}

/** Tab and Enter do as much. */
async function byTab(page, demo) {
  await page.goto(demo.url);
  await rows(page).first().waitFor();
  const reached = new Set();
  for (let times = 0; times < 40; times++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const { activeElement: element } = document;
      const outline = getComputedStyle(element).outlineStyle !== "none" || getComputedStyle(element, "::after").outlineStyle !== "none";
      return { name: element.getAttribute("aria-label") ?? element.textContent, isSeen: outline };
    });
    reached.add(found.name.split(":")[0].trim());
    if (!found.isSeen) check("59. Tab reaches every control, and the focus is visible", false, found.name);
  }
  const all = ["Help", "Mentions", "Select", "Dismiss", "Open original"];
  check("59. Tab reaches every control, and the focus is visible", all.every((each) => reached.has(each)), [...reached].join(", "));
}
