// live.mjs URL: subscriptions by the clients that judge the protocols, graphql-ws and graphql-sse.
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import { WebSocket } from "ws";

import { check, finish } from "./facts.mjs";

const url = process.argv[2];
const LONGEST = 45_000; // an instance that is polled is looked at every 10 to 20 s at first
const query = `subscription ($cursor: String) {
  notificationEvents(cursor: $cursor) {
    __typename cursor ... on NotificationArrived { edge { node { id } } }
  }
}`;
const clients = {
  "graphql-ws": () => createWs({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 }),
  "graphql-sse": () => createSse({ url, retryAttempts: 0 }),
};

const post = (path, body) =>
  fetch(new URL(path, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

// Listens until `isEnough` of the events, which it gives.
function listen(client, variables, isEnough) {
  const events = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`only ${events.length} events came`)), LONGEST);
    const stop = client.subscribe(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (errors) return reject(new Error(JSON.stringify(errors)));
          events.push(data.notificationEvents);
          if (!isEnough(events)) return undefined;
          clearTimeout(timer);
          stop();
          return resolve(events);
        },
        error: (error) => reject(new Error(JSON.stringify(error))),
        complete: () => {},
      },
    );
  });
}

const arrived = (events) => events.filter((each) => each.edge).map((each) => each.edge.node.id);

async function judge(name, make) {
  const client = make();
  const [first] = await listen(client, {}, (events) => events.length === 1);
  check(`${name}: the first event is LiveStarted`, first.__typename === "LiveStarted");
  for (const inbox of ["social", "wiki", "work"]) await post("/sandbox/arrive", { inbox });
  const resumed = await listen(client, { cursor: first.cursor }, (events) => arrived(events).length >= 3);
  const ids = arrived(resumed);
  check(`${name}: what arrived meanwhile comes once, after a resume`, new Set(ids).size === ids.length);
  const middle = resumed.findIndex((each) => each.edge);
  const rest = await listen(
    client,
    { cursor: resumed[middle].cursor },
    (events) => arrived(events).length >= ids.length - 1,
  );
  const again = arrived(rest);
  check(`${name}: any event resumes`, !again.includes(ids[0]) && ids.slice(1).every((id) => again.includes(id)));
  await client.dispose();
}

for (const [name, make] of Object.entries(clients)) await judge(name, make);

const socket = createWs({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
const answer = await new Promise((resolve, reject) =>
  socket.subscribe({ query: "{ inboxes { name } }" }, { next: resolve, error: reject, complete: () => {} }),
);
check("graphql-ws: a query", answer.data.inboxes.length === 3);
const refused = await new Promise((resolve) =>
  socket.subscribe({ query: "{ nonsense }" }, { next: () => resolve(null), error: resolve, complete: () => {} }),
);
check("graphql-ws: a mistake is an error with a code", refused?.[0]?.extensions?.code === "GRAPHQL_VALIDATION_FAILED");
await socket.dispose();
finish();
