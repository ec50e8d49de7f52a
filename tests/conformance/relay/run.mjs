// run.mjs URL: pages with Relay's runtime through a gateway to the end, and dismisses with
// @deleteEdge. The gateway must be one over the sandbox: its notifications are dismissed.
import relay from "relay-runtime";

import Dismiss from "./src/__generated__/operationsDismissMutation.graphql.js";
import List from "./src/__generated__/operationsListQuery.graphql.js";

const { ConnectionHandler, Environment, Network, RecordSource, Store } = relay;
const { commitMutation, createOperationDescriptor, fetchQuery, getRequest } = relay;
const url = process.argv[2];
const PAGE = 20;
let failed = 0;

function check(fact, detail) {
  console.log(`${detail === undefined ? "ok  " : "FAIL"} ${fact}${detail ?? ""}`);
  failed += detail === undefined ? 0 : 1;
}

async function ask(request, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: request.text, variables }),
  });
  return response.json();
}

const environment = new Environment({
  network: Network.create(ask),
  store: new Store(new RecordSource()),
});

const operation = createOperationDescriptor(getRequest(List), { count: PAGE, cursor: null });
environment.retain(operation);

const connections = () => [
  ConnectionHandler.getConnectionID("client:root", "List_notifications"),
];
const edges = () =>
  environment
    .lookup(operation.fragment)
    .data.notifications.edges.map((edge) => edge && edge.node);

async function load(cursor) {
  const data = await fetchQuery(environment, List, { count: PAGE, cursor }).toPromise();
  return data.notifications.pageInfo;
}

function dismiss(id) {
  return new Promise((resolve, reject) =>
    commitMutation(environment, {
      mutation: Dismiss,
      variables: { input: { notificationId: id }, connections: connections() },
      onCompleted: (data) => resolve(data.dismissNotification),
      onError: reject,
    }),
  );
}

let info = await load(null);
let pages = 1;
while (info.hasNextPage && pages < 100) {
  info = await load(info.endCursor);
  pages += 1;
}
const all = edges();
const ids = new Set(all.map((node) => node.id));
check(`${all.length} notifications in ${pages} pages, each once`, ids.size === all.length && pages > 2 ? undefined : ": repeated");

for (const type of ["MastodonNotification", "WatchlistNotification"]) {
  const before = edges();
  const node = before.find((each) => each.__typename === type);
  const { dismissedNotificationIds, userErrors } = await dismiss(node.id);
  const gone = new Set(dismissedNotificationIds);
  const left = edges();
  const expected = before.filter((each) => !gone.has(each.id)).map((each) => each.id);
  const same = JSON.stringify(left.map((each) => each.id)) === JSON.stringify(expected);
  check(`dismissing a ${type} takes ${gone.size} edges out of the connection`, same && gone.has(node.id) && userErrors.length === 0 ? undefined : `: ${JSON.stringify(userErrors)}`);
  if (type === "WatchlistNotification") {
    check("the earlier changes of the page went with it", gone.size > 1 ? undefined : ": only one");
  }
}
process.exit(failed ? 1 : 0);
