"""What is kept in a shared store: the same value for its login, and nothing for anybody else."""

import pytest
from support.processes import processes
from support.real_redis import RealRedis
from support.virtual_time import START
from support.worlds import BOT_PASSWORD, mixed_world, nodes

from app.cache.kept import Copy
from app.cache.shared.codec import FINGERPRINT, OtherVersion, decode, encode
from app.cache.shared.sealing import Seal
from app.cache.write_log import LogEntry, WriteOutcome
from app.upstreams.session_share import KeptSession
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.seam.writes import Dismissal


async def test_a_copy_comes_back_as_it_was() -> None:
    """Every field of every row, at both platforms; actors that rows share are shared again."""
    world = mixed_world()
    world.add_echo("wiki")
    world.tell("wiki", 5)
    for name, upstream in world.upstreams().items():
        chunk = await upstream.read(ChunkRequest(TOP, 40))
        copy = Copy(chunk, b"token")
        back = decode(encode(copy), upstream.inbox)
        assert list(back.chunk.rows) == list(chunk.rows), name
        assert back.chunk.fetched_at == chunk.fetched_at and back.token == b"token"
        assert all(row.inbox is upstream.inbox for row in back.chunk.rows)
        actors = {id(row.actor) for row in back.chunk.rows}
        assert len(actors) == len({id(row.actor) for row in chunk.rows})


def test_entries_and_failures_come_back_as_they_were() -> None:
    """An outcome, a dismissal, and whatever a flaw or a refused login says."""
    for what in (WriteOutcome.UNKNOWN, Dismissal(["a"], "page", START)):
        entry = LogEntry(b"t", START, what, b"w")
        assert decode(encode(entry), None) == entry
    late = UpstreamError(UpstreamFailureCode.TIMEOUT, "late", START, is_login_refused=True)
    flawed = Chunk(TOP, [], is_last=True, fetched_at=START, flaw=late)
    for failure in (
        decode(encode(flawed), None).flaw,
        decode(encode(KeptSession(failure=late)), None).failure,
    ):
        assert (failure.failure_code, str(failure)) == (UpstreamFailureCode.TIMEOUT, "late")
        assert failure.retry_at == START and failure.is_login_refused


def test_what_cannot_be_kept() -> None:
    """A type that the table lacks is a mistake of ours, and is not kept in part."""
    with pytest.raises(TypeError):
        encode(Copy(Chunk(TOP, [], is_last=True, fetched_at=START), b"", stamp=object))  # type: ignore[arg-type]


@pytest.mark.parametrize("rest", [b"", b"\xc1", b"\x91\xcc\xff", b"\x91\x03", b"\x92\x01\x05"])
def test_bytes_that_are_no_value(rest: bytes) -> None:
    """Whatever they are, they are none, and nothing else is raised."""
    with pytest.raises(ValueError, match="not a value"):
        decode(FINGERPRINT + rest, None)
    with pytest.raises(OtherVersion):
        decode(b"12345678" + rest, None)


def test_a_seal_is_of_one_login_and_one_name() -> None:
    """Another credential, another name, or one changed byte, and it does not open."""
    sealed = Seal(b"secret").close(b"value", "name")
    assert Seal(b"secret").open(sealed, "name") == b"value"
    for seal, data, name in (
        (Seal(b"other"), sealed, "name"),
        (Seal(b"secret"), sealed, "another"),
        (Seal(b"secret"), sealed[:-1] + bytes([sealed[-1] ^ 1]), "name"),
        (Seal(b"secret"), b"", "name"),
    ):
        with pytest.raises(ValueError, match="not sealed"):
            seal.open(data, name)


async def test_nothing_can_be_read_without_the_credential(real_redis: RealRedis) -> None:
    """After reads and writes no key and no value holds a token, a session or a text of a row."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), _]:
        listed = nodes(await one.page(first=20))
        await one.ask(
            "mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) "
            "{ dismissedNotificationIds } }",
            {"id": listed[0]["id"]},
        )
        dump = real_redis.dump()
        secrets = ["token-of-home", BOT_PASSWORD, *world.wikis["wiki"].sessions]
        texts = ["hello", "Zed", "a change", listed[0]["id"], listed[1]["summary"]]
        assert len(dump) > 1000
        for each in (*secrets, *texts):
            assert each.encode() not in dump


async def test_what_is_not_ours_is_left_alone(
    real_redis: RealRedis, capsys: pytest.CaptureFixture[str]
) -> None:
    """Values and entries of somebody else are as good as none, and are counted."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        expected = nodes(await one.page(first=20))
        real_redis.spoil()
        requests = world.list_requests()
        assert nodes(await other.page(first=20)) == expected
        assert nodes(await one.page(first=20)) == expected
        assert world.list_requests() > requests
        assert "not ours to read" in capsys.readouterr().out


ODD = {
    "no stream": ("SET", "log", "text"),
    "a list": ("RPUSH", "log", "text"),
    "an entry of two fields": ("XADD", "log", "*", "e", "x", "f", "y"),
    "an entry of another field": ("XADD", "log", "*", "f", "x"),
    "an empty entry": ("XADD", "log", "*", "e", ""),
    "a position ahead": ("XADD", "log", "9999999999999-1", "e", "x"),
    "a session that is a list": ("RPUSH", "session", "x"),
    "a short session": ("SET", "session", "x"),
    "instants without end": ("ZADD", "paged", "inf", "x"),
    "instants that are none": ("SET", "paged", "x"),
}


@pytest.mark.parametrize("command", ODD.values(), ids=ODD)
async def test_odd_entries(real_redis: RealRedis, command: tuple[str, ...]) -> None:
    """Count as the store being away: pages, dismissals and later writes go on, in each process."""
    world = mixed_world()
    dismiss = (
        "mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) "
        "{ dismissedNotificationIds userErrors { message } } }"
    )
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        first = nodes(await one.page(first=20))[0]["id"]
        await one.ask(dismiss, {"id": first})
        real_redis.put_beside(*command)
        dismissed: dict[int, set[str]] = {id(one): {first}, id(other): {first}}
        for process in (one, other, one):  # without a store, each knows of its own
            page = await process.page(first=20)
            assert not [each["failure"] for each in page["sources"] if each["failure"]]
            listed = [each["id"] for each in nodes(page)]
            assert listed and not dismissed[id(process)] & {*listed}
            chosen = listed[0 if process is one else 3]
            answer = await process.ask(dismiss, {"id": chosen})
            assert answer["data"]["dismissNotification"]["userErrors"] == []
            dismissed[id(process)].add(chosen)
