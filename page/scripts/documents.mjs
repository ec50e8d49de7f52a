// documents.mjs: makes src/generated.ts (each document with the type of its answer) and the manifest of
// trusted documents, as Relay's compiler writes one, of src/documents.graphql and the schema.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, Kind, parse, print, stripIgnoredCharacters, validate, visit } from "graphql";

const at = (path) => new URL(`../${path}`, import.meta.url);
const schema = buildSchema(readFileSync(at("../schema.graphql"), "utf8"));
const parsed = parse(readFileSync(at("src/documents.graphql"), "utf8"));
const mistakes = validate(schema, parsed);
if (mistakes.length) throw new Error(mistakes.map(String).join("\n"));

const fragments = new Map(
  parsed.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
);

// The fragments that a definition needs, in the order in which they are met, each once.
function needed(definition, met = new Set()) {
  visit(definition, {
    FragmentSpread({ name }) {
      if (met.has(name.value)) return;
      met.add(name.value);
      needed(fragments.get(name.value), met);
    },
  });
  return met;
}

const texts = parsed.definitions
  .filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  .map((each) => {
    const parts = [each, ...[...needed(each)].map((name) => fragments.get(name))];
    const kind = each.operation[0].toUpperCase() + each.operation.slice(1);
    const text = stripIgnoredCharacters(parts.map(print).join("\n"));
    return { name: each.name.value, kind, text, hash: createHash("sha256").update(text).digest("hex") };
  });

const config = {
  enumsAsTypes: true,
  skipTypename: true,
  useTypeImports: true,
  scalars: { DateTime: "string", HTML: "string", URL: "string", ID: "string" },
  dedupeFragments: true,
  generateOperationTypes: true,
};
const types = await codegen({
  schema: parse(readFileSync(at("../schema.graphql"), "utf8")),
  schemaAst: schema,
  documents: [{ location: "documents.graphql", document: parsed }],
  config,
  filename: "generated.ts",
  plugins: [{ operations: {} }],
  pluginMap: { operations },
});
const documents = texts.map(
  ({ name, kind, text }) =>
    `export const ${name}: Asked<${name}${kind}, ${name}${kind}Variables> =\n  ${JSON.stringify(text)};\n`,
);
const head = `// Made by scripts/documents.mjs of documents.graphql and the schema: do not change it by hand.
/** A document, with the types of its answer and of its variables. */
export type Asked<Data, Variables> = string & { data?: Data; variables?: Variables };
`;
writeFileSync(at("src/generated.ts"), `${head}\n${types}\n${documents.join("\n")}`);

const manifest = Object.fromEntries(texts.map(({ hash, text }) => [hash, text]));
mkdirSync(at("../app/page"), { recursive: true });
writeFileSync(at("../app/page/documents.json"), `${JSON.stringify(manifest, null, 2)}\n`);
