"""What comes back from an instance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Reply:
    """An instance's whole answer, decompressed; header names are in lower case.

    `set_cookies` are the values of Set-Cookie, which are in no header.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    set_cookies: Sequence[str] = field(default=(), repr=False)

    @classmethod
    def read(cls, status: int, raw_headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Self:
        """Of what was received; values of one name are joined, as HTTP allows for all others."""
        headers: dict[str, str] = {}
        set_cookies = []
        for raw_name, raw_value in raw_headers:
            name, value = raw_name.lower().decode("latin-1"), raw_value.decode("latin-1")
            if name == "set-cookie":
                set_cookies.append(value)
            else:
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return cls(status, headers, body, set_cookies)
