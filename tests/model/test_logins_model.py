"""Two users of the same inboxes, each with a credential of their own: neither notices the other.

The same story is told twice, with and without the second user; the first one must get the same
answers. Virtual time, two host names, real cookies.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from support.generated import examples
from support.virtual_time import VirtualTimeLoop
from support.worlds import Json, World

ADA, BEN = "token-of-ada", "token-of-ben"
INBOXES = ("home", "work")
LOOK = """{
  inboxes { name handle status { health lastFailure { code } retryAt } unreadCount { count } }
  notifications(first: 10) {
    nodes {
      summary createdAt isUnread inbox { name }
      ... on MastodonNotification { status { text } }
    }
    pageInfo { hasNextPage } isIncomplete
    sources { inbox { name } freshness fetchedAt failure { code } }
  } }"""
IDS = "{ notifications(first: 10) { nodes { id } } inboxes { id } }"
MUTATIONS = {
    "dismiss": "dismissNotification(input: {notificationId: %s}) { userErrors { code } }",
    "read up to": "markNotificationsRead(input: {upToNotificationId: %s}) { userErrors { code } }",
    "clear": "clearNotifications(input: {inboxIds: [%s]}) { userErrors { code } }",
}
TROUBLES = ["refuse", "hang", "break", "mend"]
STEPS = st.tuples(
    st.sampled_from([ADA, BEN, BEN]),
    st.sampled_from(["look", "look", "arrive", *MUTATIONS, *TROUBLES]),
    st.sampled_from(INBOXES),
    st.sampled_from([0.0, 0.0, 0.01, 1.0, 16.0, 61.0]),
)
STORIES = st.lists(STEPS, min_size=4, max_size=20)


@dataclass
class CookieInstance:
    """Gives every credential a session of its own, and has trouble with one of them alone."""

    app: ASGIApp
    troubles: dict[str, str] = field(default_factory=dict)
    crossed: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        session = headers.get("cookie", "").removeprefix("session=")
        if session not in ("", token):
            self.crossed.append(f"{token} sent the session of {session}")
        trouble = self.troubles.get(token)
        if trouble == "hang":
            await asyncio.sleep(100)
        if trouble in ("refuse", "break"):
            status = 401 if trouble == "refuse" else 500
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"set-cookie", f"session={token}; Path=/".encode()),
                ]
            await send(message)

        await self.app(scope, receive, with_cookie)


class Stage:
    """Two inboxes, each at a host of its own, of whoever brings a token."""

    def __init__(self, logins: int) -> None:
        self.world = World()
        self.instances = {}
        self.arrived = Counter[str]()
        for name in INBOXES:
            sandbox = self.world.add_mastodon(name)
            sandbox.allowed_requests = 100_000
            self.world.bring_credentials(name, ADA, BEN)
            self.instances[name] = CookieInstance(sandbox.app)
            self.world.instances[name].replace(self.instances[name])
        self.world.sections = {"cache": {"logins": logins}}

    async def ask(self, token: str, document: str) -> Json:
        """What a user gets, who brings the token for both inboxes."""
        brought = ", ".join(f"{name}=Bearer {token}" for name in INBOXES)
        return await self.world.ask(document, headers={"inbox-authorization": brought})

    async def happen(self, token: str, what: str, inbox: str) -> Json | None:
        """What a step does; the answer to a look."""
        if what == "look":
            return await self.ask(token, LOOK)
        if what == "arrive":
            self.arrived[token] += 1
            self.world.post(inbox, self.arrived[token], f"for {token}", token)
        elif what in TROUBLES:
            if token == BEN:
                self.instances[inbox].troubles[token] = what
        else:
            await self.change(token, what, inbox)
        return None

    async def change(self, token: str, what: str, inbox: str) -> None:
        """A mutation about what the user sees first."""
        seen = (await self.ask(token, IDS))["data"]
        rows = [node["id"] for node in seen["notifications"]["nodes"]]
        ids = [seen["inboxes"][INBOXES.index(inbox)]["id"]] if what == "clear" else rows[:1]
        for each in ids:
            mutation = MUTATIONS[what] % f'"{each}"'
            await self.ask(token, f"mutation {{ {mutation} }}")


def tell(story: list[tuple[str, str, str, float]], *, with_ben: bool, logins: int) -> list[Json]:
    """What Ada sees. Every step begins at its time, whether or not those before it have ended."""

    async def play() -> list[Json]:
        stage = Stage(logins)
        doing = []
        for token, what, inbox, seconds in [*story, (ADA, "look", "home", 0.0)]:
            if token == ADA or with_ben:
                doing.append((token, asyncio.ensure_future(stage.happen(token, what, inbox))))
            await asyncio.sleep(seconds)
        seen = [(token, await each) for token, each in doing]
        for instance in stage.instances.values():
            assert instance.crossed == []
        return [answer for token, answer in seen if token == ADA and answer is not None]

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(play())


@settings(max_examples=examples(150), deadline=None)
@given(STORIES)
def test_nobody_notices_another_user(story: list[tuple[str, str, str, float]]) -> None:
    """Not by rows, handles, health, circuit breakers, freshness or failures."""
    assert tell(story, with_ben=True, logins=10) == tell(story, with_ben=False, logins=10)


@settings(max_examples=examples(150), deadline=None)
@given(STORIES)
def test_nobody_is_shown_anothers_after_being_forgotten(
    story: list[tuple[str, str, str, float]],
) -> None:
    """With room for a single login, they push each other out at every request."""
    for answer in tell(story, with_ben=True, logins=1):
        text = str(answer)
        assert "ben" not in text
        assert all(source["failure"] is None for source in sources_of(answer))
        assert {inbox["handle"].split("@")[1] for inbox in answer["data"]["inboxes"]} == {
            "token_of_ada"
        }


def sources_of(answer: Json) -> list[Json]:
    """The reports of a look."""
    sources: list[Json] = answer["data"]["notifications"]["sources"]
    return sources
