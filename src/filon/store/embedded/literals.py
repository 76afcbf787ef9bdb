"""Letters that every text a pattern is found in must hold: so that most texts need not be read.

Only what is sure is taken: runs of plain letters and digits that stand outside of groups, classes and alternatives. Anything
in a pattern that is not understood ends the search for runs; without one, every text is read.
"""

from filon.model.words import cut

__all__ = ["inside_a_word"]

_LEAST = 3
"""Letters from which on a run is worth asking for."""
_ONCE = "+"
_PERHAPS = "*?{"


def inside_a_word(pattern: str) -> str | None:
    """Folded letters that one word of every text matched by an RE2 pattern holds; None where none are sure.

    The last character of a run is left out: a mark behind it in the text may make another character of it. A word of the
    greatest length may be cut inside the run: whoever uses this must look at such words too.
    """
    runs = _runs(pattern)
    longest = max(runs, key=len, default="")[:-1]
    folded = "".join(cut(longest))
    return folded if len(longest) >= _LEAST and len(cut(longest)) == 1 else None


def _runs(pattern: str) -> list[str]:
    """Runs of ASCII letters and digits that must all stand in a text; none where the pattern is not plain enough."""
    runs, run, depth, at = [], "", 0, 0
    while at < len(pattern):
        character = pattern[at]
        step = 1
        if character == "\\":
            if pattern[at + 1 : at + 2] in ("", "Q", "E", "C") or pattern[at + 1] in "0123456789xpP":
                return []
            step = 2
        elif character == "[":
            end = _class_end(pattern, at)
            if end is None:
                return []
            step = end - at
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "|" and not depth:
            return []
        after = pattern[at + step : at + step + 1]
        plain = character.isascii() and character.isalnum() and not depth
        if plain and not (after and after in _PERHAPS):
            run += character
        if not plain or (after and after in _PERHAPS + _ONCE):
            runs.append(run)
            run = ""
        if character == "{":
            end = pattern.find("}", at)
            step = end + 1 - at if end > 0 else step
        at += step
    return [*runs, run]


def _class_end(pattern: str, at: int) -> int | None:
    """The place after a class such as ``[^a-z]``; None where it holds what may not end there."""
    start = at + 1 + (pattern[at + 1 : at + 2] == "^")
    end = pattern.find("]", start + 1)
    inside = pattern[start:end]
    return None if end < 0 or "[" in inside or "\\" in inside else end + 1
