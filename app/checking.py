"""Says of every inbox, and of the shared store, whether it works, and what is missing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson

from app.clock import SystemClock
from app.config.settings import Settings
from app.demo.instances import demo_transport
from app.logins import Logins
from app.main import open_connections, open_store
from app.setting_types.inbox import InboxSettings
from resolvers.errors import UpstreamError
from resolvers.seam.lists import lists_of, main_lists
from resolvers.seam.login import UnreadTally
from resolvers.seam.upstream import Upstream
from resolvers.seam.writes import Inspection

SECONDS = 30
"""For each inbox, which takes several requests one after another."""

STORE = "cache.url"
"""What the report of the shared store is called; no inbox can have a dot in its name."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class InboxReport:
    """What is known of one inbox; `failure` is None where it can be read."""

    inbox: str
    url: str
    failure: str | None = None
    handle: str | None = None
    software: str | None = None
    version: str | None = None
    unread: str | None = None
    can: Sequence[str] = ()
    missing: Sequence[str] = ()
    is_checked: bool = True


def check_inboxes(
    settings: Settings, *, demo: bool, tell: Tell = lambda _: None
) -> list[InboxReport]:
    """A report for each inbox, then for those that cannot be checked, and for the shared store.

    Changes nothing. `tell` is told how far it has come.
    """
    return asyncio.run(_check_all(settings, demo, tell))


async def _check_all(settings: Settings, demo: bool, tell: Tell) -> list[InboxReport]:
    clock = SystemClock()
    transport = open_connections(settings.upstream)
    if demo:
        transport = demo_transport(clock, transport)
    try:
        upstreams = Logins(settings, clock, transport).configured
        reports = await inspect_all(upstreams, tell)
    finally:
        await transport.aclose()
    left = [_leave(each) for each in settings.inboxes if each.credentials != "config"]
    return [*reports, *left, *await _check_store(settings)]


async def _check_store(settings: Settings) -> list[InboxReport]:
    """A report like an inbox's, under the name of the setting; none where there is no store."""
    store = open_store(settings)
    if store is None:
        return []
    try:
        trouble = await store.find_trouble()
    finally:
        await store.aclose()
    if trouble is None:
        return [InboxReport(STORE, str(store.url), software="shared store", can=("share",))]
    failure = (
        f"{store.url} cannot be used ({trouble}): check that a Redis or Valkey runs there, and "
        "that its user may run scripts and write. Until then each process goes on without."
    )
    return [InboxReport(STORE, str(store.url), failure=failure)]


def _leave(inbox: InboxSettings) -> InboxReport:
    note = "Its credential comes with each request: there is none to check it with."
    return InboxReport(inbox.name, inbox.url, missing=(note,), is_checked=False)


async def inspect_all(
    upstreams: Mapping[str, Upstream], tell: Tell = lambda _: None
) -> list[InboxReport]:
    """All at once."""
    inboxes = [lists_of(each.inbox.name, upstreams) for each in main_lists(upstreams)]
    tell(f"Asking {len(inboxes)} inboxes, for {SECONDS} seconds at most ...")
    asking = [asyncio.ensure_future(_inspect_inbox(each)) for each in inboxes]
    for done, task in enumerate(asyncio.as_completed(asking), start=1):
        await task
        tell(f"{done} of {len(inboxes)} inboxes have answered ...")
    return [task.result() for task in asking]


async def _inspect_inbox(lists: Sequence[Upstream]) -> InboxReport:
    """One report for all of its lists: it works if the main one does, which is the last."""
    found = await asyncio.gather(*(_inspect(each) for each in lists))
    told = [
        each
        for each, upstream in zip(found[::-1], lists[::-1], strict=True)
        if isinstance(each, Inspection) or upstream.left_out is None
    ] or found[-1:]
    inbox, main = lists[-1].inbox, told[0]
    if not isinstance(main, Inspection):
        return InboxReport(inbox.name, inbox.instance.url, failure=main)
    good = [each for each in told if isinstance(each, Inspection)]
    bad = [each for each in told if not isinstance(each, Inspection)]
    return InboxReport(
        inbox=inbox.name,
        url=inbox.instance.url,
        handle=main.profile.handle,
        software=main.profile.software,
        version=main.profile.version,
        unread=_show_count([each.unread for each in good if each.unread is not None]),
        can=[ability for each in good for ability in each.abilities],
        missing=[*(note for each in good for note in each.missing), *bad],
    )


async def _inspect(upstream: Upstream) -> Inspection | str:
    """What was found of one list, or why it cannot be read."""
    try:
        async with asyncio.timeout(SECONDS):
            return await upstream.inspect()
    except UpstreamError as error:
        return str(error)
    except TimeoutError:
        return f"{upstream.inbox.instance.url} did not answer within {SECONDS} seconds."


def _show_count(tallies: Sequence[UnreadTally]) -> str | None:
    """The sum; None where nothing was counted."""
    if not tallies:
        return None
    is_capped = any(each.is_capped for each in tallies)
    return f"{sum(each.count for each in tallies)}{'+' if is_capped else ''}"


def print_as_json(reports: Sequence[InboxReport]) -> str:
    """For programs."""
    return orjson.dumps([asdict(report) for report in reports], option=orjson.OPT_INDENT_2).decode()


def print_as_table(reports: Sequence[InboxReport]) -> str:
    """For people: a row for each inbox, and below it what is wrong."""
    rows = [("INBOX", "WORKS", "WHO", "SOFTWARE", "UNREAD", "CAN"), *map(_row, reports)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row, notes in zip(rows, [[], *map(_notes, reports)], strict=True):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines += ["  ".join(cells).rstrip(), *(f"    {note}" for note in notes)]
    return "\n".join(lines)


def _row(report: InboxReport) -> tuple[str, str, str, str, str, str]:
    if not report.is_checked:
        return (report.inbox, "-", "-", "-", "-", "-")
    return (
        report.inbox,
        "no" if report.failure else "yes",
        report.handle or "-",
        "-" if report.failure else f"{report.software or 'unknown'} {report.version or ''}".strip(),
        report.unread or "-",
        ", ".join(report.can) or "-",
    )


def _notes(report: InboxReport) -> list[str]:
    return [*([report.failure] if report.failure else []), *report.missing]
