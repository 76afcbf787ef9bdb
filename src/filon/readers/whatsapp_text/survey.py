"""A first look through the whole file: its layout, and what its dates say about the order of day and month."""

from collections import Counter
from datetime import date, datetime, timedelta

import msgspec

from filon.evidence.lines import BOM, decode, lines
from filon.evidence.source import Source
from filon.model.dates import Order, OrderEvidence, possible_orders, to_date
from filon.model.time import SECOND, Stamp, from_wall, unreadable
from filon.readers.whatsapp_text.layout import Head, Layout, head_of, main_layouts

__all__ = ["DEFAULT_ORDER", "Clock", "Survey", "survey"]

DEFAULT_ORDER = "dmy"
"""What most of the world writes; proposed where the file leaves it open."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of a clock that knows no zone


class Survey(msgspec.Struct, frozen=True):
    """The layouts of a file with what their dates say."""

    evidence: dict[Layout, OrderEvidence]

    @property
    def mixed(self) -> bool:
        """True where one order of day and month cannot read the whole file."""
        orders = {evidence.order for evidence in self.evidence.values() if not evidence.mixed} - {None}
        return len(orders & {"dmy", "mdy"}) > 1 or any(evidence.mixed for evidence in self.evidence.values())

    @property
    def open(self) -> bool:
        """True where the file leaves the order open."""
        return any(evidence.ground == "open" for evidence in self.evidence.values())


def survey(source: Source, limit: int) -> Survey:
    """Look at every line that begins with a date. Lines of the same day are counted with the first of them."""
    counted: Counter[Layout] = Counter()
    evidence: dict[Layout, OrderEvidence] = {}
    last: Head | None = None
    day = b""
    with source.open() as stream:
        for offset, data, _ in lines(stream, limit):
            if last is not None and data.startswith(day):
                counted[last.layout] += 1
                continue
            head = head_of(decode(data[:200].removeprefix(BOM) if offset == 0 else data[:200])[0].rstrip("\r\n"))
            if head is None:
                continue
            counted[head.layout] += 1
            evidence.setdefault(head.layout, OrderEvidence()).add(head.numbers)
            last, day = head, head.day.encode()
    return Survey({layout: evidence[layout] for layout in sorted(main_layouts(counted))})


class Clock:
    """Turns heads into stamps, with the codes of what was assumed."""

    def __init__(self, looked: Survey, zone: str | None, date_order: Order | None) -> None:
        self._zone = zone
        self._zoned: tuple[str, ...] = (f"zone:{zone}",) if zone else ()
        self._orders = {layout: date_order or _start(each) for layout, each in looked.evidence.items()}
        self._mixed = {layout for layout, each in looked.evidence.items() if each.mixed and date_order is None}
        self._days: dict[tuple[Layout, tuple[int, int, int]], tuple[int | None, tuple[str, ...]]] = {}
        self._last: date | None = None

    def read(self, head: Head) -> tuple[Stamp, tuple[str, ...]]:
        """The stamp of a head, and the assumptions it stands under."""
        key = head.layout, head.numbers
        known = self._days.get(key)
        if known is None or head.layout in self._mixed:
            known = self._days[key] = self._day(head)
        midnight, noted = known
        if midnight is None or head.hour is None or head.minute > 59 or (head.second or 0) > 59:
            return unreadable(head.written), noted
        wall = midnight + (head.hour * 3600 + head.minute * 60 + (head.second or 0)) * SECOND
        precision = "min" if head.second is None else "s"
        if self._zone is None:
            return Stamp(None, wall, head.written, "unknown", precision), noted
        return from_wall(_EPOCH + timedelta(microseconds=wall), head.written, self._zone, precision), noted

    def _day(self, head: Head) -> tuple[int | None, tuple[str, ...]]:
        """Midnight in microseconds of a clock without zone, and the assumptions."""
        numbers, favoured = head.numbers, self._orders[head.layout]
        orders = possible_orders(numbers)
        if favoured == "ymd" and max(numbers) < 100 and to_date(numbers, favoured):
            orders = (favoured, *orders)
        if not orders:
            return None, self._zoned
        order = favoured if favoured in orders else orders[0]
        mixed = head.layout in self._mixed
        if mixed:
            order = self._orders[head.layout] = self._following(numbers, order, orders)
        noted = (f"date-order:{order}", *self._zoned) if len(orders) > 1 or mixed else self._zoned
        if max(numbers) >= 2400:
            noted = (*noted, "calendar:buddhist")
        elif 1300 <= max(numbers) < 1500:
            noted = (*noted, "calendar:solar-hijri")
        day = to_date(numbers, order)
        if day is None:
            return None, noted
        self._last = day
        return (day.toordinal() - _EPOCH.toordinal()) * 86_400 * SECOND, noted

    def _following(self, numbers: tuple[int, int, int], order: Order, orders: tuple[Order, ...]) -> Order:
        """Where two orders are mixed: that of the date before, unless only another keeps the days from running back."""
        if self._last is None or len(orders) == 1:
            return order
        days = {each: to_date(numbers, each) for each in orders}
        forward = [each for each, day in days.items() if day is not None and day >= self._last]
        return forward[0] if forward and order not in forward else order


def _start(evidence: OrderEvidence) -> Order:
    """The order to begin with: where two are mixed the more frequent; where it is open the default."""
    if evidence.mixed:
        return max(("dmy", "mdy"), key=lambda order: evidence.only[order])
    return evidence.order or DEFAULT_ORDER
