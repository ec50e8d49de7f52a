"""The address of a shared store, as it is configured."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

_TLS = {"redis": False, "valkey": False, "rediss": True, "valkeys": True}
_PORT = 6379


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """Where a Redis or a Valkey is: at a host and port, or at a Unix socket (`path`)."""

    host: str = "127.0.0.1"
    port: int = _PORT
    database: int = 0
    path: str | None = None
    is_tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Without the password."""
        if self.path is not None:
            return f"unix://{self.path}?db={self.database}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"redis{'s' if self.is_tls else ''}://{host}:{self.port}/{self.database}"


def parse_store_url(text: str) -> StoreUrl:
    """What an address says. Raises ValueError, which holds nothing of it.

    `redis://[[user]:password@]host[:port][/database]`, the same with `rediss` (TLS), `valkey` or
    `valkeys`, and `unix://[[user]:password@]/path[?db=database]`.
    https://www.iana.org/assignments/uri-schemes/prov/redis
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("an address that cannot be read") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    is_unix = parts.scheme == "unix"
    if (not is_unix and parts.scheme not in _TLS) or parts.fragment or not text.isprintable():
        raise ValueError("another kind of address")
    named = options.pop("db", "0") if is_unix else parts.path.removeprefix("/") or "0"
    if not re.fullmatch(r"\d{1,5}", named, re.ASCII) or options:
        raise ValueError("a database that is no number, or an unknown option")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if is_unix:
        if not parts.path.startswith("/") or parts.hostname:
            raise ValueError("no path of a socket")
        path = unquote(parts.path)
        return StoreUrl(path=path, database=int(named), username=username, password=password)
    if not parts.hostname or port == 0:
        raise ValueError("no host")
    return StoreUrl(
        host=parts.hostname,
        port=port or _PORT,
        database=int(named),
        is_tls=_TLS[parts.scheme],
        username=username,
        password=password,
    )
