"""What wraps an upstream adds to all that it can be asked."""

import inspect
from typing import Any

import pytest
from support.worlds import mixed_world

from app.upstreams.wrappers.calls import Ask, Call
from app.upstreams.wrappers.wrapper import UpstreamWrapper, Value
from resolvers.seam.social import Social
from resolvers.seam.upstream import Upstream


def asking(part: type) -> dict[str, list[inspect.Parameter]]:
    """The methods of a part of the seam that ask an instance, and what each takes."""
    methods = {name: each for name, each in vars(part).items() if inspect.iscoroutinefunction(each)}
    return {
        name: [*inspect.signature(each).parameters.values()][1:] for name, each in methods.items()
    }


ASKED, ASKED_OF_SOCIAL = asking(Upstream), asking(Social)


class Echo:
    """An upstream that answers with what it was asked, and so does its second part."""

    @property
    def social(self) -> "Echo":
        return self

    inbox = mixed_world().upstreams()["home"].inbox

    def __getattr__(self, name: str) -> Any:
        async def echo(*arguments: Any, **named: Any) -> Any:
            return name, arguments, named

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
    wrapper = Noted(Echo())
    await check_that_it_passes(name, ASKED[name], wrapper, wrapper)


@pytest.mark.parametrize("name", ASKED_OF_SOCIAL)
async def test_each_method_of_the_second_part_does(name: str) -> None:
    """The same way."""
    wrapper = Noted(Echo())
    await check_that_it_passes(name, ASKED_OF_SOCIAL[name], wrapper.social, wrapper)


async def check_that_it_passes(
    name: str, takes: list[inspect.Parameter], part: object, wrapper: Noted
) -> None:
    """A method of an upstream, or of its second part."""
    arguments = tuple(each.name for each in takes if each.kind is not each.KEYWORD_ONLY)
    named = {each.name: True for each in takes if each.kind is each.KEYWORD_ONLY}
    answer = await getattr(part, name)(*arguments, **named)
    assert len(wrapper.calls) == 1
    assert answer is None or answer == (name, arguments, named)
