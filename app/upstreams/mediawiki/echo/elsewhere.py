"""What a wiki says of the other wikis of its farm.

Their addresses are for people alone: a gateway calls no host that is not configured.
https://www.mediawiki.org/wiki/Help:Notifications#Cross-wiki_notifications
"""

from collections.abc import Iterator, Sequence

from app.upstreams.mediawiki.echo import wire
from app.upstreams.mediawiki.echo.reading import LIST, PENDING
from app.upstreams.reading.values import read_count, read_instant, read_url
from resolvers.seam.login import Elsewhere
from resolvers.types.names import read_name

SUMMARY = {**LIST, **PENDING, "notcrosswikisummary": "1", "notlimit": "1"}
_FOREIGN = "foreign"
_MOST = 50
_PAGE = "Special:Notifications"


def read_elsewhere(told: wire.Notifications) -> Sequence[Elsewhere]:
    """The wikis of a summary, which stands in the list as a row without a number."""
    rows = (each for each in told.rows if each is not None and each.type == _FOREIGN)
    return [each for row in rows for each in _read_sources(row)][:_MOST]


def _read_sources(row: wire.Row) -> Iterator[Elsewhere]:
    """Their sum alone is told, which is that of one where there is one."""
    count = read_count(row.count) if len(row.sources) == 1 else None
    for name, source in row.sources.items():
        if source is None:
            continue
        yield Elsewhere(
            name=name,
            title=read_name(source.title) or name,
            api_url=source.url,
            url=read_url(source.base.replace("$1", _PAGE)),
            count=count,
            newest_at=read_instant(source.ts),
        )
