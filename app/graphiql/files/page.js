// Starts GraphiQL with example queries that work on any configuration.
const FIRST = `# Tidings: every notification of every inbox, newest first, in one list.
# Run this with the button or Ctrl+Enter. The book on the left explains every field.
query Newest($first: Int, $after: String) {
  notifications(first: $first, after: $after) {
    nodes {
      type
      summary
      createdAt
      url
      inbox { name }
      ... on MastodonNotification { status { text } }
      ... on WatchlistNotification { comment lengthDelta }
    }
    # For the next page, copy endCursor into the variable "after" below.
    pageInfo { hasNextPage endCursor }
    # An inbox that fails is told here, and the page is made of the others.
    sources { inbox { name } freshness failure { code message } }
  }
}

query Inboxes {
  inboxes {
    id
    name
    handle
    instance { platform title software version url }
  }
}
`;

const WATCHLISTS = `# The wikis' whole watchlists, also what was seen already.
query Watchlists {
  notifications(
    first: 10
    filter: { platforms: [MEDIAWIKI], watchlist: { includeSeen: true } }
  ) {
    nodes {
      summary
      createdAt
      ... on WatchlistNotification {
        page { title namespace notificationTimestamp }
        commentHtml
        diffUrl
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: window.location.pathname }),
    defaultEditorToolsVisibility: "variables",
    defaultTabs: [
      { query: FIRST, variables: '{ "first": 5 }', headers: null },
      { query: WATCHLISTS, variables: null, headers: null },
    ],
  }),
);
