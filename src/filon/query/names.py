"""How the value of a field matches names and codes.

A *name* matches where the folded words of the value stand in it, all of them, one after the other: ``from:dylan`` takes
``Dylan B.`` and ``@dylan.b``, not ``Dylanne``. ``*`` at an end leaves that end of the word open. A value of digits alone is
also taken as one number, however it is parted: ``from:"+33 6 12 34 56 78"`` takes ``+33612345678`` and the reverse. ``#7``
is the number of an account, conversation or item and nothing else. A *code* has to be the value from end to end.
"""

import re
from functools import lru_cache

import msgspec

from filon.model.words import cut

__all__ = ["Wanted", "is_code", "is_name", "wanted"]

_NUMBER = re.compile(r"#(\d{1,9})", re.ASCII)


class Wanted(msgspec.Struct, frozen=True):
    """A field's value, folded: its words, which ends are open, or the number it stands for."""

    words: str
    digits: str | None = None
    open_start: bool = False
    open_end: bool = False
    number: int | None = None


@lru_cache(4096)
def wanted(value: str, *, numbered: bool = False) -> Wanted:
    """What a value as written asks for; ``numbered`` where the field takes ``#7``."""
    found = _NUMBER.fullmatch(value) if numbered else None
    if found:
        return Wanted("", number=int(found[1]))
    words = cut(value)
    joined = "".join(words)
    trimmed = value.strip()
    return Wanted(
        " ".join(words), joined if joined.isdecimal() else None, trimmed.startswith("*"), trimmed.endswith("*")
    )


def is_name(asked: Wanted, name: str) -> bool:
    """Whether a handle, display name, nickname, title or path is meant; never for a number."""
    if asked.number is not None:
        return False
    words = cut(name)
    if _stands_in(asked, asked.words, " ".join(words)):
        return True
    if asked.digits is None:
        return False
    joined = "".join(words)
    return _stands_in(asked, asked.digits, joined if joined.isdecimal() else " ".join(words))


def _stands_in(asked: Wanted, text: str, name: str) -> bool:
    needle = f"{'' if asked.open_start else ' '}{text}{'' if asked.open_end else ' '}"
    return needle in f" {name} "


def is_code(asked: Wanted, code: str) -> bool:
    """Whether a platform, kind, state, language, tag or mention is meant."""
    written = " ".join(cut(code))
    if asked.open_start and asked.open_end:
        return asked.words in written
    if asked.open_start:
        return written.endswith(asked.words)
    return written.startswith(asked.words) if asked.open_end else written == asked.words
