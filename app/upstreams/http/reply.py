"""What comes back from an instance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """An instance's whole answer, decompressed; header names are in lower case.

    `set_cookies` are the values of Set-Cookie, which are in no header.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    set_cookies: Sequence[str] = field(default=(), repr=False)


def join_fields(fields: Iterable[tuple[str, str]]) -> tuple[Mapping[str, str], Sequence[str]]:
    """The headers and the cookies of an answer, out of names and values as they were received.

    Values of one name are joined, as HTTP allows for all but Set-Cookie.
    """
    headers: dict[str, str] = {}
    set_cookies = []
    for received_name, received_value in fields:
        name, value = received_name.lower(), received_value.strip(" \t\r")
        if name == "set-cookie":
            set_cookies.append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers, set_cookies
