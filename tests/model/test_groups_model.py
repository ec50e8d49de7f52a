"""Groups against the reference model: pages of them, and that every row is in exactly one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from model.model import Key, ModelCut, ModelPage, ModelRow
from model.stage import SCRIPTS, Script, Stage, Step, key_of, matches
from support.generated import examples
from support.worlds import UNTIL_ASKED_AGAIN

from resolvers.context import Context
from resolvers.fields.groups import NotificationGroup, NotificationGroupConnection, show_groups
from resolvers.inputs.windows import Window
from resolvers.merging.cursor import Cut, decode_cursor
from resolvers.merging.merge import MergedPage
from resolvers.seam.chunk import Direction

DIGEST = b"abcd"
PACES = [1, 1000, 20_000]
"""Seconds: of stories that take a minute, most of a day, and two weeks."""


def make_scripts() -> st.SearchStrategy[Script]:
    """Worlds that are asked for 1 to 25 groups at a time."""

    def adapt(script: Script, pace: int) -> Script:
        steps = [replace(step, size=1 + step.size % 25) for step in script.steps]
        return replace(script, steps=steps, pace=pace)

    return st.builds(adapt, SCRIPTS, st.sampled_from(PACES))


def fold(page: MergedPage, step: Step, stage: Stage) -> NotificationGroupConnection:
    """The gateway's groups of a page."""
    direction = Direction.UP if step.is_up else Direction.DOWN
    return show_groups(page, DIGEST, Window(direction, step.size, None), Context(stage.lists, 5))


def fold_model(page: ModelPage) -> Sequence[Sequence[ModelRow]]:
    """The model's."""
    groups: dict[object, list[ModelRow]] = {}
    for row in page.rows:
        groups.setdefault(row.group, []).append(row)
    return [*groups.values()]


def keys_of(group: NotificationGroup) -> list[Key]:
    """What names its rows in the model."""
    return [key_of(each) for each in group.rows]


def check_counts(stage: Stage, groups: NotificationGroupConnection, *, is_whole: bool) -> None:
    """A count that is not capped is that of all there are; none is, if the page `is_whole`."""
    listed = [row for inbox in stage.inboxes for row in inbox.rows]
    by_key = {row.key: row for row in listed}
    for group in groups.nodes:
        key = by_key[keys_of(group)[0]].group
        everywhere = {row.key for row in listed if row.group == key}
        everywhere = {each for each in everywhere if matches(by_key[each], stage.script.filter)}
        assert group.is_count_capped or everywhere == {*keys_of(group)}
        assert not (group.is_count_capped and is_whole)


@settings(max_examples=examples(3000, share=60), deadline=None, report_multiple_bugs=False)
@given(make_scripts())
async def test_pages_of_groups_are_what_the_model_says(script: Script) -> None:
    """From any cursor, in both directions, whatever arrives, leaves or fails between."""
    stage = Stage(script)
    names = [inbox.name for inbox in stage.inboxes]
    cut: Cut | None = None
    model_cut: ModelCut | None = None
    for step in script.steps:
        if script.fresh:
            stage.world.restart()
            stage.lists = stage.world.upstreams()
        page = await stage.page(step, cut, by_group=True)
        expected = stage.model_page(step, model_cut, by_group=True)
        groups, model_groups = fold(page, step, stage), fold_model(expected)
        assert [keys_of(each) for each in groups.nodes] == [
            [row.key for row in each] for each in model_groups
        ]
        assert len(groups.nodes) <= step.size and not page.is_incomplete
        is_there = not any(inbox.is_down for inbox in stage.inboxes)
        check_counts(stage, groups, is_whole=is_there and not (cut or expected.has_more))
        if step.edge is not None and groups.edges:
            edge = groups.edges[step.edge % len(groups.edges)]
            cursor, latest = edge.cursor(), key_of(edge.node.latest)
            index = [row.key for row in expected.rows].index(latest)
            model_cut = expected.edges[index]
        else:
            cursor = (
                groups.page_info.start_cursor() if step.is_up else groups.page_info.end_cursor()
            )
            model_cut = expected.start if step.is_up else expected.end
        cut = decode_cursor(cursor, DIGEST, names) if cursor else None
        model_cut = model_cut if cut else None
        stage.happen(step)
        if step.event == "recovery" and not script.fresh:
            await asyncio.sleep(UNTIL_ASKED_AGAIN)


@settings(max_examples=examples(3000, share=60), deadline=None, report_multiple_bugs=False)
@given(make_scripts(), st.booleans())
async def test_every_row_is_in_one_group_of_a_chain(script: Script, is_up: bool) -> None:
    """Of those that are there all the time: in one page's group, and no part twice."""
    stage = Stage(replace(script, fresh=0, filter="everything"))
    steps = [replace(step, is_up=is_up) for step in script.steps]
    names = [inbox.name for inbox in stage.inboxes]
    before = {row.key for inbox in stage.inboxes for row in inbox.rows}
    staying, failed = before, {inbox.name for inbox in stage.inboxes if inbox.is_down}
    shown: list[Key] = []
    ids: list[str] = []
    cut: Cut | None = None
    events = iter(steps)
    while True:
        step = next(events, replace(steps[-1], event="nothing"))
        page = await stage.page(step, cut, by_group=True)
        groups = fold(page, step, stage)
        shown += [key for each in groups.nodes for key in keys_of(each)]
        ids += [each.id() for each in groups.nodes]
        info = groups.page_info
        cursor = info.start_cursor() if is_up else info.end_cursor()
        cut = decode_cursor(cursor, DIGEST, names) if cursor else None
        stage.happen(step)
        failed |= {inbox.name for inbox in stage.inboxes if inbox.is_down}
        staying = staying & {row.key for inbox in stage.inboxes for row in inbox.rows}
        is_done = not page.has_more or failed
        if is_done and step.event == "nothing":
            break
    assert len(shown) == len({*shown}) and len(ids) == len({*ids})
    assert failed or staying <= {*shown}
