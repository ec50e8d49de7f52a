"""The query that all figures are about: 40 notifications with their content, and cursors."""

QUERY = """{ notifications(first: 40) {
  edges { cursor node {
    id type createdAt
    ... on MastodonNotification {
      account { id username acct displayName avatarUrl url }
      status { id content createdAt url account { acct } }
    }
  } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} }"""
