"""Clients' keys: 256 random bits, of which only the SHA-256 need be kept."""

import secrets
from hashlib import sha256

KEY = r"[!-~]{32,512}"
"""What a key looks like, at least: printable ASCII without spaces, too long to be guessed."""

_PREFIX = "tidings_"
"""By which scanners recognise a key that was published by mistake."""


def make_key() -> str:
    """A new key."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest_key(key: str) -> bytes:
    """What is kept of a key. A plain hash will do: nobody can try 256 bits."""
    return sha256(key.encode()).digest()
