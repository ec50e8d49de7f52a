"""What wraps an upstream adds to all that it can be asked."""

import inspect
from typing import Any

import pytest
from support.worlds import mixed_world

from app.upstreams.wrappers.wrapper import Ask, Call, UpstreamWrapper, Value
from resolvers.seam.upstream import Upstream

ASKED = {
    name: len(inspect.signature(method).parameters) - 1
    for name, method in vars(Upstream).items()
    if inspect.iscoroutinefunction(method)
}
"""The methods of the seam that ask an instance, and how many arguments each takes."""


class Echo:
    """An upstream that answers with what it was asked."""

    inbox = mixed_world().upstreams()["home"].inbox

    def __getattr__(self, name: str) -> Any:
        async def echo(*arguments: Any) -> Any:
            return name, arguments

        return echo


class Noted(UpstreamWrapper):
    """Notes what goes by its hook."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.calls: list[Call] = []

    async def pass_on(self, call: Call, ask: Ask[Value]) -> Value:
        self.calls.append(call)
        return await super().pass_on(call, ask)


@pytest.mark.parametrize("name", ASKED)
async def test_each_method_goes_by_the_hook(name: str) -> None:
    """Once, and reaches what is wrapped with its arguments: none can be forgotten."""
    wrapper, arguments = Noted(Echo()), (*range(ASKED[name]),)
    answer = await getattr(wrapper, name)(*arguments)
    assert len(wrapper.calls) == 1
    assert answer is None or answer == (name, arguments)
