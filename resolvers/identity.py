"""Global IDs: opaque text that names one object of one inbox, for ever.

An ID holds the type, the inbox's name and what the upstream needs to find the object again, so
it survives restarts and means the same in every process with the same configuration.
"""

import base64
import binascii
import re
from typing import NamedTuple

import strawberry

from resolvers.errors import NotFound

LONGEST = 2048
"""Characters; a wiki's longest title (255 bytes) and user name fit with room to spare."""

_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_SHAPE = re.compile(r"[A-Za-z0-9_-]+")


class GlobalID(NamedTuple):
    """What an ID says: the GraphQL type, the inbox's name, and the object's key inside it."""

    type_name: str
    inbox: str
    key: str


def make_id(type_name: str, inbox: str, key: str = "") -> strawberry.ID:
    """The ID of an object; `key` may hold any text, the other two no colon."""
    encoded = binascii.b2a_base64(f"{type_name}:{inbox}:{key}".encode(), newline=False)
    return strawberry.ID(encoded.translate(_TO_URL_SAFE, b"=").decode())


def parse_id(text: str) -> GlobalID:
    """What `make_id` put into this ID; NotFound where it has not made this very text."""
    if len(text) > LONGEST or not _SHAPE.fullmatch(text):
        raise NotFound
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise NotFound from None
    parts = decoded.split(":", 2)
    if len(parts) != 3 or make_id(*parts) != text:
        raise NotFound  # other text can decode to the same, by bits that base64 leaves unused
    return GlobalID(*parts)
