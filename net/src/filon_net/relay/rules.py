"""What a relay allows: decided here once, for every store, without any store.

A batch holds what arrived together on many connections; every order of it is as good as another, except that one
connection's own requests keep theirs. Acknowledgements come first (the stores erase them while loading) and claims
second, so that a bundle stocked in the same batch need not be looked for twice.
"""

import secrets
from collections.abc import Iterable, Sequence

from filon_net.relay.asks import Answer, Ask, Box, Door, Outcome, Sheet, door, door_of
from filon_net.wire import HOURS_KEPT, Code, Token
from filon_net.wire.frames import (
    Ack,
    Acked,
    Admit,
    Claim,
    Claimed,
    Deliver,
    Done,
    Grant,
    Open,
    Opened,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
)

__all__ = ["BUNDLES", "CLAIMS_A_DAY", "DOORS", "MONTHS", "NUMBERS", "few", "month_of", "settle"]

DOORS = 4_096
"""Capabilities of one mailbox."""
BUNDLES = 256
"""Bundles in stock for one mailbox, the last resort not counted."""
CLAIMS_A_DAY = 24
"""Bundles one capability may claim in a day: more would only empty the stock for others."""
NUMBERS = (1 << 32) - 1
"""Blobs one mailbox may number in its life."""
MONTHS = 3
"""Turns of the month after which a mailbox that its owner did not come to is removed: 60 to 90 days."""
_LONGEST = 65_535


def settle(asks: Sequence[Ask], sheet: Sheet, hour: int) -> list[Outcome]:
    """The outcome of each ask, in the order of the asks; what is to be written is left on the sheet."""
    outcomes: dict[int, Outcome] = {}
    for at, ask in enumerate(asks):
        if isinstance(ask.what, Ack):
            outcomes[at] = Outcome(Acked(len(ask.what.numbers)))
        elif isinstance(ask.what, Claim):
            outcomes[at] = Outcome(_claim(ask.mailbox, ask.what, sheet, hour))
    for at, ask in enumerate(asks):
        what = ask.what
        if isinstance(what, Post):
            outcomes[at] = _post(ask.mailbox, what, sheet, hour)
        elif isinstance(what, Open | Admit | Token):
            outcomes[at] = Outcome(_enter(ask.mailbox, what, sheet, hour))
        elif isinstance(what, Grant | Revoke | Stock):
            outcomes[at] = Outcome(_owned(ask.mailbox, what, sheet, hour))
    return [outcomes[at] for at in range(len(asks))]


def month_of(hour: int) -> int:
    """Times of 30 days since 1970."""
    return hour // (30 * 24)


def _enter(mailbox: bytes, what: Open | Admit | Token, sheet: Sheet, hour: int) -> Answer:
    box = sheet.boxes.get(mailbox)
    if box is None and isinstance(what, Token) and what.serial in sheet.unspent:
        sheet.unspent.discard(what.serial)
        sheet.spent[what.serial] = what.not_after
        # drawn, not counted: ids must not tell in which order people joined
        box = sheet.boxes[mailbox] = Box(secrets.randbelow(1 << 31), what.quota_messages, what.quota_bytes)
        sheet.made.add(mailbox)
        sheet.touched.add(mailbox)
    if box is None:
        return Refused(None, Code.NO_SUCH_DOOR if isinstance(what, Open) else Code.TOKEN_SPENT, None)
    _came(mailbox, box, sheet, hour)
    return Opened(box.messages, box.quota_messages, box.quota_bytes, HOURS_KEPT, box.bundles)


def few(boxes: Iterable[tuple[int, int]], limit: int) -> list[int]:
    """Of (id, messages) the first ids that together hold at most ``limit`` messages, and one at least: for one bite of a sweep."""
    ids: list[int] = []
    for box, messages in boxes:
        limit -= messages
        if ids and limit < 0:
            break
        ids.append(box)
    return ids


def _came(mailbox: bytes, box: Box, sheet: Sheet, hour: int) -> None:
    """The owner was here: once a month that is written down, so that what nobody comes to can be removed."""
    if box.month < month_of(hour):
        box.month = month_of(hour)
        sheet.touched.add(mailbox)


