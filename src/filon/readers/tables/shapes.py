"""What the values of a column look like: times and how they are written, directions, identifiers, prose."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable
from datetime import date, datetime
from functools import cached_property

from filon.evidence.rows import Cell
from filon.model.dates import OrderEvidence
from filon.readers.tables.cells import degrees
from filon.readers.tables.times import epoch_unit, pieces
from filon.readers.tables.words import DIRECTIONS, KINDS, STATES, YES, fold

__all__ = ["Shape"]

_SERIALS = (30_000, 60_000)
"""Excel days from 1982 to 2064: narrower than what is read, since any number of five digits looks like one."""

_LONGEST_WORD = 40
_TRUTHS = YES | {"no", "false", "0", "n", "non", "nee", "nein"}
_DIGIT = re.compile(r"\d")
_ISO = re.compile(
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z?)", re.ASCII
)
"""How most programs write a time; every day that it takes is in every month."""
_EVERY_ISO = re.compile(rf"^{_ISO.pattern}$", re.ASCII | re.M)
_NUMBER = re.compile(r"\s*'*\s*[+-]?[\d.,_]+(?:[eE][+-]?\d+)?\s*")
"""What may be a number: asking by a pattern takes a third of the time of being told by an error."""
_Form = tuple[str, tuple[int, int, int] | None, bool]


class Shape:
    """Shares (0 to 1) of the filled cells of one column. What is asked for is worked out then, and once.

    ``form``: how the times are written; ``open``: it is a written date whose order of day and month nothing decides;
    ``suggested``: the order under which the days run backwards least.
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._values = [cell for cell in cells if cell is not None]
        self.filled = len(self._values)
        self._count = self.filled or 1
        strings = [value for value in self._values if type(value) is str]
        self._strings = Counter(strings) if len(strings) == self.filled else None
        """Where all cells are texts: each text once."""
        forms, evidence, zoned = _forms(self._values, self._strings)
        self.form: str | None
        self.form, hits = forms.most_common(1)[0] if forms else (None, 0)
        self.open = False
        if self.form == "written":
            # rows may run backwards in time, so only a number above 12 decides; what the days suggest is proposed
            order = evidence.order if evidence.ground == "digits" else None
            self.form, self.open = (order, False) if order in {"dmy", "mdy", "ymd"} else ("auto", True)
        self.suggested = evidence.order
        self.times = hits / self._count
        """Cells that are times in ``form``."""
        self.own_zone = zoned / self._count
        """Written times that state their offset."""

    @cached_property
    def _texts(self) -> Counter[str]:
        if self._strings is None:
            return Counter(str(value).strip() for value in self._values)
        counted: Counter[str] = Counter()
        for text, times in self._strings.items():
            counted[text.strip()] += times
        return counted

    def _share(self, fits: Callable[[str], bool]) -> float:
        return sum(times for text, times in self._texts.items() if fits(text)) / self._count

    def _says(self, known: Container[str], least: float) -> bool:
        """Whether at least so large a share are words of these. Most columns are not, which few cells tell."""
        possible = self._count
        for text, times in self._texts.items():
            if len(text) > _LONGEST_WORD or fold(text) not in known:
                possible -= times
                if possible / self._count < least:
                    return False
        return self.filled > 0

    @property
    def distinct(self) -> int:
        """How many different texts there are."""
        return len(self._texts)

    @property
    def clocks(self) -> float:
        """Times of day without a date."""
        return self._share(_is_clock)

    def are_directions(self, least: float) -> bool:
        return self._says(DIRECTIONS, least)

    def are_states(self, least: float) -> bool:
        return self._says(STATES, least)

    def are_kinds(self, least: float) -> bool:
        return self._says(KINDS, least)

    def are_truths(self, least: float) -> bool:
        """Words for yes and no."""
        return self._says(_TRUTHS, least)

    @property
    def degrees(self) -> float:
        return sum(1 for value in self._values if degrees(value, 180) is not None) / self._count

    @property
    def counters(self) -> float:
        """Whole numbers of at most six digits."""
        return self._share(lambda text: text.isdecimal() and len(text) <= 6)

    @property
    def length(self) -> float:
        """Mean length as text."""
        return sum(len(text) * times for text, times in self._texts.items()) / self._count

    @property
    def blanks(self) -> float:
        """Cells with a blank inside: prose."""
        return self._share(lambda text: " " in text)

    @property
    def people(self) -> float:
        """Cells of several words without digits and @: names of people, not handles."""
        return self._share(_is_name)


