"""How many notifications of a login are unread: those beyond its marker."""

from http import HTTPStatus

from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import LIST, MastodonApi
from app.upstreams.mastodon.reading import MastodonList
from app.upstreams.mastodon.software import Software
from app.upstreams.mastodon.writes import MastodonWrites
from app.upstreams.reading.values import read_count
from resolvers.seam.login import UnreadTally

MOST_COUNTED = 1000
"""https://docs.joinmastodon.org/methods/notifications/#unread-count"""


async def count_unread(
    api: MastodonApi, notifications: MastodonList, writes: MastodonWrites, software: Software
) -> UnreadTally:
    """What the instance counts (Mastodon 4.3), else the newest that are beyond the marker.

    Raises UpstreamError, with UNSUPPORTED where there is neither.
    """
    if software.counts_unread is not False:
        reply = await api.get(f"{LIST}/unread_count", [("limit", str(MOST_COUNTED))])
        if software.counts_unread or reply.status == HTTPStatus.OK:
            count = read_count(api.decode(reply, wire.UnreadCount).count) or 0
            return UnreadTally(count, is_capped=count >= MOST_COUNTED)
    return await notifications.count_newer(await writes.read_marker(software))
