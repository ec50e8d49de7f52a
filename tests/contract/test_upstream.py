"""The contract of an Upstream, held by every implementation and every wrapper."""

from collections.abc import Sequence

from contract.conftest import Subject

from resolvers.identity import parse_id
from resolvers.seam.chunk import BOTTOM, TOP, Anchor, Chunk, ChunkRequest, Direction
from resolvers.types.notification import Notification
from resolvers.types.scalars import format_instant

LIMIT = 40


async def read(subject: Subject, anchor: Anchor, held_in: Anchor | None = None) -> Chunk:
    """One chunk of the pending list."""
    return await subject.upstream.read(ChunkRequest(anchor, LIMIT, held_in=held_in))


async def read_all(subject: Subject, direction: Direction) -> list[Notification]:
    """Everything in one direction, chunk after chunk, newest first."""
    rows: list[Notification] = []
    chunk = await read(subject, TOP if direction is Direction.DOWN else BOTTOM)
    while chunk.rows:
        is_down = direction is Direction.DOWN
        rows = [*rows, *chunk.rows] if is_down else [*chunk.rows, *rows]
        if chunk.is_last:
            break
        last = chunk.rows[-1] if is_down else chunk.rows[0]
        chunk = await read(subject, Anchor(direction, last.row), held_in=chunk.anchor)
    return rows


def ids(rows: Sequence[Notification]) -> list[str]:
    """The global IDs, in order."""
    return [row.id for row in rows]


def times(rows: Sequence[Notification]) -> list[str]:
    """The times as a platform without milliseconds writes them."""
    return [format_instant(row.created_at).replace(".000Z", "Z") for row in rows]


async def test_reads_everything_downwards(subject: Subject) -> None:
    """Chunk after chunk from the top gives what the instance holds, once and in its order."""
    rows = await read_all(subject, Direction.DOWN)
    truth = [each.replace(".000Z", "Z") for each in await subject.truth()]
    assert times(rows) == truth
    assert len(set(ids(rows))) == len(rows) > 0


async def test_reads_everything_upwards(subject: Subject) -> None:
    """Chunk after chunk from the bottom gives the same rows in the same order."""
    assert ids(await read_all(subject, Direction.UP)) == ids(
        await read_all(subject, Direction.DOWN)
    )


async def test_a_chunk_has_what_was_asked_for(subject: Subject) -> None:
    """A chunk holds at least the rows that were asked for, where the instance gives as many."""
    chunk = await read(subject, TOP)
    assert len(chunk.rows) >= min(LIMIT, subject.largest, len(await subject.truth()))


async def test_reads_on_from_any_row(subject: Subject) -> None:
    """Below a row, above it, at it: the row's neighbours, without a gap."""
    rows = await read_all(subject, Direction.DOWN)
    for index in {0, len(rows) // 2, len(rows) - 1}:
        row = rows[index].row
        below = await read(subject, Anchor(Direction.DOWN, row))
        assert ids(below.rows) == ids(rows[index + 1 :])[: len(below.rows)]
        at = await read(subject, Anchor(Direction.DOWN, row, inclusive=True))
        assert ids(at.rows) == ids(rows[index:])[: len(at.rows)]
        above = await read(subject, Anchor(Direction.UP, row))
        start = max(0, index - len(above.rows))
        assert ids(above.rows) == ids(rows[start:index])
        up_from = await read(subject, Anchor(Direction.UP, row, inclusive=True))
        start = max(0, index + 1 - len(up_from.rows))
        assert ids(up_from.rows) == ids(rows[start : index + 1])


async def test_finds_one_by_its_key(subject: Subject) -> None:
    """The last part of a global ID finds the same notification again."""
    for row in (await read(subject, TOP)).rows[:3]:
        found = await subject.upstream.find(parse_id(row.id).key)
        assert found is not None
        assert (found.id, found.row, found.summary) == (row.id, row.row, row.summary)


async def test_finds_nothing_for_what_never_was(subject: Subject) -> None:
    """A key of nothing is None and no error."""
    assert await subject.upstream.find("1") is None
    assert await subject.upstream.find("0|1767312007|edit|0|999999|Nobody|Nowhere") is None


async def test_recognises_its_own_rows(subject: Subject) -> None:
    """What an instance gave may be sent to it; what it cannot have given may not."""
    rows = (await read(subject, TOP)).rows
    assert all(subject.upstream.recognises(row.row) for row in rows)
    for junk in (b"", b"\xff\xfe", b"a b", b"a\nb", bytes(300)):
        assert not subject.upstream.recognises(junk)


async def test_says_who_and_what(subject: Subject) -> None:
    """The profile has a handle, a title, the software and its version, if these are known."""
    profile = await subject.upstream.ask_profile()
    assert profile.handle and profile.handle.startswith(("@", "User:"))
    assert profile.title
    assert profile.software == subject.software
    assert subject.software is None or (profile.version and profile.version[0].isdigit())
    assert profile == await subject.upstream.ask_profile()


async def test_every_row_is_complete(subject: Subject) -> None:
    """A row says who did what, where to read it and for which inbox."""
    for row in (await read(subject, TOP)).rows:
        assert row.summary and "\n" not in row.summary
        assert row.raw_type and row.actor and row.url
        assert row.inbox is subject.upstream.inbox


async def test_what_arrives_does_not_disturb(changing: Subject) -> None:
    """Reading on below a row gives the same rows after something arrived above it."""
    before = await read_all(changing, Direction.DOWN)
    assert changing.arrive
    await changing.arrive()
    below = await read(changing, Anchor(Direction.DOWN, before[9].row))
    assert ids(below.rows) == ids(before[10:])[: len(below.rows)]
    newest = (await read(changing, Anchor(Direction.UP, before[0].row))).rows
    assert len(newest) == 1
    assert newest[0].id not in ids(before)


async def test_reads_on_where_a_row_was(changing: Subject) -> None:
    """An anchor whose row has left the list still works: reading goes on where it was."""
    before = await read_all(changing, Direction.DOWN)
    assert changing.leave
    await changing.leave()
    after = await read_all(changing, Direction.DOWN)
    assert before[0].id not in ids(after)
    for is_inclusive in (False, True):
        anchor = Anchor(Direction.DOWN, before[0].row, inclusive=is_inclusive)
        assert ids((await read(changing, anchor)).rows)[:20] == ids(after)[:20]
