"""The merge against its reference model, in generated worlds."""

import asyncio
from dataclasses import replace
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st
from model.model import ModelCut
from model.stage import (
    SCRIPTS,
    Script,
    Stage,
    Step,
    cut_of,
    key_of,
    places_at,
    through_text,
    worlds,
)
from support.generated import examples
from support.worlds import UNTIL_ASKED_AGAIN

from app.sandbox.played_software import SOFTWARE
from resolvers.merging.cursor import Cut


@settings(max_examples=examples(2000, share=12), deadline=None, report_multiple_bugs=False)
@given(SCRIPTS)
async def test_the_merge_is_what_the_model_says(script: Script) -> None:
    """Every page of every chain, in both directions, from any cursor, whatever happens between.

    Pages agree row by row and in order; page flags are exact where no inbox failed, and never say
    that there is no more where there is.
    """
    await compare(script)


@settings(max_examples=examples(500), deadline=None, report_multiple_bugs=False)
@given(worlds(st.lists(st.sampled_from(sorted(SOFTWARE)), min_size=1, max_size=4)))
async def test_the_merge_over_every_software(script: Script) -> None:
    """The same over every server software that can say what is unread."""
    await compare(script)


async def compare(script: Script) -> None:
    """Pages through a world and its model side by side."""
    stage = Stage(script)
    names = [inbox.name for inbox in stage.inboxes]
    cut: Cut | None = None
    model_cut: ModelCut | None = None
    for step in script.steps:
        if script.fresh:
            stage.world.restart()
            stage.lists = stage.world.upstreams()
        page, expected = await stage.page(step, cut), stage.model_page(step, model_cut)
        edges = [(run, each) for run in page.runs for each in run.notifications]
        assert [key_of(each) for _, each in edges] == [row.key for row in expected.rows]
        assert not page.is_incomplete
        there = [each for each in page.readers if each.upstream.left_out is None]
        has_failed = any(reader.failure for reader in there)
        assert page.has_more == expected.has_more or (has_failed and page.has_more)
        if step.edge is not None and edges:
            index = step.edge % len(edges)
            run, notification = edges[index]
            places, model_cut = places_at(run, notification.row), expected.edges[index]
        elif step.is_up:
            places, model_cut = page.start, expected.start
        else:
            places, model_cut = page.end, expected.end
        cut = cut_of(page, places)
        assert cut.keys() == model_cut.keys()
        cut = through_text(cut, names) or None
        model_cut = model_cut if cut else None
        assert not stage.asked_echo_for_zero(), "to which it answers from the top"
        stage.happen(step)
        if step.event == "recovery" and not script.fresh:
            await asyncio.sleep(UNTIL_ASKED_AGAIN)


def worlds_to_page_through() -> st.SearchStrategy[Script]:
    """Worlds in which nothing happens and all can be shown: only their rows count."""

    def quiet(script: Script) -> Script:
        rows = [(index, second, kind % 6) for index, second, kind in script.rows]
        return replace(script, rows=rows, steps=[], away=[], fresh=15)

    return SCRIPTS.map(quiet)


@settings(max_examples=examples(150), deadline=None)
@given(worlds_to_page_through(), st.integers(1, 100), st.booleans())
async def test_what_a_list_costs(script: Script, size: int, is_up: bool) -> None:
    """Reading k rows of an inbox costs at most k / 40, rounded up, and one request more."""
    stage = Stage(replace(script, filter="everything"))
    step = Step(size, is_up, None, "nothing", 0, 0)
    page = await stage.page(step, None)
    while page.has_more:
        cut = cut_of(page, page.start if is_up else page.end)
        page = await stage.page(step, cut)
    for inbox in stage.inboxes:
        if "/" not in inbox.name:
            requests, rows = stage.world.list_requests_of(inbox.name), len(inbox.rows)
        elif is_up:  # which Echo cannot be: see test_searching
            continue
        else:
            echo = stage.echo_of(inbox)
            requests, rows = len(echo.requests), len(echo.of("Alice", "!read"))
        assert requests <= ceil(rows / 40) + 1
