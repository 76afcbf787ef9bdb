"""A process that is gone at a chosen step."""

from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """Stands for the process being gone: nothing may catch it."""


def dying(after: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that dies when it is called once more than ``after`` times."""
    calls = iter(range(after))

    def call(*args: Any, **named: Any) -> Any:
        if next(calls, None) is None:
            raise Killed
        return function(*args, **named)

    return call
