"""docs/why/scale.md: what was measured, and what follows from it by arithmetic for larger networks."""

from collections.abc import Sequence

from figures import Scale
from goals import BASE, LARGE, form_of, size_of
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

1. **Room for files on their way.** An add keeps what it parsed until all of it is in the case, about 150 B a message, and rows
   sorted by time until their slice is built, about 140 B. With the evidence and the case, 120 million messages want some 65 GB
   of free disk for an hour. It broke first when that was tried: all was parsed, then filon said how much room was lacking, kept
   what was finished, and went on from there when there was room. Taking the evidence in several adds needs less.
2. **The time of a broad search.** Every slice of at most {slice:,} messages is asked; a first total with facets over a fifth of all
   messages grows with their number. What was found in a slice is kept, and holds as long as the slice does. Newest-first does
   not grow: it stops at the slices that can still hold something newer.
3. **The page cache.** Searches read the index and the columns through memory maps. A case that is larger than the memory of
   the machine reads from disk, and times are then those of the disk.
4. **The vocabulary.** The middle of a word and words with a letter changed are looked for among the words of every slice. Ids,
   links and typing errors make these lists grow with every message.
5. **One writer.** One process at a time adds to a case; parsing and indexing use two cores of one machine.
6. **Numbers.** Accounts and conversations are 32-bit ordinals, messages 40 bits within a reading: neither ends below two
   thousand million.

## The way to a thousand million

Slices are cut by time, never changed and complete in themselves: rows, columns and index. So the way is more machines with
the same slices, not another design.

1. Take evidence in by many adds of some twenty million messages each: none of them needs more room or memory than one does.
   This works today, one add after the other.
2. Give slices to several machines by time; ask all, add up totals, merge the newest from the latest slices first. The port
   `filon.store.ports` has room for such a second backend; it is not written.
3. Read and index on each machine what it will keep; the custody log and the manifest stay in one place and name the slices.
4. Keep the totals and facets of a slice on disk for the words that people ask most, and look for parts of words through
   trigrams of words.

The last three are not built. Until one is measured, filon claims nothing above the largest row of the first table.
"""

_TRIED = """
## Tried once, by hand: the whole of EncroChat

`bench/scale.py --size 120m` deals the lines of the corpus of twenty million once for each of six years: 26.5 GB of JSON lines. This
was added on a machine of two cores that also measured a growing case and ran tests meanwhile, so read the times as upper bounds.

- 119,815,260 messages were parsed in 11 minutes. Then the disk had no room for what comes next, which filon said. When there was
  room the same command sorted, indexed and wrote them in 20.4 minutes, with 1,254 s of processor time and 2.47 GiB resident in
  all processes at most. Every row is accounted for: one defect, nothing skipped.
- The case takes 10.4 GB, 86.6 B a message. It opens in 12 to 25 ms; `filon verify`, which hashes case and evidence, took 80 s.
- Searching, 15 questions of each class that were not asked before, milliseconds, the middle one and 95 in 100:

| | hits, middle | newest 50 with text | exact total and three facets |
| --- | ---: | ---: | ---: |
| a rare word | 726 | 42 · 436 | 10 · 18 |
| 1.5 to 4 % of all messages | 2,683,476 | 15 · 18 | 124 · 408 |
| 22 to 34 % of all messages | 28,988,298 | 21 · 23 | 718 · 810 |
| boolean over 20 % of all messages | 29,412,804 | 21 · 29 | 1,044 · 1,161 |
| a phrase of two words | 36,930 | 19 · 147 | 43 · 237 |
| the middle of a word | 670,794 | 14 · 25 | 392 · 870 |
| a word with one letter changed | 108,240 | 19 · 33 | 116 · 269 |
| a word with sender and month | 7 | 55 · 194 | 22 · 149 |

- A page at a drawn place of a conversation of 6,012,384 messages: 11 · 13 ms, 4 · 4 ms the second time.

The texts of one year are those of the others, so the vocabulary did not grow as that of a real network would.

## Real lines cost more

The twenty million real lines are dealt one by one to 100,000 pairs, so that nearly every row of a block is between people whom the
block has not met, which no network does: whom rows are between is worked out once for each pair and block, at some 45 µs, and
makes most of the difference in adding. Their words are more, and more of them stand in each line: searches take two to three
times what they take in synthetic lines.
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
    sized = [scale for scale in scales if scale.form == BASE and not scale.real and scale.run == 1]
    known = [scale for scale in sized if _ENOUGH <= scale.messages <= LARGE]
    if not known:
        page += _NOTHING
    else:
        page += _BETWEEN.format(messages=size_of(known[-1])) + _arithmetic(known[-1])
    return page + _TRIED + _REST.format(slice=SLICE)


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
