// Made by scripts/documents.mjs of documents.graphql and the schema: do not change it by hand.
/** A document, with the types of its answer and of its variables. */
export type Asked<Data, Variables> = string & { data?: Data; variables?: Variables };

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Why what you hold of an inbox may be wrong. */
export type ChangeReason =
  /** From where on changes are unseen was set at a wiki. */
  | 'TIMESTAMP_SET'
  /** One of the inbox's lists was cleared, and not the others. */
  | 'CLEARED'
  /** A write may have been carried out, or not. */
  | 'UNKNOWN_OUTCOME'
  /** Nobody knows any more what was written since your cursor: it is old, or the gateway was started anew. */
  | 'LOG_LOST'
  /** The instance lists something further down than it can be sent. */
  | 'FOUND_LATE'
  /** More came since your cursor than is sent, or the instance cannot be asked for it: it goes on at the newest. */
  | 'GAP'
  /** An event could not be executed: its `errors` say why. */
  | 'FAILED';

/** What to take of wikis' own notifications. Everything else ignores it. */
export type EchoFilter = {
  /** Also those that were read, as far back as the wiki keeps them. Left out: only what is unread. */
  includeRead?: boolean | null | undefined;
  /** Only what the wiki shows behind its bell, or only in its tray. */
  sections?: Array<EchoSection> | null | undefined;
};

/** Where a wiki shows a notification: behind its bell, or its tray. */
export type EchoSection =
  /** Behind the bell: somebody wants something of you. */
  | 'ALERT'
  /** In the tray, which can wait: thanks, links to your pages … */
  | 'MESSAGE';

/** A list that a login has at its instance. A wiki has both; a Mastodon-API server has NOTIFICATIONS alone. */
export type Feed =
  /** What the instance tells you of its own accord: mentions, thanks, likes … At a wiki that is the extension Echo. */
  | 'NOTIFICATIONS'
  /** Changes of the pages that you watch at a wiki. */
  | 'WATCHLIST';

/** What a keyword filter asks a frontend to do. */
export type FilterAction =
  /** Fold the post behind the filter's title. */
  | 'WARN'
  /** Do not show the post. */
  | 'HIDE'
  /** Hide its attachments behind the title. */
  | 'BLUR'
  /** Something newer than this list: treat it as WARN. */
  | 'OTHER';

/** What to say to somebody who asks to follow you. */
export type FollowRequestAnswer =
  /** They follow you from now on. */
  | 'ACCEPT'
  /** They do not, and are not told. */
  | 'REJECT';

/** How new an inbox's part of a page is. */
export type Freshness =
  /** Asked now, or within the time that the gateway keeps answers. */
  | 'FRESH'
  /** Older than that: being renewed, or the instance does not answer. */
  | 'STALE'
  /** Asked, and nothing was had. What is missing comes with a later page. */
  | 'MISSING';

/** How an inbox's instance answers. */
export type InboxHealth =
  /** Not asked yet. */
  | 'UNKNOWN'
  /** The last answer was good. */
  | 'HEALTHY'
  /** The last request failed: see `lastFailure`. */
  | 'DEGRADED'
  /** It failed several times in a row, and is not asked before `retryAt`. */
  | 'SUSPENDED';

/** How the gateway learns what happens in an inbox. */
export type LiveMode =
  /** The instance tells what arrives, when it does. */
  | 'STREAMING'
  /** The instance is asked now and then: see `nextLookAt`. */
  | 'POLLING'
  /** The instance does not answer: see `source.failure`. */
  | 'PAUSED';

/** What kind of file an attachment is. */
export type MediaType =
  /** A still picture. */
  | 'IMAGE'
  /** A short silent video that loops. */
  | 'GIFV'
  /** A video with or without sound. */
  | 'VIDEO'
  /** Sound alone. */
  | 'AUDIO'
  /** The instance could not tell, or has not fetched it: link to it. */
  | 'UNKNOWN';

