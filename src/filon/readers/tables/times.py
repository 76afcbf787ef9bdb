"""Cells of tables read as times: ISO 8601, written dates, Excel's days, epochs; with the zone only where one is stated.

Excel counts days from 1899-12-30 (serial 61 is 1 March 1900: the 29 February 1900 it believes in lies before) or, in
workbooks of the 1904 system, from 1904-01-01. A serial has no zone; an epoch is an instant.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone

import msgspec

from filon.errors import ReadingError
from filon.evidence.rows import Cell
from filon.model.dates import half_of_day, month_named, plain_digits, possible_orders, to_date, to_hour
from filon.model.time import Stamp, unreadable, zone_named

__all__ = ["EPOCH_UNITS", "Pieces", "Reading", "epoch_unit", "pieces", "stamp_reader"]

EPOCH_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""Microseconds in one unit; nanoseconds are divided."""
_EPOCH_FROM, _EPOCH_TO = 10**8, 5 * 10**9
"""Seconds that are taken for an epoch: 1973 to 2128."""
_SERIALS = (61.0, 110_000.0)
_EXCEL = {"excel": datetime(1899, 12, 30), "excel-1904": datetime(1904, 1, 1)}  # noqa: DTZ001  # a clock without zone
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_ZERO = _ZERO.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
_KEPT = 65536
_NAIVE = {f"{second:02d}": second * 1_000_000 for second in range(60)}
_ZULU = {f"{text}Z": value for text, value in _NAIVE.items()}
_LONGEST = 80

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})\s?[:.hH]\s?(?P<minute>\d{2})(?:[:.m'](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?s?)?"
    r"(?:\s?(?P<half>[AaPp]\.?\s?[Mm]\b\.?))?(?:\s?(?P<zone>Z\b|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?\b|UTC\b|GMT\b))?"
)
_ZONE_IN_BRACKETS = re.compile(r"\(?\s*(?:UTC|GMT)\s*([+-]\d{1,2}(?::?\d{2})?)?\s*\)?$")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_TWO_NUMBERS = re.compile(r"\d\D+\d")
"""Fewer are no date, with the name of a month or without."""
_CLOCKY = re.compile("[.:hH]")
"""What stands behind the hours of a clock."""
_RUN = re.compile(r"\d+")


class Pieces(msgspec.Struct, frozen=True, gc=False):
    """A written time taken apart. ``numbers`` as they stand from the left; ``order`` where the text itself decides it."""

    numbers: tuple[int, int, int]
    order: str | None
    clock: time | None
    offset: timezone | None
    precision: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How one column of times is read."""

    form: str = "auto"
    zone: str | None = None
    basis: str = "user"


def stamp_reader(reading: Reading) -> Callable[[Cell], Stamp | None]:
    """A function from a cell to its stamp: None for an empty cell, raw only for what cannot be read as ``form``."""
    place = _placer(reading)
    number = _number_reader(reading.form, place)
    written = _written_reader(reading.form, place)

    quick = _quick_reader(reading)
    # the same second is written in many rows; stamps are frozen, so they may share one
    known: dict[str, Stamp] = {}

    def read(cell: Cell) -> Stamp | None:
        if type(cell) is str:
            found = quick(cell) if quick else None
            if found is None:
                found = known.get(cell)
            if found is None:
                if len(known) >= _KEPT:
                    known.clear()
                found = known[cell] = written(cell)
            return found
        if cell is None:
            return None
        if isinstance(cell, datetime):
            return place(
                cell, cell.isoformat(" "), "us" if cell.microsecond % 1000 else "ms" if cell.microsecond else "s"
            )
        if isinstance(cell, int | float):
            return number(cell, repr(cell))
        if isinstance(cell, date):
            return place(datetime(cell.year, cell.month, cell.day), cell.isoformat(), "d")  # noqa: DTZ001  # wall time
        return unreadable(str(cell))

    return read


def _quick_reader(reading: Reading) -> Callable[[str], Stamp | None] | None:
    """ISO 8601 to the second, by its minute and its seconds; None for anything else, which the whole reading decides."""
    if reading.form not in {"auto", "iso"}:
        return None
    shift, basis = _constant_shift(reading), reading.basis
    minutes: dict[str, int] = {}

    def read(text: str) -> Stamp | None:
        zulu, naive = _ZULU.get(text[17:]), None
        if zulu is None:
            naive = _NAIVE.get(text[17:])
            if naive is None:
                return None
        minute = minutes.get(text[:17])
        if minute is None:
            try:
                minute = (datetime.fromisoformat(text[:17] + "00") - _NAIVE_ZERO) // _MICROSECOND
            except (ValueError, TypeError):
                return None
            if len(minutes) >= _KEPT:
                minutes.clear()
            minutes[text[:17]] = minute
        if zulu is not None:
            return Stamp(minute + zulu, None, text, "source", "s")
        assert naive is not None
        if reading.zone is None:
            return Stamp(None, minute + naive, text, "unknown", "s")
        return None if shift is None else Stamp(minute + naive - shift, None, text, basis, "s")

    return read


def _constant_shift(reading: Reading) -> int | None:
    """Microseconds that the zone is ahead of UTC all year, or None where it is not known to be constant."""
    if reading.zone is None or reading.zone == "UTC":
        return 0
    zone = zone_named(reading.zone)
    return zone.utcoffset(None) // _MICROSECOND if isinstance(zone, timezone) else None


Place = Callable[[datetime, str, str], Stamp]


def _placer(reading: Reading) -> Place:
    """From a wall time or an instant to a stamp, under the stated zone."""
    zone = zone_named(reading.zone) if reading.zone else None
    basis = reading.basis
    shift = _constant_shift(reading) if zone else None

    def place(wall: datetime, raw: str, precision: str) -> Stamp:
        if wall.tzinfo is not None:
            return Stamp((wall - _ZERO) // _MICROSECOND, None, raw, "source", precision)
        local = (wall - _NAIVE_ZERO) // _MICROSECOND
        if shift is not None:
            return Stamp(local - shift, None, raw, basis, precision)
        if zone is None:
            return Stamp(None, local, raw, "unknown", precision)
        try:
            return Stamp((wall.replace(tzinfo=zone) - _ZERO) // _MICROSECOND, None, raw, basis, precision)
        except OverflowError:
            return unreadable(raw)

    return place


def _written_reader(form: str, place: Place) -> Callable[[str], Stamp]:
    days: dict[str, date | None] = {}
    order = form if form in {"dmy", "mdy", "ymd"} else None
    numeric = form in {"excel", "excel-1904", "s", "ms", "us", "ns"}
    numbers = _number_reader(form, place)
    iso = order is None or order == "ymd"

    def read(text: str) -> Stamp:
        raw = text
        text = text.strip().lstrip("'")
        if iso and not numeric:
            try:
                wall = datetime.fromisoformat(text)
            except ValueError:
                pass
            else:
                return place(wall, raw, _iso_precision(text)) if "-" in text else unreadable(raw)
        elif numeric:
            value = _number(text)
            return unreadable(raw) if value is None else numbers(value, raw)
        day_text, _, clock_text = text.partition(" ")
        if order is not None and clock_text and day_text in days:
            day = days[day_text]
            if day is not None and len(clock_text) in (5, 8) and clock_text.isascii():
                try:
                    clock = time.fromisoformat(clock_text)
                except ValueError:
                    pass
                else:
                    return place(datetime.combine(day, clock), raw, "s" if len(clock_text) == 8 else "min")
        found = pieces(text)
        day = _day(found, order) if found else None
        if found is None or day is None:
            return unreadable(raw)
        if len(days) < _KEPT and found.order is None:
            days[day_text] = _day(found, order) if _is_whole_date(day_text) else None
        wall = datetime.combine(day, found.clock or time(), found.offset)
        return place(wall, raw, found.precision)

    return read


def _is_whole_date(text: str) -> bool:
    return len(_TOKEN.findall(text)) == 3


def _day(found: Pieces, order: str | None) -> date | None:
    """The day under the order the text decides, else under the stated one, else where only one can be."""
    decided = found.order or order
    if decided is None:
        possible = [one for one in possible_orders(found.numbers) if one != "myd"]
        days = {to_date(found.numbers, one) for one in possible}
        return days.pop() if len(days) == 1 and found.numbers[0] > 99 else None
    return to_date(found.numbers, decided)


def pieces(text: str) -> Pieces | None:
    """A written date, maybe with a time, taken apart; None where it is none (``99/99``, ``10 days ago``, ``12:34``)."""
    if len(text) > _LONGEST or not _TWO_NUMBERS.search(text):
        return None
    if not _CLOCKY.search(text) and not _may_be_date(_RUN.findall(text)):
        return None  # most ids of messages: what follows would find out the same, in five times the time
    plain = plain_digits(text)
    found = next((match for match in _CLOCK.finditer(plain) if _is_clock(match, plain)), None)
    clock, offset, precision, rest = None, None, "d", plain
    if found:
        tail = plain[found.end() :]
        half = half_of_day(found["half"] or _half_beside(tail) or "")
        hour = to_hour(int(found["hour"]), half)
        parts = (int(found["minute"]), int(found["second"] or 0), int((found["fraction"] or "").ljust(6, "0")[:6]))
        if hour is None or parts[0] > 59 or parts[1] > 59:
            return None
        clock = time(hour, *parts)
        offset = _offset(found["zone"] or _bracketed(tail))
        precision = _clock_precision(found)
        rest = f"{plain[: found.start()]} {'' if offset or half else tail}"
    dated = _date_tokens(_TOKEN.findall(rest))
    return Pieces(*dated, clock, offset, precision) if dated else None


def _is_clock(match: "re.Match[str]", text: str) -> bool:
    """Dots stand in dates too: a clock with dots counts only where it cannot be the head of a date."""
    before, after = text[: match.start()], text[match.end() :]
    if before[-1:].isdecimal() or after[:1].isdecimal() or before[-1:] in {".", "/", "-"}:
        return False
    return ":" in match[0] or "h" in match[0].lower() or (bool(before.strip()) and after[:1] not in {".", "/", "-"})


def _date_tokens(tokens: list[str]) -> tuple[tuple[int, int, int], str | None] | None:
    """Three numbers, or two and the name of a month; other words may stand around them."""
    decimal = [token for token in tokens if token[0].isdecimal()]
    numbers = [int(token) for token in decimal if len(token) <= 4]
    if not 2 <= len(numbers) <= 3:
        return None
    months = [month for token in tokens if not token[0].isdecimal() and (month := month_named(token))]
    if len(months) == 1 and len(numbers) == 2:
        year_first = numbers[0] > 31
        year, day = numbers if year_first else numbers[::-1]
        return (year, months[0], day), "ymd"
    if len(numbers) != 3 or months or len(decimal) != 3:
        return None
    return (numbers[0], numbers[1], numbers[2]), "ymd" if numbers[0] > 99 else None


def _may_be_date(numbers: list[str]) -> bool:
    """Whether ``_date_tokens`` may take these numbers, which no clock stands among."""
    short = sum(len(number) <= 4 for number in numbers)
    return short == 2 or (short == 3 and len(numbers) == 3)


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in {"Z", "UTC", "GMT"}:
        return UTC
    try:
        zone = zone_named(text)
    except ReadingError:
        return None
    return zone if isinstance(zone, timezone) else None


def _bracketed(tail: str) -> str | None:
    found = _ZONE_IN_BRACKETS.match(tail.strip())
    return (found[1] or "UTC") if found else None


def _half_beside(tail: str) -> str | None:
    word = tail.strip()
    return word if len(word) <= 6 else None


def _iso_precision(text: str) -> str:
    if len(text) == 20 and text[19] == "Z":
        return "s"
    clock = re.split(r"[T ]", text, maxsplit=1)[1:]
    if not clock:
        return "d"
    if "." in clock[0] or "," in clock[0]:
        digits = len(re.split(r"[.,]", clock[0])[1].rstrip("Z").partition("+")[0].partition("-")[0])
        return "ms" if digits <= 3 else "us"
    return "s" if len(clock[0]) >= 8 and clock[0][5:6] == ":" else "min"


def _clock_precision(found: "re.Match[str]") -> str:
    if found["fraction"]:
        return "ms" if len(found["fraction"]) <= 3 else "us"
    return "s" if found["second"] else "min"


def epoch_unit(number: float) -> str | None:
    """``s ms us ns`` for a number of the size of a moment between 1973 and 2128 in that unit, else None."""
    for unit, factor in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        if _EPOCH_FROM * factor <= number < _EPOCH_TO * factor:
            return unit
    return None


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdecimal() else float(text.replace(",", "."))
    except ValueError:
        return None


def _number_reader(form: str, place: Place) -> Callable[[float, str], Stamp]:
    zero = _EXCEL.get(form)
    factor = EPOCH_UNITS.get(form)

    def read(number: float, raw: str) -> Stamp:
        try:
            if zero is not None and _SERIALS[0] <= number < _SERIALS[1]:
                return place(*_from_serial(zero, number, raw))
            if form == "ns" and epoch_unit(number) == "ns":
                return Stamp(int(number) // 1000, None, raw, "source", "us")
            if factor is not None and epoch_unit(number) == form:
                return Stamp(round(number * factor), None, raw, "source", form)
        except (OverflowError, ValueError):
            pass
        return unreadable(raw)

    return read


def _from_serial(zero: datetime, number: float, raw: str) -> tuple[datetime, str, str]:
    """Wall time of a serial. Six decimals of a day are 86 ms: within 50 ms of a whole second the second is meant."""
    seconds = number * 86_400
    whole = round(seconds)
    if abs(seconds - whole) < 0.05:
        return zero + timedelta(seconds=whole), raw, "d" if float(number).is_integer() else "s"
    return zero + timedelta(milliseconds=round(seconds * 1000)), raw, "ms"
