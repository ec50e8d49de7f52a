"""Who asks and stays, under one configuration after the other."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from app.web.clients import Client, Clients

NoteSwitch = Callable[[Collection[str]], None]
"""Is told of another configuration, by the names of the inboxes that it has otherwise."""


class Callers:
    """The clients as they are configured now, for whatever outlasts a configuration."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._followers: set[NoteSwitch] = set()

    def find_again(self, client: Client) -> Client:
        """The same client, with what it may do now. Raises Refused where its key is gone."""
        return self._clients.find_again(client)

    def switch(self, clients: Clients, changed: Collection[str]) -> None:
        """Goes over to another configuration, in which these inboxes are others."""
        self._clients = clients
        for note_switch in [*self._followers]:
            note_switch(changed)

    @contextmanager
    def followed_by(self, note_switch: NoteSwitch) -> Iterator[None]:
        """Tells somebody of every switch meanwhile."""
        self._followers.add(note_switch)
        try:
            yield
        finally:
            self._followers.discard(note_switch)
