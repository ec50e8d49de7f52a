"""The line that tells of several notifications at once."""

from collections.abc import Sequence

from resolvers.types.echo import EchoNotification
from resolvers.types.group_kind import GroupKind
from resolvers.types.mediawiki import WatchlistNotification, WikiTitle
from resolvers.types.names import isolate
from resolvers.types.notification import Actor, Notification


def summarise(rows: Sequence[Notification], actors: Sequence[Actor]) -> str:
    """What happened, by the members of a group on one page, newest first, and who did it."""
    latest = rows[0]
    if len(rows) == 1 or latest.grouped_by is None:
        return latest.summary
    kind, _ = latest.grouped_by
    count = len(_distinct_revisions(rows)) if kind is GroupKind.CHANGES else len(rows)
    if count == 1:
        return latest.summary
    about = latest.about
    page = isolate(about.title) if isinstance(about, WikiTitle) else ""
    return kind.value.format(who=_name(actors), count=count, page=page)


def _distinct_revisions(rows: Sequence[Notification]) -> set[str]:
    """A revision is told of twice where it is one of the reader's own talk page."""
    told = WatchlistNotification | EchoNotification
    return {(isinstance(each, told) and each.revision_id) or each.id for each in rows}


def _name(actors: Sequence[Actor]) -> str:
    names = [isolate(each.display_name) for each in actors[:2]]
    match len(actors):
        case 0:
            return "Somebody"
        case 1:
            return names[0]
        case 2:
            return " and ".join(names)
    return f"{names[0]} and {len(actors) - 1} others"
