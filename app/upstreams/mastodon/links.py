"""The Link header of a list: https://docs.joinmastodon.org/api/guidelines/#pagination

Its addresses are the server's own idea of its host, and its other parameters are not to be relied
on (Takahe leaves filters out). So nothing but the ID is taken from it.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from app.upstreams.http.reply import Reply

_REL = re.compile(r'[ \t]{0,8};[ \t]{0,8}rel="?(next|prev)\b', re.IGNORECASE)
_BOUNDS = ("max_id", "min_id", "since_id")
_LONGEST = 8192
"""Characters of the header that are read: two addresses take a few hundred."""
_MOST_PARAMETERS = 100


def read_links(reply: Reply) -> dict[str, tuple[str, str]]:
    """`next` and `prev`, as far as they are there: each a parameter and its value."""
    links = {}
    for address, rel in _find_links(reply.headers.get("link", "")[:_LONGEST]):
        query = _read_query(address)
        bound = next(((name, query[name][0]) for name in _BOUNDS if name in query), None)
        if bound is not None:
            links[rel] = bound
    return links


def _find_links(header: str) -> Iterator[tuple[str, str]]:
    """Each address in angle brackets that a relation follows, in one pass over the header."""
    start = header.find("<")
    while start >= 0:
        end = header.find(">", start)
        if end < 0:
            return
        rel = _REL.match(header, end + 1)
        if rel is not None:
            yield header[start + 1 : end], rel[1].lower()
        start = header.find("<", end)


def _read_query(address: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(address).query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return {}
