"""How an inbox is watched, as far as all its lists go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers.context import Context
from resolvers.errors import UpstreamError
from resolvers.fields.sources import FeedSource, Freshness
from resolvers.seam.live import Watch
from resolvers.types.failure import show_failure
from resolvers.types.live import LiveMode


@dataclass(frozen=True, slots=True)
class InboxStatusNow:
    """`told` stands for all of it that is worth an event when it changes."""

    mode: LiveMode
    next_look_at: datetime | None
    no_stream: UpstreamError | None
    told: object

    @classmethod
    def of(cls, watches: Sequence[Watch]) -> "InboxStatusNow":
        """It streams where all do, and is paused where nothing of it can be read."""
        failures = [watch.failure for watch in watches if watch.failure is not None]
        is_live = all(watch.is_live for watch in watches)
        is_paused = len(failures) == len(watches)
        mode = LiveMode.STREAMING if is_live else LiveMode.POLLING
        mode = LiveMode.PAUSED if is_paused else mode
        no_stream = None
        if not is_live and not failures:
            no_stream = next((each.stream_failure for each in watches if not each.is_live), None)
        looks = [each.next_look_at for each in watches if each.next_look_at is not None]
        codes = [each.failure_code for each in (*failures, no_stream) if each is not None]
        return cls(mode, min(looks, default=None), no_stream, (mode, *codes))


def report_list(watch: Watch, context: Context) -> FeedSource:
    """One list, as it was seen last."""
    newest, failure = watch.newest(), watch.failure
    freshness = Freshness.STALE if failure else Freshness.FRESH
    return FeedSource(
        feed=watch.upstream.feed,
        freshness=Freshness.MISSING if newest is None else freshness,
        fetched_at=context.to_wall(newest.fetched_at) if newest else None,
        failure=show_failure(failure, context.to_come) if failure else None,
    )
