"""Values of the cache as bytes: compact, and readable by the same version alone.

A value is a list whose first member says what it is: the number of a type, followed by its fields
in order, or one of the signs below. `FINGERPRINT` stands for all types and their fields, so that
a version that has other ones takes its own values for its own alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from typing import Any, get_args, get_type_hints

import msgspec

from app.cache.fields import field_names, fields_reader
from app.cache.kept import Copy, KeptReadState
from app.cache.write_log import LogEntry, WriteOutcome
from app.platforms.registry import PLATFORMS
from app.upstreams.session_share import KeptSession
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.platforms import all_types
from resolvers.seam.chunk import Anchor, Chunk
from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.types.inbox import Inbox
from resolvers.types.notification import Actor, Notification

_LIST, _INBOX, _AGAIN, _FAILURE = -1, -2, -3, -4

_INTERFACES = (Inbox, Notification, Actor)
"""Of these values are, and not one of them is a value itself that would be sent."""


def _made_of(kind: Any, found: dict[Any, None]) -> None:
    """Adds a type, and whatever its fields may hold, in the order of these."""
    if get_args(kind):
        for each in get_args(kind):
            _made_of(each, found)
    elif isinstance(kind, type) and kind not in found:
        if issubclass(kind, Enum):
            found[kind] = None
        elif is_dataclass(kind) and kind not in _INTERFACES:
            found[kind] = None
            hints = get_type_hints(kind)
            for name in field_names(kind):
                _made_of(hints[name], found)


def _all_types() -> Sequence[Any]:
    """Whatever copies, entries and sessions are made of, by all platforms."""
    found: dict[Any, None] = {}
    for kind in (Copy, KeptReadState, LogEntry, KeptSession, *all_types(), *_READ_STATES):
        _made_of(kind, found)
    return [*found]


_READ_STATES = tuple(kind for each in PLATFORMS.values() for kind in each.read_states)
_ALL = _all_types()
_TYPES: Sequence[Any] = [kind for kind in _ALL if not issubclass(kind, Enum)]
_ENUMS: Sequence[type[Enum]] = [kind for kind in _ALL if issubclass(kind, Enum)]
_NUMBERS: Mapping[type[Any], int] = {kind: number for number, kind in enumerate((*_TYPES, *_ENUMS))}
_PLAIN = frozenset({str, int, float, bool, bytes, datetime, type(None)})


def _describe_all() -> str:
    of_types = [f"{kind.__name__}{field_names(kind)}" for kind in _TYPES]
    return repr((of_types, [(kind.__name__, [*kind.__members__]) for kind in _ENUMS]))


FINGERPRINT = blake2b(_describe_all().encode(), digest_size=8).digest()


def encode(value: object) -> bytes:
    """A value of one of the types; TypeError for any other."""
    return FINGERPRINT + msgspec.msgpack.encode(_Flattening().flatten(value))


def decode(data: bytes, inbox: Inbox | None) -> Any:
    """The value, with `inbox` wherever it had its inbox.

    Raises OtherVersion, and ValueError for what no version can have written.
    """
    if not data.startswith(FINGERPRINT):
        raise OtherVersion
    try:
        value = _Restoring(inbox).restore(msgspec.msgpack.decode(data[len(FINGERPRINT) :]))
        is_sound = _is_sound(value)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ValueError("not a value of the cache") from error
    if not is_sound:
        raise ValueError("not a value of the cache")
    return value


def _is_sound(value: Any) -> bool:
    """Whether what the cache itself works with is of its types; of rows nothing is said."""
    if isinstance(value, LogEntry):
        is_what = isinstance(value.what, WriteOutcome) or _is_sound_dismissal(value.what)
        if isinstance(value.what, ReadUpTo):
            is_what = isinstance(value.what.notification_id, str)
        return is_what and _are(bytes, value.token, value.write) and _are(datetime, value.at)
    if isinstance(value, Copy):
        chunk: Any = value.chunk
        is_chunk = isinstance(chunk, Chunk) and _are(datetime, chunk.fetched_at)
        is_chunk = is_chunk and isinstance(chunk.anchor, Anchor) and _are(bool, chunk.is_last)
        is_chunk = is_chunk and chunk.ends is None  # a copy holds all its rows
        return is_chunk and _are(bytes, value.token) and _are(Notification, *chunk.rows)
    if isinstance(value, KeptReadState):
        state: Any = value.state
        return (
            isinstance(state, _READ_STATES)
            and _are(bytes, value.token)
            and _are(datetime, value.at)
        )
    if isinstance(value, KeptSession):
        are_cookies = all(len(each) == 4 and _are(str, *each) for each in value.cookies)
        return are_cookies and isinstance(value.failure, UpstreamError | None)
    return True


def _is_sound_dismissal(what: object) -> bool:
    if not isinstance(what, Dismissal):
        return False
    is_subject = what.subject is None or isinstance(what.subject, str)
    is_instant = what.seen_before is None or isinstance(what.seen_before, datetime)
    return is_subject and is_instant and _are(str, *what.notification_ids)


def _are(kind: type[Any], *values: object) -> bool:
    return all(isinstance(each, kind) for each in values)


class OtherVersion(ValueError):
    """A value whose types this version does not have."""


class _Flattening:
    """One value on its way to bytes. Actors are shared by rows and so are said once."""

    def __init__(self) -> None:
        self._actors: dict[int, int] = {}

    def flatten(self, value: Any) -> Any:
        kind: Any = type(value)
        if kind in _PLAIN:
            return value
        if kind is list or kind is tuple:
            return [_LIST, *map(self.flatten, value)]
        if isinstance(value, Inbox):
            return [_INBOX]
        if isinstance(value, UpstreamError):
            code, is_login_refused = value.failure_code.name, value.is_login_refused
            return [_FAILURE, code, str(value), value.retry_at, is_login_refused]
        if isinstance(value, Enum):
            return [_NUMBERS[kind], value.name]
        if isinstance(value, Actor):
            number = self._actors.get(id(value))
            if number is not None:
                return [_AGAIN, number]
            self._actors[id(value)] = len(self._actors)
        if kind not in _NUMBERS:
            raise TypeError(f"{kind.__name__} is no value of the cache")
        return [_NUMBERS[kind], *map(self.flatten, fields_reader(kind)(value))]


class _Restoring:
    """One value on its way back."""

    def __init__(self, inbox: Inbox | None) -> None:
        self._inbox = inbox
        self._actors: list[Any] = []

    def restore(self, flat: Any) -> Any:
        if type(flat) is not list:
            return flat
        sign, *parts = flat
        if sign == _LIST:
            return [self.restore(part) for part in parts]
        if sign == _INBOX:
            return self._inbox
        if sign == _AGAIN:
            return self._actors[parts[0]]
        if sign == _FAILURE:
            code, message, retry_at, is_login_refused = parts
            if not isinstance(retry_at, datetime | None):
                raise TypeError
            return UpstreamError(
                UpstreamFailureCode[code], message, retry_at, is_login_refused=is_login_refused
            )
        if sign >= len(_TYPES):
            return _ENUMS[sign - len(_TYPES)][parts[0]]
        return self._make(_TYPES[sign], parts)

    def _make(self, kind: Any, parts: Sequence[Any]) -> Any:
        number = len(self._actors)
        is_actor = issubclass(kind, Actor)
        if is_actor:
            self._actors.append(None)  # its number is its turn, whatever is inside it
        names = field_names(kind)
        made = kind(**dict(zip(names, map(self.restore, parts), strict=True)))
        if is_actor:
            self._actors[number] = made
        return made
