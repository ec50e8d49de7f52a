"""The content of an answer: its codings undone while it is received, and held to its bound.

https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
"""

import codecs
import zlib

import httpx

from app.upstreams.http.transport import MOST_DECODED

ACCEPTED = "gzip, deflate"
"""What instances are offered, as Accept-Encoding."""

_GZIP = zlib.MAX_WBITS | 16
_DEFLATE, _RAW_DEFLATE = zlib.MAX_WBITS, -zlib.MAX_WBITS
_MEMBER = b"\x1f\x8b"
"""How each member of a gzip file begins: https://www.rfc-editor.org/rfc/rfc1952#page-5"""
_MOST_MEMBERS = 256
_MOST_PARTS = 64
"""Parts that are kept apart: of a body that comes byte by byte there would be millions."""


class Content:
    """Takes a body part by part. Raises DecodingError for a coding that it does not know."""

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise httpx.DecodingError("an unknown coding")
        self._is_gzip = coding.endswith("gzip")
        self._is_coded = self._is_gzip or coding == "deflate"
        self._decoder: zlib._Decompress | None = None  # as typeshed calls it
        self._members = 0
        self._held = b""
        self._parts: list[bytes | bytearray] = []
        self.size = 0

    @property
    def is_too_large(self) -> bool:
        """Whether there is more than MOST_DECODED; nothing more is decoded then."""
        return self.size > MOST_DECODED

    def add(self, part: bytes) -> None:
        """The next part as it was received. Raises DecodingError for what is not so coded."""
        if not self._is_coded:
            self._keep(part)
            return
        part = self._held + part
        while len(part) >= self._needed and not self.is_too_large:
            part = self._decode(part)
        self._held = part

    def read(self) -> bytes:
        """The whole content, without a byte order mark. Raises DecodingError where it breaks off.

        What follows the last member of a gzip is padding.
        """
        if self._decoder is not None and not self._decoder.eof:
            raise httpx.DecodingError("the end is missing")
        if self._decoder is None and self._held:
            raise httpx.DecodingError("too short to be compressed")
        return self.read_start()

    def read_start(self) -> bytes:
        """What has been decoded so far."""
        content = bytes(self._parts[0]) if len(self._parts) == 1 else b"".join(self._parts)
        return content.removeprefix(codecs.BOM_UTF8)

    @property
    def _needed(self) -> int:
        """Bytes without which nothing can be decoded: the first two tell what begins."""
        return 2 if self._decoder is None or self._decoder.eof else 1

    def _decode(self, part: bytes) -> bytes:
        """What is left of some coded bytes once one member is through with them."""
        decoder = self._decoder
        if decoder is None or decoder.eof:
            if decoder is not None and not part.startswith(_MEMBER):
                return b""
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise httpx.DecodingError("too many members")
            decoder = self._decoder = zlib.decompressobj(self._window(part))
        try:
            self._keep(decoder.decompress(part, MOST_DECODED + 1 - self.size))
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error
        return decoder.unused_data

    def _window(self, part: bytes) -> int:
        """What zlib has to expect; some servers send deflate without its wrapper."""
        if self._is_gzip:
            return _GZIP
        is_wrapped = part[0] & 0x0F == zlib.DEFLATED and int.from_bytes(part[:2], "big") % 31 == 0
        return _DEFLATE if is_wrapped else _RAW_DEFLATE

    def _keep(self, decoded: bytes) -> None:
        self.size += len(decoded)
        self._parts.append(decoded)
        if len(self._parts) > _MOST_PARTS:
            first, *others = self._parts
            joined = first if isinstance(first, bytearray) else bytearray(first)
            for each in others:
                joined += each
            self._parts = [joined]
