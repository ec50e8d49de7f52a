"""The addresses of a wiki's pages."""

from urllib.parse import quote, urlencode, urljoin

from app.upstreams.mediawiki import wire
from app.upstreams.reading.values import read_url
from resolvers.types.scalars import URL


class SiteAddresses:
    """The addresses that a wiki's pages have, by its own account of itself.

    That is checked here, once: where it leads elsewhere than to the web, the address that the wiki
    was asked at is taken.
    """

    def __init__(self, api_url: str, general: wire.General) -> None:
        self.server = _find(api_url, general.server) or URL(urljoin(api_url, "/"))  # no scheme: //
        self._script = _find(self.server, general.script) or URL(urljoin(api_url, "index.php"))
        articles = _find(self.server, general.articlepath.replace("$1", _PLACE))
        self._articles = articles if articles and _PLACE in articles else None

    def page(self, title: str) -> URL:
        name = quote(title.replace(" ", "_"), safe="/:@!*(),;~'")
        if self._articles is None:
            return self.script(title=title)
        return URL(self._articles.replace(_PLACE, name))

    def script(self, **params: str) -> URL:
        return URL(f"{self._script}?{urlencode(params)}")


_PLACE = "__title__"
"""Stands for a title in an address, as `$1` does in what a wiki says."""


def _find(base: str, address: str) -> URL | None:
    try:
        return read_url(urljoin(base, address))
    except ValueError:
        return None
