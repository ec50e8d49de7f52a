"""A cable between one process and a store, which can be pulled out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cable:
    """Passes on what is sent both ways. Once it is out, connections break and none is made."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_out = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def pull_out(self) -> None:
        """What is on its way is lost."""
        self._is_out = True
        for end in self._ends:
            end.transport.abort()

    def plug_in(self) -> None:
        """New connections are passed on again."""
        self._is_out = False

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Cable"]:
        """The cable, for as long as it lies there."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.pull_out()
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._ends.add(writer)
        try:
            if not self._is_out:
                await self._pass_on(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._ends.discard(writer)
            self._tasks.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends.add(there_writer)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, there_writer))
                both.create_task(_copy(there_reader, writer))
        except* OSError:
            pass
        finally:
            there_writer.transport.abort()
            self._ends.discard(there_writer)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    raise ConnectionResetError  # one end is gone, and so is the other