def _forms(values: Iterable[Cell], strings: Counter[str] | None) -> tuple[Counter[str], OrderEvidence, int]:
    """How often each form is, what days and months say about their order, and how many times state their offset."""
    if strings is not None:
        return _forms_of_texts(values, strings)
    forms: Counter[str] = Counter()
    evidence = OrderEvidence()
    zoned = 0
    known: dict[str, _Form | None] = {}
    for value in values:
        if isinstance(value, str):
            if value not in known:
                known[value] = _form(value)
            found = known[value]
        elif isinstance(value, datetime | date):
            forms["auto"] += 1
            zoned += isinstance(value, datetime) and value.tzinfo is not None
            continue
        else:
            found = _form(value)
        if found is None:
            continue
        form, numbers, zone = found
        forms[form] += 1
        zoned += zone
        if numbers:
            evidence.add(numbers)
    return forms, evidence, zoned


def _forms_of_texts(values: Iterable[Cell], strings: Counter[str]) -> tuple[Counter[str], OrderEvidence, int]:
    """The same of texts alone, each looked at once."""
    forms: Counter[str] = Counter()
    if not strings or not _DIGIT.search(joined := "\n".join(strings)):
        return forms, OrderEvidence(), 0
    if joined.count("\n") == len(strings) - 1 and len(zones := _EVERY_ISO.findall(joined)) == len(strings):
        times = sum(strings.values())  # one look at all of them: most columns of times are written so
        with_zone = sum(n for zone, n in zip(zones, strings.values(), strict=True) if zone)
        return Counter(iso=times), OrderEvidence(), with_zone
    found = {text: known for text in strings if _DIGIT.search(text) and (known := _form(text)) is not None}
    zoned = 0
    for text, (form, _, zone) in found.items():
        forms[form] += strings[text]
        zoned += zone * strings[text]
    evidence = OrderEvidence()
    if any(numbers for _, numbers, _ in found.values()):
        for value in values:  # the order of days tells too
            written = found.get(str(value))
            if written is not None and written[1]:
                evidence.add(written[1])
    return forms, evidence, zoned


def _form(value: Cell) -> _Form | None:
    """How one cell writes a time: (form, numbers of an open date, whether it states its offset)."""
    if isinstance(value, str):
        if quick := _ISO.fullmatch(value):
            return "iso", None, bool(quick[1])
        if not _DIGIT.search(value):
            return None
    elif not isinstance(value, int | float):
        return None
    number: float | None
    try:
        number = float(value) if not isinstance(value, str) else _number(value)
    except (ValueError, OverflowError):
        number = None
    if number is not None:
        unit = epoch_unit(number)
        if unit:
            return unit, None, True
        return ("excel", None, False) if _SERIALS[0] <= number < _SERIALS[1] else None
    text = str(value).strip().lstrip("'")
    if text[:4].isdecimal():
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


def _number(text: str) -> float | None:
    return float(text.strip().lstrip("'").replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _is_name(text: str) -> bool:
    return " " in text and "@" not in text and not _DIGIT.search(text)


def _is_clock(text: str) -> bool:
    return (
        len(text) <= 15
        and ":" in text
        and text[:1].isdecimal()
        and pieces(text) is None
        and "/" not in text
        and "-" not in text
    )
