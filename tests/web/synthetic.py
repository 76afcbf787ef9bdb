"""Synthetic exports for the reading room's tests: written here, by rule, about nobody."""

import json
import random
from pathlib import Path

__all__ = ["write_telegram", "write_whatsapp"]

START = 1_585_288_800
"""2020-03-27 06:00 UTC."""
NAMES = ("quietowl", "ironhare", "lostbadger", "palefox", "redheron", "slowpike", "nightwren", "coldotter")
LINES = (
    "ok, I will be there at eight",
    "did he pay?",
    "the <b>white</b> van & the small one",
    "bonjour, on se voit demain à 14h ?",
    "😀👍🏽 fine",
    "مرحبا كيف الحال",
    "https://example.org/a?b=1 is a page, not a place",
    "12 pieces, 3,400 each",
    "call me when you can. not on this phone",
    "we wait at the back of the building until somebody opens the door, and then we go in one after the other",
    "trick \u202egnp.exe\u202c done",
    "zero\u200bwidth and \u0007bell",
)


def _messages(dice: random.Random, count: int, people: int, every: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number in range(1, count + 1):
        at = START + number * every + dice.randrange(every)
        who = dice.randrange(people)
        row: dict[str, object] = {
            "id": number,
            "type": "message",
            "date_unixtime": str(at),
            "from": NAMES[who],
            "from_id": f"user{1000 + who}",
            "text": dice.choice(LINES),
        }
        if number % 41 == 0:
            row["reply_to_message_id"] = number - 7
        if number % 97 == 0:
            row["edited_unixtime"] = str(at + 60)
        if number % 113 == 0:
            row["text"] = "the blue lorry is late"
        rows.append(row)
    rows.insert(
        0,
        {
            "id": 0,
            "type": "service",
            "date_unixtime": str(START),
            "actor": NAMES[0],
            "actor_id": "user1000",
            "action": "create_group",
            "title": "Team north",
            "members": list(NAMES[:people]),
            "text": "",
        },
    )
    return rows


def write_telegram(path: Path, big: int, small: int = 3, every: int = 37) -> Path:
    """A whole-account export: one group of ``big`` messages and ``small`` direct chats of 60."""
    dice = random.Random(7)
    chats = [{"name": "Team north", "type": "private_group", "id": 1, "messages": _messages(dice, big, 6, every)}]
    for chat in range(small):
        rows = [row for row in _messages(dice, 60, 2, 3600) if row["type"] == "message"]
        chats.append({"name": NAMES[chat + 1], "type": "personal_chat", "id": 1001 + chat, "messages": rows})
    path.write_text(json.dumps({"about": "synthetic", "chats": {"list": chats}}, ensure_ascii=False), "utf-8")
    return path


def write_whatsapp(path: Path, count: int = 40) -> Path:
    """An exported text, whose times stand without a zone; one line cannot be read."""
    lines = [
        f"27/03/2020, {8 + n // 60:02d}:{n % 60:02d} - {NAMES[n % 2]}: {LINES[n % len(LINES)]}" for n in range(count)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
