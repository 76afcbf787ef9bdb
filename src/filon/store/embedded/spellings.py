"""Texts around a number as the number alone: ``row 123``, ``id-00042``, ``4ed02e510d8d3e21``, a UUID.

A spelling says what stands around the digits. It holds for exactly those rows of which ``spell`` makes the same text
again; whatever no spelling makes again stays a text.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from filon.store.embedded import arrow, matching
from filon.store.embedded.columns import Ints

__all__ = ["Found", "Spelling", "find", "read", "spell"]

_DIGITS = 18
"""A number of so many decimal digits fits into 64 bits whatever they are."""
_MOST = 32
"""Hexadecimal digits of two numbers of 64 bits."""
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{8,32}|[0-9A-F]{8,32})(?![0-9A-Za-z])", re.ASCII)
_LOWER, _UPPER = b"0123456789abcdef", b"0123456789ABCDEF"
_VALUES = np.zeros(256, np.uint8)
for _digits in (_LOWER, _UPPER):
    _VALUES[np.frombuffer(_digits, np.uint8)] = np.arange(16)
_PAIRS = {
    upper: np.array([[digits[at >> 4], digits[at & 15]] for at in range(256)], np.uint8).view(np.uint16)[:, 0]
    for upper, digits in ((False, _LOWER), (True, _UPPER))
}
"""The two digits of every byte, as they lie in memory."""
_POWERS = np.array([0, *(10**digits for digits in range(1, _DIGITS))], np.int64)
"""The smallest number that is written with so many digits and one more."""
_ASKED = 4
"""Numbers of one text that are tried, from the last."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Spelling(msgspec.Struct, frozen=True, gc=False):
    """``groups``: lengths of groups of hexadecimal digits with a ``-`` between them; empty for a decimal number.

    ``width``: decimal digits that are written at least, filled up with zeros.
    """

    before: str = ""
    after: str = ""
    width: int = 0
    groups: tuple[int, ...] = ()
    upper: bool = False


Numbers = tuple[Ints, Ints]
"""Two int64 columns: the number, and what of a hexadecimal one lies above 64 bits."""
Fits = npt.NDArray[np.bool_]


class Found(msgspec.Struct, frozen=True):
    """``codes``: for every text the ordinal of its spelling, -1 where it stays a text; ``numbers``: of those that do not."""

    codes: Ints
    numbers: Numbers
    spellings: list[Spelling]


def find(texts: "pa.Array[Any]", *, hexadecimal: bool) -> Found:
    """Texts as numbers in as few spellings as hold for most of them."""
    numbers = (np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64))

    def guess(row: int) -> Iterator[Spelling]:
        return _derived(str(texts[row].as_py()), hexadecimal=hexadecimal)

    def holds(spelling: Spelling, rows: Ints) -> Fits:
        found, fits = read(spelling, matching.taken(texts, rows))
        for held, new in zip(numbers, found, strict=True):
            held[rows[fits]] = new[fits]
        return fits

    codes, spellings = matching.find(len(texts), np.flatnonzero(arrow.given(texts)), guess, holds)
    return Found(codes, numbers, spellings)


def read(spelling: Spelling, texts: "pa.Array[Any]") -> tuple[Numbers, Fits]:
    """The numbers of texts in this spelling, and which texts are in it: those that ``spell`` makes of their numbers."""
    return _read_hexadecimal(spelling, texts) if spelling.groups else _read_decimal(spelling, texts)


def spell(spelling: Spelling, numbers: Numbers) -> "pa.Array[Any]":
    """The texts of numbers in this spelling."""
    if spelling.groups:
        return _spell_hexadecimal(spelling, numbers)
    digits: Any = pa.array(numbers[0], pa.int64()).cast(pa.string())
    if spelling.width:
        digits = pc.utf8_lpad(digits, spelling.width, "0")
    made: pa.Array[Any] = pc.binary_join_element_wise(
        arrow.scalar(spelling.before), digits, arrow.scalar(spelling.after), arrow.scalar("")
    )
    return made


