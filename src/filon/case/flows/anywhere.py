"""The bytes of a large table, to be read at any place: as they lie in the item, or out of a packed member of it.

Deflate goes on from one of its access points, which are made once, after the member was found to be whole, and kept in the
case: the records behind messages are shown by them later. Whatever comes out of them is proven by the SHA-256 of its block.
"""

from pathlib import Path

import msgspec

from filon.case.flows.parse import Task
from filon.evidence.files import FileSource
from filon.evidence.items import Held, Opened
from filon.evidence.members import Member
from filon.evidence.points import Points
from filon.evidence.stretch import Handle, Stretch

__all__ = ["Place", "opened_at", "reachable", "stretch_at"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a table lies in its item, and the folder for the access points into it."""

    member: str | None
    size: int
    points: str


class _Last:
    """The bytes that were asked for last by this process."""

    held = Held()
    key: tuple[object, ...] = ()
    data: Stretch | None = None


def opened_at(task: Task, place: Place) -> Opened:
    """The item of a task, held open for the next one."""
    root = Path(task.root) if task.root else None
    return _Last.held.open(Path(task.item), task.limits, Path(task.tmp), root, Points(Path(place.points)))


def reachable(opened: Opened, source: FileSource | Member) -> bool:
    """Whether any place of a source can be read without unpacking all before it, or a copy of it on the disk."""
    if isinstance(source, FileSource):
        return True
    if source.data is None:
        return opened.points is not None and opened.points.suit(source)
    return source.data.handle is opened.whole().handle or not isinstance(source.data.handle, Handle)


def stretch_at(task: Task, place: Place) -> Stretch | None:
    """The bytes of a table that is ``reachable``; None where they cannot be unpacked after all."""
    opened = opened_at(task, place)
    key = (opened, place)
    if _Last.key != key:
        source = opened.find(place.member)
        data = source.data or (
            opened.points.of_member(source) if isinstance(source, Member) and opened.points else None
        )
        _Last.key, _Last.data = key, data
    return _Last.data