/** Which notifications to list. What is left out, or null, does not narrow the list. */
export type NotificationFilter = {
  /** Only these inboxes, by their `id`; the others are not even asked. */
  inboxIds?: Array<string> | null | undefined;
  /** Only inboxes at instances of these platforms; the others are not even asked. */
  platforms?: Array<Platform> | null | undefined;
  /** Only these lists of the inboxes; the others are not even asked. */
  feeds?: Array<Feed> | null | undefined;
  /** Only these types. */
  types?: Array<NotificationType> | null | undefined;
  /** All but these types. */
  excludeTypes?: Array<NotificationType> | null | undefined;
  /** Only types that the instances name so, for what `OTHER` hides. */
  rawTypes?: Array<string> | null | undefined;
  /** Only what this person did: the `id` of a MastodonAccount or a WikiUser, which is of one inbox. */
  actorId?: string | null | undefined;
  /** Only what `isUnread`. An inbox whose instance cannot say is a failure UNSUPPORTED in `sources`, not a guess. */
  unreadOnly?: boolean | null | undefined;
  /** Without accounts that say they are bots, and without bots' edits. */
  excludeBots?: boolean | null | undefined;
  /** Also what the notification policy keeps out of sight: another list, with cursors of its own. Where there is no policy it changes nothing. See `isFiltered`. */
  includeFiltered?: boolean | null | undefined;
  /** At or after this instant. */
  since?: string | null | undefined;
  /** Before this instant. */
  until?: string | null | undefined;
  /** How wikis' watchlists are listed. */
  watchlist?: WatchlistFilter | null | undefined;
  /** How wikis' own notifications are listed. */
  echo?: EchoFilter | null | undefined;
};

/** What happened. New members may be added: treat an unknown one as OTHER. */
export type NotificationType =
  /** Somebody mentioned you in a post, or on a page of a wiki. */
  | 'MENTION'
  /** Somebody whose posts you asked to be told of has posted. */
  | 'STATUS'
  /** Somebody boosted a post of yours. */
  | 'REBLOG'
  /** Somebody follows you now. */
  | 'FOLLOW'
  /** Somebody asks to follow you: your account is locked. */
  | 'FOLLOW_REQUEST'
  /** Somebody liked a post of yours. */
  | 'FAVOURITE'
  /** Somebody reacted to a post of yours with an emoji: see `reaction`. */
  | 'REACTION'
  /** A poll that you made or voted in has ended. */
  | 'POLL'
  /** A post that you boosted was edited. */
  | 'UPDATE'
  /** Somebody quoted a post of yours. */
  | 'QUOTE'
  /** A post that you quoted was edited. */
  | 'QUOTED_UPDATE'
  /** For moderators: somebody made an account at the instance. */
  | 'ADMIN_SIGN_UP'
  /** For moderators: somebody reported an account. */
  | 'ADMIN_REPORT'
  /** You lost followers or followed accounts to a block or a suspension. */
  | 'SEVERED_RELATIONSHIPS'
  /** A moderator warned you or acted on your account. */
  | 'MODERATION_WARNING'
  /** Your year at the instance is ready to be looked at. */
  | 'ANNUAL_REPORT'
  /** Somebody put you into a collection of accounts. */
  | 'ADDED_TO_COLLECTION'
  /** A collection that you are in has changed. */
  | 'COLLECTION_UPDATE'
  /** A page on the watchlist has a new revision. */
  | 'PAGE_EDITED'
  /** A page on the watchlist came into being. */
  | 'PAGE_CREATED'
  /** A page on the watchlist was moved, deleted, protected …: see `logEntry`. */
  | 'PAGE_LOGGED'
  /** A page entered or left a category on the watchlist. */
  | 'PAGE_CATEGORIZED'
  /** A change elsewhere, such as at Wikidata, shows on the page. */
  | 'EXTERNAL_CHANGE'
  /** Somebody wrote on your talk page or your user page at a wiki. */
  | 'TALK'
  /** Somebody replied in a discussion that you follow at a wiki. */
  | 'REPLY'
  /** Somebody thanked you for an edit. */
  | 'THANKS'
  /** Somebody undid an edit of yours. */
  | 'REVERTED'
  /** Somebody linked to a page that you made, or connected it. */
  | 'PAGE_LINKED'
  /** Your rights at a wiki have changed, or you were blocked. */
  | 'USER_RIGHTS'
  /** Somebody sent you an e-mail through the wiki. */
  | 'EMAIL'
  /** Your first, tenth, hundredth … edit at a wiki, or a welcome. */
  | 'MILESTONE'
  /** Something newer or rarer than this list: `rawType` names it. */
  | 'OTHER';

