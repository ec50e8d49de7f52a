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


def run_pair(case: Case, order: tuple[Path, Path], instance: str) -> dict[Path, float]:
    """For each checkout the logarithm of its time by the other's.

    Their processes are new ones: two of one checkout differ by some percent, as memory lies.
    """
    with ExitStack() as stack:
        ports = [
            stack.enter_context(serving_from(folder, case.subject, instance)) for folder in order
        ]
        for port in ports:
            load(port, case, SECONDS / 2)
        first, second = (math.log(load(port, case, SECONDS)[0]) for port in ports)
    return {order[0]: second - first, order[1]: first - second}


def compare(case: Case, here: Path, other: Path, rounds: int) -> tuple[float, float, float]:
    """The ratio of the time of a request here and there, and its interval."""
    port_of_instance = free_port()
    with running("bench.stand_in", str(port_of_instance), str(case.milliseconds)):
        instance = f"http://127.0.0.1:{port_of_instance}"
        ratios = [
            run_pair(case, (here, other) if round_ % 2 else (other, here), instance)[here]
            for round_ in range(rounds)
        ]
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
