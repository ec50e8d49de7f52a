"""The same as test_live_model where three processes share a store, and one of them streams.

A real Redis, which is cut off, emptied and has leases end, while leaders come and go, and clients
move to another process, also to one that nobody has asked anything yet.
"""

from contextlib import AsyncExitStack
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model.test_live_model import API, LiveStory
from support.cable import Cable
from support.generated import examples
from support.listening import LiveGateway
from support.processes import kill, let_leases_end, live_processes
from support.real_redis import RealRedis

STEPS = st.tuples(
    st.sampled_from(
        [
            *("arrive", "arrive", "arrive", "arrive", "behind", "dismiss", "dismiss", "leave"),
            *(
                "clear",
                "fail",
                "slow",
                "mend",
                "query",
                "query",
                "query",
                "drop",
                "resume",
                "many",
                "move",
                "move",
                "cut",
                "stream",
                "lead",
            ),
            *("pull out", "plug in", "flush", "end lease", "end lease", "kill"),
        ]
    ),
    st.just("home"),
    st.integers(0, 30),
    st.sampled_from([0.0, 0.5, 3.0, 11.0, 25.0, 61.0]),
)
STORIES = st.lists(STEPS, min_size=3, max_size=14)


class ProcessesStory(LiveStory):
    """Three processes, a client at the first and at the last."""

    def __init__(self, redis: RealRedis) -> None:
        super().__init__(streams=True)
        self._redis = redis
        self._cables: list[Cable] = []

    def run(self, processes: list[tuple[LiveGateway, Cable]]) -> None:
        """By these, each with its cable to the store."""
        self.listen_at(*(gateway for gateway, _ in processes))
        self._cables = [cable for _, cable in processes]

    def _mend_all(self) -> None:
        super()._mend_all()
        for cable in self._cables:
            cable.plug_in()
        let_leases_end(self._redis)

    async def _do(self, what: str, inbox: str, number: int) -> None:
        match what:
            case "pull out":
                self._cables[number % len(self._cables)].pull_out()
            case "plug in":
                self._cables[number % len(self._cables)].plug_in()
            case "flush":
                self._redis.ask(b"FLUSHALL")
            case "end lease":
                let_leases_end(self._redis)
            case "kill":
                await kill(self.gateways[number % len(self.gateways)])
            case "move":
                client = self.clients[number % 2]
                await client.leave()
                client.gateway = self.gateways[number // 2 % len(self.gateways)]
                await client.resume()
            case _:
                await super()._do(what, inbox, number)


@settings(
    max_examples=examples(200, share=14),
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STORIES)
async def test_clients_of_three_processes(real_redis: RealRedis, steps: list[Any]) -> None:
    """After every story each holds what a page has, and nothing was sent twice."""
    async with AsyncExitStack() as stack:
        story = ProcessesStory(real_redis)
        started = live_processes(story.world, real_redis, API, count=3)
        story.run(await stack.enter_async_context(started))
        await story.tell(steps)
