"""Chats, calls, contacts and accounts of a UFDR report."""

import re
from collections.abc import Iterator

from filon.model.records import (
    Account,
    AccountRef,
    Conversation,
    ConversationRef,
    Event,
    Locator,
    Name,
    Record,
    Skipped,
)
from filon.readers.ufdr.message import Setting, device_of, directed, is_owner, moment, party, platform_of
from filon.readers.ufdr.tree import Model

__all__ = ["chat_ref", "read_call", "read_chat", "read_people"]

_DURATION = re.compile(r"(?:(\d{1,4})\.)?(\d{1,3}):(\d{2}):(\d{2})(?:\.\d+)?")
_ACTIONS = (
    *(("join", "join"), ("left", "leave"), ("leave", "leave"), ("remov", "remove"), ("kick", "remove")),
    *(("add", "add"), ("invit", "add"), ("creat", "create"), ("subject", "rename"), ("title", "rename")),
    *(("name", "rename"), ("pin", "pin"), ("admin", "mode")),
)
"""Kind of event by a part of the action's word, the first that fits."""


def chat_ref(chat: Model) -> ConversationRef:
    """The conversation of a Chat model: its own id, else the id of the model, which is unique in a report.

    Ids of groups mean the same on every phone where the application says so (``…@g.us``).
    """
    native = chat.fields.get("Id")
    shared = native is not None and native.endswith(("@g.us", "@thread.skype"))
    return ConversationRef(platform_of(chat, None), native or chat.id, chat.fields.get("Name"), shared)


def read_chat(chat: Model, locator: Locator, setting: Setting) -> Iterator[Record]:
    """The conversation with its participants, and what its activity log tells. Its messages are read on their own."""
    ref = chat_ref(chat)
    device = device_of(chat, setting)
    chat.all("Messages")
    people = tuple(who for model in chat.all("Participants") if (who := party(model, ref.platform)) is not None)
    for model in chat.all("Participants"):
        yield from _owner(model, ref.platform, locator, device)
    kind = "group" if len(people) > 2 or ref.shared else "direct" if len(people) == 2 else None
    bare = Locator(locator.path, locator.offset, locator.length, 0)
    yield Conversation(ref, bare, kind, people, device)
    yield Skipped("chat, kept as a conversation")
    for index, one in enumerate((*chat.all("ActivityLog"), *chat.all("ChatActivities"))):
        said = one.fields.get("Action")
        at, assumptions = moment(one, "SystemMessageTimeStamp", setting)
        subject = party(one.one("Participant"), ref.platform)
        yield Event(
            locator=Locator(f"{locator.path}/activity/{index}", locator.offset, locator.length, 0),
            platform=ref.platform,
            kind=next((kind for part, kind in _ACTIONS if said and part in said.casefold()), "other"),
            conversation=ref,
            device=device,
            accounts=(subject,) if subject is not None else (),
            at=at,
            value=said,
            text=one.fields.get("SystemMessageBody"),
            assumptions=assumptions,
        )


def _owner(model: Model, platform: str, locator: Locator, device: str | None) -> Iterator[Account]:
    ref = party(model, platform)
    if ref is not None and is_owner(model):
        names = (Name(ref.name, "display"),) if ref.name else ()
        yield Account(ref, Locator(locator.path, locator.offset, locator.length, 0), names, device, owner=True)


def read_call(call: Model, locator: Locator, setting: Setting) -> Event:
    """A call: seconds as value; type, status and the like in the report's words as text."""
    platform = platform_of(call, None)
    at, assumptions = moment(call, "TimeStamp", setting)
    caller, called, _ = directed(call.all("Parties"), platform)
    said = [call.fields[name] for name in ("Direction", "Type", "Status", "VideoCall") if name in call.fields]
    return Event(
        locator=locator,
        platform=platform,
        kind="call",
        device=device_of(call, setting),
        actor=caller,
        accounts=called,
        at=at,
        value=_seconds(call.fields.get("Duration")),
        text=", ".join(said) or None,
        assumptions=assumptions,
    )


def _seconds(written: str | None) -> str | None:
    """``00:01:17`` in seconds; what is written otherwise as it is."""
    found = _DURATION.fullmatch(written) if written else None
    if found is None:
        return written
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def read_people(model: Model, locator: Locator, setting: Setting) -> Iterator[Record]:
    """Accounts of a Contact (by each of its entries) or of a UserAccount (the owner's own)."""
    own = model.type == "UserAccount"
    platform = (model.fields.get("ServiceType") or platform_of(model, None)).casefold()
    shown = model.fields.get("Name")
    device = device_of(model, setting)
    handles = [
        one.fields["Value"] for one in (*model.all("Entries"), *model.all("ContactEntries")) if "Value" in one.fields
    ]
    if own and (username := model.fields.get("Username")):
        handles.insert(0, username)
    names = (Name(shown, "display" if own else "nickname"),) if shown else ()
    for handle in dict.fromkeys(handles) or ([None] if shown else []):
        ref = AccountRef(platform, handle, shown)
        more = (Name(handle, "handle"),) if handle else ()
        yield Account(ref, Locator(locator.path, locator.offset, locator.length, 0), names + more, device, owner=own)
    if not (handles or shown):
        model.fields.names -= {"Source", "ServiceType"}
    what = "account" if own else "contact"
    yield Skipped(f"{what}, kept as an account" if handles or shown else f"{what} without name and handle")
