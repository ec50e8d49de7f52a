"""Writes against what real servers were recorded to answer."""

import json
from pathlib import Path

import httpx
import pytest
from support.recorded import VERSIONS, RecordedMastodon
from support.virtual_time import LoopClock

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.mastodon import wire as mastodon_wire
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.rows import keep_readable, name_changes, parse_key
from app.upstreams.reading.values import read_json


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_recorded_mastodon_dismisses_and_clears(recordings: Path, version: str) -> None:
    """Each version takes the dismissal by its own route, old or new, and clears."""
    recorded = RecordedMastodon(recordings, version)
    transport = TransportByHost({"localhost": httpx.ASGITransport(recorded.app)})
    http = Http("http://localhost", transport, "test", 4, "token")
    upstream = MastodonUpstream("recorded", "http://localhost", http, LoopClock())
    assert recorded.dismissed_ids
    for database_id in recorded.dismissed_ids:
        dismissal = await upstream.dismiss(database_id)
        assert len(dismissal.notification_ids) == 1
    await upstream.clear()


def answers(recordings: Path, pattern: str) -> list[tuple[str, bytes]]:
    """The answers of a wiki in format version 2 that were no errors."""
    found = []
    for path in sorted((recordings / "mediawiki" / "recordings").glob(pattern)):
        pair = json.loads(path.read_text(encoding="utf-8"))
        body, params = pair["response"]["json"], pair["request"]["params"]
        is_plain = params.get("formatversion") == "2" and "errorformat" not in params
        if is_plain and isinstance(body, dict) and not {"error", "warnings"} & body.keys():
            found.append((path.stem, json.dumps(body).encode()))
    return found


def test_every_recorded_answer_to_setting_a_timestamp_can_be_read(recordings: Path) -> None:
    """Pages, the entire watchlist, invalid and missing ones: whatever a real wiki answered."""
    every = answers(recordings, "snt-*.json")
    assert len(every) > 20
    for name, body in every:
        answer = read_json(body, wire.Answer)
        assert answer.setnotificationtimestamp is not None, name


async def test_every_recorded_watchlist_can_be_named(recordings: Path) -> None:
    """Each change that was recorded with all that tells it apart has a key that reads back."""
    every = [*answers(recordings, "watchlist-all*.json"), *answers(recordings, "page-*.json")]
    assert len(every) > 10
    for name, body in every:
        watchlist = read_json(body, wire.Answer).query.watchlist
        assert watchlist is not None and None not in watchlist, name
        for named in await name_changes(keep_readable(watchlist)):
            if named.change.title:
                assert str(parse_key(named.key)) == named.key, name


def test_recorded_markers_can_be_read(recordings: Path) -> None:
    """Markers were recorded of the home timeline; those of notifications are of the same kind."""
    folder = recordings / "mastodon" / "recordings"
    markers = [
        pair["response"]["json"]["home"]
        for path in sorted(folder.glob("mastodon-*/test_markers.json"))
        for pair in json.loads(path.read_text(encoding="utf-8"))["pairs"]
        if "/api/v1/markers" in pair["request"]["url"]
    ]
    assert len(markers) == 8
    for marker in markers:
        read = read_json(json.dumps({"notifications": marker}).encode(), mastodon_wire.Markers)
        assert read.notifications and read.notifications.last_read_id == marker["last_read_id"]
