"""InstantMessage, SMS and MMS models as Messages; their reactions and system messages as Events."""

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from filon.evidence import fields
from filon.evidence.unread import UnreadKeys
from filon.model.records import AccountRef, Attachment, ConversationRef, Event, Locator, Message, Place
from filon.model.time import Stamp, from_wall, unreadable
from filon.readers.ufdr.tree import Model

__all__ = ["Setting", "Within", "device_of", "directed", "is_owner", "moment", "party", "platform_of", "read_message"]

_STATES = {
    "delivered": "delivered",
    "draft": "draft",
    "read": "read",
    "sent": "sent",
    "unread": "delivered",
    "unsent": "failed",
}
_INCOMING = frozenset({"incoming", "inbox", "received"})
_OUTGOING = frozenset({"outgoing", "sent", "outbox"})
_OTHER_TIME = re.compile(
    r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2}|[A-Za-z]{3})[/.-](?P<year>\d{4}|\d{2})[ T]+"
    r"(?P<time>\d{1,2}:\d{2}:\d{2})(?:\.\d+)?(?:\s*\(?(?:UTC|GMT)?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?|Z)?\)?)?"
)
_MONTHS = dict(
    zip(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], range(1, 13), strict=True)
)
_TRUTHS = frozenset({"true", "false"})
_ROLES = frozenset({"from", "to"})
_PRESENT = frozenset({None, "", "Intact", "Unknown"})


class Setting(msgspec.Struct, kw_only=True):
    """What holds for a whole report. ``files``: path in the report by path on the device."""

    zone: str | None
    owner: str | None
    beside: frozenset[str]
    unread: UnreadKeys
    files: dict[str, str]
    devices: dict[str, str]
    """Name of an extraction by its id."""


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """The chat a message stands in. ``owner``: the participant marked as the owner of the phone."""

    conversation: ConversationRef | None = None
    source: str | None = None
    owner: AccountRef | None = None


def platform_of(model: Model, default: str | None) -> str:
    """The application a record comes from, in lower case; SMS has a name of its own."""
    source = model.fields.get("Source") or default
    if source:
        return source.casefold()
    return "sms" if model.type in ("SMS", "MMS") else "phone" if model.type == "Call" else "cellebrite"


def device_of(model: Model, setting: Setting) -> str | None:
    """Whose copy it is: what the user said, else the name of the extraction."""
    return setting.owner or setting.devices.get(model.extraction or "") or model.extraction


def party(model: Model | None, platform: str) -> AccountRef | None:
    """The account of a Party; None where it says nothing but that it is the owner."""
    if model is None:
        return None
    native, name = model.fields.get("Identifier"), model.fields.get("Name")
    return AccountRef(platform, native, name) if native or name else None


def is_owner(model: Model | None) -> bool:
    """True where a Party is marked as the owner of the phone."""
    return model is not None and model.said("IsPhoneOwner", _TRUTHS) == "true"


def moment(model: Model, name: str, setting: Setting) -> tuple[Stamp | None, tuple[str, ...]]:
    """A time field: the formatted one first, which has an offset where it is known."""
    formatted, written = model.formatted.get(name), dict.get(model.fields, name)
    if formatted is None or written is None or _reads(written, setting):
        model.fields.names.add(name)
    stamp = None
    for text in (formatted, written):
        if text is None:
            continue
        stamp = fields.iso(text, setting.zone, "ms" if "." in text else "s")
        if stamp is None or stamp.order is None:
            stamp = _other_time(text, setting.zone)
            if stamp.order is not None:
                return stamp, ("date-order:dmy", *_stated(stamp, setting))
        else:
            break
    return stamp, _stated(stamp, setting)


def _reads(text: str, setting: Setting) -> bool:
    """Whether a text is a time. One that is none and stands under a formatted time says something else."""
    stamp = fields.iso(text, setting.zone)
    return (stamp is not None and stamp.order is not None) or _other_time(text, setting.zone).order is not None


def _stated(stamp: Stamp | None, setting: Setting) -> tuple[str, ...]:
    return (f"zone:{setting.zone}",) if stamp is not None and stamp.basis == "user" else ()


