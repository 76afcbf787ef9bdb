"""The full export of one Telegram account as Telegram Desktop writes it: one ``result.json``, chat after chat.

Keys follow the published fixtures of the format. ``date`` is the local time of the exporting computer, without its zone.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np

from filon.synth.chance import chance, pick
from filon.synth.people import Person, nickname, person
from filon.synth.pieces import Counts, Piece, in_order, make
from filon.synth.talk.lexicon import names
from filon.synth.world import Block, Stretch, World

__all__ = ["FAULTS", "write_result"]

FAULTS = ("gap",)
"""What an export of this kind can show."""

_EXTRAS = 61
_TELEPHONE = re.compile(r"(\+(?:33|44)[ \d]{9,15}\d)")
_NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
_ENCODER = msgspec.json.Encoder()
_ABOUT = "Here is the data you requested. Synthetic: made by filon, no account of this kind exists."


def write_result(
    out: Path, world: World, blocks: Iterable[Block], processes: int | None
) -> Iterator[tuple[bytes, Counts]]:
    """Write the export of ``world.phone``, one chat after the other."""
    first = True
    with out.open("wb") as file:
        for opening, chats, truth, counts in in_order(partial(_part, world), blocks, processes):
            if first:
                file.write(opening)
            elif chats.startswith(b"{"):
                file.write(b",\n")
            first = False
            file.write(chats)
            yield truth, counts
        file.write(b"\n]}}\n")


def _part(world: World, block: Block) -> tuple[bytes, bytes, bytes, Counts]:
    """Beginning of the file, chats of the block (the first may go on, the last may be left open), truth, counts."""
    piece = make(world, block)
    owner = person(world.seed, world.phone or 0)
    opening = _opening(world, block, owner) if block.number == 0 else b""
    chats = bytearray()
    for number, stretch in enumerate(block.stretches):
        rows = np.flatnonzero(piece.rows.stretch == number)
        if stretch.first == 0:
            chats += (b",\n" if number else b"") + _chat_head(world.seed, owner, stretch)
        told = _messages(world.seed, block, piece, stretch, rows, owner)
        if stretch.first and told:
            chats += b",\n"
        chats += b",\n".join(_ENCODER.encode(message) for message in told)
        if stretch.first + stretch.count == stretch.total:
            chats += b"]}"
    return opening, bytes(chats), piece.truth, piece.counts


def _opening(world: World, block: Block, owner: Person) -> bytes:
    """Everything before the list of chats. Contacts are those of the block that introduces the people."""
    contacts = [
        {
            "user_id": _user(number),
            "first_name": name,
            "last_name": "",
            "phone_number": person(world.seed, number).telephone,
        }
        for number in block.people
        if number != owner.number and (name := nickname(world.seed, owner.number, number)) is not None
    ]
    first, last = owner.name.split()
    told = {
        "about": _ABOUT,
        "personal_information": {
            "user_id": _user(owner.number),
            "first_name": first,
            "last_name": last,
            "phone_number": owner.telephone,
            "username": f"@{owner.handles[0]}",
        },
        "contacts": {"about": "People in the contact list of this account.", "list": contacts},
        "chats": {"about": "Every chat of this account."},
    }
    return _ENCODER.encode(told)[:-2] + b',"list":[\n'


def _user(number: int) -> int:
    return 7_000_000_000 + number


def _name(seed: int, owner: Person, member: int) -> str | None:
    """The name over a message; None for accounts that were deleted since."""
    if member == owner.number:
        return owner.name
    if member % 23 == 22:
        return None
    return nickname(seed, owner.number, member) or person(seed, member).name


def _chat_head(seed: int, owner: Person, stretch: Stretch) -> bytes:
    conversation = stretch.conversation
    if conversation.group is not None:
        head = {"name": conversation.title, "type": "private_supergroup", "id": conversation.key}
    else:
        other = next(m for m in conversation.members if m != owner.number)
        head = {"name": _name(seed, owner, other), "type": "personal_chat", "id": _user(other)}
    return _ENCODER.encode(head)[:-1] + b',"messages":[\n'


def _messages(
    seed: int, block: Block, piece: Piece, stretch: Stretch, rows: "np.ndarray[Any, np.dtype[np.int64]]", owner: Person
) -> list[dict[str, Any]]:
    """The messages of one chat, and before the first of a group what the application tells of its beginning."""
    conversation = stretch.conversation
    draws = chance(seed, _EXTRAS, conversation.key, stretch.first)
    places = rows.tolist()
    told = [_message(seed, block, piece, stretch, row, owner, draws) for row in places]
    for before, message in pairwise(told):
        if draws.random() < 0.06 and before["from_id"] != message["from_id"]:
            message["reply_to_message_id"] = before["id"]
    if stretch.first == 0 and conversation.group is not None and told:
        members = [_name(seed, owner, member) for member in conversation.members[1:]]
        founder = conversation.members[0]
        opening = {
            "id": told[0]["id"] - 1,
            "type": "service",
            "date": told[0]["date"],
            "date_unixtime": told[0]["date_unixtime"],
            "actor": _name(seed, owner, founder),
            "actor_id": f"user{_user(founder)}",
            "action": "create_group",
            "title": conversation.title,
            "members": members,
            "text": "",
            "text_entities": [],
        }
        told.insert(0, opening)
    return told


def _message(
    seed: int, block: Block, piece: Piece, stretch: Stretch, row: int, owner: Person, draws: Random
) -> dict[str, Any]:
    place = int(piece.rows.message[row])
    utterance = piece.spoken.utterances[place]
    member = stretch.conversation.members[utterance.speaker]
    second = int(piece.rows.sent[row])
    message: dict[str, Any] = {
        "id": 2 * (block.before + place + 1),
        "type": "message",
        "date": _local(second, owner),
        "date_unixtime": str(second),
    }
    if draws.random() < 0.02:
        later = second + 5 + int(300 * draws.random())
        message |= {"edited": _local(later, owner), "edited_unixtime": str(later)}
    message |= {"from": _name(seed, owner, member), "from_id": f"user{_user(member)}"}
    if utterance.attachment is not None:
        message |= _media(utterance.attachment, place)
    if utterance.place is not None:
        latitude, longitude = utterance.place
        message["location_information"] = {"latitude": latitude, "longitude": longitude}
    message |= _text(utterance.text)
    if draws.random() < 0.04:
        message["reactions"] = [_reaction(seed, stretch, member, second, owner, draws)]
    return message


def _media(kind: str, place: int) -> dict[str, Any]:
    if kind == "photo":
        return {"photo": f"photos/photo_{place + 1}.jpg", "width": 1280, "height": 960}
    kinds = {"video": "video_file", "audio": "voice_message"}
    media = {"file": _NOT_INCLUDED}
    return media | (
        {"media_type": kinds[kind], "duration_seconds": 4 + place % 50}
        if kind in kinds
        else {"mime_type": "application/pdf"}
    )


def _text(text: str) -> dict[str, Any]:
    """``text`` is a string, or a list as soon as a part of it is more than plain."""
    parts = [part for part in _TELEPHONE.split(text) if part]
    entities = [{"type": "phone" if _TELEPHONE.fullmatch(part) else "plain", "text": part} for part in parts]
    if all(entity["type"] == "plain" for entity in entities):
        return {"text": text, "text_entities": entities}
    return {"text": [e["text"] if e["type"] == "plain" else e for e in entities], "text_entities": entities}


def _reaction(seed: int, stretch: Stretch, sender: int, second: int, owner: Person, draws: Random) -> dict[str, Any]:
    other = next(m for m in stretch.conversation.members if m != sender)
    return {
        "type": "emoji",
        "count": 1,
        "emoji": pick(draws, names("emoji")[:12]),
        "recent": [
            {
                "from": _name(seed, owner, other),
                "from_id": f"user{_user(other)}",
                "date": _local(second + 1 + int(600 * draws.random()), owner),
            }
        ],
    }


def _local(second: int, owner: Person) -> str:
    return str(np.datetime64(second + 3_600 * owner.hours, "s"))
