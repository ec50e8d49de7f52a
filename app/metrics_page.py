"""`/metrics`: what one process has counted, and how it is at the moment.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import VERSION
from app.gateway import Gateway
from app.observability.metrics import Metrics


class GatewayState(Collector):
    """How a gateway is when it is asked: what other parts of it count for themselves."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Iterator[Metric]:
        yield _gauge("tidings_build_info", "The version that runs.", {VERSION: 1}, "version")
        yield from self._caches()
        yield from self._inboxes()
        yield from self._live()
        yield from self._store()
        yield _counter(
            "tidings_uncompiled",
            "Root fields that were left to graphql-core, by why.",
            dict(self._gateway.view.uncompiled),
            "reason",
        )

    def _caches(self) -> Iterator[Metric]:
        chunks, answers = self._gateway.lasting.logins.chunks, self._gateway.lasting.answers
        found = {key: chunks.counts[key] for key in ("hit", "stale", "missed")}
        yield _counter("tidings_copies", "Reads, by what was held for them.", found, "result")
        evicted = {"": chunks.counts["evicted"]}
        yield _counter("tidings_copies_evicted", "Copies dropped for want of room.", evicted)
        yield _gauge("tidings_copies_bytes", "What copies take, as estimated.", {"": chunks.used})
        found = {key: answers[key] for key in ("hit", "missed")}
        yield _counter(
            "tidings_answers", "Operations, by whether their answer was kept.", found, "result"
        )
        kept = {"": self._gateway.view.responses.used}
        yield _gauge("tidings_answers_bytes", "What kept answers take.", kept)

    def _inboxes(self) -> Iterator[Metric]:
        """Those of the configuration; logins that requests bring are too many for labels."""
        logins = self._gateway.lasting.logins.of_inboxes
        health = {name: upstream.health for name, upstream in logins.items()}
        failing = {name: int(each.is_failing) for name, each in health.items()}
        yield _gauge("tidings_inbox_failing", "Whether its last request failed.", failing, "inbox")
        held = {name: int(each.suspended_until is not None) for name, each in health.items()}
        yield _gauge(
            "tidings_inbox_suspended", "Whether its circuit breaker is open.", held, "inbox"
        )
        limits = {name: each.rate_limit for name, each in health.items() if each.rate_limit}
        left = {name: each.remaining for name, each in limits.items()}
        yield _gauge(
            "tidings_rate_limit_remaining", "Requests that an instance still takes.", left, "inbox"
        )
        most = {name: each.limit for name, each in limits.items()}
        yield _gauge("tidings_rate_limit", "Requests that it takes in its window.", most, "inbox")
        streams = {name: int(each.is_streaming) for name, each in logins.items()}
        yield _gauge(
            "tidings_inbox_streaming", "Whether it tells of itself what arrives.", streams, "inbox"
        )

    def _live(self) -> Iterator[Metric]:
        subscriptions, lifecycle = (
            self._gateway.lasting.subscriptions,
            self._gateway.lasting.lifecycle,
        )
        yield _gauge("tidings_subscriptions", "Subscriptions now.", {"": len(subscriptions)})
        connections = {"": subscriptions.connections}
        yield _gauge("tidings_live_connections", "Sockets and event streams now.", connections)
        yield _gauge("tidings_requests_under_way", "Requests now.", {"": lifecycle.under_way})
        yield _gauge(
            "tidings_draining", "Whether the process stops.", {"": int(lifecycle.is_draining)}
        )

    def _store(self) -> Iterator[Metric]:
        store = self._gateway.lasting.store
        if store is None:
            return
        asked = {key: store.counts[key] for key in ("answered", "failed", "slow", "skipped")}
        yield _counter(
            "tidings_store_requests",
            "What the shared store was asked, by how it ended.",
            asked,
            "outcome",
        )
        yield _gauge("tidings_store_away", "Whether it does not answer.", {"": int(store.is_away)})


def build_metrics_page(gateway: Gateway, metrics: Metrics) -> Starlette:
    """An application that tells them at `/metrics`, for a port of its own."""
    metrics.registry.register(GatewayState(gateway))
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=metrics.registry)

    async def tell(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        collected = _Collected([*metrics.registry.collect()])
        text = await asyncio.to_thread(encode, collected)
        return Response(text, media_type=media_type)

    return Starlette(routes=[Route("/metrics", tell)])


class _Collected(CollectorRegistry):
    """What was collected where nothing changes meanwhile, to be written in a thread."""

    def __init__(self, collected: Sequence[Metric]) -> None:
        super().__init__()
        self._collected = collected

    def collect(self) -> Iterator[Metric]:
        yield from self._collected


def _counter(name: str, help_: str, values: Mapping[str, float], label: str = "") -> Metric:
    family = CounterMetricFamily(name, help_, labels=[label] if label else [])
    for value, count in values.items():
        family.add_metric([value] if label else [], count)
    return family


def _gauge(name: str, help_: str, values: Mapping[str, float], label: str = "") -> Metric:
    family = GaugeMetricFamily(name, help_, labels=[label] if label else [])
    for value, count in values.items():
        family.add_metric([value] if label else [], count)
    return family
