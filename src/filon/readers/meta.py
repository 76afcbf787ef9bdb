"""Instagram and Messenger, ``message_1.json`` … ``message_N.json`` of "Download your information" in JSON.

A thread lies in its own folder (``messages/inbox/ada_1234/``) and is split into parts of ten thousand messages, newest
first, possibly over several archives; all parts name the same ``thread_path``. Seen: the Instagram layout as chat-miner's
tests hold it. Made from documentation: Messenger's older layout with ``type``, and the end-to-end encrypted one of 2023
(``senderName``, ``timestamp``).

Both write UTF-8 bytes as if they were characters (``\\u00c3\\u00a9`` for é). Every text is turned back on its own, and
left as it is where that does not give UTF-8. Accounts have display names only; participants are those at the time of the
export, so people who left appear with their messages but not in the list.

Unit: elements of the ``messages`` array; a stretch that cannot be read is one unit.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from filon.evidence import fields
from filon.evidence.elements import Broken, Element, elements
from filon.evidence.reading import Format, Given, Question
from filon.evidence.source import Source
from filon.evidence.unread import FLAG, MILLISECONDS, TEXT, WORD, Keys, UnreadKeys, listed_of, object_of
from filon.model.records import (
    AccountRef,
    Attachment,
    Conversation,
    ConversationRef,
    Defect,
    Event,
    Locator,
    Message,
    Record,
    Total,
)
from filon.model.time import Stamp

__all__ = ["READER", "Meta"]

_HEADS = ("/participants", "/title", "/thread_path", "/threadName")
_FILES = {
    "photos": "image",
    "videos": "video",
    "audio_files": "audio",
    "files": "file",
    "gifs": "image",
    "media": "file",
}
_FILE: Keys = {"uri": TEXT}
_READ: Keys = {
    **dict.fromkeys(_FILES, listed_of(_FILE)),
    **dict.fromkeys(("sender_name", "senderName", "content", "text", "type"), TEXT),
    **dict.fromkeys(("timestamp_ms", "timestamp"), MILLISECONDS),
    **dict.fromkeys(("is_unsent", "isUnsent"), FLAG),
    "sticker": object_of(_FILE),
    "share": object_of({"share_text": TEXT, "link": TEXT}),
    "reactions": listed_of({"actor": TEXT, "reaction": TEXT, "timestamp": MILLISECONDS}),
    "users": listed_of({"name": TEXT}),
    "call_duration": WORD,
}
_READ_HEADS: Keys = {
    "participants": listed_of(object_of({"name": TEXT}, TEXT)),
    "title": TEXT,
    "thread_path": TEXT,
    "threadName": TEXT,
}
_SECONDS_BELOW = 100_000_000_000
"""Times of reactions are written in seconds or milliseconds; below this they are seconds (until the year 5138)."""
_THREAD_NUMBER = re.compile(r"_([0-9]{10,20})$")


class _Thread(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    ref: ConversationRef
    kind: str | None
    participants: tuple[AccountRef, ...]
    mangled: bool
    """True where texts are UTF-8 written as Latin-1, in all layouts but the end-to-end encrypted one."""
    beside: frozenset[str]
    device: str | None
    unread: UnreadKeys


class Meta:
    """Reader of one ``message_N.json``."""

    format = Format(
        name="meta",
        title="Instagram and Messenger download (JSON)",
        version=1,
        unit="elements of the messages array",
        seen=("Instagram messages array",),
        made=("Messenger 2018-2024", "Messenger end-to-end encrypted 2023"),
        extensions=(".json",),
    )

    def sniff(self, source: Source) -> float:
        """Sure where the keys of a message stand in the head."""
        head = source.head().replace(b"\0", b"")
        if head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] != b"{" or b'"messages"' not in head:
            return 0.0
        if b'"sender_name"' in head and b'"timestamp_ms"' in head:
            return 0.95
        return 0.9 if b'"senderName"' in head and b'"isUnsent"' in head else 0.0

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """Nothing: times are instants."""
        return ()

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """The conversation, then its messages and events in the order of the file (newest first)."""
        thread = _thread(source, given)
        units = 0
        if thread.ref.id or thread.ref.title or thread.participants:
            yield Conversation(thread.ref, Locator("", units=0), thread.kind, thread.participants, thread.device)
        with source.open() as stream:
            for found in elements(stream, ("/messages/*", *_HEADS)):
                if isinstance(found, Broken):
                    units += 1
                    yield fields.broken(found)
                elif isinstance(found, Element):
                    yield from fields.losses(found)
                    if found.pointer in _HEADS:
                        thread.unread.check({found.pointer[1:]: found.value}, _READ_HEADS)
                    else:
                        units += 1
                        yield from _records(found, thread)
                else:
                    thread.unread.add([found.pointer])
        yield from thread.unread.records()
        yield Total(units)


def _thread(source: Source, given: Given) -> _Thread:
    """What stands around the messages, mostly behind them: read before them in a pass of its own."""
    head: dict[str, Any] = {}
    mangled = True
    with source.open() as stream:
        for found in elements(stream, _HEADS):
            if isinstance(found, Element):
                head[found.pointer[1:]] = found.value
                mangled = mangled and found.pointer != "/threadName"
    platform = _platform(source.name)
    names = [
        fields.text(fields.mapped(one).get("name")) or fields.text(one)
        for one in fields.listed(head.get("participants"))
    ]
    people = tuple(AccountRef(platform, None, _turned(name, mangled)[0]) for name in names if name)
    path = fields.text(head.get("thread_path")) or fields.text(head.get("threadName")) or _folder(source.name)
    title, _ = _turned(fields.text(head.get("title")), mangled)
    kind = "direct" if len(people) == 2 else "group" if len(people) > 2 else None
    native = path.rstrip("/").rpartition("/")[2] if path else None
    ref = _conversation(platform, native or None, title, people)
    return _Thread(
        platform=platform,
        ref=ref,
        kind=kind,
        participants=people,
        mangled=mangled,
        beside=frozenset(source.beside()),
        device=given.owner,
        unread=UnreadKeys(),
    )


def _conversation(
    platform: str, native: str | None, title: str | None, people: tuple[AccountRef, ...]
) -> ConversationRef:
    """The conversation of a thread folder such as ``harbour_1234567890123456``.

    The number of a group is the same for all its members. That of a direct thread may be the other person's, so it
    means one conversation only together with both names; parts of it in several archives still come together.
    """
    numbered = _THREAD_NUMBER.search(native) if native else None
    if numbered is None or len(people) < 2:
        return ConversationRef(platform, native, title)
    names = sorted(person.name or "" for person in people) if len(people) == 2 else ()
    return ConversationRef(platform, "|".join((numbered[1], *names)), title, True)


def _platform(name: str) -> str:
    """Which service, as far as the path in the archive says."""
    lowered = name.lower()
    return "instagram" if "instagram" in lowered else "messenger" if "facebook" in lowered else "meta"


def _folder(name: str) -> str | None:
    return name.rpartition("/")[0].rpartition("/")[2] or None


def _turned(text: str | None, mangled: bool) -> tuple[str | None, bool]:
    """The text with its characters taken for bytes of UTF-8, where they are; whether that changed it."""
    if text is None or not mangled or text.isascii():
        return text, False
    try:
        return text.encode("latin-1").decode("utf-8"), True
    except UnicodeError:
        return text, False


def _records(found: Element, thread: _Thread) -> Iterator[Record]:
    message = found.value
    locator = Locator(found.pointer, found.offset, found.length)
    if type(message) is not dict:
        raw = found.raw[:200].decode("utf-8", errors="replace")
        yield Defect(locator=locator, code="not-a-message", detail=type(message).__name__, raw=raw)
        return
    thread.unread.check(message, _READ)
    kind = message.get("type")
    if kind == "Call" or "call_duration" in message:
        yield _event(found, thread, "call", fields.word(message.get("call_duration")))
    elif kind in ("Subscribe", "Unsubscribe"):
        yield _event(found, thread, "add" if kind == "Subscribe" else "remove", None)
    else:
        yield _message(found, thread)
    yield from _reactions(found, thread)


def _account(name: Any, thread: _Thread) -> tuple[AccountRef | None, bool]:
    text, changed = _turned(fields.text(name), thread.mangled)
    return (AccountRef(thread.platform, None, text) if text else None), changed


def _sent(message: dict[str, Any]) -> Stamp | None:
    written = message.get("timestamp_ms")
    return fields.epoch(message.get("timestamp") if written is None else written, 1000, "ms")


def _event(found: Element, thread: _Thread, kind: str, value: str | None) -> Event:
    message = found.value
    actor, changed = _account(message.get("sender_name") or message.get("senderName"), thread)
    users = tuple(ref for one in fields.listed(message.get("users")) if (ref := _user(one, thread)) is not None)
    if kind in ("add", "remove") and actor is not None and users == (actor,):
        kind, users = ("join" if kind == "add" else "leave"), ()
    if kind == "call" and not users:
        users = _others(actor, thread)
    text, turned = _turned(fields.text(message.get("content")), thread.mangled)
    return Event(
        locator=Locator(found.pointer, found.offset, found.length),
        platform=thread.platform,
        kind=kind,
        conversation=thread.ref,
        device=thread.device,
        actor=actor,
        accounts=users,
        at=_sent(message),
        value=value,
        text=text,
        assumptions=(("mojibake-repaired",) if changed or turned else ()) + found.rules,
    )


def _user(value: Any, thread: _Thread) -> AccountRef | None:
    return _account(fields.mapped(value).get("name"), thread)[0]


def _others(sender: AccountRef | None, thread: _Thread) -> tuple[AccountRef, ...]:
    """The other end of a direct conversation; in a group nothing is said about who received a message."""
    if thread.kind != "direct" or sender not in thread.participants:
        return ()
    return tuple(one for one in thread.participants if one != sender)


def _message(found: Element, thread: _Thread) -> Message:
    message = found.value
    sender, changed = _account(message.get("sender_name") or message.get("senderName"), thread)
    content = fields.text(message.get("content")) or fields.text(message.get("text"))
    text, turned = _turned(content, thread.mangled)
    assumptions: tuple[str, ...] = ("mojibake-repaired",) if changed or turned else ()
    attachments = tuple(_attachments(message, thread))
    kind = attachments[0].kind if attachments else "text"
    share = fields.mapped(message.get("share"))
    shared = [_turned(fields.text(share.get(key)), thread.mangled)[0] for key in ("share_text", "link")]
    if any(shared):
        text = "\n".join(line for line in (text, *shared) if line)
        kind = "link" if kind == "text" else kind
        assumptions += ("share-appended",)
    unsent = message.get("is_unsent") is True or message.get("isUnsent") is True
    owner = thread.device
    return Message(
        locator=Locator(found.pointer, found.offset, found.length),
        platform=thread.platform,
        conversation=thread.ref,
        device=owner,
        account_from=sender,
        accounts_to=_others(sender, thread),
        direction=None if owner is None or sender is None else "out" if sender.name == owner else "in",
        sent=_sent(message),
        text=text,
        kind=kind,
        state="unsent" if unsent else None,
        attachments=attachments,
        assumptions=assumptions + found.rules,
    )


def _attachments(message: dict[str, Any], thread: _Thread) -> Iterator[Attachment]:
    for key, kind in _FILES.items():
        for one in fields.listed(message.get(key)):
            yield _file(kind, fields.text(fields.mapped(one).get("uri")), thread)
    if "sticker" in message:
        yield _file("sticker", fields.text(fields.mapped(message["sticker"]).get("uri")), thread)


def _file(kind: str, uri: str | None, thread: _Thread) -> Attachment:
    """A file by its address, which counts from the top of the archive; beside the thread it has a shorter one."""
    if uri is None:
        return Attachment(kind)
    folder, _, name = uri.rpartition("/")
    near = f"{folder.rpartition('/')[2]}/{name}"
    member = next((path for path in (uri, near, uri.removeprefix("./")) if path in thread.beside), None)
    return Attachment(kind, name or None, None, None, member)


def _reactions(found: Element, thread: _Thread) -> Iterator[Event]:
    """Reactions have no target that could be named: messages carry no id. Their locator tells whose they are."""
    for index, one in enumerate(fields.listed(found.value.get("reactions"))):
        reaction = fields.mapped(one)
        actor, changed = _account(reaction.get("actor"), thread)
        value, turned = _turned(fields.text(reaction.get("reaction")), thread.mangled)
        written = fields.integer(reaction.get("timestamp"))
        scale, precision = (1, "s") if written is not None and abs(written) < _SECONDS_BELOW else (1000, "ms")
        yield Event(
            locator=Locator(f"{found.pointer}/reactions/{index}", found.offset, found.length, 0),
            platform=thread.platform,
            kind="reaction",
            conversation=thread.ref,
            device=thread.device,
            actor=actor,
            at=fields.epoch(reaction.get("timestamp"), scale, precision),
            value=value,
            assumptions=("mojibake-repaired",) if changed or turned else (),
        )


READER = Meta()
