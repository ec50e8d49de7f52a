"""An answer's head and body in one write.

uvicorn writes them one after the other. In one they cost a system call less, and a process that is
killed sends both or neither: a proxy asks another process where it got nothing.
"""

import asyncio


class JoinedWrites:
    """What one answer is written to: what comes first waits for what comes next, though not longer
    than a turn of the loop.
    """

    __slots__ = ("_has_begun", "_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        self._has_begun = False

    def write(self, data: bytes) -> None:
        """Sends this with what was held; or holds it, if it is the first."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.writelines((held, data))  # which copies neither
        elif self._has_begun:
            self._transport.write(data)
        else:
            self._held, self._has_begun = data, True
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Closes the connection once all is sent."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it is, or will be."""
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)
