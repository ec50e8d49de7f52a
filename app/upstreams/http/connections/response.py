"""One answer of HTTP/1.1, read as its bytes come in: https://www.rfc-editor.org/rfc/rfc9112

It does no I/O, so that tests can cut an answer wherever they like.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.upstreams.http.connections.content import Content
from app.upstreams.http.reply import Reply, join_fields
from app.upstreams.http.transport import (
    MOST_FIELDS,
    MOST_HEAD,
    MOST_RECEIVED,
    Closed,
    HeadTooLarge,
    NotHttp,
    TooLarge,
)

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\n[ \t]+")
"""Between two lines of one header: section 5.2."""
_STATUS_LINE = re.compile(r"HTTP/1\.(\d) ([1-9]\d\d)(?: .*)?", re.ASCII)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_KEPT = re.compile(r"timeout=(\d{1,9})", re.ASCII)

_BEGINNING = b"HTTP/1."
_LONGEST_LINE = 4096
"""Bytes of a chunk's size with its extensions, or of one trailer."""
_MOST_INTERIM = 100
"""Interim answers before one: thousands fit into a head, and each takes its time."""
_START = 64 * 1024
"""Bytes that are read of a body that is too large by its own word."""


@dataclass(frozen=True, slots=True)
class Head:
    """A status line and its headers; `values` reads one that is a list."""

    minor: int
    status: int
    headers: Mapping[str, str]
    set_cookies: Sequence[str]

    def values(self, name: str) -> list[str]:
        """What a header holds, in lower case."""
        value = self.headers.get(name)
        return [each.strip().lower() for each in value.split(",")] if value else []

    def make_reply(self, body: bytes) -> Reply:
        """The answer with this head."""
        return Reply(self.status, self.headers, body, self.set_cookies)


def parse_head(text: bytes) -> Head:
    """The head of an answer. Raises NotHttp, HeadTooLarge."""
    unfolded = _FOLD.sub(" ", text.decode("latin-1").replace("\r\n", "\n"))
    first, *lines = unfolded.split("\n")
    status_line = _STATUS_LINE.fullmatch(first)
    if status_line is None:
        raise NotHttp("no status line")
    if len(lines) > MOST_FIELDS:
        raise HeadTooLarge("too many headers")
    fields = [line.partition(":") for line in lines]
    if not all(colon and _NAME.fullmatch(name) for name, colon, _ in fields):
        raise NotHttp("a header that is none")
    headers, set_cookies = join_fields((name, value) for name, _, value in fields)
    return Head(int(status_line[1]), int(status_line[2]), headers, set_cookies)


class _Framing(Protocol):
    """Where a body ends."""

    is_complete: bool

    def feed(self, data: bytes, content: Content) -> bytes:
        """Takes what belongs to the body; gives back what comes after its end."""


class _Sized:
    def __init__(self, length: int) -> None:
        self._left = length
        self.is_complete = not length

    def feed(self, data: bytes, content: Content) -> bytes:
        part = data if len(data) <= self._left else data[: self._left]
        self._left -= len(part)
        self.is_complete = not self._left
        content.add(part)
        return data[len(part) :] if part is not data else b""


class _UpToTheEnd:
    is_complete = False

    def feed(self, data: bytes, content: Content) -> bytes:
        content.add(data)
        return b""


class _Chunked:
    """https://www.rfc-editor.org/rfc/rfc9112#section-7.1; trailers are dropped."""

    def __init__(self) -> None:
        self.is_complete = False
        self._held = b""
        self._left = 0
        self._is_after_data = False
        self._is_in_trailers = False

    def feed(self, data: bytes, content: Content) -> bytes:
        data, at, parts = self._held + data, 0, []
        while not self.is_complete:
            if self._left:
                part = data[at : at + self._left]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
                self._is_after_data = True
                if self._left:
                    break
            end = data.find(b"\n", at)
            if end - at > _LONGEST_LINE or (end < 0 and len(data) - at > _LONGEST_LINE):
                raise NotHttp("a line between chunks that is too long")
            if end < 0:
                break
            self._take_line(data[at:end].removesuffix(b"\r"))
            at = end + 1
        self._held = b"" if self.is_complete else data[at:]
        content.add(b"".join(parts))
        return data[at:] if self.is_complete else b""

    def _take_line(self, line: bytes) -> None:
        if self._is_in_trailers:
            self.is_complete = not line
        elif self._is_after_data:
            if line:
                raise NotHttp("a chunk of another size than it says")
            self._is_after_data = False
        else:
            size = _CHUNK_SIZE.fullmatch(line)
            if size is None:
                raise NotHttp("a chunk without a size")
            self._left = int(size[1], 16)
            self._is_in_trailers = not self._left


