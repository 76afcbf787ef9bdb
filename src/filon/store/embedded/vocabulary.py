"""All words of a case in one sorted run of bytes: where words that hold, begin with or match something are found.

Scanning it takes milliseconds where asking every slice's automaton takes a second; the words that are found then go
to the index as a set.
"""

import bisect
import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import re2

from filon.query.patterns import word_pattern
from filon.store.embedded.columns import Ints

__all__ = ["Vocabulary"]

_OUTSIDE_ONE_WORD = re.compile(r"\\[AzCQ]|\(\?[^:P]")
"""Pattern syntax that may see past the ends of a word in a joined text, or change how the rest is read."""


class Vocabulary:
    """The joined words of several slices. ``counts``: in how many rows each stands, withdrawn ones included."""

    def __init__(self, tables: Sequence[pa.Table]) -> None:
        joined = pa.concat_tables(
            [pa.table({"word": pa.array([], pa.string()), "rows": pa.array([], pa.int64())}), *tables]
        )
        if len(tables) > 1:
            joined = (
                joined.group_by("word").aggregate([("rows", "sum")]).sort_by("word").rename_columns(["word", "rows"])
            )
        self.words = [str(word) for word in joined["word"].to_pylist()]
        self.counts: Ints = joined["rows"].to_numpy()
        self._run = ("\n" + "\n".join(self.words) + "\n").encode()
        lengths = np.fromiter((len(word.encode()) + 1 for word in self.words), np.int64, len(self.words))
        self._starts = np.concatenate(([1], 1 + np.cumsum(lengths)))

    def starting(self, prefix: str) -> range:
        """Ordinals of the words that begin with ``prefix``."""
        first = bisect.bisect_left(self.words, prefix)
        return range(first, bisect.bisect_left(self.words, prefix + "\U0010ffff", lo=first))

    def holding(self, part: str) -> list[str]:
        """Words that hold ``part`` somewhere."""
        if not part:
            return self.words
        return self._at(m.start() for m in re.finditer(re.escape(part.encode()), self._run))

    def matching(self, pattern: str) -> list[str]:
        """Words that a pattern of a search matches as a whole (``filon.query.patterns.word_pattern``)."""
        whole = word_pattern(pattern)
        if _OUTSIDE_ONE_WORD.search(whole.pattern):
            return [word for word in self.words if whole.fullmatch(word)]
        options = re2.Options()
        options.never_nl = True
        options.case_sensitive = False
        lines = re2.compile(b"(?m)^(?:" + whole.pattern.encode() + b")$", options)
        return self._at(m.start() for m in lines.finditer(self._run) if m.end() > m.start())

    def _at(self, places: Iterable[int]) -> list[str]:
        """The words that stand at these bytes of the run."""
        found = np.searchsorted(self._starts, np.fromiter(places, np.int64), "right") - 1
        return [self.words[at] for at in np.unique(found).tolist()]
