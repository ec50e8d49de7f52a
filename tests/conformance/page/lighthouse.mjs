// lighthouse.mjs TIDINGS: what Lighthouse says of the page over the demo, on a slow phone; speed is the median of five.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

import { check, finish } from "../facts.mjs";
import { openGateway } from "./tools.mjs";

const RUNS = 5;
const FAST = 95;

const { url } = await openGateway(process.argv[2], ["--demo"]);
const chromium = {
  chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
};
const speeds = [];
for (let run = 0; run < RUNS; run++) {
  const onlyCategories = run === 0 ? undefined : ["performance"];
  const chrome = await launch(chromium);
  const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "error", onlyCategories });
  chrome.kill();
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  speeds.push(Math.round(lhr.categories.performance.score * 100));
  if (run > 0) continue;
  for (const name of ["accessibility", "best-practices", "seo"]) {
    const { title, score, auditRefs } = lhr.categories[name];
    const missed = auditRefs.map((each) => lhr.audits[each.id]).filter((each) => each.score !== null && each.score < 1);
    check(`Lighthouse, ${title}: 100`, score === 1, missed.map((each) => `${each.id}: ${each.title}`).join("; "));
  }
}
const median = speeds.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)];
check(`Lighthouse, Performance: ${median}, at least ${FAST}`, median >= FAST, speeds.join(", "));
console.log(`     runs: ${speeds.join(", ")}`);
finish();
