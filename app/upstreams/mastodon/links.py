"""The Link header of a list: https://docs.joinmastodon.org/api/guidelines/#pagination

Its addresses are the server's own idea of its host, and its other parameters are not to be relied
on (Takahe leaves filters out). So nothing but the ID is taken from it.
"""

import re
from urllib.parse import parse_qs, urlsplit

from app.upstreams.reply import Reply

_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="(next|prev)"')
_BOUNDS = ("max_id", "min_id", "since_id")


def read_links(reply: Reply) -> dict[str, tuple[str, str]]:
    """`next` and `prev`, as far as they are there: each a parameter and its value."""
    links = {}
    for address, rel in _LINK.findall(reply.headers.get("link", "")):
        query = _read_query(address)
        bound = next(((name, query[name][0]) for name in _BOUNDS if name in query), None)
        if bound is not None:
            links[rel] = bound
    return links


def _read_query(address: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(address).query)
    except ValueError:
        return {}
