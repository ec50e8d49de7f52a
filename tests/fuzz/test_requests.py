"""Requests as bytes, by a grammar of HTTP and JSON, bent and broken in every place."""

import asyncio
import random
from collections import Counter

from support.generated import rounds
from support.raw_requests import Server, split
from support.virtual_time import VirtualTimeLoop
from support.worlds import mixed_world

STATUSES = {100, 200, 304, 307, 400, 401, 403, 404, 405, 406, 408, 413, 415, 421, 422, 431, 501}
METHODS = [b"POST"] * 6 + [b"GET"] * 3 + [b"HEAD", b"OPTIONS", b"PUT", b"get", b"PRI", b"CONNECT"]
TARGETS = [b"/graphql"] * 8 + [
    b"/",
    b"/%00",
    b"*",
    b"//x",
    b"/graphql?query=%7Ba",
]
TARGETS += [
    b"http://localhost:8000/graphql",
    b"http://evil/graphql",
    b"/graphql?query={__typename}",
]
NAMES = [
    b"Accept",
    b"Origin",
    b"Authorization",
    b"Inbox-Authorization",
    b"If-None-Match",
    b"Upgrade",
]
NAMES += [
    b"Connection",
    b"Expect",
    b"Range",
    b"Content-Encoding",
    b"X-Forwarded-For",
    b"TE",
    b"Cookie",
]
VALUES = [
    b"*/*",
    b"null",
    b"http://[",
    b"Bearer x",
    b"home=Bearer x",
    b"h2c",
    b"Upgrade",
    b"close",
    b"",
]
VALUES += [
    b"100-continue",
    b"bytes=0-",
    b"gzip",
    b"\xff\xfe",
    b"9" * 5000,
    b"a,b;q=1",
    b'W/"x"',
    b"text/html",
]
QUERIES = [
    "{ __typename }",
    "{ notifications(first: 2) { nodes { id } } }",
    "{ inboxes { name } }",
    "{",
    "{ x }",
]
QUERIES += [
    "mutation { clearNotifications(input: {inboxIds: []}) { clientMutationId } }",
    "\u0000",
    "query A { a: __typename }",
]
EVIL = b"X-Evil"


def make_body(chance: random.Random) -> bytes:
    """Mostly a request of GraphQL."""
    query = (
        chance.choice(QUERIES).replace("\\", "\\\\").replace('"', '\\"').replace("\x00", "\\u0000")
    )
    more = chance.choice(
        [
            "",
            "",
            "",
            ', "variables": {"a": [1, {"b": null}]}',
            ', "operationName": "A"',
            ', "extensions": []',
        ]
    )
    body = f'{{"query": "{query}"{more}}}'.encode()
    if chance.random() < 0.15:
        at = chance.randrange(len(body))
        body = body[:at] + chance.randbytes(chance.randrange(3)) + body[at + 1 :]
    return body * chance.choice([1, 1, 1, 1, 1, 1, 1, 2, 4000]) if chance.random() < 0.02 else body


def make_request(chance: random.Random) -> bytes:
    """One request; trailers, where there are any, hold a header that nobody may get."""
    body = make_body(chance)
    lines = [
        b"%s %s HTTP/1.%d"
        % (chance.choice(METHODS), chance.choice(TARGETS), chance.random() < 0.97)
    ]
    lines += [b"Host: localhost:8000"] * chance.choice([1] * 20 + [0, 2])
    lines += [b"Content-Type: application/json"] * chance.choice([1] * 9 + [0])
    for _ in range(chance.randrange(3)):
        lines.append(b"%s: %s" % (chance.choice(NAMES), chance.choice(VALUES)))
    if chance.random() < 0.5:
        lines.append(b"Content-Length: %d" % (len(body) + chance.choice([0] * 20 + [1, -1])))
        return b"\r\n".join([*lines, b"", body])
    lines.append(
        b"Transfer-Encoding: " + chance.choice([b"chunked"] * 20 + [b"gzip, chunked", b"x"])
    )
    size = chance.choice([1, 7, 64, 100_000])
    parts = [body[at : at + size] for at in range(0, len(body), size)][:2000]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    trailers = b"".join(b"%s: %d\r\n" % (EVIL, n) for n in range(chance.choice([0, 0, 1, 5, 9000])))
    return b"\r\n".join([*lines, b"", chunks + b"0\r\n" + trailers + b"\r\n"])


async def knock(count: int, seed: int) -> Counter[str]:
    """So many connections with a request or some on each; what became of them."""
    chance, told = random.Random(seed), Counter[str]()  # noqa: S311 - a seed
    reached: list[list[tuple[bytes, bytes]]] = []
    gateway = mixed_world().gateway()

    async def note(scope: object, receive: object, send: object) -> None:
        assert isinstance(scope, dict)
        reached.append(scope["headers"])
        await gateway(scope, receive, send)  # type: ignore[arg-type] # as uvicorn calls it

    server = Server(note)
    sent = 0
    while sent < count:
        number = chance.choice([1] * 8 + [2, 3])
        text = b"".join(make_request(chance) for _ in range(number))
        if chance.random() < 0.1:
            at = chance.randrange(len(text))
            text = text[:at] + chance.randbytes(4) + text[at + 4 :]
        sent += number
        protocol, line = server.connect()
        before = len(reached)
        for part in split(text, chance):
            if line.is_open:
                protocol.data_received(part)
        await asyncio.sleep(120)  # whatever is missing does not come
        assert not line.is_open, text
        told["reached"] += min(number, len(reached) - before)
        told["sent"] += number
        for status in line.statuses():
            assert status in STATUSES, (status, text)
        assert b"Traceback" not in line.written and b"INTERNAL" not in line.written, text
        assert not any(name == EVIL.lower() for headers in reached[before:] for name, _ in headers)
        del reached[before:]
    return told


def test_bytes_at_the_door() -> None:
    """Whatever comes, each connection ends in time, in answers that are foreseen."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        told = runner.run(knock(rounds(100_000), 19))
    assert told["reached"] > told["sent"] / 2
