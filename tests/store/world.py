"""A small synthetic case told twice: as Arrow rows for a store, and as rows for the oracle."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from filon.model import columns, ids
from filon.model.time import zone_named
from filon.query.fields import flags, held
from filon.query.match import Named, Row
from filon.store import Addition

START = 1_585_699_200_000_000  # 2020-04-01T00:00Z, four days before Chatham sets its clocks back
DAY = 86_400_000_000

_ASCII = "the harbour boat tonight bring cash ok merci don't j'arrive boats boatman harbours tonigth abcde abdce ab ba a b aa"
_HARD = "straße STRASSE Οδός ΟΔΟΣ İstanbul ısı naïve ﬁne café 東京で会う 👍🏽 👨\u200d👩\u200d👧 مرحبا ١٢٣ +33612 4.900"
WORDS = tuple(f"{_ASCII} {_HARD}".split())
ACCOUNTS = (
    ("sky", "oakheron", "Dylan B.", ("Dyl the second",)),
    ("sky", "jade.fox", "Léa", ("la patronne",)),
    ("sky", "+33612345678", None, ("Dylanne",)),
    ("wapp", None, "Dylan B.", ()),
    ("wapp", "33700", "Tonton", ("dylan b",)),
    ("wapp", None, None, ()),
)
CONVERSATIONS = (("sky", "g-77", "Port de Rouen"), ("sky", None, None), ("wapp", "rouen", "famille"))
MEMBERS = ((0, 0), (0, 1), (1, 2), (2, 3), (2, 5))
READINGS = {1: 1, 2: 1, 3: 2}
ITEMS = {1: ("/evidence/phone one.zip", "ab" * 32), 2: ("/evidence/operator.csv", "cd" * 32)}
DEVICES = ("Pixel of Léa", "dev-2", None)


def message(chance: random.Random, number: int, reading: int, walls: float) -> dict[str, Any]:
    """One message as a row of ``columns.MESSAGES``."""
    walled, dated = chance.random() < walls, chance.random() < 0.85
    time = START + chance.randrange(0, 12 * DAY, chance.choice((60_000_000, DAY // 4))) if dated else None
    words = " ".join(chance.choices(WORDS, k=chance.randrange(0, 9)))
    sent = {"at": None if walled else time, "local": time if walled else None, "raw": "as written", "basis": "source"}
    stamp = {"at": START, "local": None, "raw": None, "basis": "user", "precision": "s"}
    attachments = chance.choice(([], [], ["image"], ["voice", "file"], ["image", "image"]))
    return {
        "id": ids.pack(reading, number),
        "conversation": chance.choice((0, 1, 2, 2, None)),
        "sender": chance.choice((*range(6), None)),
        "recipients": chance.sample(range(6), chance.randrange(0, 3)),
        "time": time,
        "text": chance.choice((words, words, words, None)),
        "platform": chance.choice(("sky", "WhatsApp")),
        "device": chance.choice(DEVICES),
        "direction": chance.choice(("in", "out", None)),
        "kind": chance.choice(("text", "image")),
        "state": chance.choice(("sent", "deleted", None)),
        "native_id": chance.choice((f"n{number % 40}", None)),
        "sequence": chance.choice((number, 1 << 40, None)),
        "sent": {**sent, "precision": "min"} if dated or chance.random() < 0.5 else None,
        "received": chance.choice((stamp, None)) if dated else None,
        "edited": chance.choice((stamp, None, None)),
        "deleted": chance.choice((stamp, None, None, None)),
        "reply_to": chance.choice(("n1", None)),
        "forwarded_from": chance.choice(("somebody", None, None)),
        "attachments": [{"kind": kind, "name": f"{kind}.bin", "size": number} for kind in attachments],
        "place": chance.choice(({"latitude": 49.4, "longitude": 1.1, "label": None}, None, None)),
        "locator": {"path": f"line {number}", "offset": number * 100, "length": 90, "units": 1},
        "assumptions": chance.choice(([], ["zone:Europe/Paris"])),
    }


def messages(count: int, seed: int, readings: tuple[int, ...], walls: float = 0.3) -> list[dict[str, Any]]:
    """Messages of several readings, mixed; ``walls``: the share of times without a zone."""
    chance = random.Random(seed)
    made = [message(chance, number, chance.choice(readings), walls) for number in range(1, count + 1)]
    chance.shuffle(made)
    return made


def batches(rows: list[dict[str, Any]], size: int = 64) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(rows), size):
        yield from pa.Table.from_pylist(rows[start : start + size], schema=columns.MESSAGES).to_batches()


def tables(readings: tuple[int, ...]) -> dict[str, pa.Table]:
    """Every table but the messages; accounts and conversations are first met in the first of the readings."""
    first = readings[0]
    names = [
        {"account": at, "text": name, "kind": "nickname", "device": None, "owner": False, "reading": first}
        for at, (_, _, _, more) in enumerate(ACCOUNTS)
        for name in more
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "accounts": [
            {"account": at, "key": f"a{at}", "platform": p, "native_id": i, "name": n, "device": None, "reading": first}
            for at, (p, i, n, _) in enumerate(ACCOUNTS)
        ],
        "names": names,
        "conversations": [
            {
                "conversation": at,
                "key": f"c{at}",
                "platform": p,
                "native_id": i,
                "title": t,
                "kind": None,
                "reading": first,
            }
            for at, (p, i, t) in enumerate(CONVERSATIONS)
        ],
        "participants": [{"conversation": c, "account": a, "reading": first} for c, a in MEMBERS],
        "items": [
            {
                "item": READINGS[r],
                "sha256": ITEMS[READINGS[r]][1],
                "size": 10,
                "path": ITEMS[READINGS[r]][0],
                "body": "{}",
            }
            for r in readings
            if r != 2
        ],
        "readings": [{"reading": r, "item": READINGS[r], "format": "synthetic", "body": "{}"} for r in readings],
        "events": [event(number, reading) for reading in readings for number in (900_001, 900_002)],
        "defects": [
            {"id": ids.pack(r, 950_001), "code": "bad-line", "detail": None, "raw": "x", "locator": {"path": "line 9"}}
            for r in readings
        ],
    }
    return {kind: pa.Table.from_pylist(made, schema=columns.TABLES[kind]) for kind, made in rows.items()}


def event(number: int, reading: int) -> dict[str, Any]:
    return {
        "id": ids.pack(reading, number),
        "kind": "reaction",
        "conversation": reading % 3,
        "actor": 1,
        "accounts": [2],
        "time": START + number % 10 * DAY,
        "platform": "sky",
        "target": "n1",
        "value": "👍",
        "locator": {"path": f"line {number}"},
        "assumptions": [],
    }


def addition(intake: int, rows: list[dict[str, Any]], readings: tuple[int, ...]) -> Addition:
    return Addition(intake, (lambda: batches(rows),), len(rows), tables(readings))


def oracle(row: dict[str, Any]) -> Row:
    """The same message as the oracle sees it."""
    item = READINGS[ids.reading_of(row["id"])]
    walled = row["time"] is not None and row["sent"]["at"] is None
    at, local = (None, row["time"]) if walled else (row["time"], None)
    members = tuple(_account(a) for c, a in MEMBERS if c == row["conversation"])
    return Row(
        id=row["id"],
        text=row["text"],
        at=at,
        local=local,
        sender=None if row["sender"] is None else _account(row["sender"]),
        recipients=tuple(_account(a) for a in row["recipients"]),
        participants=members,
        conversation=None if row["conversation"] is None else _conversation(row["conversation"]),
        item=Named(item, ITEMS[item]),
        device=row["device"],
        platform=row["platform"],
        kind=row["kind"],
        state=row["state"],
        has=held((a["kind"] for a in row["attachments"]), place=row["place"] is not None, text=row["text"]),
        flags=flags(
            state=row["state"],
            direction=row["direction"],
            deleted=row["deleted"] is not None,
            edited=row["edited"] is not None,
            reply=row["reply_to"] is not None,
            forwarded=row["forwarded_from"] is not None,
            at=at,
            local=local,
        ),
    )


def packed(numbers: list[int]) -> bytes:
    """Message numbers as a ``Rows`` node holds them."""
    return np.array(sorted(numbers), "<i8").tobytes()


def _account(number: int) -> Named:
    _, native, name, more = ACCOUNTS[number]
    return Named(number, tuple(n for n in (native, name, *more) if n is not None))


def _conversation(number: int) -> Named:
    _, native, title = CONVERSATIONS[number]
    return Named(number, tuple(n for n in (native, title) if n is not None))


def day_of(row: dict[str, Any], zone: str) -> date | None:
    """The day a message was sent on, by the clock of a zone, or by the message's own clock where its zone is unknown."""
    if row["time"] is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row["time"])
    return moment.date() if row["sent"]["at"] is None else moment.astimezone(zone_named(zone)).date()
