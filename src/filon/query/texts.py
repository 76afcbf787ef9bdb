"""What the text leaves of a search mean, over the folded words of one text.

A phrase stands *in order* with at most ``slop`` other words between its words in all. Full-text engines mean other things by
slop (docs/decisions/0002): an engine takes ``gaps`` as exact phrases with offsets, or verifies candidates with
``phrase_places``. Fuzzy is the optimal string alignment distance: insert, delete, replace, swap of neighbours, and no part
of a word edited twice.
"""

from collections.abc import Callable, Iterator, Sequence

from filon.model.words import cut
from filon.query.patterns import word_pattern
from filon.query.tree import Fuzzy, Infix, Phrase, Prefix, Regex, Word

__all__ = ["WordLeaf", "distance", "gaps", "phrase_places", "phrase_words", "word_test"]

WordLeaf = Prefix | Infix | Fuzzy | Regex
"""Leaves that are about one word of a text."""


def phrase_words(leaf: Word | Phrase) -> tuple[str, ...]:
    """The folded words, in order, that a word or phrase stands for; a word can be several (``don't``)."""
    return tuple(cut(leaf.text if isinstance(leaf, Word) else " ".join(leaf.words)))


def phrase_places(phrase: Sequence[str], words: Sequence[str], slop: int = 0) -> Iterator[tuple[int, ...]]:
    """Every place where the phrase begins, each with the places of its words (the closest that follow)."""
    for start, word in enumerate(words):
        if not phrase or word != phrase[0]:
            continue
        places = [start]
        furthest = start + len(phrase) + slop
        for wanted in phrase[1:]:
            found = next((at for at in range(places[-1] + 1, min(furthest, len(words))) if words[at] == wanted), None)
            if found is None:
                break
            places.append(found)
        if len(places) == len(phrase):
            yield tuple(places)


def gaps(length: int, slop: int) -> Iterator[tuple[int, ...]]:
    """Offsets of a phrase's words for every way to spread at most ``slop`` other words: exact phrases that add up to it.

    There are ``comb(slop + length - 1, slop)`` of them.
    """
    if length == 1:
        yield (0,)
        return
    for first in range(slop + 1):
        for rest in gaps(length - 1, slop - first):
            yield (0, *(offset + first + 1 for offset in rest))


def word_test(leaf: WordLeaf) -> Callable[[str], bool]:
    """Whether a folded word is meant by a leaf that works inside one word."""
    match leaf:
        case Prefix(text):
            begin = "".join(cut(text))
            return lambda word: word.startswith(begin)
        case Infix(text):
            inside = "".join(cut(text))
            return lambda word: inside in word
        case Fuzzy(text, most):
            wanted = "".join(cut(text))
            return lambda word: distance(wanted, word, most) <= most
        case Regex(pattern):
            compiled = word_pattern(pattern)
            return lambda word: compiled.fullmatch(word) is not None


def distance(left: str, right: str, most: int) -> int:
    """Edits between two words, where a swap of neighbours is one; anything beyond ``most`` may be given as ``most + 1``."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before_last: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]