def _derived(text: str, *, hexadecimal: bool) -> Iterator[Spelling]:
    """Spellings that this text may be in: each of its numbers may be the one that differs from row to row."""
    for found in [*_UUID.finditer(text), *_HEX.finditer(text)] if hexadecimal else ():
        groups = tuple(len(group) for group in found[0].split("-"))
        yield Spelling(text[: found.start()], text[found.end() :], groups=groups, upper=found[0].upper() == found[0])
    for found in reversed(list(re.finditer(r"\d+", text, re.ASCII))[-_ASKED:]):
        if len(found[0]) <= _DIGITS:
            width = len(found[0]) if found[0].startswith("0") and found[0] != "0" else 0
            yield Spelling(text[: found.start()], text[found.end() :], width)


def _read_decimal(spelling: Spelling, texts: "pa.Array[Any]") -> tuple[Numbers, Fits]:
    """A number fits that is written with no zero in front, or with so many that it has its width."""
    around = len(spelling.before.encode()) + len(spelling.after.encode())
    size = arrow.bytes_of_text(texts) - around
    fits = (size > 0) & (size <= _DIGITS) & arrow.true(pc.starts_with(texts, spelling.before))
    if spelling.after:
        fits &= arrow.true(pc.ends_with(texts, spelling.after))
    body: Any = pc.utf8_slice_codeunits(texts, len(spelling.before), -len(spelling.after) or None)
    fits &= arrow.true(pc.ascii_is_decimal(body))
    if not fits.all():
        body = pc.if_else(pa.array(fits), body, "0")
    number: Ints = body.cast(pa.int64()).to_numpy()
    size = np.where(fits, size, 1)
    shortest = np.where(size > spelling.width, number >= _POWERS[size - 1], size == spelling.width)
    return (number, np.zeros(len(texts), np.int64)), fits & shortest


@lru_cache(maxsize=1024)
def _places(spelling: Spelling) -> tuple[Ints, list[int]]:
    """A text of this spelling with zeros for digits, as UTF-8, and at which bytes they stand."""
    digits = "-".join("0" * length for length in spelling.groups)
    first = len(spelling.before.encode())
    text = (spelling.before + digits + spelling.after).encode()
    return np.frombuffer(text, np.uint8), [first + at for at, letter in enumerate(digits) if letter == "0"]


def _read_hexadecimal(spelling: Spelling, texts: "pa.Array[Any]") -> tuple[Numbers, Fits]:
    text, places = _places(spelling)
    fits = arrow.bytes_of_text(texts) == len(text)
    some = texts if fits.all() else texts.filter(pa.array(fits))
    values = _VALUES[_letters(some, len(text))[:, places]]
    halves = np.zeros((len(some), _MOST), np.uint8)
    halves[:, _MOST - len(places) :] = values
    bytes_ = halves[:, ::2] << 4 | halves[:, 1::2]
    numbers = np.zeros((len(texts), 2), np.int64)
    numbers[fits] = bytes_.view(">i8")
    made = (numbers[:, 1], numbers[:, 0])
    return made, fits & matching.same(_spell_hexadecimal(spelling, made), texts)


def _spell_hexadecimal(spelling: Spelling, numbers: Numbers) -> "pa.Array[Any]":
    text, places = _places(spelling)
    count = len(numbers[0])
    bytes_ = np.stack((numbers[1], numbers[0]), axis=1).astype(">i8").view(np.uint8)
    digits = _PAIRS[spelling.upper][bytes_].view(np.uint8)
    letters = np.empty((count, len(text)), np.uint8)
    letters[:] = text
    letters[:, places] = digits[:, _MOST - len(places) :]
    starts = np.arange(count + 1, dtype=np.int32) * np.int32(len(text))
    made: pa.Array[Any] = pa.StringArray.from_buffers(count, arrow.buffer(starts), arrow.buffer(letters))
    return made


def _letters(texts: "pa.Array[Any]", size: int) -> npt.NDArray[np.uint8]:
    """The bytes of texts that are all of one size, a row each."""
    _, ends, data = texts.buffers()
    if not len(texts) or data is None or ends is None:
        return np.zeros((0, size), np.uint8)
    first = int(np.frombuffer(memoryview(ends), np.int32)[texts.offset])
    return np.frombuffer(memoryview(data), np.uint8)[first : first + len(texts) * size].reshape(-1, size)
