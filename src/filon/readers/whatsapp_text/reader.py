"""The lines of an exported chat into messages and events."""

import re
from collections.abc import Iterator

from filon.evidence.entries import Entry, entries
from filon.evidence.lines import count_lines, excerpt, head_lines
from filon.evidence.reading import Format, Given, Question, question
from filon.evidence.source import Source
from filon.model.records import (
    Account,
    AccountRef,
    Conversation,
    ConversationRef,
    Defect,
    Event,
    Locator,
    Message,
    Record,
    Skipped,
    Total,
)
from filon.model.time import Stamp
from filon.readers.whatsapp_text.body import PLATFORM, account, body_of, sender_of
from filon.readers.whatsapp_text.layout import Head, head_of
from filon.readers.whatsapp_text.phrases import Told, omitted, told
from filon.readers.whatsapp_text.survey import DEFAULT_ORDER, Clock, Survey, survey
from filon.settings import Limits

__all__ = ["READER", "WhatsAppTextReader"]

LINE_BYTES = Limits().line_bytes
_HEAD_LINES = 60
_NAME = re.compile(
    r"(?:WhatsApp Chat (?:with|mit|-) |WhatsApp-chat met |Chat de WhatsApp con |Discussion WhatsApp avec |"
    r"Conversa do WhatsApp com |Чат WhatsApp с |Chat WhatsApp con |WhatsApp-Chat mit )(?P<title>.+?)(?:\.txt)?",
    re.IGNORECASE,
)
_GROUP_EVENTS = frozenset({"create", "rename", "topic", "join", "leave", "add", "remove"})


class WhatsAppTextReader:
    """Reads exported chats. The zone is asked for, and the order of day and month where the file leaves it open."""

    format = Format(
        name="whatsapp-text",
        title="WhatsApp chat export (text)",
        version=1,
        unit="lines",
        seen=("Android and iOS layouts of the tests of whatsapp-chat-parser and chat-miner, 2017 to 2024",),
        made=("Thai and Iranian years", "Arabic-Indic, Persian and Thai digits", "Chinese, Japanese and Korean clocks"),
        extensions=(".txt",),
    )

    def sniff(self, source: Source) -> float:
        """Whether the first line is the head of a message, and whether the file is called as WhatsApp calls it."""
        texts = [text for text in head_lines(source.head(), _HEAD_LINES) if text.strip("\ufeff\u200e \t")]
        heads = [head for text in texts if (head := head_of(text)) is not None]
        if not heads or head_of(texts[0]) is None:
            return 0.0
        bracket, sign, close, _ = heads[0].layout
        named = _title(source.name) is not None or source.name.rpartition("/")[2] == "_chat.txt"
        if close not in {"]", "-", "–", ","}:
            return 0.6 if named else 0.3
        if bracket and sign == "-" and heads[0].second is None:
            return 0.8 if named else 0.5  # how Signal's transcripts look
        return 0.98 if named else 0.85

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """The zone always; the order of day and month where the dates leave it open."""
        questions = []
        if given.zone is None:
            questions.append(
                question(
                    "WhatsApp writes the wall time of the telephone that made the export, and never its zone",
                    name="zone",
                )
            )
        looked = survey(source, LINE_BYTES) if given.date_order is None else None
        if looked is not None and looked.open:
            first = next(each for each in looked.evidence.values() if each.ground == "open")
            asked = question(
                "{dates} dates can be read day-month and month-day, none has a day above 12, and the days run "
                "backwards {dmy} and {mdy} times; most of the world writes the day first",
                name="date_order",
                proposal=DEFAULT_ORDER,
                choices=("dmy", "mdy"),
                dates=first.open,
                **first.backwards,
            )
            questions.append(asked)
        return tuple(questions)

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """One record per message with all its lines."""
        yield from _Reading(source, given).records()
        with source.open() as stream:
            yield Total(count_lines(stream))


