"""One element of a Telegram ``messages`` array as a Message: text, sender, times, media."""

from typing import Any

import msgspec

from filon.evidence import fields
from filon.evidence.elements import Element
from filon.evidence.unread import UnreadKeys
from filon.model.records import AccountRef, Attachment, ConversationRef, Locator, Message, Place
from filon.model.time import SECOND, Stamp
from filon.readers.telegram.shapes import MESSAGE

__all__ = ["PLATFORM", "Chat", "Setting", "account", "edited", "ends", "is_epoch", "moment", "read_message", "words"]

PLATFORM = "telegram"
_CARRIERS = frozenset(
    [
        *("file", "photo", "media_type", "contact_information", "contact_vcard", "location_information", "poll"),
        "invoice_information",
    ]
)
_MEDIA = {
    "animation": "video",
    "audio_file": "audio",
    "photo": "image",
    "sticker": "sticker",
    "video_file": "video",
    "video_message": "video",
    "voice_message": "voice",
}
_HALF_DAYS = 15 * 3600
"""No zone was further than 15 hours from UTC in 1970."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a whole export: the zone a person stated, whose copy it is, and what lies beside."""

    zone: str | None
    device: str | None
    owner: str | None
    beside: frozenset[str]
    unread: UnreadKeys


class Chat(msgspec.Struct, frozen=True):
    """The conversation at hand. ``peer``: the other account of a direct chat, ``sure`` where its id is that of ``from_id``."""

    ref: ConversationRef
    kind: str | None
    number: int | None
    peer: AccountRef | None
    sure: bool


def account(native: Any, name: Any, chat: Chat | None = None) -> AccountRef | None:
    """The account that ``from_id`` and ``from`` name; None where both are empty.

    Exports before May 2021 write a bare number. It is a user's, unless it is the number of the group or channel itself.
    """
    number = fields.integer(native)
    if number is not None:
        channel = chat is not None and number == chat.number and chat.kind in ("channel", "group")
        native = f"{'channel' if channel else 'user'}{number}" if number else None
    native, name = fields.text(native), fields.text(name)
    return AccountRef(PLATFORM, native, name) if native or name else None


def moment(message: dict[str, Any], setting: Setting) -> tuple[Stamp | None, tuple[str, ...]]:
    """When it was sent: the instant where the export states it, else the wall time of the exporting computer."""
    unix = message.get("date_unixtime")
    if unix is not None:
        stamp = fields.epoch(unix)
        if stamp is not None and stamp.at is not None:
            return stamp, ()
    return _wall(message.get("date"), setting)


def edited(message: dict[str, Any], setting: Setting) -> tuple[Stamp | None, tuple[str, ...]]:
    """When it was edited. Old exports write the epoch (in local time) for what never was."""
    unix = message.get("edited_unixtime")
    if unix is not None:
        stamp = fields.epoch(unix)
        if stamp is not None and stamp.at is not None:
            return (stamp if stamp.at else None), ()
    written = message.get("edited")
    if written is None or is_epoch(written):
        return None, ()
    return _wall(written, setting)


def is_epoch(written: Any) -> bool:
    """True for the time 0 as some local clock shows it."""
    stamp = (
        fields.iso(written, None) if type(written) is str and written.startswith(("1970-01-01", "1969-12-31")) else None
    )
    return stamp is not None and stamp.order is not None and abs(stamp.order) <= _HALF_DAYS * SECOND


def _wall(written: Any, setting: Setting) -> tuple[Stamp | None, tuple[str, ...]]:
    stamp = fields.iso(written, setting.zone)
    return stamp, (f"zone:{setting.zone}",) if stamp is not None and stamp.basis == "user" else ()


def read_message(found: Element, chat: Chat, setting: Setting) -> Message:
    """The message in an element. What it does not read is counted."""
    message: dict[str, Any] = found.value
    setting.unread.check(message, MESSAGE)
    sent, assumptions = moment(message, setting)
    changed = None
    if "edited" in message or "edited_unixtime" in message:
        changed, more = edited(message, setting)
        assumptions = assumptions or more
    text, hidden = _text(message, setting)
    if hidden:
        assumptions += ("hidden-link-appended",)
    kind = "text"
    attachments: tuple[Attachment, ...] = ()
    location: Place | None = None
    if not message.keys().isdisjoint(_CARRIERS):
        kind, text, attachments, location = _carried(message, text, setting)
    elif message.get("type") != "message":
        kind = "other"
    sender = account(message.get("from_id"), message.get("from"), chat)
    direction, receivers = ends(sender, chat, setting)
    return Message(
        locator=Locator(found.pointer, found.offset, found.length),
        platform=PLATFORM,
        conversation=chat.ref,
        device=setting.device,
        account_from=sender,
        accounts_to=receivers,
        direction=direction,
        native_id=fields.word(message.get("id")),
        sent=sent,
        edited=changed,
        text=text,
        kind=kind,
        reply_to=_reply(message) if "reply_to_message_id" in message else None,
        forwarded_from=_forwarded(message),
        attachments=attachments,
        place=location,
        assumptions=assumptions + found.rules if found.rules else assumptions,
    )