/** Which API an instance speaks. */
export type Platform =
  /** The Mastodon API: Mastodon itself and every server that speaks it. */
  | 'MASTODON'
  /** The action API of a MediaWiki wiki, such as Wikipedia. */
  | 'MEDIAWIKI';

/** How far a quote has come. Show the quoted post with ACCEPTED alone. */
export type QuoteState =
  /** Its author has let it be quoted. */
  | 'ACCEPTED'
  /** Its author has not decided yet. */
  | 'PENDING'
  /** Its author does not want it. */
  | 'REJECTED'
  /** Its author does not want it any more. */
  | 'REVOKED'
  /** The quoted post is gone. */
  | 'DELETED'
  /** This inbox's user blocks its author. */
  | 'BLOCKED_ACCOUNT'
  /** This inbox's user blocks its author's server. */
  | 'BLOCKED_DOMAIN'
  /** This inbox's user has muted its author. */
  | 'MUTED_ACCOUNT'
  /** It may not be shown, or for a reason that is newer than this. */
  | 'UNAUTHORIZED';

/** From where on changes are unseen; exactly one of these. */
export type UnseenFromInput =
  {   /** `true`: nothing is unseen, all is seen. */
  nothing: boolean; timestamp?: never; toRevisionId?: never; newerThanRevisionId?: never; }
  |  { nothing?: never;   /** In whole seconds. With `entireWatchlist` every page gets it, also pages without a change since. */
  timestamp: string; toRevisionId?: never; newerThanRevisionId?: never; }
  |  { nothing?: never; timestamp?: never;   /** This revision and all later ones are unseen. One page only. */
  toRevisionId: string; newerThanRevisionId?: never; }
  |  { nothing?: never; timestamp?: never; toRevisionId?: never;   /** This revision and all earlier ones are seen. One page only. */
  newerThanRevisionId: string; };

/** What went wrong between the gateway and an instance. */
export type UpstreamFailureCode =
  /** No connection: the name, the address or the network is at fault. */
  | 'UNREACHABLE'
  /** The instance was reached and did not answer in time. */
  | 'TIMEOUT'
  /** The instance says that it cannot serve now (a 5xx, or read-only). */
  | 'UNAVAILABLE'
  /** The login has asked too often: see `retryAt`. */
  | 'RATE_LIMITED'
  /** The instance refuses the credential, or it lacks a scope or a grant. Only who gave the credential can mend this: the operator, or whoever sent it along. */
  | 'UNAUTHORIZED'
  /** The instance refuses this request, and would refuse it again. */
  | 'REJECTED'
  /** An answer that is not what the API of such an instance promises. */
  | 'BAD_RESPONSE'
  /** Such a server cannot do what was asked. */
  | 'UNSUPPORTED'
  /** The instance failed lately and is not asked again before `retryAt`. */
  | 'SUSPENDED';

/** Why something was not done. */
export type UserErrorCode =
  /** No notification or inbox has this ID. */
  | 'NOT_FOUND'
  /** The input cannot be meant so: `path` leads to the field. */
  | 'INVALID_INPUT'
  /** Such an instance cannot do this; asking again is no use. */
  | 'NOT_SUPPORTED'
  /** The instance did not do it: see `failure`. Unless `isOutcomeUnknown` says that it may have. */
  | 'UPSTREAM_FAILED'
  /** The caller may read this inbox and not change it. */
  | 'FORBIDDEN';

/** What to take of a wiki's watchlist. Mastodon inboxes ignore it. */
export type WatchlistFilter = {
  /** Also changes that were seen: the whole watchlist, as far back as the wiki keeps it. Left out: only what is pending. */
  includeSeen?: boolean | null | undefined;
  /** Only pages in these namespaces: 0 for articles, 1 for their talk pages … */
  namespaces?: Array<number> | null | undefined;
  /** Without the changes that their users call minor. */
  excludeMinor?: boolean | null | undefined;
  /** Without what this user did: a name without `User:`, often one's own. */
  excludeUser?: string | null | undefined;
  /** Only the newest revision of each page, and every log entry, as the wiki picks them; after a move or a protection that is the log entry alone. */
  latestOnly?: boolean | null | undefined;
};

