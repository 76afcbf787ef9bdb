"""Where a text matches a search, and a passage of it to show. Offsets are code points of the original text."""

from collections.abc import Iterator

from filon.model.words import cut_with_offsets
from filon.query.patterns import text_pattern
from filon.query.texts import phrase_places, phrase_words, word_test
from filon.query.tree import And, Fuzzy, Infix, Node, Not, Or, Phrase, Prefix, Regex, TextRegex, Word

__all__ = ["snippet", "spans"]

TextLeaf = Word | Phrase | Prefix | Infix | Fuzzy | Regex | TextRegex
Span = tuple[int, int]


def spans(node: Node, text: str) -> list[Span]:
    """The stretches of a text hit by those words, phrases and patterns of a search that ask for presence.

    ``(start, end)``, end excluded, in order, without overlap. What stands under NOT asks for absence and marks nothing.
    """
    leaves = list(_present(node, negated=False))
    if not leaves:
        return []
    words = cut_with_offsets(text)
    return _merged(sorted(span for leaf in leaves for span in _hits(leaf, text, words)))


def snippet(node: Node, text: str, width: int) -> tuple[str, list[Span]]:
    """A passage of at most ``width`` characters around the first hits, with ``…`` where it was cut, and the hits in it."""
    found = spans(node, text)
    if len(text) <= width:
        return text, found
    if width < 3:
        raise ValueError("a passage needs at least 3 characters")
    first = found[0][0] if found else 0
    start = _word_start(text, max(0, min(first - width // 4, len(text) - width + 1)), first)
    head = "…" if start else ""
    end = start + width - len(head)
    tail = "…" if end < len(text) else ""
    end -= len(tail)
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in found if a < end and b > start]
    return head + text[start:end] + tail, inside


def _word_start(text: str, start: int, latest: int) -> int:
    """The next place after a gap, so that a passage does not begin inside a word; ``start`` itself if there is none near."""
    if start == 0:
        return 0
    return next((at for at in range(start, latest + 1) if text[at - 1].isspace()), start)


def _present(node: Node, *, negated: bool) -> Iterator[TextLeaf]:
    match node:
        case Not(child):
            yield from _present(child, negated=not negated)
        case And(children) | Or(children):
            for child in children:
                yield from _present(child, negated=negated)
        case _ if isinstance(node, TextLeaf) and not negated:
            yield node


def _hits(leaf: TextLeaf, text: str, words: list[tuple[str, int, int]]) -> Iterator[Span]:
    if isinstance(leaf, TextRegex):
        whole = text.encode("utf-8", "replace").decode()  # RE2 takes no half characters; the length stays
        yield from (found.span() for found in text_pattern(leaf.pattern).finditer(whole) if found.end() > found.start())
    elif isinstance(leaf, Word | Phrase):
        slop = leaf.slop if isinstance(leaf, Phrase) else 0
        for places in phrase_places(phrase_words(leaf), [word for word, _, _ in words], slop):
            if slop == 0:
                yield words[places[0]][1], words[places[-1]][2]
            else:
                yield from (words[place][1:] for place in places)
    else:
        test = word_test(leaf)
        yield from ((start, end) for word, start, end in words if test(word))


def _merged(found: list[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in found:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
