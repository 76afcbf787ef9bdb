"""How long work tells of itself: values passed to a callback, worded at the edge."""

from collections.abc import Callable

import msgspec

__all__ = ["Progress", "Report", "silent"]


class Progress(msgspec.Struct, frozen=True, gc=False):
    """Where a piece of work stands.

    ``stage``: hash, read, sort, index, write, verify. ``done`` and ``total`` are bytes or rows, ``unit`` says which;
    ``total`` is None where it is not known. ``item`` is the file at hand.
    """

    stage: str
    done: int
    total: int | None = None
    unit: str = "bytes"
    item: str | None = None


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report that nobody listens to."""
