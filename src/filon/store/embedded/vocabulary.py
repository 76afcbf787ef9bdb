"""The words of one slice in one sorted run of bytes, mapped: where words that hold, begin with or match something are found.

Scanning them takes a few milliseconds where asking the index's automaton takes many; the words that are found then go to
the index as a set. Nothing is read when a case is opened, and a new slice leaves the words of the others as they are.
"""

import bisect
import re
from collections.abc import Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from filon.model.columns import integers, strings
from filon.model.words import LONGEST
from filon.query.patterns import word_pattern
from filon.store.embedded.columns import Ints
from filon.store.embedded.text import SORTED

__all__ = ["Vocabulary", "frequent"]

_OUTSIDE_ONE_WORD = re.compile(r"\\[ACQz]")
"""Pattern syntax that may not mean the same with something written behind it."""
_SCANNED = 2
"""Bytes from which on what words hold is looked for in the joined run."""


class Vocabulary:
    """The words in an Arrow file of ``word`` (sorted by code points, never empty) and ``rows`` (withdrawn ones included)."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._run: mmap | bytes = mmap(file.fileno(), 0, access=ACCESS_READ)
        whole = pa.py_buffer(self._run)
        with pa.ipc.open_file(whole) as reader:
            batches = [reader.get_batch(at) for at in range(reader.num_record_batches)]
            table = pa.Table.from_batches(batches, reader.schema)
        if table.schema.metadata != {key.encode(): value.encode() for key, value in SORTED.items()}:
            table = table.sort_by("word")  # written before words were sorted in their file
        self.table: pa.Table = table
        words: Any = table["word"]
        self._words = words.chunk(0) if words.num_chunks == 1 else words.combine_chunks()  # which copies
        self._starts: Ints = np.zeros(1, np.int32)
        self._from = 0
        """Where the run of words begins in ``_run``."""
        if len(self):
            _, offsets, run = self._words.buffers()
            self._starts = np.frombuffer(offsets, np.int32)[self._words.offset :][: len(self) + 1]
            self._from = run.address - whole.address
            if not 0 <= self._from < len(self._run):  # not the file's own bytes
                self._run, self._from = run.to_pybytes(), 0

    def __len__(self) -> int:
        return len(self._words)

    def starting(self, prefix: str) -> range:
        """Ordinals of the words that begin with ``prefix``."""
        wanted = prefix.encode()
        first = bisect.bisect_left(range(len(self)), wanted, key=self._bytes_at)
        last = bisect.bisect_right(range(len(self)), wanted, first, key=lambda at: self._bytes_at(at)[: len(wanted)])
        return range(first, last)

    def words(self, ordinals: "Ints | range") -> list[str]:
        """Words by ordinal."""
        if isinstance(ordinals, range):
            found: list[str] = self._words.slice(ordinals.start, len(ordinals)).to_pylist()
        else:
            found = self._words.take(pa.array(ordinals)).to_pylist()
        return found

    def holding(self, part: str) -> list[str]:
        """Words that hold ``part`` somewhere."""
        wanted = part.encode()
        if len(wanted) < _SCANNED:
            return self._where(pc.match_substring(self._words, part))
        ends, found = self._from + int(self._starts[-1]), []
        find = self._run.find
        place = find(wanted, self._from, ends)
        while place >= 0:
            found.append(place)
            place = find(wanted, place + 1, ends)
        places = np.array(found, np.int64) - self._from
        at = np.searchsorted(self._starts, places.astype(np.int32), "right") - 1
        inside = places + len(wanted) <= self._starts[1:][at] if len(at) else at.astype(bool)
        return self.words(np.unique(at[inside]))

    def matching(self, pattern: str) -> list[str]:
        """Words that a pattern of a search matches as a whole (``filon.query.patterns.word_pattern``)."""
        whole = word_pattern(pattern)
        if _OUTSIDE_ONE_WORD.search(whole.pattern):
            return [word for word in self._words.to_pylist() if whole.fullmatch(word)]
        return self._where(pc.match_substring_regex(self._words, rf"\A(?:{whole.pattern})\z", ignore_case=True))

    def longest(self) -> list[str]:
        """Words so long that they were split from what stood beside them."""
        return self._where(pc.greater_equal(pc.binary_length(self._words), pa.scalar(LONGEST)))

    def _where(self, mask: Any) -> list[str]:
        found: list[str] = self._words.filter(mask).to_pylist()
        return found

    def _bytes_at(self, at: int) -> bytes:
        return self._run[self._from + int(self._starts[at]) : self._from + int(self._starts[at + 1])]


def frequent(parts: Sequence[Vocabulary], prefix: str, limit: int | None) -> list[tuple[str, int]]:
    """Words of several slices that begin so, most frequent first, with in how many rows each stands; None: all of them."""
    found = []
    for part in parts:
        at = part.starting(prefix)
        found.append(part.table.slice(at.start, len(at)).select(["word", "rows"]))
    if not found:
        return []
    summed = pa.concat_tables(found).group_by("word").aggregate([("rows", "sum")])
    ranked = summed.sort_by([("rows_sum", "descending"), ("word", "ascending")]).slice(0, limit)
    return list(zip(strings(ranked["word"]), integers(ranked["rows_sum"]), strict=True))