class ResponseReader:
    """Is fed until it is complete; `reply` is there then."""

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.can_reuse = False
        self.keep_seconds: float | None = None
        self._held = b""
        self._head_size = 0
        self._interim = 0
        self._received = 0
        self._head: Head | None = None
        self._framing: _Framing = _Sized(0)
        self._content = Content("")
        self._is_declared_too_large = False

    def feed(self, data: bytes) -> None:
        """Takes what has been received. Raises the transport's errors."""
        while self._head is None:
            rest = self._feed_head(data)
            if rest is None:
                return
            data = rest
        self._feed_body(data)

    def finish(self) -> Reply:
        """The answer, when nothing more comes. Raises Closed where something is missing."""
        if self._head is None or not isinstance(self._framing, _UpToTheEnd):
            raise Closed("before its end")
        return self._head.make_reply(self._content.read())

    def _feed_head(self, data: bytes) -> bytes | None:
        """What comes after the head, once that is whole; interim answers are passed over."""
        data = self._held + data
        end = _END_OF_HEAD.search(data, max(0, len(self._held) - 3))
        if not data.startswith(_BEGINNING[: len(data)]):
            raise NotHttp("another protocol")
        size = end.end() if end else len(data)
        if self._head_size + size > MOST_HEAD:
            raise HeadTooLarge("too many bytes")
        if end is None:
            self._held = data
            return None
        self._held = b""
        self._head_size += size
        head = parse_head(data[: end.start()])
        if head.status >= 200:
            self._begin_body(head)
            return data[size:]
        self._interim += 1
        if head.status == 101 or self._interim > _MOST_INTERIM:
            raise NotHttp("a protocol that nobody has asked for")
        return data[size:] or None

    def _begin_body(self, head: Head) -> None:
        self._head = head
        self._content = Content(head.headers.get("content-encoding", ""))
        connection = head.values("connection")
        self.can_reuse = "close" not in connection and (
            head.minor > 0 or "keep-alive" in connection
        )
        kept = _KEPT.search(head.headers.get("keep-alive", ""))
        self.keep_seconds = float(kept[1]) if kept else None
        self._framing = self._find_framing(head)

    def _find_framing(self, head: Head) -> _Framing:
        """https://www.rfc-editor.org/rfc/rfc9112#section-6.3, for answers to GET and POST."""
        codings, lengths = head.values("transfer-encoding"), set(head.values("content-length"))
        if head.status in (204, 304):
            self.can_reuse &= not codings and lengths <= {"0"}  # a body is sent all the same
            return _Sized(0)
        if codings:
            self.can_reuse &= not lengths
            if codings != ["chunked"]:
                raise NotHttp("a transfer coding that nobody has asked for")
            return _Chunked()
        if not lengths:
            self.can_reuse = False
            return _UpToTheEnd()
        (length, *others) = lengths
        if others or not _LENGTH.fullmatch(length):
            raise NotHttp("a length that is none, or several")
        self._is_declared_too_large = int(length) > MOST_RECEIVED
        return _Sized(int(length))

    def _feed_body(self, data: bytes) -> None:
        assert self._head is not None
        self._received += len(data)
        excess = b""
        if data:
            excess = self._framing.feed(data, self._content)
        if self._is_beyond_bounds():
            raise TooLarge(self._head.make_reply(self._content.read_start()))
        if self._framing.is_complete:
            self.can_reuse &= not excess
            self.reply = self._head.make_reply(self._content.read())

    def _is_beyond_bounds(self) -> bool:
        most = _START if self._is_declared_too_large else MOST_RECEIVED
        return self._received > most or self._content.is_too_large
