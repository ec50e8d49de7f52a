"""Answers of HTTP as servers send them: good ones in all their forms, and bad ones."""

import gzip
import zlib

import httpx

from app.upstreams.http.transport import (
    MOST_HEAD,
    MOST_RECEIVED,
    Closed,
    HeadTooLarge,
    NotHttp,
    TooLarge,
)
from support.servers import http_response


def deflate(text: bytes, window: int) -> bytes:
    """Compressed with a window as zlib counts them."""
    compressor = zlib.compressobj(wbits=window)
    return compressor.compress(text) + compressor.flush()


WELL = http_response(b"well")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ODD_ANSWERS = {
    "1.0 up to the end": b"HTTP/1.0 200 OK\r\n\r\nwell",
    "1.0 with a length": b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nwell",
    "1.1 up to the end": b"HTTP/1.1 200 OK\r\n\r\nwell",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nwell",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 4\n\nwell",
    "a folded header": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: a\r\n b\r\n\r\nwell",
    "a length twice": http_response(b"well", "Content-Length: 4"),
    "a length beside chunks": http_response(b"", "Transfer-Encoding: chunked")
    + b"4\r\nwell\r\n0\r\n\r\n",
    "interim answers": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
    + WELL,
    "chunks": CHUNKED + b"2\r\nwe\r\n2\r\nll\r\n0\r\n\r\n",
    "chunks with extensions": CHUNKED + b'02;a=b\r\nwe\r\n2;c="d"\r\nll\r\n0\r\n\r\n',
    "chunks with trailers": CHUNKED + b"4\r\nwell\r\n0\r\nAuthorization: no\r\nX: y\r\n\r\n",
    "a long header": http_response(b"well", "Content-Security-Policy: " + "x" * 10_000),
    "long headers": http_response(b"well", *(f"X-{n}: {'x' * 300}" for n in range(300))),
    "gzip": http_response(gzip.compress(b"well"), "Content-Encoding: gzip"),
    "gzip in capitals": http_response(gzip.compress(b"well"), "Content-Encoding: X-GZIP"),
    "gzip of two members": http_response(
        gzip.compress(b"we") + gzip.compress(b"ll"), "Content-Encoding: gzip"
    ),
    "gzip with padding": http_response(gzip.compress(b"well") + bytes(9), "Content-Encoding: gzip"),
    "gzip in chunks of one byte": CHUNKED.replace(
        b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"
    )
    + b"".join(b"1\r\n%c\r\n" % each for each in gzip.compress(b"we") + gzip.compress(b"ll"))
    + b"0\r\n\r\n",
    "deflate": http_response(deflate(b"well", 15), "Content-Encoding: deflate"),
    "deflate without a wrapper": http_response(deflate(b"well", -15), "Content-Encoding: deflate"),
    "identity": http_response(b"well", "Content-Encoding: identity"),
    "a byte order mark": http_response(b"\xef\xbb\xbfwell"),
}


EMPTY_ANSWERS = {
    "204": b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
    "204 with a body": http_response(b"{}", status="204 No Content"),
    "304 with a length": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
    "200 without a body": http_response(b""),
    "gzip of nothing": http_response(b"", "Content-Encoding: gzip"),
}


LARGE = MOST_RECEIVED + 1
BAD_ANSWERS: dict[str, tuple[bytes, type[Exception]]] = {
    "truncated": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Closed),
    "no end of chunks": (CHUNKED + b"4\r\nwell\r\n", Closed),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Le", Closed),
    "nothing": (b"", Closed),
    "another protocol": (b"SSH-2.0-OpenSSH\r\n\r\n", NotHttp),
    "a protocol nobody asked for": (b"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n", NotHttp),
    "a header that is none": (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", NotHttp),
    "two lengths": (http_response(b"well", "Content-Length: 5"), NotHttp),
    "a length that is none": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", NotHttp),
    "a chunk without a size": (CHUNKED + b"well\r\n", NotHttp),
    "a chunk longer than its size": (CHUNKED + b"2\r\nwell\r\n0\r\n\r\n", NotHttp),
    "a long head": (http_response(b"", *(f"X: {'x' * 4000}" for _ in range(70))), HeadTooLarge),
    "a head without an end": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * MOST_HEAD, HeadTooLarge),
    "many headers": (http_response(b"", *(f"X-{n}: y" for n in range(501))), HeadTooLarge),
    "a large length": (http_response(bytes(LARGE)), TooLarge),
    "large up to the end": (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(LARGE), TooLarge),
    "chunks without end": (CHUNKED + b"10000\r\n%s\r\n" % bytes(65536) * 140, TooLarge),
    "a gzip bomb": (
        http_response(gzip.compress(bytes(40_000_000)), "Content-Encoding: gzip"),
        TooLarge,
    ),
    "no gzip": (http_response(b"no gzip", "Content-Encoding: gzip"), httpx.DecodingError),
    "gzip cut off": (
        http_response(gzip.compress(b"{}")[:-1], "Content-Encoding: gzip"),
        httpx.DecodingError,
    ),
    "10,000 members": (
        http_response(gzip.compress(b"") * 10_000, "Content-Encoding: gzip"),
        httpx.DecodingError,
    ),
    "a coding nobody offered": (http_response(b"x", "Content-Encoding: br"), httpx.DecodingError),
}
