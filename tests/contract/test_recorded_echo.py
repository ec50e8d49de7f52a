"""What a real MediaWiki 1.43 with Echo was recorded to say is read to the last row."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.worlds import Json

from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.addresses import SiteAddresses
from app.upstreams.mediawiki.echo.elsewhere import read_elsewhere
from app.upstreams.mediawiki.echo.mapping import EchoMapper
from app.upstreams.mediawiki.echo.reading import EchoList
from app.upstreams.mediawiki.errors import explain_error
from app.upstreams.mediawiki.session import Params
from app.upstreams.reading.values import read_json
from resolvers.errors import UpstreamFailureCode
from resolvers.fields.inbox import make_inbox
from resolvers.platforms import Platform
from resolvers.seam.chunk import TOP, ChunkRequest, Scope
from resolvers.types.echo import EchoNotification, EchoSection
from resolvers.types.notification_type import NotificationType

URL = "http://127.0.0.1:23143/w/api.php"
GENERAL = wire.General(
    server="http://127.0.0.1:23143", articlepath="/w/index.php/$1", script="/w/index.php"
)


@pytest.fixture
def answers(recordings: Path) -> dict[str, Json]:
    """The recorded answers, by name."""
    path = recordings / "mediawiki" / "recordings" / "echo143.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))["recordings"]
    return {each["name"]: each["response"].get("json") or {} for each in recorded}


def told(answer: Json) -> Any:
    """What an answer says of notifications."""
    notifications = read_json(json.dumps(answer).encode(), wire.Answer).query.notifications
    assert notifications is not None
    return notifications


async def read(*pages: Json) -> list[EchoNotification]:
    """All rows of these answers, one after the other, as the API shows them."""
    waiting = [*pages]

    async def ask(params: Params) -> Any:
        assert "notcontinue" not in params or waiting
        return told(waiting.pop(0))

    inbox = make_inbox("wiki", Platform.MEDIAWIKI, URL)
    mapper = EchoMapper(inbox, SiteAddresses(URL, GENERAL))
    echo, rows, anchor = EchoList(URL, ask, lambda: 50), list[EchoNotification](), TOP
    listed = await echo.read(ChunkRequest(anchor, 50, Scope(include_seen=True)))
    assert not listed.unreadable
    rows += [mapper.map(each.row, each.place) for each in listed.rows]
    return rows


async def test_every_row_in_its_order(answers: dict[str, Json]) -> None:
    """Newest first, though a page rises, and falls within a second."""
    rows = await read(answers["after-all"])
    assert [row.row for row in rows] == sorted((row.row for row in rows), reverse=True)
    assert len(rows) == 13
    assert all(row.is_unread is False and row.read_at for row in rows)


async def test_kinds(answers: dict[str, Json]) -> None:
    """Each that was recorded is of a type, says something, and leads somewhere."""
    found = {row.raw_type: row for row in await read(answers["list-model"])}
    found |= {
        row.raw_type: row for row in await read(answers["reverted-and-mention-failure-model"])
    }
    types = {kind: row.type for kind, row in found.items()}
    assert types == {
        "edit-user-talk": NotificationType.TALK,
        "mention": NotificationType.MENTION,
        "edit-thank": NotificationType.THANKS,
        "page-linked": NotificationType.PAGE_LINKED,
        "thank-you-edit": NotificationType.MILESTONE,
        "reverted": NotificationType.REVERTED,
        **{kind: NotificationType.OTHER for kind in types if kind.startswith("mention-")},
    }
    for row in found.values():
        assert row.summary and not set("\u202a\u202c<>") & set(row.summary)
        assert row.url and row.url.startswith("http://127.0.0.1:23143/w/index.php")
        assert row.icon_url and row.icon_url.startswith("http://127.0.0.1:23143/w/extensions/")
        assert row.page is not None and row.actor is not None
        assert "markasread" in row.url
    thanks = found["edit-thank"]
    assert thanks.actor is not None
    assert (
        thanks.summary == f"{thanks.actor.display_name} thanked you for your edit on Alice article."
    )
    assert thanks.section is EchoSection.MESSAGE and len(thanks.links) == 3


async def test_other_wikis(answers: dict[str, Json]) -> None:
    """Are a summary, and no row of the list."""
    (other,) = read_elsewhere(told(answers["crosswiki-summary"]))
    assert (other.name, other.title, other.count) == ("otherwiki", "Other Wiki", 5)
    assert other.url == "http://other.test/wiki/Special:Notifications"
    assert other.is_at({"http://other.test/w/api.php"}) and not other.is_at({URL})


async def test_what_is_refused(answers: dict[str, Json]) -> None:
    """A login without the grant is told which; it is not refused as such."""
    code = answers["grant-basic-only"]["error"]["code"]
    failure = explain_error(URL, code, is_write=False, is_of_echo=True)
    assert failure.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert "Read my notifications" in str(failure) and not failure.is_login_refused