def _other_time(text: str, zone: str | None) -> Stamp:
    """``01/04/2020 18:03:22(UTC+2)`` and ``01-Apr-20 18:03:22 +00:00``: day, month, year."""
    found = _OTHER_TIME.fullmatch(text)
    if found is None:
        return unreadable(text[:100])
    month = _MONTHS.get(found["month"].casefold()) or fields.integer(found["month"]) or 0
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    offset = found["offset"] or ""
    if offset not in ("", "Z"):
        hours, _, minutes = offset[1:].partition(":")
        offset = f"{offset[0]}{int(hours[:2]):02}:{(minutes or hours[2:] or '0'):0>2}"
    written = f"{year:04}-{month:02}-{int(found['day']):02}T{found['time']:0>8}{offset}"
    try:
        stamp = from_wall(datetime.fromisoformat(written), text, zone)
    except (ValueError, OverflowError):
        return unreadable(text[:100])
    return stamp


def directed(parties: list[Model], platform: str) -> tuple[AccountRef | None, tuple[AccountRef, ...], str | None]:
    """Sender, receivers and direction out of parties that have a role."""
    sender, receivers, direction = None, [], None
    for one in parties:
        ref, role = party(one, platform), one.said("Role", _ROLES)
        if role == "from":
            sender = ref or sender
            direction = "out" if is_owner(one) else direction or "in"
        elif role == "to":
            receivers += [ref] if ref is not None else []
            direction = "in" if is_owner(one) else direction or ("out" if len(parties) == 1 else None)
    return sender, tuple(receivers), direction


def read_message(model: Model, locator: Locator, within: Within, setting: Setting) -> Iterator[Message | Event]:
    """The message, then its reactions. System messages become events."""
    conversation, platform = within.conversation, platform_of(model, within.source)
    sent, assumptions = moment(model, "TimeStamp", setting)
    labels = [label.casefold() for one in _extras(model) if one.type == "MessageLabel" for label in one.texts()]
    sender = model.one("From")
    system = "system" in labels or (sender is not None and sender.fields.get("Name") == "System Message")
    if system:
        yield Event(
            locator=locator,
            platform=platform,
            kind="other",
            conversation=conversation,
            device=device_of(model, setting),
            at=sent,
            text=model.fields.get("Body"),
            assumptions=assumptions,
        )
    else:
        assumptions += tuple(f"label:{label}" for label in dict.fromkeys(labels))
        message = _message(model, locator, platform, sent, assumptions, setting)
        if message.account_from is None and within.owner is not None and is_owner(sender):
            assumptions = (*message.assumptions, "sender:owner")
            message = msgspec.structs.replace(message, account_from=within.owner, assumptions=assumptions)
        if conversation is not None:
            message = msgspec.structs.replace(message, conversation=conversation)
        yield message
    yield from _reactions(model, locator, conversation, platform, setting)


def _message(
    model: Model,
    locator: Locator,
    platform: str,
    sent: Stamp | None,
    assumptions: tuple[str, ...],
    setting: Setting,
) -> Message:
    sender, receivers, direction = _ends(model, platform)
    attachments = tuple(_attachments(model, setting))
    location = _place(model.one("Position"))
    state, more = _state(model)
    if model.deleted not in _PRESENT and state != "deleted":
        setting.unread.refuse(model.deleted, f"{model.type}/deleted_state")
    kind = attachments[0].kind if attachments else "location" if location is not None else "text"
    reply, forwarded = _references(model)
    return Message(
        locator=locator,
        platform=platform,
        conversation=_pair(sender, receivers, direction),
        device=device_of(model, setting),
        account_from=sender,
        accounts_to=receivers,
        direction=direction,
        native_id=model.fields.get("Identifier"),
        sent=sent,
        text=model.fields.get("Body") or model.fields.get("Subject"),
        kind=kind,
        state=state,
        reply_to=reply,
        forwarded_from=forwarded,
        attachments=attachments,
        place=location,
        assumptions=assumptions + more,
    )


