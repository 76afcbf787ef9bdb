"""Whom a Telegram export names beside its messages: the account it was made from, and its contact list."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from filon.evidence import fields
from filon.evidence.elements import Element
from filon.model.records import Account, AccountRef, Defect, Locator, Name, Record, Skipped
from filon.readers.telegram.message import PLATFORM, Setting
from filon.readers.telegram.shapes import HEAD, PERSON

__all__ = ["contact", "native", "own_account"]


def native(found: Element) -> str | None:
    """``user1`` for an object with a ``user_id``; exports write 0 for contacts whose account they do not say."""
    number = fields.integer(fields.mapped(found.value).get("user_id"))
    return f"user{number}" if number else None


def own_account(found: Element, setting: Setting) -> Iterator[Record]:
    """The account that made the export."""
    person = fields.mapped(found.value)
    setting.unread.check({"personal_information": found.value}, HEAD)
    name = _full_name(person)
    if setting.owner is not None or name is not None:
        ref = AccountRef(PLATFORM, setting.owner, name)
        locator = Locator(found.pointer, found.offset, found.length, 0)
        yield Account(ref, locator, tuple(_names(person, "display")), setting.device, owner=True)


def contact(found: Element, setting: Setting) -> Iterator[Record]:
    """An entry of the contact list. Where its number is missing the telephone number identifies it."""
    person = fields.mapped(found.value)
    locator = Locator(found.pointer, found.offset, found.length)
    phone, name = fields.word(person.get("phone_number")), _full_name(person)
    known = native(found) or (f"tel:{phone.replace(' ', '')}" if phone else None)
    if known is None and name is None:
        raw = found.raw[:200].decode("utf-8", errors="replace")
        yield Defect(locator=locator, code="not-a-contact", raw=raw)
        return
    setting.unread.check(person, PERSON, "contacts/")
    ref = AccountRef(PLATFORM, known, name)
    yield Account(ref, msgspec.structs.replace(locator, units=0), tuple(_names(person, "nickname")), setting.device)
    yield Skipped("contact, kept as an account")


def _full_name(person: Mapping[str, Any]) -> str | None:
    said = [fields.word(person.get(key)) for key in ("first_name", "last_name")]
    return " ".join(word for word in said if word) or None


def _names(person: Mapping[str, Any], kind: str) -> Iterator[Name]:
    if name := _full_name(person):
        yield Name(name, kind)
    for key in ("username", "phone_number"):
        if handle := fields.word(person.get(key)):
            yield Name(handle, "handle")
