"""Chance from keys: the same key gives the same draws on every machine, in every process and library version.

Arrays come from SplitMix64 used as a counter-based generator (Steele, Lea, Flood: Fast splittable pseudorandom number
generators, OOPSLA 2014); single draws from ``random.Random``, whose ``random()`` is stable by promise of its documentation.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["chance", "hashes", "key_of", "normal", "pick", "uniform", "zipf"]

T = TypeVar("T")

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def key_of(*parts: int) -> int:
    """One 64-bit key from several numbers; their order matters."""
    key = 0
    for part in parts:
        key = (key ^ (part & _MASK)) + _STEP & _MASK
        key = (key ^ key >> 30) * _FIRST & _MASK
        key = (key ^ key >> 27) * _SECOND & _MASK
        key ^= key >> 31
    return key


def chance(*parts: int) -> Random:
    """A generator of single draws for a key. Only its ``random()`` is to be used."""
    return Random(key_of(*parts))  # noqa: S311  # repeatable on purpose, protects nothing


def hashes(key: int, counters: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
    """64 well mixed bits for each counter."""
    state = (counters + np.uint64(1)) * np.uint64(_STEP) + np.uint64(key)
    state = (state ^ state >> np.uint64(30)) * np.uint64(_FIRST)
    state = (state ^ state >> np.uint64(27)) * np.uint64(_SECOND)
    mixed: NDArray[np.uint64] = state ^ state >> np.uint64(31)
    return mixed


def uniform(key: int, count: int) -> "NDArray[np.float64]":
    """``count`` draws from [0, 1)."""
    bits = hashes(key, np.arange(count, dtype=np.uint64)) >> np.uint64(11)
    drawn: NDArray[np.float64] = bits.astype(np.float64) * 2.0**-53
    return drawn


def normal(key: int, count: int) -> "NDArray[np.float64]":
    """``count`` draws of mean 0 and variance 1: the sum of twelve uniform ones, so that no platform's logarithm enters."""
    drawn: NDArray[np.float64] = uniform(key, 12 * count).reshape(12, count).sum(axis=0) - 6.0
    return drawn


def pick(draws: Random, values: Sequence[T]) -> T:
    """One of the values, each as likely as the other."""
    return values[int(draws.random() * len(values))]


def zipf(draws: Random, values: Sequence[T]) -> T:
    """One of the values, the first far more often than the last."""
    return values[int(draws.random() ** 2.5 * len(values))]
