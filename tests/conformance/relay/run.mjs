// run.mjs URL: Relay's runtime pages through a gateway both ways to the end, refetches, and runs the
// mutations. The gateway must be one over the sandbox: its notifications are dismissed.
import relay from "relay-runtime";

import { check, finish } from "../facts.mjs";
import Clear from "./src/__generated__/operationsClearMutation.graphql.js";
import Dismiss from "./src/__generated__/operationsDismissMutation.graphql.js";
import Down from "./src/__generated__/operationsDownQuery.graphql.js";
import Refetch from "./src/__generated__/operationsItemQuery.graphql.js";
import MarkRead from "./src/__generated__/operationsMarkReadMutation.graphql.js";
import SetTimestamp from "./src/__generated__/operationsSetTimestampMutation.graphql.js";
import Up from "./src/__generated__/operationsUpQuery.graphql.js";

const { ConnectionHandler, Environment, Network, RecordSource, Store } = relay;
const { commitMutation, createOperationDescriptor, fetchQuery, getRequest, getSingularSelector } = relay;
const url = process.argv[2];
const PAGE = 20;
const complaints = [];
console.error = (...words) => complaints.push(words.join(" "));
console.warn = console.error;

async function ask(request, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
    },
    body: JSON.stringify({ query: request.text, variables }),
  });
  return response.json();
}

const environment = new Environment({
  network: Network.create(ask),
  store: new Store(new RecordSource()),
});

// Pages to the end; what is read of the connection.
async function walk(query, cursorOf) {
  const operation = createOperationDescriptor(getRequest(query), { count: PAGE, cursor: null });
  environment.retain(operation);
  let pages = 0;
  let cursor = null;
  do {
    const { notifications } = await fetchQuery(environment, query, { count: PAGE, cursor }).toPromise();
    cursor = cursorOf(notifications.pageInfo);
    pages += 1;
  } while (cursor && pages < 100);
  return { pages, edges: () => environment.lookup(operation.fragment).data.notifications.edges };
}

function commit(mutation, variables) {
  return new Promise((resolve, reject) =>
    commitMutation(environment, {
      mutation,
      variables,
      onCompleted: (data) => resolve(Object.values(data)[0]),
      onError: reject,
    }),
  );
}

const down = await walk(Down, (info) => (info.hasNextPage ? info.endCursor : null));
const up = await walk(Up, (info) => (info.hasPreviousPage ? info.startCursor : null));
const nodes = () => down.edges().flatMap((edge) => (edge?.node ? [edge.node] : []));
const ids = nodes().map((node) => node.id);
check(`${ids.length} notifications in ${down.pages} pages down, each once`, new Set(ids).size === ids.length && down.pages > 2);
const idsUp = up.edges().map((edge) => edge.node.id);
check(`${up.pages} pages up have the same in the same order`, JSON.stringify(idsUp) === JSON.stringify(ids), idsUp.length);

for (const type of ["MastodonNotification", "WatchlistNotification"]) {
  const { id } = nodes().find((node) => node.__typename === type);
  const { node } = await fetchQuery(environment, Refetch, { id }).toPromise();
  check(`a ${type} is refetched by its id`, node !== null && node.__id === id, JSON.stringify(node));
}

for (const type of ["MastodonNotification", "WatchlistNotification"]) {
  const before = nodes();
  const { id } = before.find((node) => node.__typename === type);
  const connections = [ConnectionHandler.getConnectionID("client:root", "Down_notifications")];
  const { dismissedNotificationIds, userErrors } = await commit(Dismiss, {
    input: { notificationId: id },
    connections,
  });
  const gone = new Set(dismissedNotificationIds);
  const expected = before.map((node) => node.id).filter((each) => !gone.has(each));
  const left = nodes().map((node) => node.id);
  check(
    `dismissing a ${type} takes ${gone.size} edges out of the connection`,
    gone.has(id) && userErrors.length === 0 && JSON.stringify(left) === JSON.stringify(expected),
    JSON.stringify(userErrors),
  );
  if (type === "WatchlistNotification") {
    check("the earlier changes of the page go with it", gone.size > 1, gone.size);
  }
}

const { data } = await ask({ text: "{ inboxes { id instance { platform } } }" }, {});
const inboxOf = (platform) => data.inboxes.find((inbox) => inbox.instance.platform === platform).id;
const newest = nodes().find((node) => node.__typename === "MastodonNotification").id;
const marked = await commit(MarkRead, { input: { upToNotificationId: newest } });
check("marking as read tells the inbox's new count", marked.userErrors.length === 0 && marked.inbox.unreadCount.count !== null, JSON.stringify(marked));

const change = nodes().find((node) => node.__typename === "WatchlistNotification").id;
const timestamp = { timestamp: "2026-01-01T00:00:00Z" };
const set = await commit(SetTimestamp, {
  input: { inboxId: inboxOf("MEDIAWIKI"), pages: { notificationIds: [change] }, unseenFrom: timestamp },
});
check("setting a timestamp tells the page's new mark", set.pages[0].page.notificationTimestamp === timestamp.timestamp, JSON.stringify(set));

const cleared = await commit(Clear, { input: { inboxIds: [inboxOf("MASTODON")] } });
check("a cleared inbox is empty", cleared.clearedInboxes[0].notifications.nodes.length === 0, JSON.stringify(cleared));
check("Relay has nothing to complain of", complaints.length === 0, complaints.join("; "));
finish();
