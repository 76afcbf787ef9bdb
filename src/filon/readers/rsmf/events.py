"""Elements of the ``events`` array as Messages and Events."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from filon.evidence import fields
from filon.evidence.elements import Element
from filon.evidence.unread import UnreadKeys
from filon.model.records import AccountRef, Attachment, ConversationRef, Event, Locator, Message
from filon.model.time import Stamp
from filon.readers.rsmf.rules import READ, Faults

__all__ = ["Talk", "Transcript", "read_event"]

_KINDS = {
    "image": frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic", "bmp", "tif", "tiff"}),
    "video": frozenset({"mp4", "mov", "3gp", "avi", "mkv", "webm", "m4v"}),
    "audio": frozenset({"mp3", "m4a", "aac", "ogg", "opus", "wav", "amr", "flac"}),
}
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})$")


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation of the manifest. ``custodian``: id of the participant whose copy it is."""

    ref: ConversationRef
    participants: frozenset[str]
    custodian: str | None


class Transcript(msgspec.Struct, kw_only=True):
    """What events refer to, and what is found out on the way."""

    zone: str | None
    owner: str | None
    platform: str
    people: dict[str, Mapping[str, Any]]
    talks: dict[str, Talk]
    files: frozenset[str] | None
    linked: bool
    """True where packed files are siblings that can be opened."""
    faults: Faults
    unread: UnreadKeys

    def account(self, native: Any, platform: str) -> AccountRef | None:
        """The account of a participant: by its account or address; ids of a manifest mean nothing outside of it."""
        key = fields.word(native)
        if key is None:
            return None
        person = self.people.get(key, {})
        handle = fields.word(person.get("account_id")) or fields.word(person.get("email"))
        return AccountRef(platform, handle, fields.word(person.get("display")) or (None if handle else key))

    def count_custom(self, value: Mapping[str, Any]) -> None:
        """Count the properties of an object that its program added: they have no meaning of their own."""
        for one in fields.listed(value.get("custom")):
            self.unread.count(f"custom {(fields.word(fields.mapped(one).get('name')) or '')[:100]}")

    def moment(self, value: Mapping[str, Any]) -> tuple[Stamp | None, tuple[str, ...]]:
        """The ``timestamp``: an instant where it has an offset, else a wall time."""
        written = value.get("timestamp")
        stamp = fields.iso(written, self.zone, "ms" if isinstance(written, str) and "." in written else "s")
        return stamp, (f"zone:{self.zone}",) if stamp is not None and stamp.basis == "user" else ()


def read_event(found: Element, locator: Locator, script: Transcript) -> Iterator[Message | Event]:
    """The event, then what happened to it: reactions, edits, receipts."""
    value: Mapping[str, Any] = found.value
    script.faults.check("event", value, locator)
    script.unread.check(value, READ["event"])
    talk = _talk(value, locator, script)
    platform = talk.ref.platform if talk is not None else script.platform
    script.count_custom(value)
    kind = value.get("type")
    if kind in ("message", "history") or (kind not in ("join", "leave", "disclaimer", "unknown") and "body" in value):
        yield _message(value, locator, talk, platform, script)
    else:
        at, assumptions = script.moment(value)
        yield Event(
            locator=locator,
            platform=platform,
            kind=kind if kind in ("join", "leave") else "other",
            conversation=talk.ref if talk is not None else None,
            device=_device(talk, script),
            actor=script.account(value.get("participant"), platform),
            at=at,
            value=None if kind in ("join", "leave") else fields.word(kind),
            text=fields.word(value.get("body")),
            assumptions=assumptions,
        )
    yield from _happened(value, locator, talk, platform, script)


def _talk(value: Mapping[str, Any], locator: Locator, script: Transcript) -> Talk | None:
    """The conversation an event names; what it names that is not there breaks a rule."""
    named, who = fields.word(value.get("conversation")), fields.word(value.get("participant"))
    talk = script.talks.get(named) if named is not None else None
    if named is not None and talk is None:
        script.faults.add("rsmf-unknown-conversation", f"event: {named}", locator)
    if who is not None and who not in script.people:
        script.faults.add("rsmf-unknown-participant", f"event: {who}", locator)
    elif who is not None and talk is not None and who not in talk.participants:
        script.faults.add("rsmf-participant-outside-conversation", f"event: {who} in {named}", locator)
    return talk


def _device(talk: Talk | None, script: Transcript) -> str | None:
    """Whose copy it is: what the user said, else the custodian."""
    if script.owner is not None or talk is None or talk.custodian is None:
        return script.owner
    who = script.account(talk.custodian, talk.ref.platform)
    return (who.id or who.name) if who is not None else None


