"""The line that a change of a watchlist is told by."""

from app.upstreams.mediawiki import wire
from resolvers.types.names import isolate, read_name
from resolvers.types.notification_type import NotificationType

_PROTECTED = "abusefilter-protected-vars"
_LOGGED = {
    ("move", "move"): "{who} moved {title}",
    ("move", "move_redir"): "{who} moved {title} over a redirect",
    ("delete", "delete"): "{who} deleted {title}",
    ("delete", "delete_redir"): "{who} deleted the redirect {title}",
    ("delete", "delete_redir2"): "{who} deleted the redirect {title} by a move",
    ("delete", "restore"): "{who} restored {title}",
    ("delete", "revision"): "{who} changed which revisions of {title} can be seen",
    ("delete", "event"): "{who} changed which log entries of {title} can be seen",
    ("suppress", "delete"): "{who} deleted {title} and hid it",
    ("suppress", "revision"): "{who} hid revisions of {title}",
    ("suppress", "event"): "{who} hid log entries of {title}",
    ("suppress", "block"): "{who} blocked and hid {title}",
    ("suppress", "reblock"): "{who} changed the block of {title}, who is hidden",
    ("suppress", "hide-afl"): "{who} hid an entry of the filters' log",
    ("suppress", "unhide-afl"): "{who} showed an entry of the filters' log again",
    ("protect", "protect"): "{who} protected {title}",
    ("protect", "modify"): "{who} changed the protection of {title}",
    ("protect", "unprotect"): "{who} unprotected {title}",
    ("protect", "move_prot"): "{who} moved the protection of {title}",
    ("upload", "upload"): "{who} uploaded {title}",
    ("upload", "overwrite"): "{who} uploaded a new version of {title}",
    ("upload", "revert"): "{who} went back to an older version of {title}",
    ("import", "interwiki"): "{who} imported {title} from another wiki",
    ("import", "upload"): "{who} imported {title} from a file",
    ("merge", "merge"): "{who} merged the history of {title} into another page",
    ("merge", "merge-into"): "{who} merged another history into {title}",
    ("contentmodel", "new"): "{who} created {title} with another content model",
    ("contentmodel", "change"): "{who} changed the content model of {title}",
    ("pagelang", "pagelang"): "{who} changed the language of {title}",
    ("tag", "update"): "{who} changed tags of {title}",
    ("create", "create"): "{who} created {title}",
    ("patrol", "patrol"): "{who} marked {title} as patrolled",
    ("patrol", "autopatrol"): "{who} marked {title} as patrolled",
    ("block", "block"): "{who} blocked {title}",
    ("block", "reblock"): "{who} changed the block of {title}",
    ("block", "unblock"): "{who} unblocked {title}",
    ("rights", "rights"): "{who} changed the rights of {title}",
    ("rights", "autopromote"): "{who} was given rights by the wiki",
    ("rights", "blockautopromote"): "{who} kept the wiki from giving {title} rights",
    ("rights", "restoreautopromote"): "{who} let the wiki give {title} rights again",
    ("newusers", "newusers"): "{who} made an account",
    ("newusers", "create"): "{who} made an account",
    ("newusers", "create2"): "{who} made the account {title}",
    ("newusers", "byemail"): "{who} made the account {title}",
    ("newusers", "autocreate"): "{who} got an account here",
    ("renameuser", "renameuser"): "{who} renamed {title}",
    ("abusefilter", "create"): "{who} made the filter {title}",
    ("abusefilter", "hit"): "{who} set off a filter at {title}",
    ("abusefilter", "modify"): "{who} changed the filter {title}",
    ("abusefilterblockeddomainhit", "hit"): "{who} tried to add a blocked domain to {title}",
    ("abusefilterprivatedetails", "access"): "{who} looked at private details of {title}",
    (_PROTECTED, "change-access-enable"): "{who} got access to protected values of filters",
    (_PROTECTED, "change-access-disable"): "{who} gave up access to protected values of filters",
    (_PROTECTED, "view-protected-var-value"): "{who} looked at protected values of {title}",
    ("spamblacklist", "hit"): "{who} tried to add a forbidden link to {title}",
    ("titleblacklist", "hit-username"): "{who} tried to take the forbidden name {title}",
    ("thanks", "thank"): "{who} thanked {title}",
    ("interwiki", "iw_add"): "{who} added an interwiki prefix",
    ("interwiki", "iw_edit"): "{who} changed an interwiki prefix",
    ("interwiki", "iw_delete"): "{who} removed an interwiki prefix",
    ("managetags", "create"): "{who} made a tag",
    ("managetags", "delete"): "{who} deleted a tag",
    ("managetags", "activate"): "{who} switched a tag on",
    ("managetags", "deactivate"): "{who} switched a tag off",
    ("oath", "verify"): "{who} looked whether {title} uses a second factor",
    ("oath", "disable-other"): "{who} switched off the second factor of {title}",
}
"""The log types and actions of MediaWiki and its bundled extensions:
https://www.mediawiki.org/wiki/Manual:Log_actions"""
_LONGEST_TYPE = 60


def summarise(kind: NotificationType, change: wire.Change) -> str:
    """Who did what to which page; no name's script turns the rest of the line around."""
    who = isolate(read_name(change.user) or "Somebody")
    title = isolate(read_name(change.title) or "a page without a name")
    match kind:
        case NotificationType.PAGE_EDITED:
            return f"{who} edited {title}"
        case NotificationType.PAGE_CREATED:
            return f"{who} created {title}"
        case NotificationType.PAGE_CATEGORIZED:
            return f"{who} changed what is in {title}"
        case NotificationType.EXTERNAL_CHANGE:
            return f"{who} changed something elsewhere that {title} shows"
        case NotificationType.PAGE_LOGGED:
            return _summarise_log(who, title, change)
    return f"{who}: {_say(change.type)} of {title}"


def _summarise_log(who: str, title: str, change: wire.Change) -> str:
    line = _LOGGED.get((change.logtype or "", change.logaction or ""))
    if line is not None:
        return line.format(who=who, title=title)
    if change.logtype is None:
        return f"{who} did something to {title} that is hidden"
    return f"{who}: {_say(f'{change.logtype}/{change.logaction}')} of {title}"


def _say(kind: str | None) -> str:
    """A type that nobody here knows, as far as it can be said on a line."""
    return read_name((kind or "")[:_LONGEST_TYPE]) or "something"
