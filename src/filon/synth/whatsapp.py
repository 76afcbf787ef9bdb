"""Chats as WhatsApp for Android writes them out: ``dd/mm/yyyy, HH:MM - Name: text``, no zone, no ids.

Layout and wording follow published exports of the English application; every chat is a text file of its own.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count, groupby
from pathlib import Path

import numpy as np

from filon.synth.people import Person, nickname, person
from filon.synth.pieces import Counts, Piece, in_order, make
from filon.synth.world import Block, Conversation, World

__all__ = ["FAULTS", "Chat", "write_chats"]

FAULTS = ("gap", "wrong_zone", "altered", "deleted", "undecryptable")
"""What an export of this kind can show."""

Chat = tuple[str, str, bytes]
"""Folder of the phone, name of the chat, text."""

_DATE = (2020, 7, 1, 12, 0, 0)
"""Date of every member of an archive, so that equal chats are equal archives."""
_ENCRYPTED = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen to "
    "them. Tap to learn more."
)
_FILES = {"photo": ("IMG", "jpg"), "video": ("VID", "mp4"), "audio": ("PTT", "opus"), "file": ("DOC", "pdf")}


def write_chats(
    out: Path, world: World, blocks: Iterable[Block], processes: int | None
) -> Iterator[tuple[bytes, Counts]]:
    """Write every chat: into one archive where ``out`` ends in ``.zip``, else a folder for each phone, a zip for each chat."""
    parts = in_order(partial(_chats, world), blocks, processes)
    if out.suffix == ".zip":
        with zipfile.ZipFile(out, "w") as archive:
            for chats, truth, counts in parts:
                for folder, name, text in chats:
                    free = _free(name, partial(_in_archive, archive, folder))
                    _add(archive, _member(folder, free), text)
                yield truth, counts
        return
    out.mkdir()
    for chats, truth, counts in parts:
        for folder, name, text in chats:
            (out / folder).mkdir(exist_ok=True)
            free = _free(name, partial(_in_folder, out / folder))
            with zipfile.ZipFile(out / folder / f"WhatsApp Chat with {free}.zip", "x") as archive:
                _add(archive, f"WhatsApp Chat with {name}.txt", text)
        yield truth, counts


def _member(folder: str, name: str) -> str:
    return f"{folder}/WhatsApp Chat with {name}.txt"


def _in_archive(archive: zipfile.ZipFile, folder: str, name: str) -> bool:
    return _member(folder, name) in archive.NameToInfo


def _in_folder(folder: Path, name: str) -> bool:
    return (folder / f"WhatsApp Chat with {name}.zip").exists()


def _free(name: str, taken: Callable[[str], bool]) -> str:
    """The name, with a number behind it where another chat has it already."""
    numbered = (name if number == 1 else f"{name} ({number})" for number in count(1))
    return next(one for one in numbered if not taken(one))


def _add(archive: zipfile.ZipFile, name: str, text: bytes) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, text)


def _chats(world: World, block: Block) -> tuple[list[Chat], bytes, Counts]:
    piece = make(world, block)
    rows = piece.rows
    order = np.lexsort((np.arange(len(rows.owner)), rows.stretch, rows.owner)).tolist()
    owners, stretches = rows.owner.tolist(), rows.stretch.tolist()
    chats = []
    for (owner, stretch), places in groupby(order, key=lambda row: (owners[row], stretches[row])):
        conversation = block.stretches[stretch].conversation
        holder = person(world.seed, owner)
        lines = _chat(world.seed, piece, conversation, holder, list(places))
        name = _chat_name(world.seed, conversation, owner)
        chats.append((holder.handles[0], name, "".join(lines).encode()))
    return chats, piece.truth, piece.counts


def _chat_name(seed: int, conversation: Conversation, owner: int) -> str:
    if conversation.title is not None:
        return conversation.title
    other = next(member for member in conversation.members if member != owner)
    return called(seed, owner, other)


def called(seed: int, owner: int, member: int) -> str:
    """The name over a message on the owner's phone: own name, nickname, or the telephone number."""
    if member == owner:
        return person(seed, owner).name
    return nickname(seed, owner, member) or person(seed, member).telephone


def _chat(seed: int, piece: Piece, conversation: Conversation, holder: Person, places: list[int]) -> Iterator[str]:
    """The lines of one chat on one phone."""
    sent = (piece.rows.sent[places] + 3_600 * holder.hours).tolist()
    messages = piece.rows.message[places].tolist()
    columns = piece.table.columns
    yield f"{_moment(sent[0])} - {_ENCRYPTED}\n"
    news = _membership(seed, conversation, holder, len(piece.spoken.utterances))
    if conversation.group is not None:
        yield f'{_moment(sent[0])} - {called(seed, holder.number, conversation.members[0])} created group "{conversation.title}"\n'
    first = int(np.searchsorted(piece.spoken.stretch, piece.rows.stretch[places[0]]))
    total = int((piece.spoken.stretch == piece.rows.stretch[places[0]]).sum())
    for row, message, second in zip(places, messages, sent, strict=True):
        while news and (message - first) / total >= news[0][0]:
            yield f"{_moment(second)} - {news.pop(0)[1]}\n"
        utterance = piece.spoken.utterances[message]
        name = called(seed, holder.number, conversation.members[utterance.speaker])
        text = _body(columns["status"][row], columns["text"][row], columns["direction"][row])
        if utterance.attachment is not None and columns["attachment"][row] is not None:
            text = _attached(utterance.attachment, second, message, text)
        elif columns["latitude"][row] is not None:
            place = f"{columns['latitude'][row]},{columns['longitude'][row]}"
            text = f"location: https://maps.google.com/?q={place}" + (f"\n{text}" if text else "")
        yield f"{_moment(second)} - {name}: {text}\n"


def _body(status: str, text: str | None, direction: str) -> str:
    if status == "deleted":
        return "You deleted this message" if direction == "out" else "This message was deleted"
    if status == "undecryptable":
        return "Waiting for this message. This may take a while."
    return text or ""


def _attached(kind: str, second: int, message: int, text: str) -> str:
    prefix, extension = _FILES[kind]
    day = str(np.datetime64(second, "s"))[:10].replace("-", "")
    caption = f"\n{text}" if text else ""
    return f"{prefix}-{day}-WA{message % 10_000:04d}.{extension} (file attached){caption}"


def _membership(seed: int, conversation: Conversation, holder: Person, count: int) -> list[tuple[float, str]]:
    """Joins and leaves as the application words them, with the share of the conversation at which they happened."""
    news = []
    opener = called(seed, holder.number, conversation.members[0])
    for member, (joined, left) in zip(conversation.members, conversation.spans, strict=False):
        name = "you" if member == holder.number else called(seed, holder.number, member)
        if joined > 0:
            news.append((joined, f"{opener} added {name}"))
        if left < 1 and member != holder.number:
            news.append((left, f"{name} left"))
    mine = dict(zip(conversation.members, conversation.spans, strict=False)).get(holder.number, (0.0, 1.0))
    return sorted(entry for entry in news if mine[0] <= entry[0] < mine[1])


def _moment(second: int) -> str:
    text = str(np.datetime64(second, "s"))
    return f"{text[8:10]}/{text[5:7]}/{text[:4]}, {text[11:16]}"
