"""All names of one column of a table as one text, in which those that hold some words are found at once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from filon.model.words import cut_joined

__all__ = ["Bearers"]

_BETWEEN = "\n"
"""Stands between names; no word of a text holds it."""


class Bearers:
    """Who bears a name, by the words of the name. Looking through every name apart takes fifty times as long."""

    def __init__(self, named: Iterable[tuple[str | None, int | None]]) -> None:
        found: dict[str, list[int]] = {}
        for name, bearer in named:
            if name is not None and bearer is not None:
                found.setdefault(cut_joined(name), []).append(bearer)
        self._names = list(found)
        self._numbers = list(found.values())

    def holding(self, words: str) -> Iterator[tuple[str, list[int]]]:
        """Names, as their words, that hold this text, and the numbers of those who bear them."""
        yield from self._found(self._words, words)

    def holding_digits(self, digits: str) -> Iterator[tuple[str, list[int]]]:
        """Names that hold it when their words are written without a gap."""
        yield from self._found(self._digits, digits)

    def _found(self, joined: "tuple[str, list[int]]", wanted: str) -> Iterator[tuple[str, list[int]]]:
        text, starts = joined
        at = text.find(wanted)
        while 0 <= at < len(text):
            place = bisect_right(starts, at) - 1
            yield self._names[place], self._numbers[place]
            if place + 1 == len(starts):
                return
            at = text.find(wanted, starts[place + 1])

    @cached_property
    def _words(self) -> tuple[str, list[int]]:
        return _joined(self._names)

    @cached_property
    def _digits(self) -> tuple[str, list[int]]:
        return _joined([name.replace(" ", "") for name in self._names])


def _joined(names: list[str]) -> tuple[str, list[int]]:
    """Names one after the other, and where each begins."""
    starts, at = [], 0
    for name in names:
        starts.append(at)
        at += len(name) + len(_BETWEEN)
    return "".join(name + _BETWEEN for name in names), starts
