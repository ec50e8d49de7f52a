"""A client that applies every event holds what a fresh page has, whatever happens meanwhile.

And a page that says it is fresh lacks nothing that has been there for a while, and shows nothing
that was dismissed.

Stories of arrivals in and out of order, dismissals here and elsewhere, clears and timestamps,
failures, and clients that go away and resume. A client that is told to reads an inbox anew.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.asking import make_api
from support.generated import examples
from support.listening import LIVE, LiveGateway
from support.virtual_time import LoopClock
from support.worlds import Json, World

from app.sandbox.faults import Fault
from resolvers.executing.subscribing import subscribe
from resolvers.identity import make_id
from resolvers.types.scalars import format_instant

PAGE = """query ($inbox: ID) { notifications(first: 100, filter: {inboxIds: [$inbox]}) {
  edges { node { id inbox { name } } } pageInfo { startCursor } } }"""
WHOLE = """{ notifications(first: 100) {
  edges { node { id inbox { name } } } pageInfo { startCursor }
  sources { inbox { name } freshness } } inboxes { id name } }"""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code message } } }"""
CLEAR = (
    "mutation ($id: ID!) { clearNotifications(input: {inboxIds: [$id]}) { userErrors { code } } }"
)
SET = """mutation ($id: ID!) { setNotificationTimestamp(
  input: {inboxId: $id, pages: {entireWatchlist: true}, unseenFrom: {nothing: true}}
) { userErrors { code } } }"""

STEPS = st.tuples(
    st.sampled_from(
        [
            *("arrive", "arrive", "arrive", "behind", "late", "dismiss", "dismiss", "leave"),
            *("clear", "timestamp", "return", "fail", "slow", "mend", "many", "query", "query"),
            *("drop", "resume", "look", "begin anew", "tell", "tell", "read"),
            *("cut", "cut", "stream", "lead"),
        ]
    ),
    st.sampled_from(["home", "wiki"]),
    st.integers(0, 30),
    st.sampled_from([0.0, 0.5, 3.0, 11.0, 25.0, 61.0, 130.0, 400.0]),
)
STORIES = st.lists(STEPS, min_size=3, max_size=16)
_MOMENT = 0.001
"""Seconds: no two things happen at the same instant."""
FAULTS = [
    *(Fault.STREAM_CUT, Fault.STREAM_HALF_OPEN, Fault.STREAM_LATE),
    *(Fault.STREAM_TWICE, Fault.STREAM_SWAPPED, None),
]
"""Of the stream of `home`, where it streams; None mends it."""
LEADS = [0, 1, 5]
"""Seconds by which its stream has what arrives before its list."""
SURELY_SHOWN = 26
"""Seconds after which a page that is fresh has what arrived: 15 that a copy is, or that an instance
counts as alive after its last sign of life, the longest lead, and the pause between two looks where
a row belongs further down."""
LOOK = 40
"""Rows of a newest chunk."""
MANY = 45
"""More than that; once in a story, so that a page still has all."""
MOST_REQUESTS = 1500
"""Of one story, which takes two hours at most: who waits for something does not ask without end."""
RENEWAL = 700
"""Seconds after which every inbox was looked at twice, however long nothing came."""


API = make_api()
"""One for all stories: it knows nothing of what happens in any."""


