"""The response cache gives again only what plain execution would give at this moment."""

import asyncio
import gc
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.generated import examples
from support.keys import CLIENTS, HOME_ONLY, WRITER, bearer
from support.processes import processes
from support.real_redis import RealRedis
from support.virtual_time import VirtualTimeLoop
from support.worlds import World, mixed_world

from app.cache.responses import ResponseCache

LIST = """query List($n: Int = 5) { notifications(first: $n) {
  edges { cursor node { id summary inbox { name } } } pageInfo { endCursor hasNextPage }
  sources { inbox { name } freshness fetchedAt } } }"""
COUNT = "fragment F on Inbox { unreadCount { count } }"
PAGE = "fragment L on Query { notifications { isIncomplete } }"


async def ask(world: World, document: str = LIST, **more: Any) -> httpx.Response:
    """The response to an operation."""
    headers = more.pop("headers", None)
    body = {"query": document, **more}
    return await world.client().post("/graphql", json=body, headers=headers)


def answers_of(world: World) -> ResponseCache:
    """The response cache of the world's gateway."""
    assert world.app is not None
    return world.app.view.responses


async def test_the_same_is_not_executed_again() -> None:
    """Within the fresh time: byte for byte the same, with the same tag, and counted as a hit."""
    world = mixed_world()
    first, second = await ask(world), await ask(world)
    assert first.headers.pop("x-request-id") != second.headers.pop("x-request-id")
    assert (first.content, first.headers) == (second.content, second.headers)
    assert answers_of(world).counts["hit"] == 1
    await asyncio.sleep(16)
    later = await ask(world)
    assert answers_of(world).counts["hit"] == 1
    assert (
        later.json()["data"]["notifications"]["edges"]
        == (first.json()["data"]["notifications"]["edges"])
    )


async def test_the_same_at_once_is_executed_once() -> None:
    """Where there is room for one operation, ten that are the same fit and another does not."""
    world = mixed_world()
    world.sections = {"server": {"operations": 1}}
    for instance in world.instances.values():
        instance.seconds = 1
    same = [ask(world) for _ in range(10)]
    *others, different = await asyncio.gather(*same, ask(world, f"{LIST} "))
    assert {each.status_code for each in others} == {200} and different.status_code == 503
    assert len({each.content for each in others}) == 1


async def test_one_who_goes_away_takes_no_answer_from_the_others() -> None:
    """Also where it was the first."""
    world = mixed_world()
    for instance in world.instances.values():
        instance.seconds = 1
    first, other = asyncio.ensure_future(ask(world)), asyncio.ensure_future(ask(world))
    await asyncio.sleep(0.5)
    first.cancel()
    assert (await other).status_code == 200


async def test_what_was_begun_before_a_write_is_not_given_after_it() -> None:
    """It has read one inbox already and waits for another, while a row of the first leaves."""
    world = mixed_world()
    edges = (await ask(world)).json()["data"]["notifications"]["edges"]
    row = next(each["node"] for each in edges if each["node"]["inbox"]["name"] == "home")
    await asyncio.sleep(3600)
    world.instances["wiki"].delays_answers = 2
    before = asyncio.ensure_future(ask(world))
    await asyncio.sleep(0.1)
    document = "mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) { "
    await ask(world, f"{document} dismissedNotificationIds }} }}", variables={"id": row["id"]})
    assert row["id"] not in (await ask(world)).text
    assert row["id"] in (await before).text


@pytest.mark.parametrize(
    "change",
    [
        {"variables": {"n": 6}},
        {"document": LIST.replace("summary", "summary type")},
        {"document": f"{LIST} "},
        {"headers": {"accept": "application/graphql-response+json"}},
    ],
    ids=["variables", "document", "space", "media type"],
)
async def test_what_differs_is_another_answer(change: dict[str, Any]) -> None:
    """The variables, the document, the media type."""
    world = mixed_world()
    await ask(world)
    await ask(world, **change)
    assert answers_of(world).counts["hit"] == 0


async def test_who_sees_other_inboxes_gets_another_answer() -> None:
    """By the logins that a caller has, not by its key: two clients that see the same share."""
    world = mixed_world()
    world.sections = {"clients": CLIENTS}
    everything = await ask(world, headers=bearer(WRITER))
    own = await ask(world, headers=bearer(HOME_ONLY))
    assert answers_of(world).counts["hit"] == 0
    assert everything.content != own.content
    assert (await ask(world, headers=bearer("x" * 43))).status_code == 401


@pytest.mark.parametrize(
    "document",
    [
        "{ notifications { nodes { isUnread } } }",
        "{ notifications(filter: {unreadOnly: true}) { nodes { id } } }",
        "{ notifications { nodes { ... on Node { ... on MastodonNotification { isUnread } } } } }",
        "{ notifications { nodes { inbox { handle } } } }",
        "{ notifications { nodes { inbox { instance { title } } } } }",
        "{ notifications { sources { inbox { ...F } } } } " + COUNT,
        "{ inboxes { status { health } } notifications { isIncomplete } }",
        '{ node(id: "x") { id } notifications { isIncomplete } }',
        "{ inboxes { name } }",
        "{ __typename }",
        "{ notifications(first: 0) { isIncomplete } }",
        'mutation { dismissNotification(input: {notificationId: "x"}) { query { ...L } } } ' + PAGE,
    ],
)
async def test_what_has_to_be_asked_anew_is_not_kept(document: str) -> None:
    """What changes by itself or may not be known yet, errors, mutations, and what has no list."""
    world = mixed_world()
    for _ in range(3):
        await ask(world, document)
    assert answers_of(world).used == 0


