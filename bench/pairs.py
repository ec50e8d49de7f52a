"""Compares this checkout with another one, in pairs of runs that alternate.

`python -m bench.pairs FOLDER [ROUNDS]`: the other checkout, which has its own `.venv`.

A ratio over 1 says that this checkout takes longer. The interval is where the mean of the ratios'
logarithms lies with 95 %, by Student's distribution.
"""

import math
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.throughput import CASES, Case, free_port, load, running, wait_for

ROUNDS = 9
SECONDS = 2.0
STUDENT = {9: 2.306, 15: 2.145, 21: 2.086}
"""By the number of pairs: https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm"""


@contextmanager
def serving_from(folder: Path, subject: str, instance: str) -> Iterator[int]:
    """A subject of some checkout at a port of its own."""
    port = free_port()
    python = str(folder / ".venv/bin/python")
    arguments = (subject, str(port), instance)
    server = subprocess.Popen([python, "-m", "bench.serve", *arguments], cwd=folder)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def compare(case: Case, here: Path, other: Path, rounds: int) -> tuple[float, float, float]:
    """The ratio of the time of a request here and there, and its interval."""
    port_of_instance = free_port()
    with ExitStack() as stack:
        stack.enter_context(
            running("bench.stand_in", str(port_of_instance), str(case.milliseconds))
        )
        instance = f"http://127.0.0.1:{port_of_instance}"
        ports = [
            stack.enter_context(serving_from(folder, case.subject, instance))
            for folder in (here, other)
        ]
        for port in ports:
            load(port, case, SECONDS)
        ratios = []
        for round_ in range(rounds):
            order = (0, 1) if round_ % 2 else (1, 0)
            reached = {side: load(ports[side], case, SECONDS)[0] for side in order}
            ratios.append(math.log(reached[1] / reached[0]))
    middle = statistics.mean(ratios)
    half = STUDENT[rounds] * statistics.stdev(ratios) / math.sqrt(rounds)
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


def main(other: Path, rounds: int) -> None:
    """Prints each case as it comes."""
    here = Path(__file__).parents[1]
    for case in CASES:
        if case.is_latency:
            continue
        ratio, low, high = compare(case, here, other, rounds)
        print(f"{case.name:28} {ratio:.3f}  ({low:.3f} to {high:.3f})", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
