"""Faults planted on purpose, each with its entry in the truth: of phones, of stretches, of single rows."""

from collections.abc import Callable
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from filon.synth.chance import chance, hashes, key_of, pick
from filon.synth.copies import ABSENT, Copies, Said
from filon.synth.people import COMMUNITY, DAYS, START
from filon.synth.table import Table, clock_text
from filon.synth.truth import Fault

__all__ = ["PHONE_FAULTS", "ROW_FAULTS", "damage_phones", "damage_rows"]

_PHONE, _ROWS, _CHOICE = 41, 42, 43
_ALWAYS_GAP, _ALWAYS_ZONE = 2, 3
"""Members whose phones always fail in this way, so that the smallest network has one of each."""

PHONE_FAULTS = ("gap", "wrong_zone")
"""What phones suffer as a whole."""
ROW_FAULTS = {
    "duplicate": 0.002,
    "swapped": 0.0005,
    "altered": 0.0005,
    "deleted": 0.006,
    "undecryptable": 0.004,
    "unreadable_time": 0.0005,
}
"""Share of rows with each fault; every block has at least one where a row can have it."""

_GARBLED = ("0000-00-00T00:00:00Z", "2020-13-41T25:61:00Z", "n/a", "1586-", "2020-04-31T10:15:00Z", "??", "4/5")


class _Phone(msgspec.Struct, frozen=True):
    gap: tuple[int, int] | None
    """First and last second (UTC) of what is missing."""
    hours: int
    """Hours by which every time of the phone is off."""


@lru_cache(maxsize=4096)
def _phone(seed: int, number: int) -> _Phone:
    draws = chance(seed, _PHONE, number)
    member = number % COMMUNITY
    gap = None
    if draws.random() < 0.06 or member == _ALWAYS_GAP:
        begin = START + int(86_400 * (5 + (DAYS - 25) * draws.random()))
        days = 8.0 if member == _ALWAYS_GAP else 0.1 + 4 * draws.random() ** 2
        gap = (begin, begin + int(86_400 * days))
    off = member == _ALWAYS_ZONE or (member > 1 and draws.random() < 0.03)
    return _Phone(gap, pick(draws, (2, 1, -1, 2, -6)) if off else 0)


def damage_phones(seed: int, spoken: Said, rows: Copies, kinds: tuple[str, ...]) -> tuple[Copies, list[Fault]]:
    """Rows with the clocks of some phones set wrong and some stretches missing, and what was done."""
    steady = np.array([s.stretch.conversation.steady for s in spoken.speeches])[rows.stretch]
    shift = np.zeros(len(rows.owner), dtype=np.int64)
    lost = np.zeros(len(rows.owner), dtype=np.bool_)
    true = spoken.times[rows.message]
    for owner in np.unique(rows.owner).tolist():
        phone = _phone(seed, owner)
        if phone.hours or phone.gap:
            mine = (rows.owner == owner) & ~steady
            if "wrong_zone" in kinds:
                shift[mine] = 3_600 * phone.hours
            if phone.gap and "gap" in kinds:
                lost |= mine & (true >= phone.gap[0]) & (true < phone.gap[1])
    for times in (rows.sent, rows.received, rows.read, rows.burn):
        times[times != ABSENT] += shift[times != ABSENT]
    kept = rows.take(~lost)
    return kept, _gaps(rows.take(lost), true[lost]) + _zones(kept, shift[~lost])


def _gaps(lost: Copies, true: "NDArray[np.int64]") -> list[Fault]:
    """One fault for each stretch that is missing from one phone's copy of one conversation."""
    words = lost.words.table()
    keys = np.stack([lost.owner, lost.stretch, lost.device, np.where(lost.group == 0, lost.contact, 0)])
    faults = []
    for key in np.unique(keys, axis=1).T:
        rows = np.flatnonzero((keys == key[:, None]).all(axis=0))
        faults.append(
            Fault(
                kind="gap",
                device=words[key[2]],
                contact=words[key[3]],
                conversation=words[lost.group[rows[0]]],
                sequence=int(lost.sequence[rows].min()),
                last_sequence=int(lost.sequence[rows].max()),
                rows=len(rows),
                from_utc=clock_text(int(true[rows].min())),
                to_utc=clock_text(int(true[rows].max())),
            )
        )
    return faults


