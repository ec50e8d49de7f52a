"""The header by which requests bring credentials for inboxes."""

import httpx
import pytest
from support.keys import CLIENTS, HOME_ONLY, bearer
from support.worlds import World

from app.platforms.mastodon import MastodonInbox
from app.web.inbox_authorization import HEADER, LONGEST_TOKEN, InboxAuthorization
from app.web.refusal import Refused

INBOXES = [
    MastodonInbox.model_validate({"platform": "mastodon", "url": "https://a.test", **more})
    for more in (
        {"name": "home", "credentials": "request"},
        {"name": "my.other_one-2", "credentials": "request"},
        {"name": "own", "token": "token"},
    )
]
SECRET = "s3cret-t0ken"


def read(*headers: str) -> dict[str, str]:
    """The tokens that headers bring, by inbox."""
    credentials = InboxAuthorization(INBOXES).read(headers, None)
    return {name: token.get_secret_value() for name, token in credentials.items()}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], {}),
        (["home=Bearer abc"], {"home": "abc"}),
        (["home=bearer   a.b-c_d~e+f/g=="], {"home": "a.b-c_d~e+f/g=="}),
        (["home=Bearer a, my.other_one-2=Bearer b"], {"home": "a", "my.other_one-2": "b"}),
        (["home=Bearer a ,\tmy.other_one-2=Bearer b "], {"home": "a", "my.other_one-2": "b"}),
        (["home=Bearer a", "my.other_one-2=Bearer b"], {"home": "a", "my.other_one-2": "b"}),
        ([f"home=Bearer {'x' * LONGEST_TOKEN}"], {"home": "x" * LONGEST_TOKEN}),
    ],
)
def test_what_is_taken(headers: list[str], expected: dict[str, str]) -> None:
    """One or several, in one header or in several."""
    assert read(*headers) == expected


MALFORMED = [
    "",
    ",",
    SECRET,
    f"Bearer {SECRET}",
    "home",
    "home=",
    "home=Bearer",
    "home=Bearer ",
    f"home={SECRET}",
    f"home=Basic {SECRET}",
    f"home Bearer {SECRET}",
    f"=Bearer {SECRET}",
    f"home=Bearer {SECRET},",
    f"home=Bearer {SECRET},,own=Bearer {SECRET}",
    f"home=Bearer {SECRET} {SECRET}",
    f'home="Bearer {SECRET}"',
    f"home=Bearer {SECRET};x",
    f"home=Bearer =={SECRET}",
    f"home=Bearer {SECRET}\x00",
    f"home=Bearer {SECRET}\x7f",
    f"home=Bearer {SECRET}\n",
    f"home=Bearer {SECRET}é",
    f"ho me=Bearer {SECRET}",
    f"{'h' * 41}=Bearer {SECRET}",
    f"home=Bearer {SECRET}, home=Bearer other",
    f"none=Bearer {SECRET}",
    f"HOME=Bearer {SECRET}",
    f"own=Bearer {SECRET}",
    f"home=Bearer {SECRET * 1400}",
]


@pytest.mark.parametrize("header", MALFORMED, ids=lambda header: repr(header)[:40])
def test_what_is_refused(header: str) -> None:
    """400 with a code and the header's name, and never what stands in it."""
    with pytest.raises(Refused) as refused:
        read(header)
    told = refused.value.as_response("application/json")
    assert told.status_code == 400
    assert HEADER in str(refused.value) and b"BAD_INBOX_AUTHORIZATION" in told.body
    assert SECRET.encode() not in told.body and len(told.body) < 1024


async def test_it_is_refused_over_http_as_well() -> None:
    """Whatever the operation is, and for queries by GET too; nothing is asked of an instance."""
    world = World()
    world.add_mastodon("home")
    headers = {"inbox-authorization": f"home=Bearer {SECRET}"}
    client = world.client()
    responses = [
        await client.post("/graphql", json={"query": "{ inboxes { name } }"}, headers=headers),
        await client.get("/graphql", params={"query": "{ __typename }"}, headers=headers),
    ]
    for response in responses:
        assert response.status_code == 400
        assert SECRET not in response.text
    assert world.list_requests() == 0


async def test_a_forbidden_inbox_is_an_unknown_one() -> None:
    """Who may not see it is not told that it exists, nor that it has a credential of its own."""
    world = World()
    for name in ("home", "own", "guest"):
        world.add_mastodon(name)
    world.bring_credentials("guest")
    world.sections = {"clients": CLIENTS}

    async def ask(name: str) -> httpx.Response:
        headers = {**bearer(HOME_ONLY), "inbox-authorization": f"{name}=Bearer x"}
        body = {"query": "{ __typename }"}
        return await world.client().post("/graphql", json=body, headers=headers)

    unknown = await ask("unknown")
    for name in ("own", "guest"):
        assert (await ask(name)).content == unknown.content


async def test_an_answer_is_not_anothers() -> None:
    """Caches are told that it depends on the header."""
    response = await World().client().post("/graphql", json={"query": "{ __typename }"})
    assert "Inbox-Authorization" in response.headers["vary"]
