"""Transcripts of Signal as text: ``[2019-12-24, 12:23] Jane Doe: text``, with messages over several lines.

Seen: the sample of joweich/chat-miner, made with tools that write Signal Desktop's database out as text. Signal itself
exports no text, so this is what such a tool made of a chat: no ids, no receipts, no reactions, and wall times of the
machine the tool ran on.
"""

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from filon.evidence.entries import Entry, entries
from filon.evidence.lines import count_lines, excerpt, head_lines
from filon.evidence.reading import Format, Given, Question, question
from filon.evidence.source import Source
from filon.model.records import (
    Account,
    AccountRef,
    ConversationRef,
    Defect,
    Event,
    Locator,
    Message,
    Record,
    Skipped,
    Total,
)
from filon.model.time import Stamp, from_wall, unreadable
from filon.settings import Limits

__all__ = ["READER", "SignalTextReader"]

PLATFORM = "signal"
LINE_BYTES = Limits().line_bytes
_HEAD = re.compile(r"\[((\d{4}-\d\d-\d\d), (\d\d:\d\d(:\d\d)?))\] ?", re.ASCII)
_SENDER = re.compile(r"([^\n]{1,100}?):(?: |$|\n)")


class _Head(msgspec.Struct, frozen=True, gc=False):
    written: str
    wall: datetime | None
    precision: str
    end: int


class SignalTextReader:
    """Reads such transcripts. The zone is asked for and never assumed."""

    format = Format(
        name="signal-text",
        title="Signal transcript (text)",
        version=1,
        unit="lines",
        seen=("chat-miner's sample",),
        extensions=(".txt",),
    )

    def sniff(self, source: Source) -> float:
        """Sure where the first line has such a head and a sender; WhatsApp's iOS exports always write seconds."""
        texts = [text for text in head_lines(source.head(), 60) if text.strip()]
        head = _head_of(texts[0]) if texts else None
        if head is None or not _SENDER.match(texts[0][head.end :]):
            return 0.0
        named = "signal" in source.name.lower()
        if head.precision == "s":
            return 0.6 if named else 0.3
        return 0.95 if named else 0.8

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """The zone, unless it is given."""
        asked = question("the transcript writes wall times of the machine it was made on, without a zone", name="zone")
        return () if given.zone else (asked,)

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """One record per message with all its lines."""
        conversation = ConversationRef(PLATFORM)
        if given.owner is not None:
            owner = AccountRef(PLATFORM, None, given.owner)
            yield Account(owner, Locator("line 1", 0, 0, 0), device=given.owner, owner=True)
        with source.open() as stream:
            for entry in entries(stream, LINE_BYTES, _head_of):
                locator = Locator(f"line {entry.number}", entry.offset, entry.length, entry.lines)
                yield _record(entry, locator, conversation, given)
                if entry.cut:
                    nowhere = Locator(locator.path, locator.offset, locator.length, 0)
                    detail = f"{entry.length} bytes, cut after {LINE_BYTES}"
                    yield Defect(locator=nowhere, code="message-cut", detail=detail)
        with source.open() as stream:
            yield Total(count_lines(stream))


def _record(entry: Entry[_Head], locator: Locator, conversation: ConversationRef, given: Given) -> Record:
    head = entry.head
    if head is None:
        if not entry.text.strip():
            return Skipped("blank line", entry.lines)
        return Defect(locator=locator, code="text-before-first-message", raw=excerpt(entry.text))
    noted = (f"zone:{given.zone}",) if given.zone else ()
    if entry.charset:
        noted = (*noted, f"charset:{entry.charset}")
    rest = entry.text[head.end :]
    said = _SENDER.match(rest)
    stamp = _stamp(head, given.zone)
    if said is None:
        return Event(
            locator=locator,
            platform=PLATFORM,
            kind="other",
            conversation=conversation,
            device=given.owner,
            at=stamp,
            text=rest,
            assumptions=noted,
        )
    direction = None if given.owner is None else "out" if said[1] == given.owner else "in"
    return Message(
        locator=locator,
        platform=PLATFORM,
        conversation=conversation,
        device=given.owner,
        account_from=AccountRef(PLATFORM, None, said[1]),
        direction=direction,
        sent=stamp,
        text=rest[said.end() :],
        assumptions=noted,
    )


def _head_of(line: str) -> _Head | None:
    found = _HEAD.match(line)
    if found is None:
        return None
    try:
        wall = datetime.fromisoformat(f"{found[2]}T{found[3]}")
    except ValueError:
        wall = None
    return _Head(found[1], wall, "s" if found[4] else "min", found.end())


def _stamp(head: _Head, zone: str | None) -> Stamp:
    if head.wall is None or not 2010 <= head.wall.year < 2200:
        return unreadable(head.written)
    return from_wall(head.wall, head.written, zone, head.precision)


READER = SignalTextReader()
