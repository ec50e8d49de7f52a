"""Marks Echo's notifications as read, which takes them out of the pending list.

https://www.mediawiki.org/wiki/Notifications/API · `echomarkseen`, which only sets the time of a
badge, is never called.
"""

from collections.abc import Awaitable, Callable, Sequence

from app.upstreams.mediawiki.echo import wire
from app.upstreams.mediawiki.echo.places import EchoPlace
from app.upstreams.mediawiki.echo.reading import EchoList, PlacedRow
from app.upstreams.mediawiki.session import Params
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, Anchor, ChunkRequest, Direction

MOST_AT_ONCE = 50
"""Numbers that one write may have: https://www.mediawiki.org/wiki/API:Data_formats#Multivalue_parameters"""
MOST_BY_NUMBER = 500
"""Notifications that clearing marks one by one; where there are more, all are marked."""
_MOST_ROUNDS = 20
"""Of marking all, each of which takes as many as the wiki allows."""


class EchoMarking:
    """For one user; `find` gives the row at a place, as the wiki has it now."""

    def __init__(
        self,
        wiki: WikiLogin,
        listed: EchoList,
        find: Callable[[EchoPlace], Awaitable[PlacedRow | None]],
    ) -> None:
        self._wiki = wiki
        self._list = listed
        self._find = find

    async def mark(self, places: Sequence[EchoPlace]) -> None:
        """These are read. Raises UpstreamError.

        Where the wiki remembers that nothing is unread it does nothing and says that it was done.
        """
        done = await self._write({"list": "|".join(str(each.number) for each in places)})
        if done.rawcount == 0 and await self._is_unread(places[0]):
            raise UpstreamError(
                UpstreamFailureCode.UNAVAILABLE,
                f"{self._wiki.url} takes all of its notifications for read, and so has not marked "
                "this one: look at them there once, and try again.",
            )

    async def mark_all(self) -> None:
        """What is pending when it begins is read; of more than 500 also what came meanwhile.

        Raises UpstreamError.
        """
        pending, is_all = await self._read_pending()
        is_begun = False
        try:
            for start in range(0, len(pending), MOST_AT_ONCE):
                await self.mark(pending[start : start + MOST_AT_ONCE])
                is_begun = True
            if not is_all:
                await self._mark_rest()
        except UpstreamError as failure:
            failure.is_outcome_unknown |= is_begun  # some are read, and some are not
            raise

    async def _mark_rest(self) -> None:
        for _ in range(_MOST_ROUNDS):
            await self._write({"all": "1"})
            if not (await self._list.read(ChunkRequest(TOP, 1))).rows:
                return
        raise UpstreamError(
            UpstreamFailureCode.UNAVAILABLE,
            f"{self._wiki.url} has more notifications than it marks at once: clear it again.",
        )

    async def _read_pending(self) -> tuple[Sequence[EchoPlace], bool]:
        """What is pending, newest first, up to so many, and whether that is all."""
        places: list[EchoPlace] = []
        anchor = TOP
        while True:
            listed = await self._list.read(ChunkRequest(anchor, MOST_AT_ONCE))
            places += [each.place for each in listed.rows]
            if listed.is_last or not listed.rows:
                return places[:MOST_BY_NUMBER], len(places) <= MOST_BY_NUMBER
            if len(places) > MOST_BY_NUMBER:
                return places[:MOST_BY_NUMBER], False
            anchor = Anchor(Direction.DOWN, places[-1].row)

    async def _is_unread(self, place: EchoPlace) -> bool:
        found = await self._find(place)
        return found is not None and found.row.read is None

    async def _write(self, params: Params) -> wire.Marked:
        answer = await self._wiki.session.write({"action": "echomarkread", **params})
        done = answer.query.echomarkread
        if done is None or done.result != "success":
            raise UpstreamError(
                UpstreamFailureCode.BAD_RESPONSE,
                f"{self._wiki.url} did not say whether it has marked anything: look there.",
                is_outcome_unknown=True,
            )
        return done
