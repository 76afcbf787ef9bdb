"""Ranges of letter numbers: what of some is left without others. First and last number, both included."""

from collections.abc import Iterable

from filon_net.crypto.numbers import Range

__all__ = ["without"]


def without(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """What is in ``ranges`` and in none of ``taken``."""
    left = list(ranges)
    for first, last in taken:
        left = [
            piece
            for begin, end in left
            for piece in ((begin, min(end, first - 1)), (max(begin, last + 1), end))
            if piece[0] <= piece[1]
        ]
    return left
