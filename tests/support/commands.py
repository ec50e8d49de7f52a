"""The commands, run as an operator runs them."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

TIDINGS = str(Path(sys.executable).with_name("tidings"))


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What a command prints, and how it ends."""
    return subprocess.run(
        [TIDINGS, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@asynccontextmanager
async def started(*arguments: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command that serves, once it says that it listens; it is ended with the test."""
    process = await asyncio.create_subprocess_exec(
        TIDINGS, *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert b"listens at" in await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
