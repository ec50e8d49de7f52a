// graphiql.mjs URL SCREENSHOT: a real browser opens GraphiQL, completes a query, runs it and a mutation,
// and every reading example. The gateway must be one over the sandbox.
import { createServer } from "node:http";

import { chromium } from "playwright-core";

import { check, finish } from "./facts.mjs";

const [url, screenshot] = process.argv.slice(2);
const { origin } = new URL(url);
const READING_TABS = ["Newest", "Watchlists", "Inboxes", "OneInbox", "Objects"];
const WAIT = 15000;
const SETTLED = 500; // GraphiQL looks a moment later at which operation the editor has

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
});
const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
const page = await context.newPage();
const foreign = [];
const complaints = [];
page.on("request", (request) => {
  if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) {
    foreign.push(request.url());
  }
});
page.on("requestfailed", (request) => {
  if (request.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`${request.url()} failed`); // what is stopped is
});
page.on("pageerror", (error) => complaints.push(error.message));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));

const editor = page.locator(".graphiql-query-editor .CodeMirror");
const result = page.locator(".graphiql-response");

async function replaceQuery(text) {
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

// Runs what the editor has; the answer as GraphiQL shows it.
async function run() {
  const [response] = await Promise.all([
    page.waitForResponse((each) => each.request().method() === "POST", { timeout: WAIT }),
    page.locator("button.graphiql-execute-button").click(),
  ]);
  const answer = await response.json();
  const [field] = Object.keys(answer.data ?? { errors: 0 });
  await result.getByText(`"${field}"`).first().waitFor({ timeout: WAIT });
  return answer;
}

const response = await page.goto(url, { waitUntil: "domcontentloaded", timeout: 2 * WAIT });
const headers = response.headers();
const policy = headers["content-security-policy"] ?? "";
check("a browser gets a page", response.status() === 200 && headers["content-type"].startsWith("text/html"));
check("its policy lets only our own scripts run", /script-src 'self'(;|$)/.test(policy) && !policy.includes("http"), policy);
check("no other page can frame it", policy.includes("frame-ancestors 'none'"), policy);
check("nothing is guessed to be a script", headers["x-content-type-options"] === "nosniff");
check("caches tell page and data apart", /accept/i.test(headers.vary ?? ""), headers.vary);

await editor.waitFor({ timeout: WAIT });
await page.waitForLoadState("networkidle"); // the schema is there
const first = await run();
check("the first example runs", first.data?.notifications.nodes.length === 5 && !first.errors, JSON.stringify(first.errors ?? first.data.notifications.nodes.length));
for (const name of READING_TABS) {
  await page.locator(".graphiql-tab-button", { hasText: new RegExp(`^${name}$`) }).click();
  await page.waitForTimeout(SETTLED);
  const answer = await run();
  check(`the example ${name} runs with its variables`, answer.data && !answer.errors, JSON.stringify(answer.errors));
}
check("there is an editor for headers", await page.getByText("Headers", { exact: true }).isVisible());

await page.locator("button[aria-label*='Documentation' i]").first().click();
await page.locator(".graphiql-doc-explorer-content a", { hasText: /^Query$/ }).click();
const described = page.getByText("Every notification of every inbox, newest first");
check("the docs explorer has our descriptions", await described.first().isVisible());

await page.locator("button[aria-label*='Add tab' i], button[aria-label*='New tab' i]").first().click();
await replaceQuery("{ notifications(first: 2) { nodes { ");
await page.keyboard.type("summ", { delay: 50 });
await page.locator(".CodeMirror-hint", { hasText: "summary" }).first().waitFor({ timeout: WAIT });
await page.keyboard.press("Enter");
await page.keyboard.insertText(" id __typename } } }");
await page.waitForTimeout(SETTLED);
const completed = await run();
const nodes = completed.data?.notifications.nodes ?? [];
check("a query is completed and run", nodes.length === 2 && nodes[0].summary, JSON.stringify(completed));
check("the result is shown", (await result.innerText()).includes(nodes[0].summary));

const input = `{ notificationId: "${nodes[0].id}" }`;
await replaceQuery(`mutation { dismissNotification(input: ${input}) { dismissedNotificationIds } }`);
await page.waitForTimeout(SETTLED);
const { data } = await run();
check("a mutation runs", data?.dismissNotification.dismissedNotificationIds.includes(nodes[0].id), JSON.stringify(data));

await page.locator(".graphiql-tab-button", { hasText: /^Live$/ }).click();
await page.waitForTimeout(SETTLED);
await page.locator("button.graphiql-execute-button").click();
await result.getByText('"InboxChanged"').first().waitFor({ timeout: WAIT });
check("a subscription runs", true);
await result.getByText('"NotificationArrived"').first().waitFor({ timeout: 4 * WAIT });
check("what happens in the sandbox arrives in it", true);
await page.locator("button.graphiql-execute-button").click(); // which stops it
await page.waitForTimeout(SETTLED);

const elsewhere = createServer((_, answer) => {
  answer.setHeader("content-type", "text/html");
  answer.end("<p>another origin");
}).listen(0, "127.0.0.1");
const stranger = await context.newPage();
await stranger.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
const heard = await stranger.evaluate(
  (address) =>
    new Promise((resolve) => {
      const seen = [];
      const socket = new WebSocket(address.replace("http", "ws"), "graphql-transport-ws");
      socket.onopen = () => seen.push("a socket opened");
      const asked = encodeURIComponent("subscription { notificationEvents { cursor } }");
      const stream = new EventSource(`${address}?query=${asked}`);
      stream.onopen = () => seen.push("a stream opened");
      setTimeout(() => resolve(seen), 2000);
    }),
  url,
);
check("a page of another origin gets nothing", heard.length === 0, heard.join(", "));
await stranger.close();
elsewhere.close();

await page.screenshot({ path: screenshot });
await page.goto(`${url}?query=${encodeURIComponent("{ inboxes { name } }")}`, { waitUntil: "domcontentloaded" });
await editor.waitFor({ timeout: WAIT });
check("a link can carry a query", (await editor.innerText()).replace(/\s/g, "").includes("{inboxes{name}}"), await editor.innerText());
check("nothing is asked of another origin", foreign.length === 0, foreign.join(" "));
check("the console has no error", complaints.length === 0, complaints.join("; "));
await browser.close();
finish();