def _zones(rows: Copies, shift: "NDArray[np.int64]") -> list[Fault]:
    """One fault for each handle of a phone whose clock is off."""
    words = rows.words.table()
    faults = []
    for device in np.unique(rows.device[shift != 0]):
        mine = (rows.device == device) & (shift != 0)
        hours = int(shift[mine][0]) // 3_600
        faults.append(Fault(kind="wrong_zone", device=words[device], rows=int(mine.sum()), hours=hours))
    return faults


def damage_rows(key: int, rows: Copies, made: Table, kinds: tuple[str, ...]) -> list[Fault]:
    """Damage single rows of the table in place, no row twice, and say what was done."""
    count = len(made)
    shuffled = np.argsort(hashes(key_of(key, _ROWS), np.arange(count, dtype=np.uint64)), kind="stable")
    direct = (rows.contact != 0) & (rows.group == 0)
    copied = np.bincount(rows.message, minlength=1)[rows.message] > 1
    long = np.array([text is not None and len(text.split()) > 2 for text in made.columns["text"]], dtype=np.bool_)
    open_to = {"swapped": direct, "altered": copied & ~rows.out & long}
    taken = np.zeros(count, dtype=np.bool_)
    faults: list[Fault] = []
    doubled: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    for place, (kind, share) in enumerate(ROW_FAULTS.items()):
        if kind not in kinds:
            continue
        free = ~taken & open_to.get(kind, True)
        chosen = shuffled[free[shuffled]][: max(1, round(share * count))]
        taken[chosen] = True
        draws = chance(key, _CHOICE, place)
        for row in sorted(chosen.tolist()):
            was, became = _DAMAGE[kind](made, row, draws.random())
            faults.append(_row_fault(kind, made, row, was, became))
        if kind == "duplicate":
            doubled = chosen
    made.repeat(doubled)
    return faults


def _row_fault(kind: str, made: Table, row: int, was: str | None, became: str | None) -> Fault:
    names = ("device", "contact", "conversation", "message_id", "sequence")
    where = {name: made.columns[name][row] for name in names}
    return Fault(kind=kind, was=was, became=became, **where)


_Change = tuple[str | None, str | None]


def _duplicated(made: Table, row: int, drawn: float) -> _Change:
    return None, None


def _swapped(made: Table, row: int, drawn: float) -> _Change:
    directions = made.columns["direction"]
    was = directions[row]
    directions[row] = "in" if was == "out" else "out"
    return was, directions[row]


def _altered(made: Table, row: int, drawn: float) -> _Change:
    """A number changed where there is one, else a word left out."""
    texts = made.columns["text"]
    was: str = texts[row]
    digits = [i for i, character in enumerate(was) if character in "0123456789"]
    if digits:
        at = digits[int(drawn * len(digits))]
        texts[row] = was[:at] + str((int(was[at]) + 1 + int(8 * drawn)) % 10) + was[at + 1 :]
    else:
        words = was.split()
        del words[int(drawn * len(words))]
        texts[row] = " ".join(words)
    return was, texts[row]


def _without_text(status: str) -> "Callable[[Table, int, float], _Change]":
    def damage(made: Table, row: int, drawn: float) -> _Change:
        was = made.columns["text"][row]
        for name in ("text", "attachment", "latitude", "longitude"):
            made.columns[name][row] = None
        made.columns["status"][row] = status
        return was, None

    return damage


def _garbled_time(made: Table, row: int, drawn: float) -> _Change:
    times = made.columns["sent_utc"]
    was = times[row]
    times[row] = _GARBLED[int(drawn * len(_GARBLED))]
    return was, times[row]


_DAMAGE: dict[str, Callable[[Table, int, float], _Change]] = {
    "duplicate": _duplicated,
    "swapped": _swapped,
    "altered": _altered,
    "deleted": _without_text("deleted"),
    "undecryptable": _without_text("undecryptable"),
    "unreadable_time": _garbled_time,
}
