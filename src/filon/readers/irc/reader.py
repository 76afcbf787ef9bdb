"""Lines of an IRC log into messages and events."""

import re
from collections import Counter
from collections.abc import Iterator

from filon.evidence.lines import BOM, count_lines, decode, excerpt, head_lines, lines
from filon.evidence.reading import Format, Given, Question, question
from filon.evidence.source import Source
from filon.model.records import AccountRef, ConversationRef, Defect, Event, Locator, Message, Record, Skipped, Total
from filon.model.time import Stamp
from filon.readers.irc.clock import Clock
from filon.readers.irc.grammar import MESSAGE, Line, parse
from filon.settings import Limits

__all__ = ["READER", "IrcReader"]

PLATFORM = "irc"
LINE_BYTES = Limits().line_bytes
_HEAD_LINES = 400
_CHANNEL_IN_NAME = re.compile(r"#[^/\\.,\s]*[^/\\.,\s\d_-]")
_MARKUP = re.compile(r"^\s*<[?!]|</[A-Za-z]|/>\s*$")
"""What stands in XML and HTML, whose tags at the beginning of a line look like nicks."""
_SYSTEM_MARKS = frozenset({"-!-", "===", "***", "-->", "<--", "---", "--"})


class IrcReader:
    """Reads IRC logs. Times of day are local to whoever kept the log: the zone is asked for and never assumed."""

    format = Format(
        name="irc",
        title="IRC log",
        version=1,
        unit="lines",
        seen=("Ubuntu public logs 2004 to 2018 (irssi)",),
        made=("irssi", "WeeChat", "XChat/HexChat", "mIRC", "energymech", "ZNC", "eggdrop"),
        extensions=(".txt", ".log", ".weechatlog"),
    )

    def sniff(self, source: Source) -> float:
        """The share of the first lines that are lines of such a log, less where they have no times."""
        whole = source.size <= 65536
        texts = head_lines(source.head(), _HEAD_LINES)
        parsed = [parse(text) for text in (texts if whole or len(texts) < 2 else texts[:-1]) if text.strip()]
        told = [line for line in parsed if line is not None]
        if not told or not any(line.what in {"message", "action", "notice", "join", "leave"} for line in told):
            return 0.0
        share = len(told) / len(parsed)
        columns = all(line.mark == "" and line.what == "message" for line in told) and "\t" in texts[0]
        timed = any(line.stamp for line in told)
        if not timed and any(_MARKUP.search(text) for text in texts):
            return 0.0
        return 0.0 if share < 0.6 else share * (0.4 if columns or not timed else 0.95)

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """The zone, unless it is given or every line writes its own."""
        if given.zone is not None:
            return ()
        stamps = [line.stamp for text in head_lines(source.head(), _HEAD_LINES) if (line := parse(text)) and line.stamp]
        if stamps and all(re.search(r"(?:Z|[+-]\d\d:?\d\d)$", stamp) for stamp in stamps):
            return ()
        return (
            question(
                "the log writes times of day without a zone; they are those of the machine that kept it", name="zone"
            ),
        )

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """One record per line: said lines are messages, what systems wrote are events."""
        yield from _Reading(source, given).records()
        with source.open() as stream:
            yield Total(count_lines(stream))