def _post(mailbox: bytes, what: Post, sheet: Sheet, hour: int) -> Outcome:
    way = sheet.doors.get(name := door_of(mailbox, what.capability))
    box = sheet.boxes.get(mailbox)
    if way is None or box is None:
        return Outcome(Refused(what.request, Code.NO_SUCH_DOOR, None))
    _new_day(way, hour)
    if way.posts >= way.daily:
        return Outcome(Refused(what.request, Code.SLOW_DOWN, _until_tomorrow(hour)))
    size = len(what.blob)
    if box.messages >= box.quota_messages or box.bytes + size > box.quota_bytes or box.last >= NUMBERS:
        return Outcome(Refused(what.request, Code.FULL, None))
    way.posts += 1
    box.last, box.messages, box.bytes = box.last + 1, box.messages + 1, box.bytes + size
    kept = Deliver(box.last, hour, min(max(what.expires, hour + 1), hour + HOURS_KEPT), what.blob)
    sheet.kept.append((mailbox, box.id, kept))
    sheet.touched.add(mailbox)
    sheet.turned.add(name)
    return Outcome(Posted(what.request), kept)


def _claim(mailbox: bytes, what: Claim, sheet: Sheet, hour: int) -> Answer:
    way = sheet.doors.get(name := door_of(mailbox, what.capability))
    box = sheet.boxes.get(mailbox)
    if way is None or box is None:
        return Refused(what.request, Code.NO_SUCH_DOOR, None)
    _new_day(way, hour)
    if way.claims >= CLAIMS_A_DAY:
        return Refused(what.request, Code.SLOW_DOWN, _until_tomorrow(hour))
    ready = sheet.bundles.get(box.id)
    if not ready:
        return Refused(what.request, Code.NOTHING_LEFT, None)
    slot, bundle = ready[0]
    if slot:  # the last resort stays
        ready.pop(0)
        sheet.handed.add((box.id, slot))
        box.bundles -= 1
        sheet.touched.add(mailbox)
    way.claims += 1
    sheet.turned.add(name)
    return Claimed(what.request, bundle)


def _owned(mailbox: bytes, what: Grant | Revoke | Stock, sheet: Sheet, hour: int) -> Answer:
    box = sheet.boxes.get(mailbox)
    if box is None:
        return Refused(what.request, Code.NO_SUCH_DOOR, None)
    _came(mailbox, box, sheet, hour)
    if isinstance(what, Stock):
        return _stock(mailbox, box, what, sheet)
    name = door(mailbox, what.capability)
    way = sheet.doors.get(name)
    if isinstance(what, Revoke):
        if way is not None:
            del sheet.doors[name]
            sheet.turned.discard(name)
            sheet.shut.add(name)
            box.doors -= 1
            sheet.touched.add(mailbox)
        return Done(what.request)
    if way is None:
        if box.doors >= DOORS:
            return Refused(what.request, Code.FULL, None)
        box.doors += 1
        sheet.touched.add(mailbox)
        sheet.doors[name] = Door(box.id, what.daily)
        sheet.shut.discard(name)
    else:
        way.daily = what.daily
    sheet.turned.add(name)
    return Done(what.request)


def _stock(mailbox: bytes, box: Box, what: Stock, sheet: Sheet) -> Answer:
    if box.bundles + len(what.bundles) > BUNDLES:
        return Refused(what.request, Code.FULL, None)
    for bundle in what.bundles:
        box.slots += 1
        sheet.stocked[box.id, box.slots] = bundle
    box.bundles += len(what.bundles)
    if what.last_resort is not None:
        sheet.stocked[box.id, 0] = what.last_resort
    sheet.touched.add(mailbox)
    return Done(what.request)


def _new_day(way: Door, hour: int) -> None:
    # a clock put back must not give the day's budget a second time
    if hour // 24 > way.day:
        way.day, way.posts, way.claims = hour // 24, 0, 0


def _until_tomorrow(hour: int) -> int:
    """Seconds, at most what the field holds."""
    return min(_LONGEST, (24 - hour % 24) * 3_600)
