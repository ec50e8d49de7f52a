"""Credentials for inboxes that come with the request: `Inbox-Authorization: home=Bearer TOKEN`.

Several are separated by commas, or stand in headers of their own.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from pydantic import SecretStr

from app.setting_types.inbox import InboxSettings
from app.web.refusal import Refusal, Refused

Credentials = Mapping[str, SecretStr]
"""Tokens that came with a request, by the names of the inboxes that they are for."""

HEADER = "Inbox-Authorization"

LONGEST_TOKEN = 4096

_ONE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,39})=[Bb]earer +([A-Za-z0-9._~+/-]+=*)")
"""A name as the configuration has it, and a token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""


class InboxAuthorization:
    """Reads the header for one configuration."""

    def __init__(self, inboxes: Sequence[InboxSettings]) -> None:
        self._takes = {inbox.name: inbox.credentials == "request" for inbox in inboxes}

    def read(self, headers: Sequence[str], visible: Collection[str] | None) -> Credentials:
        """The tokens by inbox. Raises Refused, which never repeats what the header holds.

        An inbox that the caller may not see is one that does not exist.
        """
        if not headers:
            return {}
        credentials: dict[str, SecretStr] = {}
        for part in ",".join(headers).split(","):
            found = _ONE.fullmatch(part.strip(" \t"))
            if found is None:
                raise _refuse("expected INBOX=Bearer TOKEN, several separated by commas")
            name, token = found.groups()
            if len(token) > LONGEST_TOKEN:
                raise _refuse(f"a token has more than {LONGEST_TOKEN} characters")
            if name in credentials:
                raise _refuse("an inbox is named twice")
            self._check(name, visible)
            credentials[name] = SecretStr(token)
        return credentials

    def _check(self, name: str, visible: Collection[str] | None) -> None:
        is_visible = visible is None or name in visible
        if name not in self._takes or not is_visible:
            raise _refuse("an inbox is named that does not exist")
        if not self._takes[name]:
            raise _refuse("an inbox is named that has a credential of its own")


def _refuse(problem: str) -> Refused:
    return Refused(Refusal.BAD_INBOX_AUTHORIZATION, f"{HEADER}: {problem}.")