def _ends(model: Model, platform: str) -> tuple[AccountRef | None, tuple[AccountRef, ...], str | None]:
    if model.all("Parties"):
        sender, receivers, direction = directed(model.all("Parties"), platform)
    else:
        origin, targets = model.one("From"), model.all("To")
        sender = party(origin, platform)
        receivers = tuple(ref for one in targets if (ref := party(one, platform)) is not None)
        direction = "out" if is_owner(origin) else "in" if any(map(is_owner, targets)) else None
    for name in ("Direction", "Type", "Folder"):
        said = model.said(name, _INCOMING | _OUTGOING)
        if direction is None and said is not None:
            direction = "in" if said in _INCOMING else "out"
    return sender, receivers, direction


def _pair(
    sender: AccountRef | None, receivers: tuple[AccountRef, ...], direction: str | None
) -> ConversationRef | None:
    """The conversation of a short message, which names none: it is filed under the other end."""
    other = sender if direction == "in" else receivers[0] if direction == "out" and len(receivers) == 1 else None
    return ConversationRef(other.platform, other.id, other.name) if other is not None else None


def _state(model: Model) -> tuple[str | None, tuple[str, ...]]:
    """Deleted where the record was recovered, else the status; the words themselves stay as assumptions."""
    said = model.fields.get("Status")
    if model.deleted in ("Deleted", "Trash"):
        return "deleted", (f"deleted-state:{model.deleted}", *((f"status:{said}",) if said else ()))
    state = _STATES.get(said.casefold()) if said else None
    return state, (f"status:{said}",) if said and (state is None or state != said.casefold()) else ()


def _extras(model: Model) -> Iterator[Model]:
    for name in ("MessageExtraData", "ExtraData", "MessageLabels"):
        yield from model.all(name)


def _references(model: Model) -> tuple[str | None, str | None]:
    """Native id of the message replied to or quoted, and the account a message was forwarded from."""
    reply = forwarded = None
    for one in _extras(model):
        if one.type in ("ReplyMessageData", "QuotedMessageData"):
            inside = one.one("InstantMessage")
            said = one.fields.get("OriginalMessageID") or one.fields.get("ReferenceId")
            reply = reply or said or (inside.fields.get("Identifier") if inside is not None else None)
        elif one.type == "ForwardedMessageData":
            origin = one.one("OriginalSender")
            if origin is not None:
                forwarded = origin.fields.get("Identifier") or origin.fields.get("Name")
    return reply, forwarded


def _reactions(
    model: Model, locator: Locator, conversation: ConversationRef | None, platform: str, setting: Setting
) -> Iterator[Event]:
    for index, one in enumerate(one for one in _extras(model) if "Reaction" in one.type):
        at, assumptions = moment(one, "TimeStamp", setting)
        actor = one.one("Participant") or one.one("From") or one.one("Party")
        yield Event(
            locator=msgspec.structs.replace(locator, path=f"{locator.path}/reactions/{index}", units=0),
            platform=platform,
            kind="reaction",
            conversation=conversation,
            device=device_of(model, setting),
            actor=party(actor, platform),
            target=model.fields.get("Identifier"),
            at=at,
            value=next(
                (one.fields[name] for name in ("Reaction", "Value", "Emoji", "Name") if name in one.fields), None
            ),
            assumptions=assumptions,
        )


def _attachments(model: Model, setting: Setting) -> Iterator[Attachment]:
    for one in (*model.all("Attachments"), *model.all("Attachment")):
        media = one.fields.get("ContentType")
        kind = (media or "").partition("/")[0].casefold()
        path = dict.get(one.fields, "attachment_extracted_path")
        member = path.replace("\\", "/").lstrip("/") if path else setting.files.get(one.fields.get("Filename", ""))
        name = one.fields.get("Filename") or one.fields.get("Title") or one.fields.get("URL") or member
        if member in setting.beside or name == member:
            one.fields.names.add("attachment_extracted_path")
        yield Attachment(
            kind if kind in ("image", "video", "audio") else "file",
            name,
            media,
            one.whole("Size"),
            member if member in setting.beside else None,
        )
    for one in model.all("SharedContacts"):
        yield Attachment("contact", one.fields.get("Name"))


def _place(model: Model | None) -> Place | None:
    if model is None:
        return None
    place = fields.place(dict.get(model.fields, "Latitude"), dict.get(model.fields, "Longitude"))
    if place is None:
        return None
    model.fields.names |= {"Latitude", "Longitude"}
    return Place(place.latitude, place.longitude, model.fields.get("PositionAddress") or model.fields.get("Comment"))
