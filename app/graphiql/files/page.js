// Starts GraphiQL with a tab of example queries for each root field.
const NEWEST = `# Every notification of every inbox, newest first.
# Run it with the button or Ctrl+Enter.
query Newest($first: Int, $after: String) {
  notifications(first: $first, after: $after) {
    nodes {
      id
      type
      summary
      createdAt
      url
      inbox { name }
      ... on MastodonNotification {
        status {
          text
          quote { state status { text } }
          # The user's keyword filters: what to do is up to you.
          matchedFilters { title action }
        }
        reaction { emoji imageUrl }
        # Of a type that this API does not know.
        fallback { title summary }
      }
      ... on WatchlistNotification {
        comment
        lengthDelta
      }
    }
    # For the next page, put endCursor
    # into the variable "after".
    pageInfo { hasNextPage endCursor }
    # An inbox that fails is told here;
    # the page is made of the others.
    sources {
      inbox { name }
      freshness
      failure { code message }
    }
  }
}
`;

const GROUPS = `# The same list, folded: likes of one post, new
# followers, changes of one page … of a day.
query Groups($first: Int, $after: String) {
  notificationGroups(first: $first, after: $after) {
    nodes {
      id
      groupId
      summary
      count
      # True: there may be more than this page shows.
      isCountCapped
      actors(first: 3) { displayName avatarUrl }
      latest { createdAt inbox { name } }
      target {
        ... on MastodonStatus { text }
        ... on WikiTitle { title }
      }
      # What to dismiss all of it by.
      notificationIds
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const WATCHLISTS = `# Wikis: what they tell you, and their watchlists, also
# what was seen.
query Watchlists {
  notifications(
    first: 10
    filter: {
      platforms: [MEDIAWIKI]
      watchlist: { includeSeen: true }
    }
  ) {
    nodes {
      summary
      createdAt
      ... on WatchlistNotification {
        page { title notificationTimestamp }
        commentHtml
        diffUrl
      }
      ... on EchoNotification {
        header
        section
        about: page { title url }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const INBOXES = `# Who is logged in where, what can be done there,
# and how the instances answer.
query Inboxes {
  inboxes {
    id
    name
    handle
    instance { platform title software version url }
    capabilities { canDismiss canClear canSetTimestamp canMarkRead }
    status { health lastFailure { code message } }
    unreadCount { count failure { code } }
    feeds { feed failure { message } }
  }
}
`;

const INBOX = `# One inbox by its configured name, and its own list.
# Put one of the names of the tab before into "name".
query OneInbox($name: String!) {
  inbox(name: $name) {
    id
    name
    notifications(first: 5) {
      nodes { id summary createdAt isUnread }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`;

const OBJECTS = `# Objects by ID: one, and several.
# Any "id" of the other tabs will do.
query Objects($id: ID!, $ids: [ID!]!) {
  node(id: $id) {
    id
    ... on Notification { summary }
    ... on Inbox { name }
    ... on Instance { title }
  }
  nodes(ids: $ids) { id }
}
`;

const DISMISS = `# Take one notification out of the list: put an id of
# the first tab's list into the variables. At a wiki
# the earlier changes of its page leave with it.
mutation Dismiss($id: ID!) {
  dismissNotification(input: { notificationId: $id }) {
    dismissedNotificationIds
    userErrors { code message path }
  }
}
`;

const DISMISS_ALL = `# Take several out, such as all of a group.
mutation DismissAll($ids: [ID!]!) {
  dismissNotifications(input: { notificationIds: $ids }) {
    dismissedNotificationIds
    inboxes { name }
    userErrors { code message path }
  }
}
`;

const CLEAR = `# Take everything out of some inboxes' lists: put ids of
# the tab Inboxes into the variables.
mutation Clear($inboxIds: [ID!]!) {
  clearNotifications(input: { inboxIds: $inboxIds }) {
    clearedInboxes { name }
    userErrors { code message path }
  }
}
`;

const MARK_READ = `# Mastodon: what is up to here was read.
mutation MarkRead($id: ID!) {
  markNotificationsRead(input: { upToNotificationId: $id }) {
    inbox { name unreadCount { count } }
    userErrors { code message path }
  }
}
`;

const ANSWER = `# Accept or reject somebody who asks to follow you.
mutation Answer($id: ID!, $answer: FollowRequestAnswer!) {
  answerFollowRequest(input: { notificationId: $id, answer: $answer }) {
    dismissedNotificationIds
    userErrors { code message path }
  }
}
`;

const MUTE = `# Hear no more of a conversation; false ends that.
mutation Mute($id: ID!, $isMuted: Boolean!) {
  muteConversation(input: { notificationId: $id, isMuted: $isMuted }) {
    status { text isMuted }
    userErrors { code message path }
  }
}
`;

const FILTERED = `# What an inbox keeps out of sight, and by which rules.
query Filtered($name: String!) {
  inbox(name: $name) {
    notificationPolicy {
      forNotFollowing
      forNotFollowers
      forNewAccounts
      forPrivateMentions
      forLimitedAccounts
      pendingNotificationsCount
      failure { code message }
    }
    notificationRequests(first: 10) {
      nodes { id account { handle } count lastStatus { text } }
      pageInfo { hasNextPage endCursor }
      failure { code message }
    }
  }
}
`;

const REQUESTS = `# Answer requests: accepted ones are listed, dismissed
# ones stay out of sight.
mutation Accept($ids: [ID!]!) {
  acceptNotificationRequests(input: { requestIds: $ids }) {
    requestIds
    userErrors { code message path }
  }
}

mutation Dismiss($ids: [ID!]!) {
  dismissNotificationRequests(input: { requestIds: $ids }) {
    requestIds
    userErrors { code message path }
  }
}
`;

const POLICY = `# Set from whom notifications are listed at once.
mutation SetPolicy($input: SetNotificationPolicyInput!) {
  setNotificationPolicy(input: $input) {
    notificationPolicy { forNewAccounts }
    userErrors { code message path }
  }
}
`;

const TIMESTAMP = `# Wikis: the changes of some pages are unseen again,
# from an instant on. Put the id of a wiki's inbox and
# a watched page into the variables.
mutation SetTimestamp($input: SetNotificationTimestampInput!) {
  setNotificationTimestamp(input: $input) {
    pages { requested outcome page { notificationTimestamp } }
    userErrors { code message path }
  }
}
`;

const LIVE = `# What happens from now on; the stop button ends it.
# In the sandbox something does every few seconds.
subscription Live($cursor: String) {
  notificationEvents(cursor: $cursor) {
    __typename
    cursor
    ... on NotificationArrived {
      isNew
      edge { node { summary createdAt inbox { name } } }
    }
    ... on NotificationsRemoved {
      inbox { name } notificationIds isWholeInbox
    }
    ... on NotificationsRead {
      inbox { name } upToNotificationId notificationIds
    }
    ... on NotificationsChanged {
      inbox { name } reason
    }
    ... on InboxChanged {
      source { inbox { name } failure { message } }
      mode nextLookAt
    }
  }
}
`;

const url = window.location.pathname;
const root = ReactDOM.createRoot(document.getElementById("graphiql"));

// The key of whoever explores: for this tab alone, and gone with it.
const KEY = "tidings.key";

// As fetch, with the key where there is one and the headers editor has no other.
function ask(address, options) {
  const key = sessionStorage.getItem(KEY);
  const headers = new Headers(options.headers);
  if (key && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${key}`);
  }
  return fetch(address, { ...options, headers });
}

// What the variables of the examples are filled with: inboxes that are there. Mutations name nothing
// that they would change.
async function findInboxes() {
  const response = await ask(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: "{ inboxes { id name instance { platform } } }" }),
  });
  return { status: response.status, inboxes: (await response.json()).data?.inboxes ?? [] };
}

function makeTabs(inboxes) {
  const first = inboxes[0] ?? { id: "the id of an inbox", name: "the name of an inbox" };
  const wiki = inboxes.find((inbox) => inbox.instance.platform === "MEDIAWIKI");
  const wikiId = wiki ? wiki.id : "the id of a wiki's inbox";
  const notification = "the id of a notification";
  const timestamp = {
    inboxId: wikiId,
    pages: { titles: ["Project:Sandbox"] },
    unseenFrom: { timestamp: "2026-01-01T00:00:00Z" },
  };
  const examples = [
    [NEWEST, { first: 5, after: null }],
    [GROUPS, { first: 5, after: null }],
    [WATCHLISTS, {}],
    [INBOXES, {}],
    [INBOX, { name: first.name }],
    [OBJECTS, { id: first.id, ids: [first.id] }],
    [DISMISS, { id: notification }],
    [DISMISS_ALL, { ids: [notification] }],
    [CLEAR, { inboxIds: ["the id of an inbox"] }],
    [MARK_READ, { id: notification }],
    [TIMESTAMP, { input: timestamp }],
    [ANSWER, { id: notification, answer: "ACCEPT" }],
    [MUTE, { id: notification, isMuted: true }],
    [FILTERED, { name: first.name }],
    [REQUESTS, { ids: ["the id of a notification request"] }],
    [POLICY, { input: { inboxId: first.id, forNewAccounts: "FILTER" } }],
    [LIVE, { cursor: null }],
  ];
  return examples.map(([query, variables]) => ({
    query,
    variables: JSON.stringify(variables, null, 2),
    headers: null,
  }));
}

// The messages of an event stream, each as what its data says.
async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (text + value).split("\n\n");
    text = messages.pop();
    for (const message of messages) {
      const data = message.match(/^data: (.+)$/m);
      if (data) yield JSON.parse(data[1]);
    }
  }
}

async function* listen(asked, headers, signal) {
  const response = await ask(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream, application/json", ...headers },
    body: JSON.stringify(asked),
    signal,
  });
  const isStream = response.headers.get("content-type").startsWith("text/event-stream");
  if (isStream) yield* readEvents(response);
  else yield await response.json();
}

// Stopping ends the request at once, also while nothing comes.
function subscribe(asked, headers) {
  const stopping = new AbortController();
  const events = listen(asked, headers, stopping.signal);
  const end = { done: true, value: undefined };
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => events.next().catch((error) => {
        if (stopping.signal.aborted) return end;
        throw error;
      }),
      return: async () => {
        stopping.abort();
        return end;
      },
    }),
  };
}

function makeFetcher() {
  const fetchOnce = GraphiQL.createFetcher({ url, fetch: ask });
  return (asked, options) => {
    const operations = options?.documentAST?.definitions ?? [];
    const chosen = operations.find(
      ({ kind, name }) => kind === "OperationDefinition" && (!asked.operationName || name?.value === asked.operationName),
    );
    return chosen?.operation === "subscription"
      ? subscribe(asked, options?.headers)
      : fetchOnce(asked, options);
  };
}

function showGraphiQL(inboxes) {
  const tabs = makeTabs(inboxes);
  // A link may carry an operation: /graphql?query=…&variables=…
  const asked = new URLSearchParams(window.location.search);
  const given = asked.has("query") && {
    query: asked.get("query"),
    variables: asked.get("variables") ?? "",
  };
  root.render(
    React.createElement(GraphiQL, {
      fetcher: makeFetcher(),
      isHeadersEditorEnabled: true,
      defaultEditorToolsVisibility: "variables",
      defaultTabs: tabs,
      variables: tabs[0].variables, // of the tab that is open first
      ...given,
    }),
  );
}

function askForKey() {
  const wasWrong = sessionStorage.getItem(KEY) !== null;
  const element = React.createElement;
  const keep = (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, new FormData(event.target).get("key").trim());
    open();
  };
  root.render(
    element(
      "form",
      { className: "key", onSubmit: keep },
      element("label", { htmlFor: "key" }, "This gateway needs a key. It is kept for this tab alone."),
      element("input", { id: "key", name: "key", type: "password", autoComplete: "off", required: true }),
      wasWrong && element("p", { className: "wrong", role: "alert" }, "No client has this key."),
      element("button", { type: "submit" }, "Explore"),
    ),
  );
}

async function open() {
  const { status, inboxes } = await findInboxes().catch(() => ({ status: 0, inboxes: [] }));
  status === 401 ? askForKey() : showGraphiQL(inboxes);
}

open();
