"""Cursors that were given before a login had several lists are good for ever."""

import json
from pathlib import Path

import pytest
from support.worlds import Json, mixed_world, nodes

PAGE = """query ($filter: NotificationFilter, $after: String, $before: String, $first: Int,
  $last: Int) {
  notifications(first: $first, last: $last, after: $after, before: $before, filter: $filter) {
    edges { node { id } } } }"""
WIKI = "V2F0Y2hsaXN0"
"""How the IDs of changes begin. What names one is another thing since: users can be renamed."""
RECORDED = json.loads((Path(__file__).parent / "first_cursors.json").read_text(encoding="utf-8"))
"""By the gateway of commit 025525c, over the same world; each with the pages below and above it."""


def social(answer: Json) -> list[str]:
    """The IDs of a page's notifications that are of no wiki."""
    ids = [node["id"] for node in nodes(answer["data"]["notifications"])]
    return [each for each in ids if each[:12] != WIKI]


@pytest.mark.parametrize("each", RECORDED, ids=lambda each: json.dumps(each["filter"])[:40])
async def test_cursors_of_the_first_version(each: Json) -> None:
    """They go on where they stood in each inbox, also beside lists that were added since."""
    for has_echo in (False, True):
        world = mixed_world()
        if has_echo:
            world.add_echo("wiki")
        asked = {"filter": each["filter"]}
        below = await world.ask(PAGE, {**asked, "first": 9, "after": each["after"]})
        above = await world.ask(PAGE, {**asked, "last": 9, "before": each["before"]})
        found, recorded = social(below), [each for each in each["ids"] if each[:12] != WIKI]
        assert found[: len(recorded)] == recorded and recorded
        found, recorded = social(above), [each for each in each["above"] if each[:12] != WIKI]
        assert found[-len(recorded) :] == recorded
