/** Asks the gateway by GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/ */
import type { Asked } from "../generated";
import { readKey } from "./key";

/** Where the API is, seen from wherever this page is: behind a proxy it may have a path. */
export const ENDPOINT = new URL("graphql", document.baseURI);

const DEADLINE = 30_000; // milliseconds; a write may take 20 s

/** No answer came, so that nobody knows what became of what was asked. */
export class Unanswered extends Error {}

/** The gateway refused. `code` is one of its error codes, such as UNAUTHORIZED. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

type Answer<Data> = { data?: Data | null; errors?: { message: string; extensions?: { code?: string } }[] };

/** Asks, past everything that is kept with `isNow`. Raises Unanswered and Refused. */
export async function ask<Data, Variables>(
  document: Asked<Data, Variables>,
  variables: Variables,
  { isNow = false } = {},
): Promise<Data> {
  const key = readKey();
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (key) headers["authorization"] = `Bearer ${key}`;
  if (isNow) headers["cache-control"] = "no-cache";
  const body = JSON.stringify({ query: document, variables });
  const signal = AbortSignal.timeout(DEADLINE);
  let answer: Answer<Data>;
  try {
    const response = await fetch(ENDPOINT, { method: "POST", headers, body, signal, referrerPolicy: "no-referrer" });
    answer = (await response.json()) as Answer<Data>;
  } catch {
    throw new Unanswered("The gateway doesn’t answer.");
  }
  if (answer.data) return answer.data;
  const [error] = answer.errors ?? [];
  throw new Refused(error?.message ?? "The gateway gave no answer.", error?.extensions?.code ?? "INTERNAL");
}
