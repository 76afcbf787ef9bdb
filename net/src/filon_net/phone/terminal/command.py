"""One command of the phone line by line."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from filon_net.phone.terminal.plain import PlainPhone

__all__ = ["Command", "Run"]

Run = Callable[["PlainPhone", str], Awaitable[None]]


class Command(msgspec.Struct, frozen=True):
    """A command: what follows it, and what it does, in English."""

    rest: str
    does: str
    run: Run
