"""What goes through a wrapper: a question or a change, of some kind."""

from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any, TypeVar

Value = TypeVar("Value")
Ask = Callable[[], Coroutine[Any, Any, Value]]


class Call(Enum):
    """What an upstream is asked for."""

    LIST = "a part of the list"
    READ = "anything else of the inbox"
    WRITE = "a change"
    ABOUT = "what the instance and the login are, which is remembered, failures too; and a stream"
