"""What the values of a column look like: times and how they are written, directions, identifiers, prose."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from filon.evidence.rows import Cell
from filon.model.dates import OrderEvidence
from filon.readers.tables.cells import degrees
from filon.readers.tables.times import epoch_unit, pieces
from filon.readers.tables.words import DIRECTIONS, KINDS, STATES, YES, fold

__all__ = ["Shape", "shape_of"]

_SERIALS = (30_000, 60_000)
"""Excel days from 1982 to 2064: narrower than what is read, since any number of five digits looks like one."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Shares (0 to 1) of the filled cells of one column."""

    filled: int
    distinct: int
    times: float
    """Cells that are times in ``form``."""
    form: str | None
    open: bool
    """True where the form is a written date whose order of day and month nothing decides."""
    suggested: str | None
    """The order under which the days run backwards least."""
    clocks: float
    """Times of day without a date."""
    directions: float
    states: float
    kinds: float
    truths: float
    degrees: float
    counters: float
    """Whole numbers of at most six digits."""
    length: float
    """Mean length as text."""
    blanks: float
    """Cells with a blank inside: prose."""
    people: float
    """Cells of several words without digits and @: names of people, not handles."""
    own_zone: float
    """Written times that state their offset."""


def shape_of(cells: Iterable[Cell]) -> Shape:
    """The shape of a column's sample."""
    values = [cell for cell in cells if cell is not None]
    count = len(values) or 1
    texts = [str(value).strip() for value in values]
    words = [fold(text) for text in texts if len(text) <= 40]
    forms, evidence, zoned = _forms(values)
    form, hits = forms.most_common(1)[0] if forms else (None, 0)
    undecided = False
    if form == "written":
        # rows may run backwards in time, so only a number above 12 decides; what the days suggest is proposed
        order = evidence.order if evidence.ground == "digits" else None
        form, undecided = (order, False) if order in {"dmy", "mdy", "ymd"} else ("auto", True)
    return Shape(
        filled=len(values),
        distinct=len(set(texts)),
        times=hits / count,
        form=form,
        open=undecided,
        suggested=evidence.order,
        clocks=sum(1 for text in texts if _is_clock(text)) / count,
        directions=sum(1 for word in words if word in DIRECTIONS) / count,
        states=sum(1 for word in words if word in STATES) / count,
        kinds=sum(1 for word in words if word in KINDS) / count,
        truths=sum(1 for word in words if word in YES or word in {"no", "false", "0", "n", "non", "nee", "nein"})
        / count,
        degrees=sum(1 for value in values if degrees(value, 180) is not None) / count,
        counters=sum(1 for text in texts if text.isdecimal() and len(text) <= 6) / count,
        length=sum(len(text) for text in texts) / count,
        blanks=sum(1 for text in texts if " " in text) / count,
        people=sum(1 for text in texts if _is_name(text)) / count,
        own_zone=zoned / count,
    )


def _forms(values: Iterable[Cell]) -> tuple[Counter[str], OrderEvidence, int]:
    forms: Counter[str] = Counter()
    evidence = OrderEvidence()
    zoned = 0
    for value in values:
        if isinstance(value, datetime | date):
            forms["auto"] += 1
            zoned += isinstance(value, datetime) and value.tzinfo is not None
            continue
        found = _form(value)
        if found is None:
            continue
        form, numbers, zone = found
        forms[form] += 1
        zoned += zone
        if numbers:
            evidence.add(numbers)
    return forms, evidence, zoned


def _form(value: Cell) -> tuple[str, tuple[int, int, int] | None, bool] | None:
    """How one cell writes a time: (form, numbers of an open date, whether it states its offset)."""
    if not isinstance(value, str | int | float):
        return None
    number: float | None
    try:
        number = float(value) if not isinstance(value, str) else float(value.strip().lstrip("'").replace(",", "."))
    except (ValueError, OverflowError):
        number = None
    if number is not None:
        unit = epoch_unit(number)
        if unit:
            return unit, None, True
        return ("excel", None, False) if _SERIALS[0] <= number < _SERIALS[1] else None
    text = str(value).strip().lstrip("'")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return ("iso", None, moment.tzinfo is not None) if "-" in text else None
    found = pieces(text)
    if found is None:
        return None
    if found.order:
        return "auto", None, found.offset is not None
    return "written", found.numbers, found.offset is not None


def _is_name(text: str) -> bool:
    return " " in text and "@" not in text and not any(character.isdecimal() for character in text)


def _is_clock(text: str) -> bool:
    return (
        len(text) <= 15
        and ":" in text
        and text[:1].isdecimal()
        and pieces(text) is None
        and "/" not in text
        and "-" not in text
    )
