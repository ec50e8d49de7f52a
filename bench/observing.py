"""What metrics, logs and traces cost, in pairs of runs that alternate: `python -m bench.observing`.

A ratio over 1 says that requests take longer with them. The interval is that of `bench.pairs`.
"""

import math
import statistics
import sys

from bench.pairs import STUDENT
from bench.throughput import Case, free_port, load, running, serving

ROUNDS = 9
SECONDS = 2.0
PLAIN = "tidings"
OBSERVED = {
    "metrics and a log line for each operation": "tidings-observed",
    "traces, none drawn": "tidings-traced",
}


def compare(subject: str, rounds: int) -> tuple[float, float, float]:
    """The ratio of the time of a request with and without, and its interval; warm, 16 at once."""
    port_of_instance = free_port()
    case = Case(subject, subject, PLAIN, 0)
    ratios = []
    with running("bench.stand_in", str(port_of_instance), "0"):
        instance = f"http://127.0.0.1:{port_of_instance}"
        for round_ in range(rounds):
            with serving(subject, instance) as own, serving(PLAIN, instance) as plain:
                order = (own, plain) if round_ % 2 else (plain, own)
                for port in order:
                    load(port, case, SECONDS / 2)
                rates = {port: load(port, case, SECONDS)[0] for port in order}
                ratios.append(math.log(rates[plain] / rates[own]))
    middle = statistics.mean(ratios)
    half = STUDENT[rounds] * statistics.stdev(ratios) / math.sqrt(rounds)
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


def main(rounds: int) -> None:
    """Prints each as it comes."""
    for name, subject in OBSERVED.items():
        ratio, low, high = compare(subject, rounds)
        print(f"{name:42} {ratio:.3f}  ({low:.3f} to {high:.3f})", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
