"""Runs every benchmark and writes docs/performance.md; with `--quick`, prints a short one."""

import asyncio
import sys
from datetime import UTC, datetime

from bench.connections import run_connections
from bench.figures import compare_compiling, run_figures
from bench.groups import compare_groups
from bench.live import describe_live, measure_live
from bench.memory import measure
from bench.report import Measured, describe, write_report
from bench.throughput import CASES, ROUNDS, SECONDS, run_case


def main(*, is_quick: bool) -> None:
    """Prints each result as it comes."""
    rounds, seconds = (1, 0.6) if is_quick else (ROUNDS, SECONDS)
    outcomes = []
    for case in CASES:
        outcomes.append(run_case(case, rounds, seconds))
        print(describe(outcomes[-1]), flush=True)
    figures = []
    for name, median in run_figures(1 if is_quick else 5):
        figures.append((name, median))
        print(f"{name:26} {median * 1000:10.3f} ms", flush=True)
    compiling = compare_compiling()
    print(f"compiling, of parsing and validation: {compiling:.2f}", flush=True)
    groups = [(likes, compare_groups(likes)) for likes in (1, 3, 5)]
    print(*(f"100 groups of {each}: {ratio:.2f} x the list" for each, ratio in groups), sep="\n")
    if not is_quick:
        memory = asyncio.run(measure())
        print("memory: ready {:.0f} MB, then {:.0f} and {:.0f} MB more".format(*memory), flush=True)
        connections = [*run_connections()]
        print(*connections, sep="\n", flush=True)
        live = describe_live(measure_live())
        print(live, flush=True)
        day = datetime.now(UTC).date()
        write_report(Measured(outcomes, figures, compiling, groups, memory, connections, live), day)


if __name__ == "__main__":
    main(is_quick="--quick" in sys.argv)
