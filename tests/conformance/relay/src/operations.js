import { graphql } from "relay-runtime";

export const item = graphql`
  fragment operationsItem on Notification @refetchable(queryName: "operationsItemQuery") {
    id
    __typename
    summary
    createdAt
    isUnread
    actor {
      id
      displayName
    }
    ... on MastodonNotification {
      status {
        id
        content
      }
    }
    ... on WatchlistNotification {
      page {
        id
        title
      }
    }
  }
`;

export const Down = graphql`
  query operationsDownQuery($count: Int!, $cursor: String) {
    notifications(first: $count, after: $cursor) @connection(key: "Down_notifications") {
      edges {
        node {
          id
          __typename
          ...operationsItem @dangerously_unaliased_fixme
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export const Up = graphql`
  query operationsUpQuery($count: Int!, $cursor: String) {
    notifications(last: $count, before: $cursor) @connection(key: "Up_notifications") {
      edges {
        node {
          id
        }
      }
      pageInfo {
        hasPreviousPage
        startCursor
      }
    }
  }
`;

export const Dismiss = graphql`
  mutation operationsDismissMutation($input: DismissNotificationInput!, $connections: [ID!]!) {
    dismissNotification(input: $input) {
      dismissedNotificationIds @deleteEdge(connections: $connections)
      gone: dismissedNotificationIds @deleteRecord
      userErrors {
        message
      }
    }
  }
`;

export const MarkRead = graphql`
  mutation operationsMarkReadMutation($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) {
      inbox {
        id
        unreadCount {
          count
        }
      }
      userErrors {
        message
      }
    }
  }
`;

export const SetTimestamp = graphql`
  mutation operationsSetTimestampMutation($input: SetNotificationTimestampInput!) {
    setNotificationTimestamp(input: $input) {
      pages {
        outcome
        page {
          id
          notificationTimestamp
        }
      }
      userErrors {
        message
      }
    }
  }
`;

export const Clear = graphql`
  mutation operationsClearMutation($input: ClearNotificationsInput!) {
    clearNotifications(input: $input) {
      clearedInboxes {
        id
        notifications(first: 1) {
          nodes {
            id
          }
        }
      }
      userErrors {
        message
      }
    }
  }
`;

export const Live = graphql`
  subscription operationsLiveSubscription($cursor: String, $connections: [ID!]!) {
    notificationEvents(cursor: $cursor) {
      __typename
      cursor
      ... on NotificationArrived {
        edge @prependEdge(connections: $connections) {
          node {
            id
          }
        }
      }
      ... on NotificationsRemoved {
        notificationIds @deleteEdge(connections: $connections)
      }
    }
  }
`;
