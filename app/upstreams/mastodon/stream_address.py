"""Where an instance streams: the token goes there, so it has to be the instance's own.

https://docs.joinmastodon.org/methods/streaming/#streams
"""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from app.setting_types.kinds import is_loopback
from app.upstreams.http.refusals import unsupported
from app.upstreams.mastodon import wire
from resolvers.errors import UpstreamError

_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
_PORTS = {"http": 80, "https": 443}
_LONGEST = 2048
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)


def choose_address(instance: str, told: wire.Instance, configured: str | None) -> str:
    """The address that streams are below, one of http or https. Raises UpstreamError.

    That is the one that is configured, or else the one that the instance names: by TLS, at its own
    host and port, or port 443, or at a subdomain. On loopback neither TLS nor a port is asked for.
    """
    named = configured or told.streaming_url
    if named is None:
        raise unsupported(
            instance, "names no address of streams: configure `streaming_url`, if it has one."
        )
    there = _split(named)
    if there is None or (configured is None and not _is_own(urlsplit(instance), there)):
        raise _kept_back(instance, named)
    return f"{there.scheme}://{there.netloc}{there.path.rstrip('/')}"


def _split(url: str) -> SplitResult | None:
    """An address that something can be put behind, with the scheme that handshakes go by."""
    try:
        parts = urlsplit(url[:_LONGEST])
        is_host = _HOST.fullmatch((parts.hostname or "").lower()) is not None
        is_whole = is_host and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not is_whole or parts.username is not None:
        return None
    return parts._replace(scheme=_SCHEMES[parts.scheme])


def _is_own(here: SplitResult, there: SplitResult) -> bool:
    """Whether an instance's credential may go there."""
    host, other = (here.hostname or "").lower(), (there.hostname or "").lower()
    if is_loopback(host):
        return is_loopback(other)
    is_subdomain = other.endswith(f".{host}") and not _is_address(host)
    if there.scheme != "https" or (other != host and not is_subdomain):
        return False
    return _port(there) in (443, _port(here))


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _kept_back(instance: str, named: str) -> UpstreamError:
    shown = named[:100] if named.isprintable() else "something unreadable"
    return unsupported(
        instance,
        f"streams at an address that its token is not sent to ({shown}), as that is another "
        "host's or not encrypted: configure it as `streaming_url`, if it is right.",
    )
