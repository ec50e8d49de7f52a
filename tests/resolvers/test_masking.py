"""What was not foreseen is hidden from callers and told to operators."""

from dataclasses import dataclass

import pytest
from graphql import GraphQLError
from support.asking import TRACE_ID, Told, ask_api, make_api
from support.worlds import Json

from app.observability.events import log_unforeseen
from resolvers.context import Context
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.fields.inbox import make_inbox
from resolvers.identity import make_id
from resolvers.platforms import Platform
from resolvers.seam.chunk import Chunk, ChunkRequest, Row
from resolvers.seam.login import LoginHealth, Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import OnlyList, ReadState
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.notification import Notification

SECRET = "s3cret"
NODE = f'node(id: "{make_id("MastodonNotification", "it", "1")}") {{ id }}'


class BrokenUpstream(OnlyList):
    """An upstream that raises what it is given."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.inbox = make_inbox("it", Platform.MASTODON, "https://it.test")

    health = LoginHealth()

    def recognises(self, row: Row) -> bool:
        return True

    async def read(self, request: ChunkRequest) -> Chunk:
        raise self._error

    async def find(self, key: str) -> Notification | None:
        local = SECRET
        raise self._error if local else AssertionError

    async def ask_read_state(self) -> ReadState:
        raise self._error

    async def count_unread(self) -> UnreadTally:
        raise self._error

    async def ask_profile(self) -> Profile:
        raise self._error

    async def open_stream(self) -> NotificationStream:
        raise self._error

    async def inspect(self) -> Inspection:
        raise self._error

    async def dismiss(self, *keys: str) -> Dismissal:
        raise self._error

    async def clear(self) -> None:
        raise self._error

    async def mark_read(self, key: str) -> None:
        raise self._error

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        raise self._error


@dataclass
class WriteOutcome:
    """What the caller sees and what the operator is told."""

    data: object
    errors: list[Json]
    reported: list[GraphQLError]


async def execute(error: Exception, query: str) -> WriteOutcome:
    """A query over an inbox whose upstream raises this error."""
    told = Told()
    context = Context({"it": BrokenUpstream(error)}, page_seconds=5)
    answer = await ask_api(make_api(told=told), query, context)
    return WriteOutcome(answer["data"], answer.get("errors", []), told.masked)


async def test_a_bug_is_masked_and_reported() -> None:
    """The caller sees one sentence, INTERNAL and a trace ID, the operator the exception."""
    query = f"{{ {NODE} inboxes {{ name }} }}"
    outcome = await execute(ZeroDivisionError(SECRET), query)
    assert outcome.data == {"node": None, "inboxes": [{"name": "it"}]}
    (error,) = outcome.errors
    assert error["extensions"] == {"code": "INTERNAL", "traceId": TRACE_ID}
    assert SECRET not in str(error)
    assert len(outcome.reported) == 1


async def test_what_was_foreseen_is_shown() -> None:
    """An error that was raised on purpose keeps its sentence and its code."""
    failure = UpstreamError(UpstreamFailureCode.TIMEOUT, "It took too long.")
    outcome = await execute(failure, f"{{ {NODE} }}")
    assert outcome.data == {"node": None}
    (error,) = outcome.errors
    assert error["message"] == "It took too long."
    assert error["extensions"] == {"code": "TIMEOUT"}
    assert not outcome.reported


async def test_a_logged_traceback_has_no_local_variables(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Local variables hold tokens: the log has the lines of code and the message."""
    outcome = await execute(ValueError("why"), f"{{ {NODE} }}")
    log_unforeseen(outcome.reported[0], TRACE_ID)
    captured = capfd.readouterr()
    assert "why" in captured.out + captured.err
    assert SECRET not in captured.out + captured.err
