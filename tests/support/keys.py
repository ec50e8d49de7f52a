"""Clients with keys, for gateways of tests."""

from typing import Any

from app.setting_types.keys import digest_key

WRITER, READER, HOME_ONLY = (f"key-of-{name}-" + "k" * 24 for name in ("writer", "reader", "home"))
CLIENTS: list[dict[str, Any]] = [
    {"name": "writer", "key": f"sha256:{digest_key(WRITER).hex()}", "access": "write"},
    {"name": "reader", "key": f"sha256:{digest_key(READER).hex()}"},
    {
        "name": "home",
        "key": f"sha256:{digest_key(HOME_ONLY).hex()}",
        "access": "write",
        "inboxes": ["home"],
    },
]


def bearer(key: str) -> dict[str, str]:
    """The header that a key is sent in."""
    return {"authorization": f"Bearer {key}"}
