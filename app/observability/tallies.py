"""Counters and histograms of one process, as plain numbers: all of it counts in one thread.

They cost a tenth of prometheus-client's own, which lock. Prometheus reads them when it asks.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, as the upper bounds of a histogram's buckets."""

Labels = tuple[str, ...]


class CountTally:
    """How often something happened, by labels."""

    def __init__(self, name: str, help_: str, *labels: str) -> None:
        self._family = name, help_, None, labels
        self.counts: defaultdict[Labels, int] = defaultdict(int)

    def collect(self) -> Iterator[Metric]:
        """As Prometheus has it."""
        family = CounterMetricFamily(*self._family)
        for labels, count in self.counts.items():
            family.add_metric(labels, count)
        yield family


class _Durations:
    """Of one set of labels: how many in each bucket, and all together in seconds."""

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def cumulated(self) -> Sequence[tuple[str, float]]:
        """How many there are up to each bound."""
        count, told = 0, []
        for bound, in_bucket in zip([*map(str, BOUNDS), "+Inf"], self.buckets, strict=True):
            count += in_bucket
            told.append((bound, float(count)))
        return told


class DurationTally:
    """How long something took, by labels."""

    def __init__(self, name: str, help_: str, *labels: str) -> None:
        self._family = name, help_, None, None, labels
        self._durations: defaultdict[Labels, _Durations] = defaultdict(_Durations)

    def note(self, seconds: float, *labels: str) -> None:
        """One more."""
        durations = self._durations[labels]
        durations.buckets[bisect_left(BOUNDS, seconds)] += 1
        durations.total += seconds

    def collect(self) -> Iterator[Metric]:
        """As Prometheus has it."""
        family = HistogramMetricFamily(*self._family)
        for labels, durations in self._durations.items():
            family.add_metric(labels, durations.cumulated(), durations.total)
        yield family
