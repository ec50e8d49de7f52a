"""Finds a wiki's api.php from whatever address its operator knows it by."""

import asyncio
import html
import re
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import nh3

from app.clock import Clock
from app.upstreams.http.client import Http
from app.upstreams.http.refusals import bad_response, check_status, name_shield, no_json
from app.upstreams.http.reply import Reply
from resolvers.errors import UpstreamError

_LINKS = nh3.Cleaner(tags={"link"}, attributes={"link": {"rel", "href"}}, link_rel=None)
"""Leaves of a page nothing but its links and its text, in one spelling, and takes time by its size
alone. Relative addresses are kept."""
_LINK = re.compile(r'<link((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LONGEST_PAGE = 256 * 1024
"""Bytes of a page that are looked through: its head comes first."""
_MOST_REDIRECTS = 3
_LONGEST_SHOWN = 200


class ApiAddress:
    """Where api.php is; asked for once and remembered.

    Every page of a wiki names it: https://www.mediawiki.org/wiki/Manual:Api.php
    """

    def __init__(self, url: str, http: Http, clock: Clock) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._found = url if urlsplit(url).path.endswith("/api.php") else None
        self._finding = asyncio.Lock()

    async def find(self) -> str:
        """The URL of api.php, at the configured host. Raises UpstreamError."""
        async with self._finding:
            if self._found is None:
                self._found = await self._look()
            return self._found

    async def _look(self) -> str:
        at_script_path = f"{self._url.rstrip('/')}/api.php"
        ask = [("action", "query"), ("format", "json")]
        reply = await self._http.get(at_script_path, ask)
        if reply.status == HTTPStatus.OK and reply.body.startswith(b"{"):
            return at_script_path
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._check(reply)
        return await self._read_page(self._url)

    async def _read_page(self, page: str) -> str:
        for _ in range(_MOST_REDIRECTS):
            reply = await self._http.get(page)
            target = _join(page, reply.headers.get("location", page))
            if target == page or not self._is_same_host(target):
                break
            page = target
        named = _find_edit_uri(reply.body)
        found = _join(page, named).split("?")[0] if named else ""
        if found and self._is_same_host(found):
            return found
        if reply.status != HTTPStatus.NOT_FOUND:
            self._check(reply)  # redirects too
        raise self._say_what_it_is(reply, found)

    def _say_what_it_is(self, reply: Reply, found: str) -> UpstreamError:
        there = urlsplit(found)
        if there.hostname and found.isprintable() and there.username is None:
            return bad_response(
                self._url,
                "has its api.php at another host: configure the address "
                f"{found[:_LONGEST_SHOWN]} if that is the wiki you mean.",
            )
        if name_shield(reply) is not None:
            return no_json(reply, self._url, "a wiki")
        return bad_response(
            self._url, "is no page of a wiki: configure the address of its api.php."
        )

    def _check(self, reply: Reply) -> None:
        check_status(reply, self._url, self._clock, is_403_about_login=False)

    def _is_same_host(self, url: str) -> bool:
        """Nothing but the configured host is ever called; it may move from http to https."""
        here, there = urlsplit(self._url), urlsplit(url)
        is_moved = (here.scheme, here.port or 80, there.scheme, there.port or 443) == (
            *("http", 80),
            *("https", 443),
        )
        is_same = (here.scheme, here.port) == (there.scheme, there.port)
        return here.hostname == there.hostname and (is_same or is_moved)


def _find_edit_uri(page: bytes) -> str | None:
    """The address that a page gives for editing it, in whatever spelling of HTML."""
    links = _LINKS.clean(page[:_LONGEST_PAGE].decode(errors="replace"))
    for link in _LINK.finditer(links):
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(link[1])}
        if "edituri" in attributes.get("rel", "").lower().split():
            return attributes.get("href", "").strip()
    return None


def _join(page: str, link: str) -> str:
    """Where a link of a page leads; the page itself where it leads nowhere."""
    try:
        target = urljoin(page, link)
        return target if urlsplit(target).port != 0 else page
    except ValueError:
        return page
