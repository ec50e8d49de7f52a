// lint.mjs SCHEMA: graphql-eslint's recommended and Relay rules; nothing may be found.
import { mkdtempSync, copyFileSync, rmSync } from "node:fs";
import path from "node:path";

import plugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";

import { check, finish } from "./facts.mjs";

const RULE = "@graphql-eslint/";
const described = { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true };

const EVENTS = [
  "InboxChanged",
  "LiveStarted",
  "NotificationArrived",
  "NotificationsChanged",
  "NotificationsRead",
  "NotificationsRemoved",
]; // what happened once is no object that a cache would find again
// Types that are values: they are part of what has them, nothing refetches or caches them alone.
const VALUES = [
  "CustomEmoji",
  "InboxCapabilities",
  "InboxStatus",
  "MastodonModerationWarning",
  "MastodonReport",
  "MastodonSeverance",
  "MediaAttachment",
  "Mention",
  "NotificationSource",
  "FeedSource",
  "InboxFeed",
  "ElsewhereCount",
  "NotificationPolicy",
  "NotificationFallback",
  "MastodonQuote",
  "MatchedFilter",
  "Reaction",
  "WikiTitle",
  "WikiLink",
  "PageInfo",
  "Poll",
  "PollOption",
  "PreviewCard",
  "RateLimit",
  "Tag",
  "UnreadCount",
  "UpstreamFailure",
  "UserError",
  "WatchedPageResult",
  "WikiLogEntry",
];

const rules = {
  ...plugin.configs["flat/schema-recommended"].rules,
  ...plugin.configs["flat/schema-relay"].rules,
  [`${RULE}no-scalar-result-type-on-mutation`]: "error",
  // The recommended rule asks for types and directives; ours asks for more, but the one directive is
  // the specification's own @oneOf, which Strawberry prints without a description.
  [`${RULE}require-description`]: ["error", described],
  // Lists that are short and always whole, such as a post's tags, are no pages. A group is a part of
  // one page, and a request is asked for by its inbox: neither is fetched again by its ID.
  [`${RULE}relay-edge-types`]: [
    "error",
    { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
  ],
  // Mastodon lists requests downwards alone, as the specification allows:
  // https://relay.dev/graphql/connections.htm#sec-Arguments
  [`${RULE}relay-arguments`]: ["error", { includeBoth: false }],
  [`${RULE}strict-id-in-types`]: [
    "error",
    {
      acceptedIdNames: ["id"],
      acceptedIdTypes: ["ID"],
      exceptions: { types: [...VALUES, ...EVENTS], suffixes: ["Connection", "Edge", "Payload"] },
    },
  ],
};

const directory = mkdtempSync(path.join(process.cwd(), ".lint-"));
const file = path.join(directory, "schema.graphql");
copyFileSync(process.argv[2], file);
const eslint = new ESLint({
  cwd: directory,
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.graphql"],
      plugins: { "@graphql-eslint": plugin },
      languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: file } } },
      rules,
    },
  ],
});
const [{ messages }] = await eslint.lintFiles([file]);
rmSync(directory, { recursive: true });
for (const { line, ruleId, message } of messages) {
  check(`line ${line}, ${ruleId ?? "the parser"}`, false, message);
}
check(`${Object.keys(rules).length} rules of graphql-eslint find nothing`, messages.length === 0);
finish();
