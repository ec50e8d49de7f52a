import { graphql } from "relay-runtime";

export const List = graphql`
  query operationsListQuery($count: Int!, $cursor: String) {
    notifications(first: $count, after: $cursor) @connection(key: "List_notifications") {
      edges {
        node {
          id
          __typename
          summary
          ... on WatchlistNotification {
            page {
              id
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export const Dismiss = graphql`
  mutation operationsDismissMutation($input: DismissNotificationInput!, $connections: [ID!]!) {
    dismissNotification(input: $input) {
      dismissedNotificationIds @deleteEdge(connections: $connections)
      userErrors {
        message
      }
    }
  }
`;
