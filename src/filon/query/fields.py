"""The fields a search can name, what their values mean, and the facts about a message that ``is:`` and ``has:`` ask for.

Three kinds of value: a *name* (``from:dylan``) matches where its words stand one after the other in one of the names; a
*code* (``platform:signal``) matches the whole of the value; a *choice* (``is:edited``) is one of a list.
"""

from collections.abc import Iterable
from typing import Literal

from filon.words.sentence import sentence as _

__all__ = ["CHOICES", "FIELDS", "HAS", "IS", "NUMBERED", "FieldKind", "flags", "held"]

FieldKind = Literal["name", "code", "choice", "date", "regex"]

FIELDS: dict[str, FieldKind] = {
    "from": "name",
    "to": "name",
    "with": "name",
    "in": "name",
    "device": "name",
    "item": "name",
    "date": "date",
    "platform": "code",
    "kind": "code",
    "state": "code",
    "lang": "code",
    "tag": "code",
    "mention": "code",
    "has": "choice",
    "is": "choice",
    "text": "regex",
}

NUMBERED = frozenset(("from", "to", "with", "in", "item"))
"""Fields that also take ``#7``: the number of an account, a conversation or an item inside the case."""

IS: dict[str, str] = {
    "deleted": _("marked as deleted or unsent"),
    "edited": _("edited after sending, as the source says"),
    "forwarded": _("forwarded from elsewhere"),
    "incoming": _("received by the device"),
    "one-sided": _("held by one device only although the other side's device is in the case"),
    "outgoing": _("sent by the device"),
    "reply": _("a reply to another message"),
    "undated": _("without any time"),
    "unzoned": _("timed by a clock whose zone is unknown"),
}
"""Values of ``is:`` and what they say of a message. ``one-sided`` is resolved by the case before anything is searched."""

_ATTACHMENTS = ("image", "video", "audio", "voice", "file", "sticker", "contact", "location")
HAS: dict[str, str] = {
    **{kind: kind for kind in _ATTACHMENTS},
    "photo": "image",
    "picture": "image",
    "attachment": "attachment",
    "place": "location",
    "text": "text",
}
"""Values of ``has:``, each with the one it stands for."""

CHOICES: dict[str, Iterable[str]] = {"is": IS, "has": HAS}


def held(attachments: Iterable[str], *, place: bool, text: str | None) -> frozenset[str]:
    """What a message has, from the kinds of its attachments: those kinds, ``attachment``, ``location``, ``text``."""
    kinds = frozenset(attachments)
    more = {"attachment": bool(kinds), "location": place, "text": bool(text)}
    return kinds | {name for name, there in more.items() if there}


def flags(
    *,
    state: str | None,
    direction: str | None,
    deleted: bool,
    edited: bool,
    reply: bool,
    forwarded: bool,
    at: int | None,
    local: int | None,
) -> frozenset[str]:
    """What a message is, but for ``one-sided``. ``deleted edited reply forwarded``: whether the source gives that value."""
    facts = {
        "deleted": deleted or state in ("deleted", "unsent"),
        "edited": edited,
        "forwarded": forwarded,
        "incoming": direction == "in",
        "outgoing": direction == "out",
        "reply": reply,
        "undated": at is None and local is None,
        "unzoned": at is None and local is not None,
    }
    return frozenset(name for name, true in facts.items() if true)