async def test_nothing_is_kept_while_a_login_settles() -> None:
    """After clearing, an instance may still be applying it: nothing that it says is kept."""
    world = mixed_world()
    await ask(world)
    inboxes = (await ask(world, "{ inboxes { id } }")).json()["data"]["inboxes"]
    argument = f'inboxIds: ["{inboxes[0]["id"]}"]'
    await ask(
        world, f"mutation {{ clearNotifications(input: {{{argument}}}) {{ clientMutationId }} }}"
    )
    assert (await ask(world)).json()["data"]["notifications"]["edges"] != []
    await ask(world)
    assert answers_of(world).counts["hit"] == 0
    await asyncio.sleep(2)
    await ask(world)
    await ask(world)
    assert answers_of(world).counts["hit"] == 1


async def test_a_login_that_was_forgotten_starts_anew() -> None:
    """It does not know any more what it wrote: what was answered before that is not given again."""
    world = World()
    world.add_mastodon("home")
    world.bring_credentials("home", "token-a", "token-b")
    world.sections = {"cache": {"logins": 1}}
    world.post("home", 1, token="token-a")
    first, other = ({"inbox-authorization": f"home=Bearer token-{name}"} for name in "ab")
    document = "{ notifications { nodes { id } } }"
    (row,) = (await ask(world, document, headers=first)).json()["data"]["notifications"]["nodes"]
    argument = f'input: {{notificationId: "{row["id"]}"}}'
    dismiss = f"mutation {{ dismissNotification({argument}) {{ clientMutationId }} }}"
    await ask(world, dismiss, headers=first)
    await ask(world, document, headers=other)
    gc.collect()
    again = await ask(world, document, headers=first)
    assert again.json()["data"]["notifications"]["nodes"] == []


async def test_a_shared_store_keeps_no_answers(real_redis: RealRedis) -> None:
    """What another process writes is known only by asking the store, each time."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        for each in (one, other, one, other):
            await ask(each)
        assert answers_of(one).used == answers_of(other).used == 0


async def test_answers_have_a_bound() -> None:
    """Bytes of all together; the least used go first."""
    world = mixed_world()
    world.sections = {"cache": {"responses": 20_000}}
    for number in range(1, 41):
        await ask(world, variables={"n": number})
    assert 10_000 < answers_of(world).used <= 20_000
    await ask(world, variables={"n": 40})
    await ask(world, variables={"n": 1})
    assert answers_of(world).counts["hit"] == 1


async def test_an_answer_that_is_too_large_displaces_no_other() -> None:
    """It is not kept, and what was kept stays."""
    world = mixed_world()
    world.sections = {"cache": {"responses": 6_000}}
    small, large = "{ notifications(first: 1) { nodes { id } } }", LARGE
    await ask(world, small)
    used = answers_of(world).used
    await ask(world, large)
    assert answers_of(world).used == used > 0
    await ask(world, small)
    assert answers_of(world).counts["hit"] == 1


LARGE = """{ notifications(first: 20) { nodes { id summary url createdAt inbox { name }
  actor { handle displayName url } } edges { cursor node { id summary } } } }"""

STEPS = st.tuples(
    st.sampled_from(["ask", "ask", "ask", "arrive", "dismiss", "clear", "down", "slow", "up"]),
    st.sampled_from([0.0, 0.0, 1.0, 5.0, 16.0, 61.0]),
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(STEPS, min_size=3, max_size=20))
def test_never_another_answer_than_plain_execution_gives(steps: list[tuple[str, float]]) -> None:
    """Whatever is written, fails and expires in between: a hit is what would be made now."""

    async def play() -> None:
        world = mixed_world()
        number = 100
        for what, seconds in steps:
            number += 1
            if what == "ask":
                hits = answers_of(world).counts["hit"] if world.app else 0
                given_again = await ask(world)
                if answers_of(world).counts["hit"] > hits:
                    plain = await ask(world, f"{LIST} # {number}")
                    assert given_again.content == plain.content
            elif what == "arrive":
                world.post("home", number)
            elif what in ("down", "up", "slow"):
                world.instances["home"].is_down = what == "down"
                world.instances["wiki"].seconds = 2 if what == "slow" else 0
            else:
                await change(world, what)
            await asyncio.sleep(seconds)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(play())


async def change(world: World, what: str) -> None:
    """Dismisses the first row, or clears the first inbox."""
    seen = (await ask(world, "{ notifications { nodes { id } } inboxes { id } }")).json()["data"]
    rows = [row["id"] for row in seen["notifications"]["nodes"]]
    if what == "clear":
        inbox = seen["inboxes"][0]["id"]
        argument = f'clearNotifications(input: {{inboxIds: ["{inbox}"]}})'
    elif rows:
        argument = f'dismissNotification(input: {{notificationId: "{rows[0]}"}})'
    else:
        return
    await ask(world, f"mutation {{ {argument} {{ clientMutationId }} }}")
