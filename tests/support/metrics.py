"""The metrics of a gateway, read as Prometheus reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from prometheus_client.parser import text_string_to_metric_families

from app.gateway import Gateway
from app.metrics_page import build_metrics_page
from app.observability.metrics import Metrics


@dataclass
class Scraped:
    """What a page told: each sample by its name and its labels."""

    samples: list[tuple[str, dict[str, str], float]] = field(default_factory=list)

    def sum(self, name: str, **labels: str) -> float:
        """Of all samples of a name that have these labels."""
        return sum(
            value
            for found, had, value in self.samples
            if found == name and all(had.get(key) == each for key, each in labels.items())
        )

    def values(self, name: str, label: str) -> set[str]:
        """What a label has."""
        return {had[label] for found, had, _ in self.samples if found == name}

    @property
    def names(self) -> set[str]:
        """All names of samples."""
        return {name for name, _, _ in self.samples}


def read(text: str) -> Scraped:
    """What a page tells."""
    return Scraped([*_samples(text)])


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, dict(sample.labels), sample.value


class MetricsPage:
    """The page of one gateway."""

    def __init__(self, gateway: Gateway, metrics: Metrics) -> None:
        transport = httpx.ASGITransport(build_metrics_page(gateway, metrics))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://metrics.test")

    async def scrape(self) -> Scraped:
        """What it tells now."""
        return read(await self.text())

    async def text(self) -> str:
        """The page itself."""
        return (await self._client.get("/metrics")).text