class _Reading:
    """What is known while one chat is read."""

    def __init__(self, source: Source, given: Given) -> None:
        self._source = source
        self._looked = survey(source, LINE_BYTES)
        self._layouts = frozenset(self._looked.evidence)
        self._other_heads = 0
        self._last: Head | None = None
        self._clock = Clock(self._looked, given.zone, given.date_order)
        self._given_order = given.date_order
        self._owner = account(given.owner) if given.owner else None
        self._device = given.owner
        self._beside = source.beside()
        self._conversation = ConversationRef(PLATFORM, None, _title(source.name) or _title_in(source.head()))
        self._accounts: dict[str, AccountRef] = {}
        self._group: Locator | None = None

    def records(self) -> Iterator[Record]:
        """All entries in order, then what the file as a whole says."""
        with self._source.open() as stream:
            for entry in entries(stream, LINE_BYTES, self._head):
                locator = Locator(f"line {entry.number}", entry.offset, entry.length, entry.lines)
                yield self._record(entry, locator)
                if entry.cut:
                    yield _told("message-cut", locator, f"{entry.length} bytes, cut after {LINE_BYTES}")
        yield from self._whole(self._looked)

    def _head(self, line: str) -> Head | None:
        """The head of a line, if it is in one of the file's layouts."""
        head = head_of(line, self._last)
        if head is None:
            return None
        if head.layout not in self._layouts:
            self._other_heads += 1
            return None
        self._last = head
        return head

    def _record(self, entry: Entry[Head], locator: Locator) -> Record:
        if entry.head is None:
            if not entry.text.strip("\n\r\t \ufeff\u200e"):
                return Skipped("blank line", entry.lines)
            return Defect(locator=locator, code="text-before-first-message", raw=excerpt(entry.text))
        stamp, noted = self._clock.read(entry.head)
        if entry.charset:
            noted = (*noted, f"charset:{entry.charset}")
        rest = entry.text[entry.head.end :]
        said = sender_of(rest)
        if said is None:
            return self._event(locator, stamp, noted, rest, told(rest))
        sender, text = said
        if (text.startswith("\u200e") and not text.startswith("<", 1) and omitted(text) is None) or entry.number == 1:
            system = told(text)
            if system is not None and (text.startswith("\u200e") or system.kind == "other"):
                return self._event(locator, stamp, noted, text, system, sender)
        return self._message(locator, stamp, noted, sender, text)

    def _message(self, locator: Locator, stamp: Stamp, noted: tuple[str, ...], sender: str, text: str) -> Message:
        body = body_of(text, self._beside)
        ref = self._account(sender)
        return Message(
            locator=locator,
            platform=PLATFORM,
            conversation=self._conversation,
            device=self._device,
            account_from=ref,
            direction=None if self._owner is None else "out" if self._is_owner(ref) else "in",
            sent=stamp,
            edited=body.edited,
            text=body.text,
            kind=body.kind,
            state=body.state,
            attachments=body.attachments,
            place=body.place,
            assumptions=noted + body.noted,
        )

    def _event(
        self,
        locator: Locator,
        stamp: Stamp,
        noted: tuple[str, ...],
        text: str,
        system: Told | None,
        sender: str | None = None,
    ) -> Event:
        """A sentence of WhatsApp's. On iOS it stands behind a name: that of the chat, or of who did it."""
        system = system or Told("other")
        doer = system.actor or (sender if system.kind == "call" else None)
        actor = self._owner if system.you else self._account(doer) if doer else None
        if system.kind in _GROUP_EVENTS:
            self._group = self._group or locator
        return Event(
            locator=locator,
            platform=PLATFORM,
            kind=system.kind,
            conversation=self._conversation,
            device=self._device,
            actor=actor,
            accounts=tuple(self._account(name) for name in system.others),
            at=stamp,
            value=system.value,
            text=text,
            assumptions=noted,
        )

    def _account(self, name: str) -> AccountRef:
        ref = self._accounts.get(name)
        if ref is None:
            ref = self._accounts[name] = account(name)
        return ref

    def _is_owner(self, ref: AccountRef) -> bool:
        """By address where there is one: a number is written with or without blanks."""
        owner = self._owner
        return owner is not None and (ref.id == owner.id if owner.id else ref == owner)

    def _whole(self, looked: Survey) -> Iterator[Record]:
        """What concerns the file and not one of its lines."""
        start = Locator("line 1", 0, 0, 0)
        if self._owner is not None:
            yield Account(self._owner, start, device=self._device, owner=True)
        if self._group is not None:
            place = Locator(self._group.path, self._group.offset, self._group.length, 0)
            yield Conversation(self._conversation, place, kind="group", device=self._device)
        counts = {order: sum(each.only[order] for each in looked.evidence.values()) for order in ("dmy", "mdy")}
        if looked.mixed:
            detail = f"{counts['dmy']} dates can only be day-month, {counts['mdy']} only month-day"
            yield _told("date-order-mixed", start, detail)
        against = {"dmy": counts["mdy"], "mdy": counts["dmy"]}.get(self._given_order or "", 0)
        if against:
            yield _told("date-order-contradicted", start, f"{against} dates cannot be read {self._given_order}")
        if self._other_heads:
            detail = f"{self._other_heads} lines begin with a date in another layout and were taken for text"
            yield _told("dates-in-another-layout", start, detail)


def _told(code: str, locator: Locator, detail: str) -> Defect:
    """A defect beside records that stand: it accounts for no unit."""
    return Defect(locator=Locator(locator.path, locator.offset, locator.length, 0), code=code, detail=detail)


def _title(name: str) -> str | None:
    """The chat's title from a file name such as ``WhatsApp Chat with Ada.txt``, in any folder."""
    found = _NAME.fullmatch(name.rpartition("/")[2])
    return found["title"] if found else None


def _title_in(head: bytes) -> str | None:
    """On iOS the first line is WhatsApp's own and stands behind the name of the chat."""
    first = head_lines(head, 1)[0]
    begin = head_of(first)
    said = sender_of(first[begin.end :]) if begin else None
    if said is None:
        return None
    system = told(said[1])
    return said[0] if system is not None and system.kind == "other" else None


READER = WhatsAppTextReader()
