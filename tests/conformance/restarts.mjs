// restarts.mjs TIDINGS: Relay, urql and Apollo listen by both transports, while the gateway is
// stopped, killed and started again over a sandbox that goes on. TIDINGS is the command.
import { setTimeout as sleep } from "node:timers/promises";

import { ApolloClient, ApolloLink, gql, InMemoryCache, Observable } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client as UrqlClient, subscriptionExchange } from "@urql/core";
import { print } from "graphql";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import relay from "relay-runtime";
import { WebSocket } from "ws";

import { check, finish } from "./facts.mjs";
import { answers, freePorts, start, stop, until, writeConfiguration } from "./processes.mjs";
import Down from "./relay/src/__generated__/operationsDownQuery.graphql.js";
import Live from "./relay/src/__generated__/operationsLiveSubscription.graphql.js";
import { resuming } from "./resuming.mjs";

const { ConnectionHandler, createOperationDescriptor, Environment, fetchQuery, getRequest } = relay;
const { Network, Observable: RelayObservable, RecordSource, requestSubscription, Store } = relay;
const tidings = process.argv[2];
const INBOXES = ["social", "work", "wiki"];
const QUERY = `subscription Live($cursor: String) {
  notificationEvents(cursor: $cursor) {
    __typename
    cursor
    ... on NotificationArrived { edge { node { id } } }
  }
}`;

const ask = (url, body, headers = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  }).then((response) => response.json());

// Two more notifications in each inbox.
async function arrive() {
  for (const inbox of [...INBOXES, ...INBOXES]) await ask(`${sandbox}/sandbox/arrive`, { inbox });
}

const first = await freePorts(5);
const sandbox = `http://127.0.0.1:${first}`;
const url = `http://127.0.0.1:${first + 4}/graphql`;

start(tidings, "sandbox", "--port", String(first));
await until("the sandbox", answers(sandbox));
const configuration = writeConfiguration(await (await fetch(sandbox)).text());

let gateway;
async function startGateway() {
  gateway = start(tidings, "serve", "--config", configuration, "--port", String(first + 4));
  await until("the gateway", answers(`${url}?query={__typename}`));
}

const stopGateway = (signal) => stop(gateway, signal);

// Has the gateway look at once, which wakes who listens.
const look = () => ask(url, { query: "{ notifications(first: 1) { isIncomplete } }" }, { "cache-control": "no-cache" });

const soon = () => sleep(200);
const transports = {
  "graphql-ws": () =>
    createWs({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: soon,
    }),
  "graphql-sse": () => createSse({ url, retryAttempts: Infinity, retry: soon }),
};

// Each way to listen: it is told of every event, and returns what it holds at the end.
const libraries = {
  Apollo(client, next) {
    const sse = new ApolloLink(
      (operation) =>
        new Observable((sink) => client.subscribe({ ...operation, query: print(operation.query) }, sink)),
    );
    const link = client.isSocket ? new GraphQLWsLink(client) : sse;
    const apollo = new ApolloClient({ cache: new InMemoryCache(), link });
    apollo.subscribe({ query: gql(QUERY), variables: {}, fetchPolicy: "no-cache" }).subscribe({ next });
  },
  urql(client, next) {
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: client.subscribe(request, sink) }),
    });
    const urql = new UrqlClient({ url, exchanges: [subscriptionExchange({ forwardSubscription })] });
    urql.subscription(QUERY, {}).subscribe(next);
  },
  Relay(client, next) {
    const network = Network.create(
      (request, variables) => ask(url, { query: request.text, variables }),
      (request, variables) =>
        RelayObservable.create((sink) => client.subscribe({ query: request.text, variables }, sink)),
    );
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    const operation = createOperationDescriptor(getRequest(Down), { count: 50, cursor: null });
    environment.retain(operation);
    const page = fetchQuery(environment, Down, { count: 50, cursor: null }).toPromise();
    const connections = [ConnectionHandler.getConnectionID("client:root", "Down_notifications")];
    page.then(({ notifications }) => {
      const { edges } = environment.lookup(operation.fragment).data.notifications;
      const before = edges.map((edge) => edge.node.id);
      if (notifications.edges.length !== before.length) throw new Error("Relay lost a page");
      requestSubscription(environment, {
        subscription: Live,
        variables: { connections },
        onNext: (data) => next({ data }),
      });
    });
    return () => environment.lookup(operation.fragment).data.notifications.edges.map((edge) => edge.node.id);
  },
};

await startGateway();
const listeners = [];
for (const [library, listen] of Object.entries(libraries)) {
  for (const [transport, make] of Object.entries(transports)) {
    const listener = { name: `${library} over ${transport}`, events: [], arrived: [] };
    const client = { ...resuming(make()), isSocket: transport === "graphql-ws" };
    listener.holds = listen(client, ({ data }) => {
      const event = data.notificationEvents;
      listener.events.push(event.__typename);
      if (event.edge) listener.arrived.push(event.edge.node.id);
    });
    listeners.push(listener);
  }
}
const all = (isSo) => () => listeners.every(isSo);
let expected = 0;

async function expectArrivals(what) {
  expected += 2 * INBOXES.length;
  try {
    await until(what, all((each) => each.arrived.length >= expected));
  } catch (error) {
    const counts = listeners.map((each) => `${each.name} ${each.arrived.length}`);
    check(`${what}: ${expected} arrived`, false, `${error.message}: ${counts.join(", ")}`);
    finish();
  }
}

await until("listening", all((each) => each.events.includes("LiveStarted")));
await arrive();
await look();
await expectArrivals("before a restart");
for (const signal of ["SIGTERM", "SIGKILL"]) {
  await stopGateway(signal);
  await arrive();
  await startGateway();
  await expectArrivals(`while the gateway was away after ${signal}`);
  await arrive();
  await look();
  await expectArrivals(`after ${signal}`);
}
await sleep(1000); // what came twice would be there by now
for (const { name, arrived, holds } of listeners) {
  check(`${name}: ${expected} arrived over two restarts, each once`, new Set(arrived).size === expected && arrived.length === expected, arrived.length);
  if (!holds) continue;
  const held = holds();
  check(`${name}: @prependEdge puts each into the connection once`, arrived.every((id) => held.includes(id)) && new Set(held).size === held.length, held.length);
}
const id = listeners[0].arrived[0];
await ask(url, { query: "mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) { userErrors { message } } }", variables: { id } });
const relays = listeners.filter((each) => each.holds);
await until("a dismissal", () => relays.every((each) => !each.holds().includes(id)));
check("Relay: @deleteEdge takes out what was dismissed elsewhere", true);
finish();
