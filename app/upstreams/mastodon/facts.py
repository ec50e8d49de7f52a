"""What an instance has told of itself."""

import re
from urllib.parse import urlsplit

from app.upstreams.mastodon import wire

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?")
_LONGEST_HOST = 260


class InstanceFacts:
    """Told to everybody, for all logins there: it is public.

    A refusal or a failure is nobody else's than the login's that asked.
    """

    def __init__(self) -> None:
        self._told: wire.Instance | None = None
        self.domain: str | None = None

    @property
    def told(self) -> wire.Instance | None:
        """What it said; None as long as it has not."""
        return self._told

    def note(self, told: wire.Instance) -> None:
        """Remembers it. `domain` is the host of its accounts' handles, which need not be the
        host of its API: https://docs.joinmastodon.org/admin/config/#local_domain

        GoToSocial names that apart, version 1 as `uri`, which some write as an address.
        """
        self._told = told
        named = (told.account_domain, told.domain, told.uri)
        self.domain = next((host for each in named if (host := _read_host(each))), None)


def _read_host(text: str | None) -> str | None:
    """The host in a host name or an address; None for anything else."""
    if not text or len(text) > _LONGEST_HOST:
        return None
    try:
        host = urlsplit(text).netloc if "//" in text else text
    except ValueError:
        return None
    return host.lower() if _HOST.fullmatch(host.lower()) else None