type Face_MastodonAccount_Fragment = { id: string, displayName: string, handle: string, avatarUrl: string | null };

type Face_WikiUser_Fragment = { id: string, displayName: string, handle: string, avatarUrl: string | null };

export type FaceFragment =
  | Face_MastodonAccount_Fragment
  | Face_WikiUser_Fragment
;

type Row_EchoNotification_Fragment = { __typename: 'EchoNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, about: { title: string } | null, inbox: { id: string }, actor:
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
   | null };

type Row_MastodonNotification_Fragment = { __typename: 'MastodonNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, status: { spoilerText: string, text: string, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, inbox: { id: string }, actor:
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
   | null };

type Row_WatchlistNotification_Fragment = { __typename: 'WatchlistNotification', comment: string | null, lengthDelta: number | null, revisionId: string | null, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, page: { title: string }, inbox: { id: string }, actor:
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
   | null };

export type RowFragment =
  | Row_EchoNotification_Fragment
  | Row_MastodonNotification_Fragment
  | Row_WatchlistNotification_Fragment
;

export type GroupFragment = { groupId: string, summary: string, isUnread: boolean | null, count: number, isCountCapped: boolean, actorCount: number, notificationIds: Array<string>, actors: Array<
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
    | { id: string, displayName: string, handle: string, avatarUrl: string | null }
  >, latest:
    | { __typename: 'EchoNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, about: { title: string } | null, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
    | { __typename: 'MastodonNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, status: { spoilerText: string, text: string, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
    | { __typename: 'WatchlistNotification', comment: string | null, lengthDelta: number | null, revisionId: string | null, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, page: { title: string }, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
   };

export type FailureFragment = { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null };

export type SourceFragment = { freshness: Freshness, fetchedAt: string | null, inbox: { id: string }, failure: { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null } | null };

export type InboxFragment = { id: string, name: string, handle: string | null, instance: { platform: Platform, title: string | null, url: string }, capabilities: { canDismiss: boolean | null, canClear: boolean | null, canSetTimestamp: boolean | null, canMarkRead: boolean | null, canAnswerFollowRequests: boolean | null }, status: { health: InboxHealth, retryAt: string | null, lastFailure: { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null } | null }, unreadCount: { count: number | null, isCapped: boolean } };

export type InboxesQueryVariables = Exact<{ [key: string]: never; }>;


export type InboxesQuery = { inboxes: Array<{ id: string, name: string, handle: string | null, instance: { platform: Platform, title: string | null, url: string }, capabilities: { canDismiss: boolean | null, canClear: boolean | null, canSetTimestamp: boolean | null, canMarkRead: boolean | null, canAnswerFollowRequests: boolean | null }, status: { health: InboxHealth, retryAt: string | null, lastFailure: { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null } | null }, unreadCount: { count: number | null, isCapped: boolean } }> | null };

export type GroupsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  filter?: NotificationFilter | null | undefined;
}>;


export type GroupsQuery = { notificationGroups: { isIncomplete: boolean, nodes: Array<{ groupId: string, summary: string, isUnread: boolean | null, count: number, isCountCapped: boolean, actorCount: number, notificationIds: Array<string>, actors: Array<
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
      >, latest:
        | { __typename: 'EchoNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, about: { title: string } | null, inbox: { id: string }, actor:
            | { id: string, displayName: string, handle: string, avatarUrl: string | null }
            | { id: string, displayName: string, handle: string, avatarUrl: string | null }
           | null }
        | { __typename: 'MastodonNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, status: { spoilerText: string, text: string, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, inbox: { id: string }, actor:
            | { id: string, displayName: string, handle: string, avatarUrl: string | null }
            | { id: string, displayName: string, handle: string, avatarUrl: string | null }
           | null }
        | { __typename: 'WatchlistNotification', comment: string | null, lengthDelta: number | null, revisionId: string | null, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, page: { title: string }, inbox: { id: string }, actor:
            | { id: string, displayName: string, handle: string, avatarUrl: string | null }
            | { id: string, displayName: string, handle: string, avatarUrl: string | null }
           | null }
       }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, sources: Array<{ freshness: Freshness, fetchedAt: string | null, inbox: { id: string }, failure: { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null } | null }> } | null };

export type RowsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type RowsQuery = { nodes: Array<
    | { __typename: 'EchoNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, about: { title: string } | null, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
    | { __typename: 'Inbox' }
    | { __typename: 'Instance' }
    | { __typename: 'MastodonNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, status: { spoilerText: string, text: string, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
    | { __typename: 'WatchlistNotification', comment: string | null, lengthDelta: number | null, revisionId: string | null, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, page: { title: string }, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
   | null> | null };

export type PostFragment = { url: string | null, createdAt: string, spoilerText: string, isSensitive: boolean, content: string | null, account: { id: string, displayName: string, handle: string, avatarUrl: string | null }, mediaAttachments: Array<{ databaseId: string, type: MediaType, url: string | null, previewUrl: string | null, description: string | null }>, matchedFilters: Array<{ title: string, action: FilterAction }> };

export type DetailsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type DetailsQuery = { nodes: Array<
    | { __typename: 'EchoNotification', header: string, body: string, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, links: Array<{ label: string, url: string }>, about: { title: string } | null, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
    | { __typename: 'Inbox' }
    | { __typename: 'Instance' }
    | { __typename: 'MastodonNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, post: { url: string | null, createdAt: string, spoilerText: string, isSensitive: boolean, content: string | null, quote: { state: QuoteState, status: { url: string | null, createdAt: string, spoilerText: string, isSensitive: boolean, content: string | null, account: { id: string, displayName: string, handle: string, avatarUrl: string | null }, mediaAttachments: Array<{ databaseId: string, type: MediaType, url: string | null, previewUrl: string | null, description: string | null }>, matchedFilters: Array<{ title: string, action: FilterAction }> } | null } | null, account: { id: string, displayName: string, handle: string, avatarUrl: string | null }, mediaAttachments: Array<{ databaseId: string, type: MediaType, url: string | null, previewUrl: string | null, description: string | null }>, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, reaction: { emoji: string } | null, fallback: { summary: string | null } | null, account: { note: string | null } | null, status: { spoilerText: string, text: string, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
    | { __typename: 'WatchlistNotification', commentHtml: string | null, diffUrl: string | null, isMinor: boolean, comment: string | null, lengthDelta: number | null, revisionId: string | null, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, page: { title: string }, inbox: { id: string }, actor:
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
        | { id: string, displayName: string, handle: string, avatarUrl: string | null }
       | null }
   | null> | null };

export type HowManyQueryVariables = Exact<{
  id: string;
}>;


export type HowManyQuery = { node:
    | { __typename: 'EchoNotification' }
    | { __typename: 'Inbox', notifications: { nodes: Array<
          | { id: string }
          | { id: string }
          | { id: string }
        >, pageInfo: { hasNextPage: boolean } } | null }
    | { __typename: 'Instance' }
    | { __typename: 'MastodonNotification' }
    | { __typename: 'WatchlistNotification' }
   | null };

export type EventsSubscriptionVariables = Exact<{
  filter?: NotificationFilter | null | undefined;
  cursor?: string | null | undefined;
}>;


export type EventsSubscription = { notificationEvents:
    | { __typename: 'InboxChanged', mode: LiveMode, nextLookAt: string | null, cursor: string, source: { freshness: Freshness, fetchedAt: string | null, inbox: { id: string }, failure: { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null } | null } }
    | { __typename: 'LiveStarted', cursor: string, sources: Array<{ freshness: Freshness, fetchedAt: string | null, inbox: { id: string }, failure: { code: UpstreamFailureCode, message: string, isRetryable: boolean, retryAt: string | null } | null }> }
    | { __typename: 'NotificationArrived', isNew: boolean, cursor: string, edge: { node:
          | { __typename: 'EchoNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, about: { title: string } | null, inbox: { id: string }, actor:
              | { id: string, displayName: string, handle: string, avatarUrl: string | null }
              | { id: string, displayName: string, handle: string, avatarUrl: string | null }
             | null }
          | { __typename: 'MastodonNotification', id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, status: { spoilerText: string, text: string, matchedFilters: Array<{ title: string, action: FilterAction }> } | null, inbox: { id: string }, actor:
              | { id: string, displayName: string, handle: string, avatarUrl: string | null }
              | { id: string, displayName: string, handle: string, avatarUrl: string | null }
             | null }
          | { __typename: 'WatchlistNotification', comment: string | null, lengthDelta: number | null, revisionId: string | null, id: string, type: NotificationType, rawType: string, createdAt: string, isUnread: boolean | null, url: string | null, summary: string, groupId: string, page: { title: string }, inbox: { id: string }, actor:
              | { id: string, displayName: string, handle: string, avatarUrl: string | null }
              | { id: string, displayName: string, handle: string, avatarUrl: string | null }
             | null }
         } }
    | { __typename: 'NotificationsChanged', reason: ChangeReason, cursor: string, inbox: { id: string } }
    | { __typename: 'NotificationsRead', notificationIds: Array<string>, upToNotificationId: string | null, cursor: string, inbox: { id: string } }
    | { __typename: 'NotificationsRemoved', notificationIds: Array<string>, isWholeInbox: boolean, cursor: string, inbox: { id: string } }
   };

export type ProblemFragment = { code: UserErrorCode, message: string, path: Array<string> | null, isOutcomeUnknown: boolean };

export type DismissMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type DismissMutation = { dismissNotifications: { dismissedNotificationIds: Array<string>, userErrors: Array<{ code: UserErrorCode, message: string, path: Array<string> | null, isOutcomeUnknown: boolean }> } | null };

export type MarkReadMutationVariables = Exact<{
  id: string;
}>;


export type MarkReadMutation = { markNotificationsRead: { userErrors: Array<{ code: UserErrorCode, message: string, path: Array<string> | null, isOutcomeUnknown: boolean }> } | null };

export type SetUnseenMutationVariables = Exact<{
  inboxId: string;
  id: string;
  from: UnseenFromInput;
}>;


export type SetUnseenMutation = { setNotificationTimestamp: { userErrors: Array<{ code: UserErrorCode, message: string, path: Array<string> | null, isOutcomeUnknown: boolean }> } | null };

export type AnswerMutationVariables = Exact<{
  id: string;
  answer: FollowRequestAnswer;
}>;


export type AnswerMutation = { answerFollowRequest: { dismissedNotificationIds: Array<string>, userErrors: Array<{ code: UserErrorCode, message: string, path: Array<string> | null, isOutcomeUnknown: boolean }> } | null };

export type ClearMutationVariables = Exact<{
  id: string;
}>;


export type ClearMutation = { clearNotifications: { clearedInboxes: Array<{ id: string }>, userErrors: Array<{ code: UserErrorCode, message: string, path: Array<string> | null, isOutcomeUnknown: boolean }> } | null };

export const Inboxes: Asked<InboxesQuery, InboxesQueryVariables> =
  "query Inboxes{inboxes{...Inbox}}fragment Inbox on Inbox{id name handle instance{platform title url}capabilities{canDismiss canClear canSetTimestamp canMarkRead canAnswerFollowRequests}status{health retryAt lastFailure{...Failure}}unreadCount{count isCapped}}fragment Failure on UpstreamFailure{code message isRetryable retryAt}";

export const Groups: Asked<GroupsQuery, GroupsQueryVariables> =
  "query Groups($first:Int$after:String$last:Int$before:String$filter:NotificationFilter){notificationGroups(first:$first after:$after last:$last before:$before filter:$filter){nodes{...Group}pageInfo{hasNextPage hasPreviousPage startCursor endCursor}isIncomplete sources{...Source}}}fragment Group on NotificationGroup{groupId summary isUnread count isCountCapped actorCount actors(first:3){...Face}latest{...Row}notificationIds}fragment Face on Actor{id displayName handle avatarUrl}fragment Row on Notification{__typename id type rawType createdAt isUnread url summary groupId inbox{id}actor{...Face}...on MastodonNotification{status{spoilerText text matchedFilters{title action}}}...on WatchlistNotification{comment lengthDelta revisionId page{title}}...on EchoNotification{about:page{title}}}fragment Source on NotificationSource{inbox{id}freshness fetchedAt failure{...Failure}}fragment Failure on UpstreamFailure{code message isRetryable retryAt}";

export const Rows: Asked<RowsQuery, RowsQueryVariables> =
  "query Rows($ids:[ID!]!){nodes(ids:$ids){__typename ...Row}}fragment Row on Notification{__typename id type rawType createdAt isUnread url summary groupId inbox{id}actor{...Face}...on MastodonNotification{status{spoilerText text matchedFilters{title action}}}...on WatchlistNotification{comment lengthDelta revisionId page{title}}...on EchoNotification{about:page{title}}}fragment Face on Actor{id displayName handle avatarUrl}";

export const Details: Asked<DetailsQuery, DetailsQueryVariables> =
  "query Details($ids:[ID!]!){nodes(ids:$ids){__typename ...Row ...on MastodonNotification{post:status{...Post quote{state status{...Post}}}reaction{emoji}fallback{summary}account{note}}...on WatchlistNotification{commentHtml diffUrl isMinor}...on EchoNotification{header body links{label url}}}}fragment Row on Notification{__typename id type rawType createdAt isUnread url summary groupId inbox{id}actor{...Face}...on MastodonNotification{status{spoilerText text matchedFilters{title action}}}...on WatchlistNotification{comment lengthDelta revisionId page{title}}...on EchoNotification{about:page{title}}}fragment Face on Actor{id displayName handle avatarUrl}fragment Post on MastodonStatus{url createdAt spoilerText isSensitive account{...Face}content mediaAttachments{databaseId type url previewUrl description}matchedFilters{title action}}";

export const HowMany: Asked<HowManyQuery, HowManyQueryVariables> =
  "query HowMany($id:ID!){node(id:$id){__typename ...on Inbox{notifications(first:100){nodes{id}pageInfo{hasNextPage}}}}}";

export const Events: Asked<EventsSubscription, EventsSubscriptionVariables> =
  "subscription Events($filter:NotificationFilter$cursor:String){notificationEvents(filter:$filter cursor:$cursor){__typename cursor ...on LiveStarted{sources{...Source}}...on InboxChanged{source{...Source}mode nextLookAt}...on NotificationArrived{isNew edge{node{...Row}}}...on NotificationsRemoved{inbox{id}notificationIds isWholeInbox}...on NotificationsRead{inbox{id}notificationIds upToNotificationId}...on NotificationsChanged{inbox{id}reason}}}fragment Source on NotificationSource{inbox{id}freshness fetchedAt failure{...Failure}}fragment Failure on UpstreamFailure{code message isRetryable retryAt}fragment Row on Notification{__typename id type rawType createdAt isUnread url summary groupId inbox{id}actor{...Face}...on MastodonNotification{status{spoilerText text matchedFilters{title action}}}...on WatchlistNotification{comment lengthDelta revisionId page{title}}...on EchoNotification{about:page{title}}}fragment Face on Actor{id displayName handle avatarUrl}";

export const Dismiss: Asked<DismissMutation, DismissMutationVariables> =
  "mutation Dismiss($ids:[ID!]!){dismissNotifications(input:{notificationIds:$ids}){dismissedNotificationIds userErrors{...Problem}}}fragment Problem on UserError{code message path isOutcomeUnknown}";

export const MarkRead: Asked<MarkReadMutation, MarkReadMutationVariables> =
  "mutation MarkRead($id:ID!){markNotificationsRead(input:{upToNotificationId:$id}){userErrors{...Problem}}}fragment Problem on UserError{code message path isOutcomeUnknown}";

export const SetUnseen: Asked<SetUnseenMutation, SetUnseenMutationVariables> =
  "mutation SetUnseen($inboxId:ID!$id:ID!$from:UnseenFromInput!){setNotificationTimestamp(input:{inboxId:$inboxId pages:{notificationIds:[$id]}unseenFrom:$from}){userErrors{...Problem}}}fragment Problem on UserError{code message path isOutcomeUnknown}";

export const Answer: Asked<AnswerMutation, AnswerMutationVariables> =
  "mutation Answer($id:ID!$answer:FollowRequestAnswer!){answerFollowRequest(input:{notificationId:$id answer:$answer}){dismissedNotificationIds userErrors{...Problem}}}fragment Problem on UserError{code message path isOutcomeUnknown}";

export const Clear: Asked<ClearMutation, ClearMutationVariables> =
  "mutation Clear($id:ID!){clearNotifications(input:{inboxIds:[$id]}){clearedInboxes{id}userErrors{...Problem}}}fragment Problem on UserError{code message path isOutcomeUnknown}";
