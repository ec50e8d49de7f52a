// http.mjs URL: graphql-http's audits; every one has to be met, the optional ones too.
import { serverAudits } from "graphql-http";

import { check, finish } from "./facts.mjs";

const MANY = 61;
const audits = serverAudits({ url: process.argv[2], fetchFn: fetch });
const results = [];
for (const audit of audits) {
  results.push(await audit.fn());
}
const missed = results.filter((result) => result.status !== "ok");
for (const { id, name, reason } of missed) {
  check(`${id} ${name}`, false, reason);
}
const met = results.length - missed.length;
check(`${met} of ${results.length} audits of GraphQL over HTTP`, met === results.length && met >= MANY);
finish();
