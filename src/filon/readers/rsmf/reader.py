"""Read an RSMF package: who and where first, then the events in a second pass."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from filon.evidence import fields
from filon.evidence.elements import Broken, Element, elements
from filon.evidence.reading import Format, Given, Question, question
from filon.evidence.source import Source
from filon.evidence.unread import UnreadKeys
from filon.model.records import Account, Conversation, ConversationRef, Defect, Locator, Name, Record, Total
from filon.readers.rsmf.container import MANIFEST, Package, is_mail, open_package
from filon.readers.rsmf.events import Talk, Transcript, read_event
from filon.readers.rsmf.rules import READ, Faults

__all__ = ["READER", "Rsmf"]

_HEADS = ("/version", "/eventcollectionid", "/participants/*", "/conversations/*")
_EVENTS = "/events/*"
_KINDS = {"direct": "direct", "channel": "channel"}
_PLATFORM = "rsmf"
"""Of events that name no conversation."""
_ASKED = 1000
_UNIQUE = 16
"""Characters of an ``eventcollectionid`` that is taken to be unique, as a GUID is; ``1`` and ``col1`` are not."""
_ARRAYS = re.compile(rb'"(participants|conversations|events)"\s*:\s*\[')


class Rsmf:
    """Reader of ``.rsmf``, ``rsmf.zip`` and ``rsmf_manifest.json``."""

    format = Format(
        name="rsmf",
        title="Relativity Short Message Format",
        version=1,
        unit="elements of the events array",
        seen=("2.0.0 (deliberately invalid samples)", "1.0.0"),
        made=("2.0.0 with every property",),
        extensions=(".rsmf", ".eml", ".json", ".zip"),
    )

    def sniff(self, source: Source) -> float:
        """Sure by the header of the e-mail or the name of the manifest."""
        head = source.head()
        if head.startswith(b"PK\x03\x04"):
            return 0.9 if MANIFEST.encode() in head else 0.0
        if is_mail(head):
            return 0.98
        plain = head.replace(b"\0", b"")
        if plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] != b"{" or b'"participants"' not in plain:
            return 0.0
        if source.name.endswith(MANIFEST):
            return 0.98
        # The schema of the format names the same properties, but has no such arrays.
        return 0.85 if {b"participants", b"conversations"} <= set(_ARRAYS.findall(plain)) else 0.0

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """The zone, where events have times without an offset."""
        package = open_package(source)
        if given.zone is not None or package.open is None:
            return ()
        looked = wall = 0
        with package.open() as stream:
            for found in elements(stream, (_EVENTS,)):
                if isinstance(found, Element):
                    looked += 1
                    stamp = fields.iso(fields.mapped(found.value).get("timestamp"), None)
                    wall += stamp is not None and stamp.local is not None
                    if looked == _ASKED:
                        break
        if not wall:
            return ()
        asked = question(
            "{wall} of the first {looked} events have times without an offset; the format wants UTC but does not say so",
            name="zone",
            wall=wall,
            looked=looked,
        )
        return (asked,)

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Accounts, conversations, then messages and events in the order of the manifest, then the broken rules."""
        package = open_package(source)
        units = 0
        if package.open is not None:
            script = _transcript(package, given)
            yield from _surroundings(package, script)
            for record in _events(package, script):
                if isinstance(record, int):
                    units += record
                else:
                    yield record
            yield from script.faults.defects()
            yield from script.unread.records()
            if package.events is not None and package.events != str(units):
                package.fault("rsmf-event-count", f"the header says {package.events[:50]}, the manifest holds {units}")
        yield from package.defects
        yield Total(units)


def _transcript(package: Package, given: Given) -> Transcript:
    return Transcript(
        zone=given.zone,
        owner=given.owner,
        platform=_PLATFORM,
        people={},
        talks={},
        files=package.files,
        linked=not package.prefix,
        faults=Faults(),
        unread=UnreadKeys(),
    )


def _locator(package: Package, found: Element | Broken, units: int) -> Locator:
    """Offsets are those of the item only where the manifest is the item."""
    if package.prefix:
        return Locator(package.prefix + found.pointer, units=units)
    return Locator(found.pointer, found.offset, found.length, units)


