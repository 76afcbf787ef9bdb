"""Service messages and reactions of a Telegram export as Events."""

from collections.abc import Iterator
from typing import Any

import msgspec

from filon.evidence import fields
from filon.evidence.elements import Element
from filon.model.records import AccountRef, Event, Locator
from filon.readers.telegram.message import PLATFORM, Chat, Setting, account, edited, ends, moment, words
from filon.readers.telegram.shapes import SERVICE

__all__ = ["read_reactions", "read_service"]

_KINDS = {
    "add_members": "add",
    "clear_history": "deletion",
    "create_channel": "create",
    "create_group": "create",
    "edit_group_title": "rename",
    "group_call": "call",
    "group_call_scheduled": "call",
    "invite_members": "add",
    "invite_to_group_call": "call",
    "join_group_by_link": "join",
    "join_group_by_request": "join",
    "phone_call": "call",
    "pin_message": "pin",
    "remove_members": "remove",
    "set_messages_ttl": "timer",
    "topic_created": "topic",
    "topic_edit": "topic",
}
"""Kind of event by action. Every other action is ``other``, with the action as its value."""
_VALUES = {
    "call": ("duration_seconds", "duration"),
    "create": ("title",),
    "rename": ("title",),
    "timer": ("period", "period_seconds"),
    "topic": ("title", "new_title"),
}
_FRAME = frozenset(
    [
        *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "actor", "actor_id", "action"),
        *("members", "text", "text_entities", "message_id", "reactions"),
    ]
)


def read_service(found: Element, chat: Chat, setting: Setting) -> Event:
    """What a service message tells.

    ``value`` is the new title, the seconds of a call or timer, else (kind ``other`` or no such value) the action.
    Whatever else the service message holds stands in ``text`` as JSON, in the source's own words.
    """
    message: dict[str, Any] = found.value
    setting.unread.check(message, SERVICE)
    action = fields.word(message.get("action")) or ""
    kind = _KINDS.get(action, "other")
    actor = account(message.get("actor_id", message.get("from_id")), message.get("actor", message.get("from")), chat)
    members = tuple(_members(message.get("members")))
    if kind in ("add", "remove") and len(members) == 1 and _same(actor, members[0]):
        kind, members = ("join" if kind == "add" else "leave"), ()
    at, assumptions = moment(message, setting)
    taken = next((key for key in _VALUES.get(kind, ()) if fields.word(message.get(key))), None)
    rest = {key: value for key, value in message.items() if key not in _FRAME and key != taken}
    if len(members) < len(fields.listed(message.get("members"))) and kind not in ("join", "leave"):
        rest["members"] = message["members"]  # null stands for a deleted account
    if kind == "call" and not members:
        members = ends(actor, chat, setting)[1]
    changed, _ = edited(message, setting)
    if changed is not None:
        rest["edited"] = changed.raw
    text, pieces = message.get("text"), message.get("text_entities")
    if text and (rest or type(text) is not str):
        rest["text"] = text
    if pieces and words(pieces) != text:
        rest["text_entities"] = pieces
    return Event(
        locator=Locator(found.pointer, found.offset, found.length),
        platform=PLATFORM,
        kind=kind,
        conversation=chat.ref,
        device=setting.device,
        actor=actor,
        accounts=members,
        target=fields.word(message.get("message_id")) if kind == "pin" else None,
        at=at,
        value=fields.word(message.get(taken)) if taken else action or None,
        text=_json(rest) if rest else fields.text(text),
        assumptions=assumptions + found.rules,
    )


def read_reactions(found: Element, chat: Chat, setting: Setting) -> Iterator[Event]:
    """The reactions to a message: one event for each that names who reacted, one for the number of the others."""
    target = fields.word(found.value.get("id"))
    for index, reaction in enumerate(fields.listed(found.value.get("reactions"))):
        reaction = fields.mapped(reaction)
        value = fields.word(reaction.get("emoji")) or fields.word(reaction.get("document_id"))
        value = value or fields.word(reaction.get("type"))
        recent = fields.listed(reaction.get("recent"))
        for order, one in enumerate(recent):
            one = fields.mapped(one)
            at, assumptions = moment(dict(one), setting)
            yield Event(
                locator=_part(found, f"reactions/{index}/recent/{order}"),
                platform=PLATFORM,
                kind="reaction",
                conversation=chat.ref,
                device=setting.device,
                actor=account(one.get("from_id"), one.get("from"), chat),
                target=target,
                at=at,
                value=value,
                assumptions=assumptions,
            )
        count = fields.integer(reaction.get("count"))
        if count is None or count > len(recent):
            rest = {key: one for key, one in reaction.items() if key != "recent"}
            yield Event(
                locator=_part(found, f"reactions/{index}"),
                platform=PLATFORM,
                kind="reaction",
                conversation=chat.ref,
                device=setting.device,
                target=target,
                value=value,
                text=_json(rest),
            )


def _part(found: Element, path: str) -> Locator:
    return Locator(f"{found.pointer}/{path}", found.offset, found.length, 0)


def _members(value: Any) -> Iterator[AccountRef]:
    """Accounts a service message names: mostly by display name only."""
    for member in fields.listed(value):
        named = fields.mapped(member)
        ref = account(named.get("id"), named.get("name")) if named else account(None, fields.word(member))
        if ref is not None:
            yield ref


def _same(actor: AccountRef | None, member: AccountRef) -> bool:
    if actor is None:
        return False
    return actor.id == member.id if member.id else member.name is not None and actor.name == member.name


def _json(value: Any) -> str | None:
    return msgspec.json.encode(value).decode() if value else None
