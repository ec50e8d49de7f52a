"""What each subject reaches, in rounds that alternate between the two sides of a ratio."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ROUNDS = 5
SECONDS = 2.0
BRING = "credentials"
"""The load where each request brings a token of its own."""


@dataclass(frozen=True)
class Case:
    """Two subjects under the same load, and what their ratio should be at least (or at most)."""

    name: str
    subject: str
    peer: str
    budget: float
    connections: int = 16
    kind: str = "same"
    milliseconds: int = 0
    is_latency: bool = False


CASES = [
    Case("executing, warm", "tidings", "strawberry", 15),
    Case("answer from memory", "tidings-answers", "starlette", 0.7),
    Case("cold, loopback", "tidings-cold", "strawberry-cold", 8, kind=BRING),
    Case("cold, 50 ms, 64 connections", "tidings-cold", "tidings-cold-httpx", 9, 64, BRING, 50),
    Case("p50 at one connection, warm", "tidings-answers", "asgi", 5, 1, is_latency=True),
    Case("p50 at one connection, cold", "tidings-cold", "asgi", 15, 1, BRING, is_latency=True),
    Case("5 inboxes merged, warm", "tidings-5", "tidings", 2.5, 1, is_latency=True),
]


@dataclass(frozen=True)
class Outcome:
    """Requests a second and median microseconds of both sides, and the median of the ratios."""

    case: Case
    own: tuple[float, float]
    peer: tuple[float, float]
    ratio: float

    @property
    def is_met(self) -> bool:
        """Whether the budget is kept."""
        return (
            self.ratio <= self.case.budget
            if self.case.is_latency
            else self.ratio >= self.case.budget
        )


def run_case(case: Case, rounds: int, seconds: float) -> Outcome:
    """Both sides in turn, each served afresh, with a stand-in of its own."""
    port_of_instance = free_port()
    with running("bench.stand_in", str(port_of_instance), str(case.milliseconds)):
        instance = f"http://127.0.0.1:{port_of_instance}"
        sides: list[list[tuple[float, float]]] = [[], []]
        with serving(case.subject, instance) as own, serving(case.peer, instance) as peer:
            for _ in range(rounds):
                for side, port in zip(sides, (own, peer), strict=True):
                    side.append(load(port, case, seconds))
    index = 1 if case.is_latency else 0
    ratios = [mine[index] / other[index] for mine, other in zip(*sides, strict=True)]
    medians = [
        (statistics.median(each[0] for each in side), statistics.median(each[1] for each in side))
        for side in sides
    ]
    return Outcome(case, medians[0], medians[1], statistics.median(ratios))


def load(port: int, case: Case, seconds: float) -> tuple[float, float]:
    """Requests a second and the median in microseconds, by a process on another core."""
    arguments = (str(port), str(case.connections), str(seconds), case.kind)
    ran = subprocess.run(
        [sys.executable, "-m", "bench.load", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        preexec_fn=use_last_core,
    )
    throughput, median = ran.stdout.split()
    return float(throughput), float(median)


def use_last_core() -> None:
    """The servers have the first one."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@contextmanager
def serving(subject: str, instance: str) -> Iterator[int]:
    """A subject at a port of its own."""
    port = free_port()
    with running("bench.serve", subject, str(port), instance):
        wait_for(port)
        yield port


@contextmanager
def running(module: str, *arguments: str) -> Iterator[None]:
    """A process that ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        preexec_fn=use_last_core  # noqa: PLW1509 - the same
        if module == "bench.stand_in"
        else None,
        stderr=subprocess.DEVNULL if "observed" in " ".join(arguments) else None,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(port: int) -> None:
    """Until something listens. Raises TimeoutError."""
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.025)
    raise TimeoutError("the server did not start")


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