class _Reading:
    """What is known while one log is read from its first line to its last."""

    def __init__(self, source: Source, given: Given) -> None:
        self._source = source
        self._device = given.owner
        self._clock = Clock(source.name, given.zone)
        self._accounts: dict[str, AccountRef] = {}
        self._channels: dict[str, ConversationRef] = {}
        self._noted: tuple[str, ...] = ()
        self._heard: set[str] = set()
        head = [parse(text) for text in head_lines(source.head(), _HEAD_LINES)]
        # Where the log has marks of its own for systems, a line with * is always what a person did.
        self._star_is_person = any(line is not None and line.mark in _SYSTEM_MARKS for line in head)
        self._conversation = self._home(head)

    def records(self) -> Iterator[Record]:
        """All lines, in order."""
        number = 0
        read_clock, clock = self._clock.read, self._clock
        with self._source.open() as stream:
            for offset, data, length in lines(stream, LINE_BYTES):
                number += 1
                locator = Locator(f"line {number}", offset, length)
                raw = data.removeprefix(BOM) if offset == 0 else data
                text, charset = decode(raw)
                text = text.rstrip("\r\n")
                said = MESSAGE.fullmatch(text)
                noted = (*self._noted, f"charset:{charset}") if charset else self._noted
                if said:
                    stamp = read_clock(said[1])
                    yield self._message(locator, said[2], said[3], stamp, clock.assumptions + noted)
                else:
                    yield self._other(locator, text, noted)
                if len(data) < length:
                    detail = f"{length} bytes, cut after {LINE_BYTES}"
                    yield Defect(
                        locator=Locator(f"line {number}", offset, length, 0), code="line-too-long", detail=detail
                    )

    def _other(self, locator: Locator, text: str, noted: tuple[str, ...]) -> Record:
        line = parse(text)
        if line is None:
            return Defect(locator=locator, code="line-not-understood", raw=excerpt(text))
        if line.what == "blank":
            return Skipped("blank line")
        if line.what == "day":
            if line.day is None:
                return Defect(locator=locator, code="day-not-understood", raw=excerpt(text))
            self._clock.begin_day(line.day)
            return Skipped("session or day line")
        if line.what == "ident":
            if line.channel:
                self._conversation = self._channel(line.channel)
            return Skipped("session or day line")
        stamp, timing = self._time(line)
        noted = timing + noted
        if line.what in {"message", "notice"}:
            return self._message(locator, line.nick or "", line.text, stamp, noted, line.channel)
        return self._happening(locator, line, stamp, noted)

    def _time(self, line: Line) -> tuple[Stamp | None, tuple[str, ...]]:
        """The line's own time, or that of the line before where systems write none."""
        if line.stamp is not None:
            stamp = self._clock.read(line.stamp)
            return stamp, self._clock.assumptions
        before = self._clock.stamp
        if before is None or before.order is None:
            return None, ()
        return Stamp(before.at, before.local, None, before.basis, before.precision), (
            *self._clock.assumptions,
            "time:line-before",
        )

    def _happening(self, locator: Locator, line: Line, stamp: Stamp | None, noted: tuple[str, ...]) -> Record:
        """An event, or an action where the mark leaves open which of both it is."""
        words = line.text if line.nick is None or line.what != "action" else f"{line.nick} {line.text}".rstrip()
        if line.mark == "*" and line.what != "action" and self._star_is_person:
            nick, _, text = line.text.partition(" ")
            return self._message(locator, nick, text, stamp, noted, None, "action")
        if line.what == "action" and line.mark == "===":
            if (line.nick or "").lower() not in self._heard:
                return self._event(locator, Line("other", text=words), stamp, noted)
            noted = (*noted, "action:unmarked")
        if line.what == "action":
            return self._message(locator, line.nick or "", line.text, stamp, noted, None, "action")
        return self._event(locator, line, stamp, noted)

    def _message(
        self,
        locator: Locator,
        nick: str,
        text: str,
        stamp: Stamp | None,
        noted: tuple[str, ...],
        channel: str | None = None,
        kind: str = "text",
    ) -> Message:
        return Message(
            locator=locator,
            platform=PLATFORM,
            conversation=self._channel(channel) if channel else self._conversation,
            device=self._device,
            account_from=self._accounts.get(nick) or self._account(nick),
            sent=stamp,
            text=text,
            kind=kind,
            assumptions=noted,
        )

    def _event(self, locator: Locator, line: Line, stamp: Stamp | None, noted: tuple[str, ...]) -> Event:
        return Event(
            locator=locator,
            platform=PLATFORM,
            kind=line.what,
            conversation=self._channel(line.channel) if line.channel else self._conversation,
            device=self._device,
            actor=self._account(line.nick) if line.nick else None,
            accounts=(self._account(line.other),) if line.other else (),
            at=stamp,
            value=line.value,
            text=line.text,
            assumptions=noted,
        )

    def _account(self, nick: str) -> AccountRef:
        """Nicks are equal whatever their case, as on the network."""
        ref = self._accounts.get(nick)
        if ref is None:
            self._heard.add(nick.lower())
            ref = self._accounts[nick] = AccountRef(PLATFORM, nick.lower(), nick)
        return ref

    def _channel(self, name: str) -> ConversationRef:
        lower = name.lower()
        ref = self._channels.get(lower)
        if ref is None:
            ref = self._channels[lower] = ConversationRef(PLATFORM, lower, name, shared=True)
        return ref

    def _home(self, head: list[Line | None]) -> ConversationRef:
        """The channel of the log: from the file's name, else the only one its first lines name, else not known."""
        found = _CHANNEL_IN_NAME.search(self._source.name)
        if found:
            return self._channel(found[0])
        named = Counter(line.channel.lower() for line in head if line is not None and line.channel)
        if len(named) == 1:
            self._noted = ("channel:first-lines",)
            return self._channel(next(iter(named)))
        return ConversationRef(PLATFORM)


READER = IrcReader()
