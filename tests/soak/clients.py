"""Who asks, dismisses and listens in a soak."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from soak.checker import PAGE, Checker
from soak.instances import number_in
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

EVENTS = """subscription ($cursor: String) { notificationEvents(cursor: $cursor) {
  __typename cursor
  ... on NotificationArrived { edge { node { id summary inbox { name } } } }
  ... on NotificationsRemoved { inbox { name } notificationIds isWholeInbox }
  ... on NotificationsChanged { inbox { name } } } }"""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code } } }"""
WHOLE = "{ notifications(first: 100) { nodes { id summary inbox { name } } } }"


async def keep_asking(address: str, checker: Checker, pause: float) -> None:
    """Asks for the page again and again, by GET, which a proxy may send once more."""
    async with httpx.AsyncClient(timeout=30) as client:
        while True:
            began = time.time()
            try:
                answer = await client.get(address, params={"query": PAGE})
                checker.check(answer.json(), answer.status_code, began, time.time())
            except (httpx.HTTPError, ValueError) as error:
                checker.wrong.append(f"no answer: {error!r}")
            await asyncio.sleep(pause)


async def keep_dismissing(address: str, checker: Checker, pause: float) -> None:
    """Dismisses the third of the page, at a Mastodon server."""
    async with httpx.AsyncClient(timeout=30) as client:
        while True:
            await asyncio.sleep(pause)
            with suppress(httpx.HTTPError, ValueError, KeyError, TypeError, IndexError):
                page = (await client.post(address, json={"query": WHOLE})).json()
                rows = page["data"]["notifications"]["nodes"]
                row = [each for each in rows if each["inbox"]["name"] != "wiki"][2]
                checker.tried.add((row["inbox"]["name"], number_in(row["summary"])))
                asked = {"query": DISMISS, "variables": {"id": row["id"]}}
                done = (await client.post(address, json=asked)).json()
                for each in done["data"]["dismissNotification"]["dismissedNotificationIds"]:
                    checker.dismissed[each] = time.time()


@dataclass
class Subscriber:
    """Listens, comes again after each end, and knows what it was sent."""

    address: str
    began_at: float = 0.0
    cursor: str | None = None
    arrived: list[tuple[str, int]] = field(default_factory=list)
    held: set[tuple[str, int]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    ends: int = 0

    async def listen(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                await self._listen_once()
            self.ends += 1
            await asyncio.sleep(0.2)

    async def _listen_once(self) -> None:
        address = self.address.replace("http:", "ws:")
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send('{"type": "connection_init"}')
            await socket.recv()
            asked = {"query": EVENTS, "variables": {"cursor": self.cursor}}
            await socket.send(
                orjson.dumps({"type": "subscribe", "id": "1", "payload": asked}).decode()
            )
            async for text in socket:
                message = orjson.loads(text)
                if message["type"] == "next":
                    await self._take(message["payload"])
                elif message["type"] != "ping":
                    self.wrong.append(f"a subscription was ended: {message}")
                    return

    async def _take(self, payload: Any) -> None:
        if "errors" in payload:
            self.wrong.append(f"an event with errors: {payload['errors']}")
            return
        event = payload["data"]["notificationEvents"]
        self.cursor = event["cursor"]
        self.began_at = self.began_at or time.time()
        match event["__typename"]:
            case "NotificationArrived":
                node = event["edge"]["node"]
                known = node["inbox"]["name"], number_in(node["summary"])
                if known in self.held:
                    self.wrong.append(f"arrived twice: {known}")
                self.held.add(known)
                self.arrived.append(known)
            case "NotificationsRemoved" if event["isWholeInbox"]:
                name = event["inbox"]["name"]
                self.held = {each for each in self.held if each[0] != name}
            case "NotificationsChanged":
                await self._read_anew(event["inbox"]["name"])

    async def _read_anew(self, name: str) -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            with suppress(httpx.HTTPError, ValueError, KeyError, TypeError):
                page = (await client.get(self.address, params={"query": WHOLE})).json()
                for node in page["data"]["notifications"]["nodes"]:
                    if node["inbox"]["name"] == name:
                        self.arrived.append((name, number_in(node["summary"])))

    def missed(self, checker: Checker, until: float) -> list[tuple[str, int]]:
        """What happened while it listened, and it was never told of."""
        known = {*self.arrived}
        return [
            key
            for key, each in checker.instances.happened.items()
            if key[0] != "extra"
            and self.began_at + 1 < each.at < until
            and key not in known
            and key not in checker.tried
        ]
