"""Which numbers of a peer's letters have come: what is new, what was here, what is missing. Bounded memory.

Kept are the highest number and the ranges below it that have not come. A number that is in no such range and not above
the highest was here before. At most ``RANGES`` ranges are kept; the oldest is given up, and that is told, never silent.
"""

import enum
from typing import Annotated, TypeAlias

import msgspec

from filon_net.wire import canonical
from filon_net.wire.errors import Malformed

__all__ = ["RANGES", "Arrival", "Numbers", "Range", "read_report"]

RANGES = 64
Range: TypeAlias = tuple[int, int]
"""First and last number, both included."""


class Arrival(enum.Enum):
    """How a number stands to those before it."""

    NEW = "new"
    LATE = "late"
    SEEN = "seen"


class Numbers:
    """The numbers of one peer's letters."""

    def __init__(self, highest: int = 0, missing: list[Range] | None = None) -> None:
        self.highest = highest
        self.missing: list[Range] = missing or []

    def look(self, number: int) -> Arrival:
        """How ``number`` stands, without taking note."""
        if number > self.highest:
            return Arrival.NEW
        return Arrival.LATE if any(first <= number <= last for first, last in self.missing) else Arrival.SEEN

    def take(self, number: int) -> tuple[Arrival, Range | None, Range | None]:
        """Take note of ``number``: how it stands, the range that is missing since now, the range given up."""
        arrival = self.look(number)
        gap = given_up = None
        if arrival is Arrival.NEW:
            if number > self.highest + 1:
                gap = (self.highest + 1, number - 1)
                self.missing.append(gap)
            self.highest = number
        elif arrival is Arrival.LATE:
            place = next(i for i, (first, last) in enumerate(self.missing) if first <= number <= last)
            first, last = self.missing[place]
            self.missing[place : place + 1] = [
                piece for piece in ((first, number - 1), (number + 1, last)) if piece[0] <= piece[1]
            ]
        if len(self.missing) > RANGES:
            given_up = self.missing.pop(0)
        return arrival, gap, given_up

    def report(self) -> bytes:
        """Body of a healing letter: the canonical array ``[highest, [[first, last], ...]]`` of what has not come."""
        return canonical.encode([self.highest, [list(one) for one in self.missing]])


class _Report(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    highest: Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
    missing: Annotated[tuple[Range, ...], msgspec.Meta(max_length=RANGES)]


def read_report(body: bytes) -> tuple[int, tuple[Range, ...]]:
    """Highest number and missing ranges of a healing letter. Malformed or TooLarge."""
    try:
        report = msgspec.convert(canonical.decode(body, size=2_048), _Report, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(f"not a report of numbers: {error}") from error
    past = 0
    for first, last in report.missing:
        if not past < first <= last <= report.highest:
            raise Malformed("ranges that do not rise")
        past = last
    return report.highest, report.missing