@dataclass
class Client:
    """Holds IDs by inbox, as a frontend holds its list; it takes `takes` seconds for each event."""

    gateway: LiveGateway
    takes: float = 0
    held: dict[str, set[str]] = field(default_factory=dict)
    read_anew: set[str] = field(default_factory=set)
    cursor: str | None = None
    twice: list[str] = field(default_factory=list)
    has_only_looked: bool = False
    _listening: "asyncio.Task[None] | None" = None

    @property
    def is_listening(self) -> bool:
        """Whether it is connected."""
        return self._listening is not None

    async def begin(self) -> None:
        """Reads the list, and listens from there on."""
        await self.look()
        await asyncio.sleep(_MOMENT)
        await self.resume()

    async def look(self) -> None:
        """Reads the list, and does not listen."""
        await self.leave()
        answer = (await self.gateway.ask(WHOLE))["data"]
        self.held = {}
        for edge in answer["notifications"]["edges"]:
            node = edge["node"]
            self.held.setdefault(node["inbox"]["name"], set()).add(node["id"])
        self.cursor = answer["notifications"]["pageInfo"]["startCursor"]
        self.has_only_looked = True

    async def resume(self) -> None:
        """Listens on from the last event."""
        if self._listening is None and self.cursor is not None:
            self._listening = asyncio.ensure_future(self._listen())
            await asyncio.sleep(0)

    async def leave(self) -> None:
        """Goes away without a word."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    async def _listen(self) -> None:
        operation = self.gateway.api.documents.read(LIVE).choose(None)
        variables = {"cursor": self.cursor}
        async for sent in subscribe(
            self.gateway.api, operation, variables, self.gateway.find_context
        ):
            assert "errors" not in sent.answer, sent.answer
            await self._apply(sent.answer["data"]["notificationEvents"])
            self.cursor, self.has_only_looked = sent.cursor, False
            await asyncio.sleep(self.takes)

    async def _apply(self, event: Json) -> None:
        match event["__typename"]:
            case "NotificationArrived":
                node = event["edge"]["node"]
                held = self.held.setdefault(node["inbox"]["name"], set())
                if node["id"] in held and node["id"] not in self.read_anew:
                    self.twice.append(node["id"])
                held.add(node["id"])
            case "NotificationsRemoved" if event["isWholeInbox"]:
                self.held[event["inbox"]["name"]] = set()
            case "NotificationsRemoved":
                self.held.setdefault(event["inbox"]["name"], set()).difference_update(
                    event["notificationIds"]
                )
            case "NotificationsChanged":
                await self._read_anew(event["inbox"]["name"])

    async def _read_anew(self, inbox: str) -> None:
        answer = (await self.gateway.ask(WHOLE))["data"]
        found = [edge["node"] for edge in answer["notifications"]["edges"]]
        ids = {node["id"] for node in found if node["inbox"]["name"] == inbox}
        self.held[inbox] = ids
        self.read_anew |= ids


class LiveStory:
    """Carries steps out."""

    def __init__(self, *, streams: bool) -> None:
        self.world = World()
        self.world.add_mastodon("home", streams=streams).allowed_requests = 100_000
        self.world.add_wiki("wiki")
        self.echo = self.world.add_echo("wiki")
        for second in range(6):
            self.world.post("home", second)
            self.world.edit("wiki", second, page=f"Page {second}")
        self.listen_at(LiveGateway(self.world, API))
        self.pages = 6
        self.has_many = False
        self.arrived_at: dict[str, float] = {}
        self.gone: dict[LiveGateway, set[str]] = {}

    def listen_at(self, *gateways: LiveGateway) -> None:
        """Where the clients are: at the first and at the last."""
        self.gateways = gateways
        self.clients = [Client(gateways[0]), Client(gateways[-1], takes=0.3)]

    async def tell(self, steps: list[Any]) -> None:
        """The whole story, until everything has come to rest."""
        answer = (await self.gateways[0].ask(WHOLE))["data"]
        self.ids = {each["name"]: each["id"] for each in answer["inboxes"]}
        for client in self.clients:
            await client.begin()
        for what, inbox, number, seconds in steps:
            await asyncio.sleep(seconds + _MOMENT)
            await self._do(what, inbox, number)
        self._mend_all()
        await asyncio.sleep(_MOMENT)
        for client in self.clients:
            await client.resume()
        await asyncio.sleep(RENEWAL)
        truth = await self._truth()
        for client in self.clients:
            await client.leave()
            for name, listed in truth.items():
                held = client.held.get(name, set())
                if self.has_many:  # then what lies below the newest chunk is not promised
                    assert held >= set(listed[:LOOK])
                else:
                    assert held == set(listed)
            assert not client.twice
        assert self.world.list_requests() < MOST_REQUESTS

    def _mend_all(self) -> None:
        """Nothing stands in the way of anything any more."""
        for each in self.world.instances.values():
            each.is_down, each.delays_answers = False, 0.0
            each.set_stream_fault(None)

    async def _truth(self) -> dict[str, list[str]]:
        """What the instances list, newest first, by a gateway that knows nothing of the story."""
        answer = (await LiveGateway(self.world, API).ask(WHOLE))["data"]
        truth: dict[str, list[str]] = {"home": [], "wiki": []}
        for edge in answer["notifications"]["edges"]:
            truth[edge["node"]["inbox"]["name"]].append(edge["node"]["id"])
        return truth

    async def _do(  # noqa: C901 - a table of what can happen
        self, what: str, inbox: str, number: int
    ) -> None:
        client, gateway = self.clients[number % 2], self.gateways[number % len(self.gateways)]
        match what:
            case "arrive":
                self._arrive(inbox, 0)
            case "behind":
                self._arrive(inbox, number)
            case "late":
                self._arrive(inbox, 100 + 10 * number)
            case "dismiss":
                held = sorted(client.held.get(inbox, set()) - self._lowest())
                if held:
                    done = await gateway.ask(DISMISS, id=held[number % len(held)])
                    gone = done["data"]["dismissNotification"]["dismissedNotificationIds"]
                    if inbox == "home":  # where nothing comes back
                        self.gone.setdefault(gateway, set()).update(gone)
            case "leave":
                self._leave(inbox, number)
            case "clear":
                await gateway.ask(CLEAR, id=self.ids[inbox])
            case "timestamp":
                await gateway.ask(SET, id=self.ids["wiki"])
            case "fail" | "mend":
                self.world.instances[inbox].is_down = what == "fail"
                self.world.instances[inbox].delays_answers = 0.0
            case "slow":
                self.world.instances[inbox].delays_answers = 1.5
            case "many" if not self.has_many:
                self.has_many = True
                for _ in range(MANY):
                    self._arrive(inbox, 0)
            case "return":
                self._return(number)
            case "tell":
                self._tell(self._seconds_ago(number % 3 * 20))
            case "read":
                self._read(number)
            case "drop":
                await client.leave()
            case "resume":
                await client.resume()
            case "begin anew":
                if not any(each.is_down for each in self.world.instances.values()):
                    await client.begin()
            case "look":
                if not any(each.is_down for each in self.world.instances.values()):
                    await client.look()
            case "cut":
                self.world.mastodons["home"].streams.cut()
            case "stream":
                self.world.instances["home"].set_stream_fault(FAULTS[number % len(FAULTS)])
            case "lead":
                lead = timedelta(seconds=LEADS[number % len(LEADS)])
                self.world.mastodons["home"].streams.lead = lead
            case "query":
                await self._look_at_fresh(gateway)

    async def _look_at_fresh(self, gateway: LiveGateway) -> None:
        """What a page shows of `home`, where it says that it is fresh."""
        there_before = {each["id"] for each in self._rows_of_home()}
        page = (await gateway.ask(WHOLE))["data"]["notifications"]
        [source] = [each for each in page["sources"] if each["inbox"]["name"] == "home"]
        if source["freshness"] != "FRESH" or self.has_many:
            return
        shown = {edge["node"]["id"] for edge in page["edges"]}
        assert not shown & self.gone.get(gateway, set()), "shown, though dismissed here"
        young = asyncio.get_running_loop().time() - SURELY_SHOWN
        old = {
            make_id("MastodonNotification", "home", each["id"])
            for each in self._rows_of_home()
            if self.arrived_at.get(each["id"], 0.0) < young and each["id"] in there_before
        }
        assert shown >= old, "not shown, though it has been there"

    def _rows_of_home(self) -> list[Json]:
        return self.world.mastodons["home"].mailboxes["token-of-home"].notifications

    def _arrive(self, inbox: str, seconds_ago: int) -> None:
        """A row, of now or of before, which the instance lists by its time.

        Whoever has only read a page is not told of what is born behind it: see `_return`.
        """
        at = LoopClock().now() - timedelta(seconds=self._seconds_ago(seconds_ago))
        if inbox == "wiki":
            self.pages += 1
            wiki = self.world.wikis["wiki"]
            wiki.pages.watch("Alice", f"Page {self.pages}")
            wiki.pages.edit(f"Page {self.pages}", "Bob", "a change", at)
            return
        sandbox = self.world.mastodons["home"]
        sandbox.streams.is_muted = True  # until the row is as it stays
        row = sandbox.notify("token-of-home", "follow", sandbox.make_account("zed"), at)
        sandbox.streams.is_muted = False
        rows = sandbox.mailboxes["token-of-home"].notifications
        rows.remove(row)
        shown = format_instant(at)
        place = next((i for i, each in enumerate(rows) if each["created_at"] <= shown), len(rows))
        rows.insert(place, row)
        if place:  # its ID was given out in time, and it is seen late
            above = int(rows[place - 1]["id"])
            below = int(rows[place + 1]["id"]) if place + 1 < len(rows) else above - 2**16
            row["id"] = str((above + below) // 2)
        sandbox.streams.publish("token-of-home", row)
        self.arrived_at[row["id"]] = asyncio.get_running_loop().time()

    def _tell(self, seconds_ago: int) -> None:
        """The wiki's own notification of what happened then."""
        at = LoopClock().now() - timedelta(seconds=seconds_ago)
        self.echo.notify("Alice", "mention", at, "Talk:Moon")

    def _read(self, number: int) -> None:
        """One of these is read elsewhere."""
        unread = self.echo.of("Alice", "!read")
        if unread:
            unread[number % len(unread)].read_at = LoopClock().now()

    def _seconds_ago(self, seconds: int) -> int:
        return 0 if any(each.has_only_looked for each in self.clients) else seconds

    def _return(self, number: int) -> None:
        """A page that was seen is unseen again, as its watcher says elsewhere.

        Its changes come back at their old places: a client that has only read a page, and does not
        listen within a minute, is not told.
        """
        if any(each.has_only_looked for each in self.clients):
            return
        pages = self.world.wikis["wiki"].pages
        seen = [title for title, mark in pages.users["Alice"].marks.items() if mark is None]
        if seen:
            title = seen[number % len(seen)]
            changes = [change for change in pages.changes if change.title == title]
            pages.users["Alice"].marks[title] = changes[0].at

    def _lowest(self) -> set[str]:
        """The row at the end of the newest chunk, as long as it stays: see `_leave`."""
        rows = self.world.mastodons["home"].mailboxes["token-of-home"].notifications
        return {make_id("MastodonNotification", "home", rows[-1]["id"])} if rows else set()

    def _leave(self, inbox: str, number: int) -> None:
        """A row leaves by another way than the gateway.

        Never the lowest: whether that has left or fallen off the chunk's end nobody can tell.
        """
        if inbox == "wiki":
            marks = self.world.wikis["wiki"].pages.users["Alice"].marks
            unseen = [title for title, mark in marks.items() if mark is not None]
            if unseen:
                marks[unseen[number % len(unseen)]] = None
            return
        rows = self.world.mastodons["home"].mailboxes["token-of-home"].notifications
        if len(rows) > 1:
            del rows[number % (len(rows) - 1)]


@settings(max_examples=examples(4000, share=20), deadline=None, report_multiple_bugs=False)
@given(STORIES, st.booleans())
async def test_a_client_holds_what_a_page_has(steps: list[Any], streams: bool) -> None:
    """After every story, and nothing was sent twice."""
    await LiveStory(streams=streams).tell(steps)
