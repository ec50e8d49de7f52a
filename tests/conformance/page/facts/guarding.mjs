// Keys, policies, trusted documents, and a gateway that is found under a path.
import { createServer, request } from "node:http";
import { connect } from "node:net";

import { check } from "../../facts.mjs";
import { KEYS, openGateway, openPage, rows, until, writeConfiguration } from "../tools.mjs";

export async function guarding(given) {
  await keyed(given);
  await policies(given);
  await enforced(given);
  await underAPath(given);
  await appearances(given);
}

async function useKey(page, key) {
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Use this key" }).click();
}

async function keyed({ browser, keyed, note }) {
  const { page, context } = note(await openPage(browser), { breaks: true });
  await page.goto(keyed.url);
  await useKey(page, KEYS.writer);
  await rows(page).first().waitFor();
  await page.reload();
  await rows(page).first().waitFor();
  const other = await context.newPage();
  await other.goto(keyed.url);
  await other.getByLabel("Key").waitFor();
  check("60. A key is kept for one tab", true);
  await other.close();
  await page.getByRole("button", { name: "Help" }).click();
  await page.getByRole("button", { name: /^Forget key/ }).click();
  await page.getByLabel("Key").waitFor();
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
  check("61. Forgetting the key removes the rows kept with it", (await rows(page).count()) === 0 && !kept.includes(KEYS.writer) && !kept.includes("social"), kept);
  await page.goto(`${keyed.url}?show=unread`);
  await useKey(page, KEYS.writer);
  await rows(page).first().waitFor();
  await page.evaluate(() => sessionStorage.setItem("tidings.key", "x".repeat(40))); // as where it was revoked
  await page.getByRole("link", { name: "Mentions", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.route("**/graphql", () => {}); // so that nothing but what was kept can be shown
  await useKey(page, KEYS.reader);
  await page.goBack();
  await page.waitForTimeout(300);
  check("73. Another key shows nothing that the one before it had opened", (await rows(page).count()) === 0);
  await page.unroute("**/graphql");
  await page.goto(keyed.url);
  if (await page.getByLabel("Key").isVisible()) await useKey(page, KEYS.reader);
  await page.getByText("Your key is read-only: you can’t change anything here.").waitFor();
  check("62. A key that may only read is offered nothing to change", (await page.getByRole("button", { name: /^(Dismiss|Accept|Clear)/ }).count()) === 0);
  await context.close();
}

async function policies({ tidings, browser, quiet, note }) {
  const { page, context, complaints, foreign } = note(await openPage(browser));
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  check("63. Nothing is asked of anybody but the gateway", foreign.length === 0, foreign.join(" "));
  const refused = await page.evaluate(() => {
    const tries = [
      () => (document.createElement("p").innerHTML = "<b>x</b>"),
      () => trustedTypes.createPolicy("other", {}),
    ];
    return tries.map((each) => {
      try {
        each();
        return false;
      } catch {
        return true;
      }
    });
  });
  check("64. No other code can set markup", refused.every(Boolean), refused.join());
  complaints.length = 0; // which were asked for
  await context.close();
  await pictures(tidings, browser, quiet, note);
}

async function pictures(tidings, browser, quiet, note) {
  const { page, context, foreign: wanted } = note(await openPage(browser), { breaks: true });
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  await page.locator(".row .line").nth(1).click();
  await page.locator(".opened .one").first().waitFor();
  check("65. No picture is loaded from an instance unless the operator allows it", wanted.length === 0 && (await page.locator("img").count()) === 0, wanted.join(" "));
  await context.close();
  await allowedPictures(tidings, browser, note);
}

async function allowedPictures(tidings, browser, note) {
  const gateway = await openGateway(tidings, ["--demo", "--config", writeConfiguration("[server]\npage_images = true\n")]);
  const { page, context, foreign: wanted } = note(await openPage(browser), { breaks: true });
  await page.goto(gateway.url);
  await until("a picture is asked for", () => wanted.length > 0).catch(() => {});
  check("82. With that setting the faces are those of the instances", wanted.some((each) => each.includes("avatar")), wanted.join(" "));
  await context.close();
  await gateway.stop();
}

async function enforced({ tidings, browser, note }) {
  const manifest = writeConfiguration("{}").replace("tidings.toml", "documents.json");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(manifest, JSON.stringify({ ["0".repeat(64)]: "{ inboxes { name } }" }));
  const file = writeConfiguration(`[server]\nintrospection = false\n[documents]\nmode = "enforce"\nmanifest = "${manifest}"\n`);
  const gateway = await openGateway(tidings, ["--demo", "--config", file]);
  const { page, context } = note(await openPage(browser));
  await page.goto(gateway.url);
  await rows(page).first().waitFor();
  await page.getByText("live", { exact: true }).waitFor();
  await page.locator(".row .line").nth(1).click();
  await page.locator(".opened .one").first().waitFor();
  await page.getByRole("button", { name: /^Dismiss/ }).last().click();
  check("66. Everything works with trusted documents alone, and without introspection", (await page.locator(".report-bad").count()) === 0);
  await context.close();
  await gateway.stop();
}

/** What a proxy does: everything below /inbox/ goes to the gateway, without that. */
async function underAPath({ browser, quiet, note }) {
  const strip = (url) => url.replace(/^\/inbox/, "");
  const proxy = createServer((asked, answer) => {
    if (!asked.url.startsWith("/inbox/")) return answer.writeHead(404).end();
    const { method, headers } = asked;
    const options = { port: quiet.port, host: "127.0.0.1", path: strip(asked.url), method, headers: { ...headers, host: `127.0.0.1:${quiet.port}` } };
    asked.pipe(request(options, (said) => said.pipe(answer.writeHead(said.statusCode, said.headers))));
  });
  proxy.on("upgrade", (asked, socket) => {
    const { origin: _, ...headers } = asked.headers; // as public_url would have it taken
    const lines = Object.entries({ ...headers, host: `127.0.0.1:${quiet.port}` }).map(([name, value]) => `${name}: ${value}`);
    const there = connect(quiet.port, "127.0.0.1", () => there.write(`GET ${strip(asked.url)} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`));
    for (const [one, other] of [[socket, there], [there, socket]]) one.on("error", () => other.destroy()).pipe(other);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { page, context } = note(await openPage(browser));
  await page.goto(`http://127.0.0.1:${proxy.address().port}/inbox/?show=unread`);
  await rows(page).first().waitFor();
  await page.getByText("live", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Mentions", exact: true }).click();
  await until("mentions are shown", () => page.url().includes("/inbox/?show=mentions"));
  check("67. Everything works below a path, the live connection included", true);
  await context.close();
  proxy.closeAllConnections();
  proxy.close();
}

async function appearances({ browser, quiet, note }) {
  const { page, context } = note(await openPage(browser, { forcedColors: "active", reducedMotion: "reduce" }));
  await page.goto(quiet.url);
  await rows(page).first().waitFor();
  const [edge, moves] = await page.evaluate(() => {
    const style = getComputedStyle(document.querySelector(".row-unread"));
    return [style.borderInlineStartWidth, style.transitionDuration];
  });
  check("68. Forced colours keep the edge of unread rows, and reduced motion stops movement", edge === "4px" && moves === "0s", `${edge} ${moves}`);
  await context.close();
}
