"""A generated world and the model beside it, changed together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from model.model import Key, ModelCut, ModelInbox, ModelPage, ModelRow, list_page
from support.worlds import NO_COPIES, World, instant

from app.sandbox.listing import Entity
from app.sandbox.wiki_echo import SandboxEcho
from app.sandbox.wiki_pages import Change
from resolvers.identity import parse_id
from resolvers.merging.cursor import Cut, decode_cursor, encode_cursor
from resolvers.merging.echo import EchoPart
from resolvers.merging.filter import Filter
from resolvers.merging.merge import MergedPage, Places, Run, merge
from resolvers.merging.page_request import PageRequest
from resolvers.merging.watchlist import WatchlistPart
from resolvers.seam.chunk import Direction, Place, Row, Scope
from resolvers.seam.lists import Lists
from resolvers.types.echo import EchoNotification, EchoSection
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification
from resolvers.types.notification import Notification
from resolvers.types.notification_type import NotificationType

EVENTS = ["nothing", "arrival", "dismissal", "failure", "recovery", "recovery"]
KINDS = ["mention", "favourite", "edit", "protect"]
FILTERS = {
    "everything": Filter(),
    "mentions": Filter(types=frozenset({NotificationType.MENTION})),
    "edits and likes": Filter(
        types=frozenset(
            {
                NotificationType.PAGE_EDITED,
                NotificationType.PAGE_CREATED,
                NotificationType.FAVOURITE,
            }
        )
    ),
    "no likes": Filter(excluded_types=frozenset({NotificationType.FAVOURITE})),
    "no bots": Filter(exclude_bots=True),
    "no minor": Filter(watchlist=WatchlistPart(exclude_minor=True)),
    "late": Filter(since=instant(15)),
    "early": Filter(until=instant(15)),
    "between": Filter(since=instant(5), until=instant(20)),
    "nothing at all": Filter(raw_types=frozenset({"no such type"})),
    "unread": Filter(unread_only=True),
    "raw": Filter(raw_types=frozenset({"edit", "mention"})),
    "seen": Filter(scope=Scope(include_seen=True)),
    "read": Filter(echo=EchoPart(include_read=True)),
    "seen and read": Filter(scope=Scope(include_seen=True), echo=EchoPart(include_read=True)),
    "alerts": Filter(echo=EchoPart(sections=frozenset({EchoSection.ALERT}))),
}
HOLD_NO_CHANGES = {"mentions"}
"""Filters that a watchlist can have nothing for, and so is not asked."""
HOLD_NOTHING_OF_ECHO = {"edits and likes"}


def matches(row: ModelRow, name: str) -> bool:
    """What each of the filters means, said once more."""
    return {
        "everything": True,
        "mentions": row.kind == "mention",
        "edits and likes": row.kind in ("edit", "new", "favourite"),
        "no likes": row.kind != "favourite",
        "no bots": not row.is_bot,
        "no minor": not row.is_minor,
        "late": row.at >= instant(15),
        "early": row.at < instant(15),
        "between": instant(5) <= row.at < instant(20),
        "nothing at all": False,
        "unread": True,
        "raw": row.kind in ("edit", "mention"),
        "seen": True,
        "read": True,
        "seen and read": True,
        "alerts": row.kind != "edit-thank",
    }[name]


@dataclass
class Step:
    """One page and what happens after it."""

    size: int
    is_up: bool
    edge: int | None
    event: str
    inbox: int
    second: int


@dataclass
class Script:
    """A generated world and what is asked of it. `pace` is how many seconds one of its is long."""

    platforms: list[str]
    makes: list[str]
    rows: list[tuple[int, int, int]]
    steps: list[Step]
    filter: str
    fresh: int
    away: list[int]
    pace: int = 1


STEPS = st.builds(
    Step,
    size=st.integers(1, 12) | st.integers(1, 100),
    is_up=st.booleans(),
    edge=st.none() | st.integers(0, 99),
    event=st.sampled_from(EVENTS),
    inbox=st.integers(0, 11),
    second=st.integers(0, 30),
)
ROWS = st.tuples(st.integers(0, 11), st.integers(0, 30), st.integers(0, 7))
"""Which list, at which second, and what kind with which flags."""


LAST = 61
"""The last second of a story."""
TOLD = [("mention", "Talk:Moon"), ("edit-thank", "Talk:Moon"), ("edit-user-talk", "Page 0")]
"""What a wiki with Echo tells of, and the page of each."""
GROUPED_AS = {"edit-thank": ("thanks", "Talk:Moon"), "edit-user-talk": ("changes", "Page 0")}
PLATFORMS = ["wiki", "home", "echo"]
"""A wiki without Echo, a Mastodon-API server, and a wiki with it."""
HIDDEN = 55
"""Notifications in a row that the wiki cannot render: more than it gives at once."""

SCRIPTS = st.builds(
    Script,
    platforms=st.lists(st.sampled_from(PLATFORMS), min_size=1, max_size=4)
    | st.lists(st.sampled_from(PLATFORMS), min_size=5, max_size=12),
    makes=st.just(["mastodon"]),
    rows=st.lists(ROWS, max_size=30) | st.lists(ROWS, min_size=60, max_size=160),
    steps=st.lists(STEPS, min_size=2, max_size=9),
    filter=st.sampled_from(sorted(FILTERS)),
    fresh=st.sampled_from([0, 15]),
    away=st.just([]) | st.lists(st.integers(0, 11), max_size=3),
)


def worlds(makes: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Script]:
    """Worlds whose Mastodon-API servers are of these makes, in turn.

    Not every software can say what is unread: that filter has tests of its own.
    """
    scripts = SCRIPTS.filter(lambda script: script.filter != "unread")
    return st.builds(lambda script, made: replace(script, makes=made), scripts, makes)


@dataclass
class Stage:
    """The sandbox's instances and the model beside them, changed together."""

    script: Script
    world: World = field(default_factory=World)
    inboxes: list[ModelInbox] = field(default_factory=list)
    lists: Lists = field(default_factory=dict)
    changes: dict[Key, ModelRow] = field(default_factory=dict)
    posts: dict[tuple[str, str], Entity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, platform in enumerate(self.script.platforms):
            is_wiki, makes = platform != "home", self.script.makes
            name = f"{'wiki' if is_wiki else 'home'}-{number}"
            if is_wiki:
                self.world.add_wiki(name)
            else:
                self.world.add_mastodon(name, makes[number % len(makes)])
            if platform == "echo":
                self.world.add_echo(name)
                self.inboxes.append(ModelInbox(f"{name}/notifications"))
            self.inboxes.append(ModelInbox(name))
        self.world.sections = {"cache": {} if self.script.fresh else NO_COPIES}
        for index, second, kind in sorted(self.script.rows, key=lambda row: row[1]):
            self.add(index % len(self.inboxes), second, kind)
        self.lists = self.world.upstreams()
        for index in self.script.away:
            self.turn(index % len(self.inboxes), is_down=True)

    def turn(self, index: int, *, is_down: bool) -> None:
        """An instance goes away or comes back, with all that it lists."""
        name = self.inboxes[index].name.partition("/")[0]
        self.world.instances[name].is_down = is_down
        for inbox in self.inboxes:
            if inbox.name.partition("/")[0] == name:
                inbox.is_down = is_down

    def add(self, index: int, second: int, kind: int) -> None:
        """One more row on top of an inbox, in the world and in the model."""
        inbox = self.inboxes[index]
        if "/" in inbox.name:
            self._tell(inbox, second, kind)
        elif inbox.name.startswith("wiki"):
            self._change(inbox, second, kind)
        else:
            inbox.rows.insert(0, self._notify(inbox, second, kind))
            listed = self.world.mastodons[inbox.name].mailboxes[f"token-of-{inbox.name}"]
            del inbox.rows[len(listed.notifications) :]  # snac lists no more than its newest

    def at(self, second: int) -> datetime:
        """When something happens; all of it before the test began."""
        return instant((second - LAST) * self.script.pace + LAST)

    def _notify(self, inbox: ModelInbox, second: int, kind: int) -> ModelRow:
        """Mastodon's own order is that of its IDs: its times may go a little backwards."""
        sandbox = self.world.mastodons[inbox.name]
        at = self.at(second) + timedelta(milliseconds=(second * 37 + kind * 11) % 8)
        name, is_bot = ("mention", "favourite")[kind % 2], kind >= 6
        account = sandbox.make_account("zed@elsewhere.test", is_bot=is_bot)
        post, parts = f"post {kind // 2 % 2}", {}
        if name == "favourite":
            parts["status"] = self._post(inbox.name, post)
        entity = sandbox.notify(f"token-of-{inbox.name}", name, account, at, **parts)
        at = datetime.fromisoformat(entity["created_at"])  # as precise as this software is
        together = (name, post) if name == "favourite" else None
        return ModelRow((inbox.name, entity["id"]), at, name, is_bot, together=together)

    def _post(self, name: str, text: str) -> Entity:
        """One of the user's own posts, which is liked again and again."""
        sandbox = self.world.mastodons[name]
        if (name, text) not in self.posts:
            me = sandbox.make_account("me")
            self.posts[name, text] = sandbox.make_status(me, text, instant(0))
        return self.posts[name, text]

    def echo_of(self, inbox: ModelInbox) -> SandboxEcho:
        """What the list of a wiki's own notifications is of."""
        echo = self.world.wikis[inbox.name.partition("/")[0]].echo
        assert echo is not None
        return echo

    def _tell(self, inbox: ModelInbox, second: int, kind: int) -> None:
        """A notification of Echo's; a wiki cannot render all that it has to tell of."""
        echo = self.echo_of(inbox)
        newest = max((each.at for each in echo.of("Alice")), default=self.at(0))
        at = max(self.at(second), newest)
        is_long_pause = kind == 7 and second % 10 == 0
        for _ in range(HIDDEN if is_long_pause else kind == 6):
            echo.notify("Alice", "mention", at, "Talk:Moon", is_renderable=False)
        name, page = TOLD[kind % len(TOLD)]
        echo.notify("Alice", name, at, page)
        self.list_anew()

    def asked_echo_for_zero(self) -> bool:
        """Whether any wiki was asked for what lies below a second or a number of 0."""
        echoes = [wiki.echo for wiki in self.world.wikis.values() if wiki.echo is not None]
        asked = [each.get("notcontinue", "1|1") for echo in echoes for each in echo.requests]
        return any("0" in each.split("|") for each in asked)

    def list_anew(self) -> None:
        """What wikis list now, with what was seen where the filter has that."""
        chosen = FILTERS[self.script.filter]
        for inbox in self.inboxes:
            if "/" in inbox.name:
                events = self.echo_of(inbox).of(
                    "Alice", "" if chosen.echo.include_read else "!read"
                )
                inbox.rows = [
                    ModelRow(
                        (inbox.name, str(each.number)),
                        each.at,
                        each.kind,
                        together=GROUPED_AS.get(each.kind),
                    )
                    for each in events
                    if each.is_renderable
                ]
            elif inbox.name.startswith("wiki"):
                pages = self.world.wikis[inbox.name].pages
                is_pending = not chosen.scope.include_seen
                listed = pages.watchlist(pages.users["Alice"], only_unread=is_pending)
                inbox.rows = [self.changes[inbox.name, _number(change)] for change in listed]

    def _change(self, inbox: ModelInbox, second: int, kind: int) -> None:
        pages, page = self.world.wikis[inbox.name].pages, f"Page {kind % 3}"
        newest = max((change.at for change in pages.changes), default=self.at(0))
        at = max(self.at(second), newest)
        pages.watch("Alice", page)
        if kind == 5 and any(title.text == page for title in pages.pages):
            pages.protect(page, "Bob", "calm down", at)
        else:
            pages.edit(page, "Bob", "a change", at, is_bot=kind >= 6, is_minor=kind == 4)
        change = pages.changes[-1]
        key = inbox.name, _number(change)
        flags = change.is_bot, change.is_minor
        row = ModelRow(key, change.at, change.type, *flags, together=("changes", page))
        self.changes[key] = row
        self.list_anew()  # a change in a second that was dismissed brings the others back

    def dismiss(self, index: int) -> None:
        """The newest row leaves; on a wiki its page's rows do."""
        inbox = self.inboxes[index]
        if not inbox.rows:
            return
        if "/" in inbox.name:
            unread = self.echo_of(inbox).of("Alice", "!read")
            for each in unread[:1]:
                each.read_at = instant(100)
            self.list_anew()
        elif inbox.name.startswith("wiki"):
            pages = self.world.wikis[inbox.name].pages
            alice = pages.users["Alice"]
            for change in [*pages.watchlist(alice, only_unread=True)][:1]:
                alice.marks[change.title] = None
            self.list_anew()
        else:
            del (
                self.world.mastodons[inbox.name]
                .mailboxes[f"token-of-{inbox.name}"]
                .notifications[0]
            )
            del inbox.rows[0]

    def happen(self, step: Step) -> None:
        """What a step brings after its page."""
        index = step.inbox % len(self.inboxes)
        match step.event:
            case "arrival":
                self.add(index, 31 + step.second, step.second % 8)
            case "dismissal":
                self.dismiss(index)
            case "failure" | "recovery":
                self.turn(index, is_down=step.event == "failure")

    async def page(self, step: Step, cut: Cut | None, *, by_group: bool = False) -> MergedPage:
        """The gateway's page."""
        chosen = FILTERS[self.script.filter]
        wanted = PageRequest(
            direction=Direction.UP if step.is_up else Direction.DOWN,
            count=step.size,
            is_from_cut=cut is not None,
            filter=chosen,
            by_group=by_group,
            tells_unread=chosen.unread_only,
        )
        return await merge(chosen.select(self.lists), cut or {}, wanted, 5)

    def model_page(self, step: Step, cut: ModelCut | None, *, by_group: bool = False) -> ModelPage:
        """The model's page."""
        name = self.script.filter
        asked = [
            inbox
            for inbox in self.inboxes
            if not (name in HOLD_NO_CHANGES and _is_watchlist(inbox))
            and not (name in HOLD_NOTHING_OF_ECHO and "/" in inbox.name)
        ]

        def wants(row: ModelRow) -> bool:
            return matches(row, name)

        return list_page(asked, cut, step.size, wants, is_up=step.is_up, by_group=by_group)


def _is_watchlist(inbox: ModelInbox) -> bool:
    return inbox.name.startswith("wiki") and "/" not in inbox.name


def _number(change: Change) -> str:
    return f"log {change.log_id}" if change.log_id else f"revision {change.revision_id}"


def key_of(notification: Notification) -> Key:
    """What names a row in the model."""
    name = notification.inbox.name
    if isinstance(notification, MastodonNotification):
        return name, notification.database_id
    if isinstance(notification, EchoNotification):
        return f"{name}/notifications", parse_id(notification.id).key.partition("|")[2]
    assert isinstance(notification, WatchlistNotification)
    entry = notification.log_entry
    return name, f"log {entry.log_id}" if entry else f"revision {notification.revision_id}"


def places_at(run: Run, row: Row) -> Places:
    """The places that the edge of one of a run's notifications stands for."""
    places = [*run.places]
    places[run.inbox_index] = Place(run.chunk, row, row)
    return places


def cut_of(page: MergedPage, places: Places) -> Cut:
    """By name, without the inboxes that have no place."""
    pairs = zip(page.lists, places, strict=True)
    return {name: place for name, place in pairs if place is not None}


def through_text(cut: Cut, names: Sequence[str]) -> Cut:
    """A cut as it comes back from a client."""
    return decode_cursor(encode_cursor(cut, b"abcd"), b"abcd", names)
