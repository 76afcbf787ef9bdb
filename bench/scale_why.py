"""docs/why/scale.md: what was measured, and what follows from it by arithmetic for larger networks."""

from collections.abc import Sequence

from figures import Scale
from goals import BASE, form_of, size_of
from tables import figure, table

__all__ = ["explained"]

SLICE = 1 << 20
"""Rows of a slice, as ``filon.store.embedded.partition.Bounds`` sets it."""
_ENOUGH = 2_000_000
"""Messages below which starting, opening and closing weigh too much to be multiplied."""
_LARGER = {"EncroChat, about 120 M messages": 120_000_000, "Sky ECC, about 1,000 M messages": 1_000_000_000}

_HEAD = """# What twenty million messages cost

Written by `bench/performance.py` from the files in `bench/results`; do not edit.

Everything in the first table was measured by `bench/scale.py`; [Performance](../performance.md) has the whole of it, with the
machine, the load and the commands. Everything in the second is arithmetic from one row of the first, and no measurement.

## Measured

"""
_BETWEEN = """
## Arithmetic for larger networks

Cost for one message at {messages}, times the number of messages. This holds only while nothing of the list below it breaks,
and it supposes the same machine and texts as long as the synthetic ones.

"""
_NOTHING = """
## Arithmetic for larger networks

None yet: below two million messages, what starting costs weighs too much to be multiplied. It stands here as soon as
`bench/results` holds a run of two million or more.
"""
_REST = """
The larger networks are thought of in the sizes that courts and the press have named, rounded: EncroChat 120 M messages,
Sky ECC 1,000 M.

## What breaks first, in this order

1. **The time of a broad search.** Every slice of {slice:,} messages is asked; a total with facets over a fifth of all messages
   grows with their number. Newest-first does not: it stops at the slices that can still hold something newer. The answer to a
   search is the same for slices that did not change, so totals can be kept for each of them.
2. **The page cache.** Searches read the index and the columns through memory maps. A case that is larger than the memory of
   the machine reads from disk, and times are then those of the disk.
3. **The vocabulary.** The middle of a word and words with a letter changed are looked for among all different words of a case
   at once. Ids, links and typing errors make that list grow with every message; it is what grows fastest of all in memory.
4. **One writer.** One process at a time adds to a case; parsing and indexing use the cores of one machine.
5. **Numbers.** Accounts and conversations are 32-bit ordinals, messages 40 bits within a reading: neither ends below two
   thousand million.

## The way to a thousand million

Slices are cut by time, never changed and complete in themselves: rows, columns and index. So the way is more machines with
the same slices, not another design.

1. Keep partial totals and facets for each slice, so that a broad search that was asked before costs one sum.
2. Give slices to several machines by time; ask all, add up totals, merge the newest from the latest slices first. The port
   `filon.store.ports` has room for such a second backend; it is not written.
3. Read and index on each machine what it will keep; the custody log and the manifest stay in one place and name the slices.
4. Cut the vocabulary like the slices, and look for parts of words through trigrams of words.

None of these four is built. Until one is measured, filon claims nothing above the largest row of the first table.
"""


def explained(scales: Sequence[Scale]) -> str:
    """The whole page as Markdown."""
    rows = [
        (
            size_of(scale),
            form_of(scale),
            f"{figure(scale.subject.add.seconds / 60)} min",
            f"{figure(scale.subject.add.cpu / scale.messages * 1e6)} µs",
            f"{figure(scale.subject.add.peak / 2**30)} GiB",
            f"{figure(_held(scale))} B",
            f"{figure(scale.subject.facets.classes['broad'].first.p95)} ms" if scale.subject.facets.classes else "–",
            f"{figure(scale.subject.verify.seconds)} s",
        )
        for scale in scales
    ]
    head = ("messages", "corpus", "add", "processor, a message", "memory", "disk, a message", "broad search", "verify")
    page = _HEAD + table(head, rows, range(2, 8))
    known = [scale for scale in scales if scale.form == BASE and not scale.real and scale.messages >= _ENOUGH]
    if not known:
        page += _NOTHING
    else:
        page += _BETWEEN.format(messages=size_of(known[-1])) + _arithmetic(known[-1])
    return page + _REST.format(slice=SLICE)


def _held(scale: Scale) -> float:
    """Bytes of a message on disk beside the evidence, ids of the sources included."""
    return sum(scale.subject.held.values()) / scale.messages


def _arithmetic(scale: Scale) -> str:
    rows = [
        (
            name,
            f"{figure(scale.subject.add.seconds / scale.messages * messages / 3600)} h",
            f"{figure(_held(scale) * messages / 1e9)} GB",
            f"{figure(scale.evidence / scale.messages * messages / 1e9)} GB",
            f"{messages / SLICE:,.0f}",
            f"{figure(scale.subject.facets.classes['broad'].first.p95 / scale.messages * messages / 1e3)} s",
        )
        for name, messages in _LARGER.items()
    ]
    head = ("arithmetic, not measured", "add", "case on disk", "evidence", "slices", "broad search")
    return table(head, rows, range(1, 6))
