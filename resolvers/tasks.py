"""What goes on whoever goes away: asked once for all who wait, or carried out to its end."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Value = TypeVar("Value")


def begin(work: Awaitable[Value]) -> "asyncio.Future[Value]":
    """Starts something; whoever waits for it does so by `join`, or not at all.

    Its failure counts as looked at, so that asyncio does not complain where everybody has gone.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_look_at)
    return task


def join(task: "asyncio.Future[Value]") -> "asyncio.Future[Value]":
    """To be awaited by one of many: who is cancelled meanwhile takes it from nobody else."""
    return asyncio.shield(task)


def carry_out(work: Awaitable[Value]) -> "asyncio.Future[Value]":
    """To be awaited: it comes to its end also where its only caller is cancelled."""
    return join(begin(work))


def _look_at(task: "asyncio.Future[Value]") -> None:
    if not task.cancelled():
        task.exception()