def _surroundings(package: Package, script: Transcript) -> Iterator[Record]:
    """First pass: participants and conversations, wherever they stand."""
    assert package.open is not None
    collection = version = None
    conversations: list[tuple[Mapping[str, Any], Locator]] = []
    with package.open() as stream:
        for found in elements(stream, _HEADS):
            if not isinstance(found, Element):
                continue
            locator, value = _locator(package, found, 0), fields.mapped(found.value)
            if found.pointer[1:] in READ["document"]:
                script.unread.check({found.pointer[1:]: found.value}, READ["document"])
            if found.pointer == "/eventcollectionid":
                collection = fields.word(found.value)
            elif found.pointer == "/version":
                version = fields.word(found.value)
            elif found.pointer.startswith("/participants/"):
                script.faults.check("participant", value, locator)
                script.count_custom(value)
                if (key := fields.word(value.get("id"))) is not None:
                    script.people[key] = value
                _file(value.get("avatar"), "avatar", locator, script)
            else:
                conversations.append((value, locator))
    if version is None:
        script.faults.add("rsmf-schema", "version is missing", Locator(package.prefix or "document", units=0))
    for value, locator in conversations:
        yield from _conversation(value, locator, collection, script)


def _conversation(
    value: Mapping[str, Any], locator: Locator, collection: str | None, script: Transcript
) -> Iterator[Record]:
    script.faults.check("conversation", value, locator)
    script.unread.check(value, READ["conversation"], "conversations/")
    script.count_custom(value)
    _file(value.get("icon"), "icon", locator, script)
    platform = (fields.word(value.get("platform")) or _PLATFORM).casefold()
    native = fields.word(value.get("id"))
    keys = [key for key in map(fields.word, fields.listed(value.get("participants"))) if key is not None]
    for key in keys:
        if key not in script.people:
            script.faults.add("rsmf-unknown-participant", f"conversation: {key}", locator)
    # Ids of a manifest mean something outside of it only together with the collection they were cut from, and only
    # where the collection's own id is long enough not to be anybody else's.
    grouped = collection is not None and native is not None
    shared = grouped and len(collection or "") >= _UNIQUE
    ref = ConversationRef(
        platform, f"{collection}/{native}" if grouped else native, fields.word(value.get("display")), shared
    )
    custodian = fields.word(value.get("custodian"))
    if native is not None:
        script.talks[native] = Talk(ref=ref, participants=frozenset(keys), custodian=custodian)
    people = tuple(who for key in keys if (who := script.account(key, platform)) is not None)
    copy_of = script.account(custodian, platform)
    device = script.owner or ((copy_of.id or copy_of.name) if copy_of is not None else None)
    for key, who in zip(keys, people, strict=True):
        display = fields.word(script.people.get(key, {}).get("display"))
        names = (Name(display, "display"),) if display else ()
        yield Account(who, locator, names, device, owner=key == custodian)
    kind = _KINDS.get(str(value.get("type")))
    yield Conversation(ref, locator, kind, people, device)


def _file(name: Any, what: str, locator: Locator, script: Transcript) -> None:
    file = fields.word(name)
    if file is not None and script.files is not None and file not in script.files:
        script.faults.add("rsmf-missing-file", f"{what}: {file}", locator)


def _events(package: Package, script: Transcript) -> Iterator[Record | int]:
    """Second pass: the events; an int for each unit met."""
    assert package.open is not None
    with package.open() as stream:
        for found in elements(stream, (_EVENTS, *_HEADS)):
            if isinstance(found, Broken):
                yield 1
                defect = fields.broken(found)
                yield Defect(
                    locator=_locator(package, found, 1), code=defect.code, detail=defect.detail, raw=defect.raw
                )
            elif not isinstance(found, Element):
                script.unread.add([found.pointer])
            elif found.pointer.startswith("/events/"):
                yield 1
                yield from _event(found, package, script)


def _event(found: Element, package: Package, script: Transcript) -> Iterator[Record]:
    locator = _locator(package, found, 1)
    for loss in fields.losses(found):
        yield Defect(locator=_locator(package, found, 0), code=loss.code, raw=loss.raw)
    if type(found.value) is dict:
        yield from read_event(found, locator, script)
    else:
        raw = found.raw[:200].decode("utf-8", errors="replace")
        yield Defect(locator=locator, code="not-an-event", detail=type(found.value).__name__, raw=raw)


READER = Rsmf()
