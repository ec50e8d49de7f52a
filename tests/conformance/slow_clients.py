"""slow_clients.py URL: 200 clients that send their requests slowly, by the clock of the wall.

After 25 s at most 5 % of them may still be connected, and everybody else is served meanwhile.
"""

import asyncio
import sys
import time
import urllib.request
from urllib.parse import urlsplit

CLIENTS = 200
HELD_AT_MOST = 0.05
SECONDS = 25
PAUSE = 1.0

HEAD = b"POST /graphql HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\n"


async def be_slow(host: str, *, sends_head: bool) -> bool:
    """Sends a byte a second of a head, or of a body; whether it is still connected at the end."""
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    head = HEAD % host.encode()
    writer.write(head + b"Content-Length: 1000\r\n\r\n" if sends_head else head)
    closing = asyncio.ensure_future(_wait_for_end(reader))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and not closing.done():
        writer.write(b"x")
        await asyncio.wait([closing], timeout=PAUSE)
    is_held = not closing.done()
    closing.cancel()
    writer.close()
    return is_held


async def _wait_for_end(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(4096):
            pass
    except ConnectionError:
        pass


def ask(url: str) -> float:
    """Seconds that an ordinary query takes."""
    began = time.monotonic()
    with urllib.request.urlopen(f"{url}?query=%7Binboxes%7Bname%7D%7D", timeout=5) as response:
        assert response.status == 200
    return time.monotonic() - began


async def main(url: str) -> int:
    """Prints how many are held; the exit status."""
    host = urlsplit(url).netloc
    slow = [be_slow(host, sends_head=number % 2 == 1) for number in range(CLIENTS)]
    clients = asyncio.gather(*slow)
    longest = 0.0
    while not clients.done():
        longest = max(longest, await asyncio.to_thread(ask, url))
        await asyncio.wait([clients], timeout=PAUSE)
    held = sum(clients.result())
    is_good = held <= CLIENTS * HELD_AT_MOST and longest < PAUSE
    print(
        f"{'ok  ' if is_good else 'FAIL'} {held} of {CLIENTS} slow clients are held after "
        f"{SECONDS} s; meanwhile a query took {longest * 1000:.0f} ms at most"
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