def ends(sender: AccountRef | None, chat: Chat, setting: Setting) -> tuple[str | None, tuple[AccountRef, ...]]:
    """Direction and receivers: certain in a direct chat, whose id is the other person's, and where the owner is known."""
    native = None if sender is None else sender.id
    owner, peer = setting.owner, chat.peer
    if native is None:
        return None, ()
    if peer is None:
        return (None if owner is None else "out" if native == owner else "in"), ()
    if native == owner or (owner is None and chat.sure and native != peer.id):
        return "out", (peer,)
    if owner is None:
        return ("in" if native == peer.id else None), ()
    return "in", (AccountRef(PLATFORM, owner),)


def _text(message: dict[str, Any], setting: Setting) -> tuple[str | None, bool]:
    """The text as shown, and whether addresses hidden behind words were written after them in angle brackets."""
    text, pieces = message.get("text"), fields.listed(message.get("text_entities"))
    if type(text) is list:
        shown = _joined(text)
        if pieces and _joined(pieces)[0] != shown[0]:
            setting.unread.refuse(pieces, "text_entities", "other words than text")
        return shown
    said = fields.word(text)
    if pieces and not (len(pieces) == 1 and type(pieces[0]) is dict and said and pieces[0].get("text") == said):
        joined, hidden = _joined(pieces)
        if joined is not None and (said is None or (len(pieces) > 1 and joined.startswith(said))):
            return joined, hidden
        if joined != said:
            setting.unread.refuse(pieces, "text_entities", "other words than text")
    return said, False


def _joined(pieces: list[Any]) -> tuple[str | None, bool]:
    parts, hidden = [], False
    for piece in pieces:
        if type(piece) is dict:
            said = fields.word(piece.get("text")) or ""
            parts.append(said)
            href = fields.text(piece.get("href"))
            if href is not None and href != said:
                parts.append(f" <{href}>")
                hidden = True
        else:
            parts.append(fields.word(piece) or "")
    return "".join(parts) or None, hidden


def _reply(message: dict[str, Any]) -> str | None:
    target, peer = fields.word(message.get("reply_to_message_id")), fields.word(message.get("reply_to_peer_id"))
    return f"{peer}/{target}" if peer and target else target


def _forwarded(message: dict[str, Any]) -> str | None:
    for key in ("forwarded_from", "forwarded_from_id", "saved_from"):
        if key in message and (name := fields.word(message[key])):
            return name
    return None


def _carried(
    message: dict[str, Any], text: str | None, setting: Setting
) -> tuple[str, str | None, tuple[Attachment, ...], Place | None]:
    """Kind, text, attachments and place of a message that carries more than text."""
    media = message.get("media_type")
    if "photo" in message:
        size = fields.integer(message.get("photo_file_size"))
        return "image", text, (_file("image", message["photo"], None, None, size, setting),), None
    if "file" in message:
        mime = fields.text(message.get("mime_type"))
        kind = _MEDIA.get(media) if type(media) is str else None
        if kind is None:
            kind = "image" if (mime or "").startswith("image/") else "file"
        size = fields.integer(message.get("file_size"))
        attachment = _file(kind, message["file"], fields.text(message.get("file_name")), mime, size, setting)
        return kind, text, (attachment,), None
    if "location_information" in message:
        where = fields.mapped(message["location_information"])
        names = [fields.text(message.get("place_name")), fields.text(message.get("address"))]
        label = ", ".join(name for name in names if name) or None
        return "location", text, (), fields.place(where.get("latitude"), where.get("longitude"), label)
    if "contact_information" in message or "contact_vcard" in message:
        card = _file("contact", message.get("contact_vcard"), _contact(message), None, None, setting)
        return "contact", text, (card,), None
    if "poll" in message:
        return "poll", text or _poll(fields.mapped(message["poll"])), (), None
    if "invoice_information" in message:
        lines = [fields.word(value) for value in fields.mapped(message["invoice_information"]).values()]
        return "payment", text or "\n".join(line for line in lines if line) or None, (), None
    return _MEDIA.get(media, "other") if type(media) is str else "other", text, (), None


def _file(
    kind: str, path: Any, name: str | None, media_type: str | None, size: int | None, setting: Setting
) -> Attachment:
    """A file of the export. In place of a path there may be a sentence that says why it was left out."""
    path = fields.text(path)
    if path is None or (path.startswith("(") and path.endswith(")")):
        return Attachment(kind, name, media_type, size, None, path)
    member = path if path in setting.beside else None
    return Attachment(kind, name or path.rpartition("/")[2] or None, media_type, size, member)


def _contact(message: dict[str, Any]) -> str | None:
    card = fields.mapped(message.get("contact_information"))
    said = [fields.word(card.get(key)) for key in ("first_name", "last_name", "phone_number")]
    return " ".join(word for word in said if word) or None


def _poll(poll: Any) -> str | None:
    """Its question and answers, one a line."""
    answers = fields.listed(poll.get("answers")) or fields.listed(poll.get("options"))
    said = [poll.get("question"), *(fields.mapped(answer).get("text") for answer in answers)]
    return "\n".join(line for line in map(words, said) if line) or None


def words(value: Any) -> str | None:
    """A text that newer exports may write as pieces."""
    return _joined(value)[0] if type(value) is list else fields.word(value)
