"""The lists that a caller may read, by name. An inbox has one for each of its feeds.

The first list of a platform is called what its inbox is, and any other by that and its feed, so
that cursors of before it was there stay good.
"""

from collections.abc import Iterator, Mapping, Sequence

from resolvers.seam.upstream import Upstream
from resolvers.types.feed import Feed

Lists = Mapping[str, Upstream]
"""In the configuration's order, and of one inbox in that in which ties go."""


def name_further_list(inbox: str, feed: Feed) -> str:
    """What a list is called that is not the first of its inbox; no inbox can be called so."""
    return f"{inbox}/{feed.name.lower()}"


def lists_of(inbox: str, lists: Lists) -> Sequence[Upstream]:
    """Those of one inbox, in the order in which ties go."""
    names = (*(name_further_list(inbox, feed) for feed in Feed), inbox)
    return [lists[name] for name in names if name in lists]


def list_of_feed(inbox: str, feed: Feed, lists: Lists) -> Upstream | None:
    """That of one feed of an inbox; None where it has none."""
    return next((each for each in lists_of(inbox, lists) if each.feed is feed), None)


def main_list(inbox: str, lists: Lists) -> Upstream | None:
    """What speaks for an inbox as such: its first list, or the only one that is read."""
    return lists.get(inbox) or next(iter(lists_of(inbox, lists)), None)


def main_lists(lists: Lists) -> Iterator[Upstream]:
    """That of each inbox, in order."""
    for upstream in lists.values():
        if main_list(upstream.inbox.name, lists) is upstream:
            yield upstream


def count_inboxes(lists: Lists) -> int:
    """How many there are, whatever each has of lists."""
    return len({each.inbox.name for each in lists.values()})


def most_lists(inboxes: int) -> int:
    """How many so many inboxes can have."""
    return inboxes * len(Feed)
