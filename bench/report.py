"""docs/performance.md and its picture, from what was measured."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.throughput import Outcome

DOCS = Path(__file__).parents[1] / "docs"
PACKAGES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "httpx")
_BAR, _LEFT, _WIDTH = 22, 250, 700


@dataclass(frozen=True)
class Measured:
    """All that one run has measured; memory in megabytes, figures in seconds."""

    outcomes: Sequence[Outcome]
    figures: Sequence[tuple[str, float]]
    compiling: float
    groups: Sequence[tuple[int, float]]
    memory: tuple[float, float, float]
    connections: Sequence[str]
    live: str


PAGE = """# Performance

Written by `make bench`. One process on one core, the load and the instance on another; the query
of `bench/query.py`: 40 notifications with their cleaned content, out of 155 KB that the instance
sends. Medians of alternating rounds; each ratio is of the two sides of one round. The load asks
again as soon as an answer is there and, where no instance needs its core, does not sleep meanwhile.

{day}, Python {python}, {versions}.

![Requests a second by case](performance.svg)

| case | Tidings | the other side | ratio | budget | |
|---|---|---|---|---|---|
{outcomes}

The other sides: Strawberry with its own view, parser and validation cache, and aiocache, as
`bench/peer.py` has it; a bare route of Starlette and bare ASGI with the same bytes; Tidings over
httpx's own pool.

| what | median |
|---|---|
{figures}

Compiling a document takes {compiling:.2f} of the time of parsing and validating it.

A page of 100 groups takes, of the time of the list of the same rows that are held too: {groups}
(budget: less than 2).

Memory: {ready:.0f} MB when ready; {early:.0f} MB more after 20,000 mixed requests, of which each
tenth brings a credential that was never seen, and {late:.0f} MB more after 100,000. Each login's
list is another one.

## The way to instances

{connections}

## Live updates

{live}
"""


def write_report(measured: Measured, day: date) -> None:
    """Writes both files anew."""
    (DOCS / "performance.md").write_text(make_page(measured, day), encoding="utf-8")
    (DOCS / "performance.svg").write_text(draw(measured.outcomes), encoding="utf-8")


def make_page(measured: Measured, day: date) -> str:
    """The page as Markdown."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    ready, early, late = measured.memory
    return PAGE.format(
        day=f"{day:%Y-%m-%d}",
        python=platform.python_version(),
        versions=versions,
        outcomes="\n".join(describe(outcome) for outcome in measured.outcomes),
        figures="\n".join(f"| {name} | {each * 1000:.3f} ms |" for name, each in measured.figures),
        compiling=measured.compiling,
        groups=", ".join(f"{ratio:.2f} with {each} each" for each, ratio in measured.groups),
        ready=ready,
        early=early,
        late=late,
        connections="\n".join(measured.connections),
        live=measured.live,
    )


def describe(outcome: Outcome) -> str:
    """A row of the table."""
    case, is_slow = outcome.case, outcome.case.is_latency
    own, peer = (
        f"{side[1]:.0f} µs" if is_slow else f"{side[0]:,.0f}/s"
        for side in (outcome.own, outcome.peer)
    )
    bound = "at most" if is_slow else "at least"
    verdict = "met" if outcome.is_met else "missed"
    cells = (case.name, own, f"{peer} ({case.peer})", f"{outcome.ratio:.2f}")
    return f"| {' | '.join(cells)} | {bound} {case.budget:g} | {verdict} |"


def draw(outcomes: Sequence[Outcome]) -> str:
    """Bars of requests a second for each case that is about them, by the square root."""
    shown = [outcome for outcome in outcomes if not outcome.case.is_latency]
    largest = max((max(each.own[0], each.peer[0]) for each in shown), default=1)
    parts, y = [], 10
    for outcome in shown:
        sides = (("Tidings", outcome.own[0], "#3b6"), (outcome.case.peer, outcome.peer[0], "#99a"))
        for label, value, colour in sides:
            width = (value / largest) ** 0.5 * (_WIDTH - _LEFT - 90)
            name = f"{outcome.case.name}: {label}" if label == "Tidings" else label
            at = _LEFT + width + 6
            parts += [
                f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{name}</text>',
                f'<rect x="{_LEFT}" y="{y}" width="{width:.0f}" height="18" fill="{colour}"/>',
                f'<text x="{at:.0f}" y="{y + 15}">{value:,.0f}/s</text>',
            ]
            y += _BAR
        y += 8
    style = "font: 12px system-ui, sans-serif"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" style="{style}">'
    return "\n".join([head, *parts, "</svg>"]) + "\n"
