"""Spans of operations, as an exporter of OpenTelemetry gets them."""

from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support.worlds import World

from app.observability.exporting import make_sampler
from app.observability.tracing import Tracing

LIST = "query Inbox { notifications(first: 3) { nodes { id } } inboxes { name } }"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Traced:
    """A gateway over two inboxes, and the spans of it."""

    def __init__(self, sample: float = 1, *, propagates: bool = False) -> None:
        self._exporter = InMemorySpanExporter()
        self._provider = TracerProvider(make_sampler(sample), shutdown_on_exit=False)
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        tracer = self._provider.get_tracer("tidings")
        self.world = World(spans=Tracing(tracer, sample, propagates=propagates))
        for name in ("home", "work"):
            self.world.add_mastodon(name)
            self.world.post(name, 1)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """Those that have ended."""
        return self._exporter.get_finished_spans()

    def children_of(self, span: ReadableSpan) -> Iterator[ReadableSpan]:
        """Those that a span is the parent of."""
        for each in self.spans:
            if each.parent is not None and each.parent.span_id == span.context.span_id:
                yield each


@pytest.fixture
async def traced() -> Traced:
    """All is recorded."""
    return Traced()


async def test_an_operation_and_what_comes_of_it(traced: Traced) -> None:
    """Below it a span for each root field, and below these one for each request to an instance."""
    await traced.world.ask(LIST)
    (root,) = [each for each in traced.spans if each.parent is None]
    assert root.name == "query" and root.attributes is not None  # Inbox is no trusted document
    assert root.attributes["tidings.outcome"] == "ok"
    assert root.attributes["graphql.operation.type"] == "query"
    fields = {each.name: each for each in traced.children_of(root)}
    assert set(fields) == {"notifications", "inboxes"}
    requests = [*traced.children_of(fields["notifications"])]
    assert {each.name for each in requests} == {"GET home", "GET work"}
    asked = sum(each.asked.total() for each in traced.world.instances.values())
    assert len(requests) == asked == len(traced.spans) - 3


@pytest.mark.parametrize(
    "document",
    [
        "{ inboxes { name } }",
        "{ ... on Query { inboxes { name } } }",
        'mutation { dismissNotification(input: {notificationId: "x"}) { userErrors { code } } }',
    ],
)
async def test_each_way_to_execute(
    traced: Traced, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled or by graphql-core, a root field has one span."""
    for compiles in (True, False):
        monkeypatch.setattr(World, "compiles", compiles)
        traced.world.restart()
        await traced.world.ask(document)
    names = [each.name for each in traced.spans if each.parent is not None]
    assert len(names) == 2 and len(set(names)) == 1


async def test_a_trace_that_a_caller_began(traced: Traced) -> None:
    """It goes on here; and it is in the log."""
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
    await traced.world.ask(LIST, headers=headers)
    assert {f"{each.context.trace_id:032x}" for each in traced.spans} == {TRACE}
    (root,) = [each for each in traced.spans if each.name == "query"]
    assert root.parent is not None and f"{root.parent.span_id:016x}" == SPAN


@pytest.mark.parametrize("brought", ["nonsense", "00-0-0-01", f"00-{'0' * 32}-{'0' * 16}-01", ""])
async def test_what_is_no_trace(traced: Traced, brought: str) -> None:
    """A new one begins."""
    await traced.world.ask(LIST, headers={"traceparent": brought})
    (root,) = [each for each in traced.spans if each.parent is None]
    assert root.context.trace_id


@pytest.mark.parametrize(("sample", "flag"), [(0, "01"), (1, "00")])
async def test_what_is_not_recorded(sample: float, flag: str) -> None:
    """What is not drawn, whatever its caller says, and what its caller says is not to be."""
    traced = Traced(sample)
    await traced.world.ask(LIST)
    await traced.world.ask(LIST, headers={"traceparent": f"00-{TRACE}-{SPAN}-{flag}"})
    drawn = {f"{each.context.trace_id:032x}" for each in traced.spans}
    assert len(drawn) == sample and TRACE not in drawn


@pytest.mark.parametrize("propagates", [True, False])
async def test_what_instances_are_told(*, propagates: bool) -> None:
    """Nothing of the trace, unless that is wanted."""
    traced = Traced(propagates=propagates)
    brought: list[bytes] = []
    home = traced.world.instances["home"]
    inner = traced.world.mastodons["home"].app

    async def look(scope: object, receive: object, send: object) -> None:
        brought.extend(value for name, value in scope["headers"] if name == b"traceparent")  # type: ignore[index]
        await inner(scope, receive, send)  # type: ignore[arg-type]

    home.replace(look)
    await traced.world.ask(LIST, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    assert bool(brought) is propagates
    assert all(TRACE.encode() in each and SPAN.encode() not in each for each in brought)


async def test_what_no_span_has(traced: Traced) -> None:
    """No token, no content, no ID, no text of a document."""
    traced.world.post("home", 2, "private words")
    answer = await traced.world.ask(LIST.replace("Inbox", "Secret"))
    written = " ".join(each.to_json() for each in traced.spans)
    row = answer["data"]["notifications"]["nodes"][0]["id"]
    for secret in ("token-of", "private words", row, "Secret", "nodes {"):
        assert secret not in written
