"""Walk a UFDR report: files, extractions, then the decoded models one after the other."""

import re
from collections.abc import Iterator
from typing import Any

from filon.evidence.reading import Format, Given, Question, question
from filon.evidence.source import Source
from filon.evidence.unread import UnreadKeys
from filon.evidence.xml import Flaw, drop, local, stream_elements
from filon.model.records import Defect, Locator, Record, Total
from filon.readers.ufdr.message import Setting, Within, is_owner, moment, party, read_message
from filon.readers.ufdr.records import chat_ref, read_call, read_chat, read_people
from filon.readers.ufdr.tree import Model, head_of, model_of

__all__ = ["READER", "Ufdr"]

_ROOT = re.compile(rb"<project\b[^>]{0,2000}http://pa\.cellebrite\.com/report/")
_TAGS = ("model", "file", "extractionInfo", "extraInfo")
_MESSAGES = frozenset({"InstantMessage", "SMS", "MMS"})
_KNOWN = _MESSAGES | {"Chat", "Call", "Contact", "UserAccount"}
_Place = tuple[int | None, int | None]
"""Offset and length in bytes."""
_FILES_KEPT = 2_000_000
_ASKED = 2000


class Ufdr:
    """Reader of ``report.xml``."""

    format = Format(
        name="cellebrite-ufdr",
        title="Cellebrite UFDR report (XML)",
        version=1,
        unit="models: Chat, InstantMessage, SMS, MMS, Call, Contact, UserAccount",
        made=("report namespace 2.0",),
        extensions=(".xml", ".ufdr"),
        claims_beside=True,
    )

    def sniff(self, source: Source) -> float:
        """Sure by the root element and its namespace."""
        return 0.98 if _ROOT.search(source.head().replace(b"\0", b"")) else 0.0

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """The zone, where times of messages have no offset."""
        if given.zone is not None:
            return ()
        looked = wall = 0
        with source.open() as stream:
            for found in stream_elements(stream, ("model",)):
                if isinstance(found, Flaw) or looked == _ASKED:
                    break
                event, element, _ = found
                if event == "end" and element.get("type") in _MESSAGES:
                    looked += 1
                    stamp, _ = moment(model_of(element), "TimeStamp", _setting(source, given))
                    wall += stamp is not None and stamp.local is not None
                    drop(element)
        if not wall:
            return ()
        asked = question(
            "{wall} of the first {looked} messages have times without an offset; the report does not say whose clock",
            name="zone",
            wall=wall,
            looked=looked,
        )
        return (asked,)

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Messages, events, conversations, accounts and defects in the order of the report."""
        return _Reading(source, given).run()


def _setting(source: Source, given: Given, beside: frozenset[str] = frozenset()) -> Setting:
    return Setting(zone=given.zone, owner=given.owner, beside=beside, unread=UnreadKeys(), files={}, devices={})


class _Reading:
    """One pass over one report. ``open`` holds the types of the models that have begun and not ended."""

    def __init__(self, source: Source, given: Given) -> None:
        self.source = source
        self.setting = _setting(source, given, frozenset(source.beside()))
        self.units = 0
        self.ended = 0
        self.open: list[str] = []
        self.began: list[int | None] = []
        self.chat: Model | None = None
        self.waiting: list[tuple[Model, int, _Place]] = []
        self.within = 0
        self.top: dict[str, int] = {}

    def run(self) -> Iterator[Record]:
        with self.source.open() as stream:
            for found in stream_elements(stream, _TAGS):
                if isinstance(found, Flaw):
                    yield from self._flawed(found)
                    continue
                event, element, offset = found
                if local(element) != "model":
                    self._beside(event, element)
                elif event == "start":
                    self._begin(element, offset)
                else:
                    yield from self._end(element, offset)
        yield from self._waiting()
        yield from self.setting.unread.records()
        yield Total(self.units)

    def _beside(self, event: str, element: Any) -> None:
        """Files and extractions: what models refer to."""
        if event != "end":
            return
        kind = local(element)
        if kind == "extractionInfo" and (key := element.get("id")) is not None:
            self.setting.devices[key] = element.get("deviceName") or element.get("name") or key
        elif kind == "extraInfo":
            self.setting.unread.count("extraInfo")
            drop(element)
        elif kind == "file" and not self.open:
            path, local_path = element.get("path"), _local_path(element)
            if path and local_path and len(self.setting.files) < _FILES_KEPT:
                self.setting.files[path] = local_path
            drop(element)

    def _begin(self, element: Any, offset: int | None) -> None:
        kind = element.get("type") or ""
        if self._counted(kind):
            self.units += 1
        if not self.open and kind == "Chat":
            self.chat, self.within = None, 0
        self.open.append(kind)
        self.began.append(offset)

    def _counted(self, kind: str) -> bool:
        """A unit: a known model at the top, or a message right inside a chat at the top."""
        return (not self.open and kind in _KNOWN) or (self.open == ["Chat"] and kind == "InstantMessage")

    def _end(self, element: Any, offset: int | None) -> Iterator[Record]:
        kind, start = self.open.pop(), self.began.pop()
        place = (start, offset - start) if start is not None and offset is not None else (None, None)
        if self.open == ["Chat"] and kind == "InstantMessage":
            self.ended += 1
            yield from self._message_of_chat(element, place)
            drop(element)
        elif not self.open:
            model = model_of(element)
            if kind in _KNOWN:
                self.ended += 1
                yield from self._top(model, place)
            else:
                self.setting.unread.count(f"model {kind[:100]}")
            drop(element)

    def _message_of_chat(self, element: Any, place: _Place) -> Iterator[Record]:
        """A message as soon as the chat's id and source are known, else when the chat ends."""
        if self.chat is None:
            chat = _parent_chat(element)
            if "Id" in chat.fields and "Source" in chat.fields:
                self.chat = chat
        self.waiting.append((model_of(element), self.within, place))
        self.within += 1
        if self.chat is not None:
            yield from self._waiting()

    def _waiting(self) -> Iterator[Record]:
        """Messages of the chat at hand; where it never ended, without it."""
        chat = self.chat
        within = Within() if chat is None else _within(chat)
        for model, index, place in self.waiting:
            path = _path(model, f"{_path(chat, 'Chat')}/messages/{index}" if chat is not None else f"messages/{index}")
            yield from read_message(model, Locator(path, *place), within, self.setting)
            self.setting.unread.add(model.unread())
        self.waiting = []

    def _top(self, model: Model, place: _Place) -> Iterator[Record]:
        number = self.top[model.type] = self.top.get(model.type, 0) + 1
        locator = Locator(_path(model, f"{model.type}[{number}]"), *place)
        if model.type == "Chat":
            self.chat = model
            yield from self._waiting()
            yield from read_chat(model, locator, self.setting)
            self.chat = None
        elif model.type in _MESSAGES:
            yield from read_message(model, locator, Within(), self.setting)
        elif model.type == "Call":
            yield read_call(model, locator, self.setting)
        else:
            yield from read_people(model, locator, self.setting)
        self.setting.unread.add(model.unread())

    def _flawed(self, flaw: Flaw) -> Iterator[Record]:
        """One defect, standing for the models that had begun and never ended."""
        yield from self._waiting()
        lost = self.units - self.ended if flaw.code != "xml-characters" else 0
        where = f"line {flaw.line}" if flaw.line is not None else "document"
        yield Defect(locator=Locator(where, units=lost), code=flaw.code, detail=flaw.detail)


def _parent_chat(message: Any) -> Model:
    """What a chat that has not ended says so far."""
    element = message.getparent()
    while element is not None and not (local(element) == "model" and element.get("type") == "Chat"):
        element = element.getparent()
    return Model("Chat", None, None, None) if element is None else head_of(element, "Participants")


def _within(chat: Model) -> Within:
    ref = chat_ref(chat)
    owner = next((party(one, ref.platform) for one in chat.all("Participants") if is_owner(one)), None)
    return Within(conversation=ref, source=chat.fields.get("Source"), owner=owner)


def _path(model: Model, otherwise: str) -> str:
    """The model's own id, unique in its report, else where it stands."""
    return f"{model.type} {model.id}" if model.id else otherwise


def _local_path(file: Any) -> str | None:
    for item in file.iter():
        if local(item) == "item" and item.get("name") == "Local Path" and item.text:
            return str(item.text).strip().replace("\\", "/").lstrip("/")
    return None


READER = Ufdr()
