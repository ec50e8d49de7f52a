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

type Mistake = { message: string; path?: (string | number)[]; extensions?: { code?: string } };
type Answer<Data> = { data?: Data | null; errors?: Mistake[] };

/** Asks, past everything that is kept with `isNow`. Raises Unanswered, and Refused where a field at the top failed. */
export async function ask<Data extends object, Variables>(
  document: Asked<Data, Variables>,
  variables: Variables,
  { isNow = false } = {},
): Promise<Data> {
  const { data, errors } = await post(document, variables, isNow);
  const [error] = errors ?? [];
  if (data && !(error && Object.values(data).includes(null))) return data;
  throw new Refused(error?.message ?? "The gateway gave no answer.", error?.extensions?.code ?? "INTERNAL");
}

type Nodes<Each> = { nodes: (Each | null)[] | null };

/** Objects by their IDs: null for what is gone; what could not be read is left out. Raises Unanswered and Refused. */
export async function askNodes<Each, Variables>(
  document: Asked<Nodes<Each>, Variables>,
  variables: Variables & { ids: string[] },
): Promise<Map<string, Each | null>> {
  const { data, errors = [] } = await post(document, variables, false);
  if (!data?.nodes) throw new Refused(errors[0]?.message ?? "The gateway gave no answer.", errors[0]?.extensions?.code ?? "INTERNAL");
  const failed = new Set(errors.filter((each) => each.extensions?.code !== "NOT_FOUND").map((each) => each.path?.[1]));
  return new Map(variables.ids.flatMap((id, at) => (failed.has(at) ? [] : [[id, data.nodes![at] ?? null] as const])));
}

async function post<Data, Variables>(document: Asked<Data, Variables>, variables: Variables, isNow: boolean): Promise<Answer<Data>> {
  const key = readKey();
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (key) headers["authorization"] = `Bearer ${key}`;
  if (isNow) headers["cache-control"] = "no-cache";
  const body = JSON.stringify({ query: document, variables });
  const signal = AbortSignal.timeout(DEADLINE);
  try {
    const response = await fetch(ENDPOINT, { method: "POST", headers, body, signal, referrerPolicy: "no-referrer" });
    return (await response.json()) as Answer<Data>;
  } catch {
    throw new Unanswered("The gateway doesn’t answer.");
  }
}
