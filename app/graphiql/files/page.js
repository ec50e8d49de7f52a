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
        status { text }
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

const WATCHLISTS = `# Wikis' watchlists, also what was seen.
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
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const INBOXES = `# Who is logged in where.
query Inboxes {
  inboxes {
    id
    name
    handle
    instance { platform title software version url }
  }
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

const NEWEST_VARIABLES = '{\n  "first": 5,\n  "after": null\n}';

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: window.location.pathname }),
    defaultEditorToolsVisibility: "variables",
    variables: NEWEST_VARIABLES,
    defaultTabs: [
      { query: NEWEST, variables: NEWEST_VARIABLES, headers: null },
      { query: WATCHLISTS, variables: null, headers: null },
      { query: INBOXES, variables: null, headers: null },
      { query: DISMISS, variables: '{ "id": "" }', headers: null },
    ],
  }),
);
