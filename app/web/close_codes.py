"""Why a WebSocket is closed."""

from enum import IntEnum

_LONGEST_REASON = 123
"""Bytes: https://www.rfc-editor.org/rfc/rfc6455#section-5.5"""


class CloseCode(IntEnum):
    """The codes; after those below 4000 clients come again."""

    GOING_AWAY = 1001
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429


class Close(Exception):
    """Ends the connection; the reason is cut where it is too long to be sent."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason.encode()[:_LONGEST_REASON].decode(errors="ignore"))
        self.code = code