def _message(
    value: Mapping[str, Any], locator: Locator, talk: Talk | None, platform: str, script: Transcript
) -> Message:
    sent, assumptions = script.moment(value)
    edits = [script.moment(fields.mapped(one))[0] for one in fields.listed(value.get("edits"))]
    times = [stamp for stamp in edits if stamp is not None and stamp.order is not None]
    attachments = tuple(_attachments(value, locator, script))
    who = fields.word(value.get("participant"))
    direction = {"incoming": "in", "outgoing": "out"}.get(str(value.get("direction")))
    if direction is None and talk is not None and talk.custodian is not None and who is not None:
        direction = "out" if who == talk.custodian else "in"
    return Message(
        locator=locator,
        platform=platform,
        conversation=talk.ref if talk is not None else None,
        device=_device(talk, script),
        account_from=script.account(who, platform),
        accounts_to=_receivers(talk, who, platform, script),
        direction=direction,
        native_id=fields.word(value.get("id")),
        sent=sent,
        edited=max(times, key=lambda stamp: stamp.order or 0) if times else Stamp() if edits else None,
        text=fields.word(value.get("body")),
        kind=attachments[0].kind if attachments else "text",
        state="deleted" if value.get("deleted") is True else None,
        reply_to=fields.word(value.get("parent")),
        attachments=attachments,
        assumptions=assumptions
        + (("rsmf:history",) if value.get("type") == "history" else ())
        + (("importance:high",) if value.get("importance") == "high" else ()),
    )


def _receivers(talk: Talk | None, who: str | None, platform: str, script: Transcript) -> tuple[AccountRef, ...]:
    """The other end, where a conversation has just two."""
    if talk is None or len(talk.participants) != 2 or who not in talk.participants:
        return ()
    other = script.account(next(iter(talk.participants - {who})), platform)
    return (other,) if other is not None else ()


def _attachments(value: Mapping[str, Any], locator: Locator, script: Transcript) -> Iterator[Attachment]:
    for one in fields.listed(value.get("attachments")):
        attachment = fields.mapped(one)
        file, shown = fields.word(attachment.get("id")), fields.word(attachment.get("display"))
        if file is not None and script.files is not None and file not in script.files:
            script.faults.add("rsmf-missing-file", f"attachment: {file}", locator)
        extension = _EXTENSION.search(shown or file or "")
        kind = next((k for k, known in _KINDS.items() if extension and extension[1].casefold() in known), "file")
        member = file if script.linked and script.files is not None and file in script.files else None
        yield Attachment(kind, shown or file, None, fields.integer(attachment.get("size")), member)


def _happened(
    value: Mapping[str, Any], locator: Locator, talk: Talk | None, platform: str, script: Transcript
) -> Iterator[Event]:
    for key, kind in (("edits", "edit"), ("read_receipts", "receipt")):
        for index, one in enumerate(fields.listed(value.get(key))):
            part = fields.mapped(one)
            happened = _event(f"{key}/{index}", kind, part, value, locator, talk, platform, script)
            said, text = (part.get("previous"), part.get("new")) if kind == "edit" else (part.get("action"), None)
            yield msgspec.structs.replace(happened, value=fields.word(said), text=fields.word(text))
    for index, one in enumerate(fields.listed(value.get("reactions"))):
        reaction = fields.mapped(one)
        reacted = [who for who in map(fields.word, fields.listed(reaction.get("participants"))) if who]
        count = fields.integer(reaction.get("count"))
        for order, who in enumerate(reacted):
            part = {"participant": who}
            path = f"reactions/{index}/participants/{order}"
            happened = _event(path, "reaction", part, value, locator, talk, platform, script)
            yield msgspec.structs.replace(happened, value=fields.word(reaction.get("value")))
        if not reacted or (count is not None and count > len(reacted)):
            rest = {key: one for key, one in reaction.items() if key != "participants"}
            happened = _event(f"reactions/{index}", "reaction", {}, value, locator, talk, platform, script)
            text = msgspec.json.encode(rest).decode()
            yield msgspec.structs.replace(happened, value=fields.word(reaction.get("value")), text=text)


def _event(
    path: str,
    kind: str,
    part: Mapping[str, Any],
    value: Mapping[str, Any],
    locator: Locator,
    talk: Talk | None,
    platform: str,
    script: Transcript,
) -> Event:
    at, assumptions = script.moment(part)
    return Event(
        locator=Locator(f"{locator.path}/{path}", locator.offset, locator.length, 0),
        platform=platform,
        kind=kind,
        conversation=talk.ref if talk is not None else None,
        device=_device(talk, script),
        actor=script.account(part.get("participant"), platform),
        target=fields.word(value.get("id")),
        at=at,
        assumptions=assumptions,
    )
