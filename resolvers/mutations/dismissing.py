"""Dismisses many notifications: each list by itself, and all within one time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import strawberry

from resolvers.errors import InvalidInput, TidingsError, UpstreamError, UpstreamFailureCode
from resolvers.inputs.ids import check_notification
from resolvers.mutations.inputs import MOST_DISMISSED
from resolvers.mutations.payloads import UserError
from resolvers.mutations.refusals import Failures, Request, explain, explain_each, write
from resolvers.seam.lists import Lists
from resolvers.seam.upstream import Upstream
from resolvers.types.inbox import Inbox

BEGUN_BY = 0.8
"""Of the time there is: what begins later could not be told of."""

_GOES_ON_AFTER = {UpstreamFailureCode.BAD_RESPONSE, UpstreamFailureCode.REJECTED}
"""Failures of one notification, which say nothing of the next."""


class DismissedOfAll(NamedTuple):
    """What a payload shows."""

    ids: list[strawberry.ID]
    inboxes: list[Inbox]
    errors: list[UserError]


@dataclass
class _Dismissed:
    """What left one list, and why the others did not, by their IDs."""

    ids: list[str] = field(default_factory=list)
    refused: Failures = field(default_factory=dict)


async def dismiss_everywhere(info: Request, ids: Sequence[strawberry.ID]) -> DismissedOfAll:
    """Dismisses notifications of any inboxes, those of each list one after another."""
    if not 1 <= len(ids) <= MOST_DISMISSED:
        problem = f"Expected 1 to {MOST_DISMISSED} of them, not {len(ids)}."
        return DismissedOfAll(
            [], [], [explain(info, InvalidInput(problem, "notificationIds"), None)]
        )
    by_list, refused = _sort(ids, info.context.upstreams)
    lists = [info.context.upstreams[name] for name in by_list]
    told = await asyncio.gather(*(_dismiss_of(each, by_list[each.name], info) for each in lists))
    for each in told:
        refused |= each.refused
    return DismissedOfAll(
        ids=[strawberry.ID(each) for each in dict.fromkeys(i for one in told for i in one.ids)],
        inboxes=[*{each.inbox.name: each.inbox for each in lists}.values()],
        errors=explain_each(info, ids, refused, "notificationIds"),
    )


def _sort(
    ids: Sequence[strawberry.ID], lists: Lists
) -> tuple[Mapping[str, Mapping[str, str]], Failures]:
    """By list, the IDs by their keys there; and those that cannot be of any."""
    by_list: dict[str, dict[str, str]] = {}
    unknown: Failures = {}
    for each in dict.fromkeys(ids):
        try:
            upstream, key = check_notification(each, lists)
        except TidingsError as error:
            unknown[each] = error, None
        else:
            by_list.setdefault(upstream.name, {})[key] = each
    return by_list, unknown


async def _dismiss_of(upstream: Upstream, ids: Mapping[str, str], info: Request) -> _Dismissed:
    """Those of one list, portion after portion, as long as there is time."""
    done, loop = _Dismissed(), asyncio.get_running_loop()
    last_begin = loop.time() + info.context.page_seconds * BEGUN_BY
    end: TidingsError | None = None
    for portion in upstream.portions([*ids]):
        if end is None and loop.time() >= last_begin:
            end = _no_time(upstream)
        failure = end or await _dismiss(upstream, portion, info, done)
        if failure is not None:
            done.refused |= {ids[key]: (failure, upstream.inbox) for key in portion}
            end = end or _find_end(failure)
    return done


async def _dismiss(
    upstream: Upstream, portion: Sequence[str], info: Request, done: _Dismissed
) -> TidingsError | None:
    """Why a portion did not leave; None where it did, which is noted."""
    try:
        dismissal = await write(info, upstream, lambda: upstream.dismiss(*portion))
    except TidingsError as failure:
        return failure
    done.ids += dismissal.notification_ids
    return None


def _find_end(failure: TidingsError) -> UpstreamError | None:
    """Why nothing more is sent after a failure; None where it was one notification's alone."""
    if not isinstance(failure, UpstreamError) or failure.failure_code in _GOES_ON_AFTER:
        return None
    return UpstreamError(failure.failure_code, str(failure), failure.retry_at)


def _no_time(upstream: Upstream) -> UpstreamError:
    return UpstreamError(
        UpstreamFailureCode.TIMEOUT,
        f"{upstream.inbox.instance.url} dismisses slower than an answer waits, and nothing was "
        "sent for this one: ask again for what is left.",
    )
