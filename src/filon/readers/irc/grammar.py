"""What one line of an IRC log says, without knowing the lines around it.

The lines that systems write (joins, modes, topics) carry a mark: ``-!-`` in irssi, ``===`` in Ubuntu's logs, ``***`` in
energymech and ZNC, ``-->`` and its kin in WeeChat and HexChat. mIRC marks them with ``*`` just as it marks what people do
(``/me``), so there a line can be forged by a user; ``Line.mark`` lets the caller decide.
"""

import re
from datetime import date

import msgspec

from filon.model.dates import month_named

__all__ = ["MESSAGE", "Line", "event_in", "parse"]

_STAMP = r"(?:\d{4}-\d\d-\d\d[ T]|[A-Z][a-z]{2} [ \d]\d )?\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?"
_CHANNEL = r"[#&][^\s,\x07]{1,100}"
_NICK = r"[^\s<>()][^\s<>]{0,63}"
_SPACED = r"[^\s<>()](?:[^\s<>]|(?<=\]) (?=[^\s\[(])){0,63}"
"""Some of Ubuntu's logs write a blank after every ``]`` of a nick, in all lines alike."""
MESSAGE = re.compile(
    rf"(?:\x03\d{{0,2}})?[\[(]?({_STAMP})[\])]?[ \t]+<[ @%+&~!]?([^<>\s][^<>]{{0,63}}?) {{0,3}}>[ \t]?(.*)", re.S | re.A
)
"""The line that is nearly every line: groups are the written time, the nick, the text."""

_PREFIX = re.compile(rf"(?:\x03\d{{0,2}})?(?:[\[(]({_STAMP})[\])]|({_STAMP})(?=[ \t]))[ \t]*", re.A)
_WEECHAT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t([^\t]*)\t(.*)", re.S | re.A)
_BARE = re.compile(r"<[ @%+&~!]?([^<>\s][^<>]{0,63}?) {0,3}>[ \t]?(.*)", re.S | re.A)
_ELSEWHERE = re.compile(rf"\(({_NICK})/({_CHANNEL})\) (.*)", re.S | re.A)
_NOTICE = re.compile(rf"-([^\s:()!-][^\s:()]{{0,63}}?)(?:\([^)\s]*\))?(?::({_CHANNEL}))?- (.*)", re.S | re.A)
_MARK = re.compile(r"(-!-|===|\*\*\*|-->|<--|---|--|\*)[ \t]+(.*)", re.S | re.A)
_ACTION = re.compile(rf"({_NICK})(?: +(.*))?", re.S | re.A)
_SAID = re.compile(rf"Action: ({_NICK}) (.*)", re.S | re.A)
_OPENED = re.compile(
    r"(?:--- (?:Log (?:opened|closed)|Day changed) |\*{4} (?:BEGIN|ENDING) LOGGING AT |Session (?:Start|Time|Close): "
    r"|\[\d\d:\d\d(?::\d\d)?\] --- (?=\w{3} ))(.*)",
    re.S | re.A,
)
_IDENT = re.compile(rf"Session Ident: ({_CHANNEL}|\S+).*", re.S | re.A)
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?", re.A)

_HOST = r"(?: +[\[(].{1,100}?@.{0,300}?[\])] ?)?"
_REASON = r"(?: [\[(].*[\])])? *"
_EVENTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.S | re.A))
    for kind, pattern in (
        ("join", rf"(?P<nick>{_SPACED}){_HOST} (?:has )?joined(?: (?:the channel )?(?P<channel>{_CHANNEL}?))?\.?"),
        ("join", rf"Joins: (?P<nick>{_SPACED}){_HOST}"),
        ("leave", rf"(?P<nick>{_SPACED}){_HOST} (?:has )?left(?: (?P<channel>{_CHANNEL}?))?{_REASON}\.?"),
        ("leave", rf"(?P<nick>{_SPACED}){_HOST} left irc: .*"),
        ("leave", rf"(?P<nick>{_SPACED}){_HOST} (?:has quit|Quit){_REASON}\.?"),
        ("leave", rf"(?:Parts|Quits): (?P<nick>{_SPACED}){_HOST}{_REASON}"),
        (
            "remove",
            rf"(?P<other>{_SPACED}) (?:(?:was|has been) )?kicked (?:(?:off|from) (?P<channel>{_CHANNEL}) )?"
            rf"by (?P<nick>[^\s:]+):?.*",
        ),
        ("remove", rf"(?P<nick>{_SPACED}) has kicked (?P<other>{_SPACED})(?: from (?P<channel>{_CHANNEL}))?{_REASON}"),
        (
            "nick",
            rf"(?P<nick>{_SPACED}) +(?:is now known as|changed (?:his |her |their )?nick to) (?P<other>{_SPACED})",
        ),
        ("nick", rf"Nick change: (?P<nick>{_SPACED}) -> (?P<other>{_SPACED})"),
        ("nick", rf"You(?:'re| are) now known as (?P<other>{_SPACED})"),
        ("mode", rf"[mM]ode[/ ](?P<channel>{_CHANNEL}) \[(?P<value>.*)\] +by +(?P<nick>{_SPACED}).*"),
        ("mode", rf"(?P<nick>{_SPACED}) sets mode:? (?P<value>.*)"),
        ("mode", rf"(?P<channel>{_CHANNEL}): mode change '(?P<value>.*)' by (?P<nick>[^\s!]+).*"),
        ("mode", rf"(?P<nick>{_SPACED}) (?:gives|removes) (?:channel operator status|voice) (?:to|from) \S+"),
        ("topic", rf"(?P<nick>{_SPACED}) changed the topic of (?P<channel>{_CHANNEL}) to: ?(?P<value>.*)"),
        ("topic", rf"\.\.\[topic/(?P<channel>{_CHANNEL}):(?P<nick>[^\]\s]+)\] : (?P<value>.*)"),
        ("topic", rf"(?P<nick>{_SPACED}) changes topic to '(?P<value>.*)'.*"),
        (
            "topic",
            rf"(?P<nick>{_SPACED}) has changed (?:the )?topic(?: for (?P<channel>{_CHANNEL}))?(?: from \".*\")? to:? (?P<value>.*)",
        ),
        ("topic", rf"Topic changed on (?P<channel>{_CHANNEL}) by (?P<nick>[^\s!]+)\S*: (?P<value>.*)"),
        ("topic", rf"Topic for (?P<channel>{_CHANNEL})(?: is|:) (?P<value>.*)"),
    )
)


LONGEST = 2_000
"""Characters of a line that systems write. The network itself carries 512 bytes; what is longer is not searched through."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line taken apart.

    ``what``: message, action, notice, day, ident, blank, or the kind of an event. ``mark``: the sign before an event or
    action, empty where there is none. ``text``: what was said, or the whole of what the system wrote. ``stamp``: the
    written time. ``day``: the date a day line states. ``other``: who was kicked, or the new nick.
    """

    what: str
    stamp: str | None = None
    mark: str = ""
    nick: str | None = None
    text: str = ""
    channel: str | None = None
    other: str | None = None
    value: str | None = None
    day: date | None = None


def parse(text: str) -> Line | None:
    """What a line without its line end says; None where it is no line of an IRC log."""
    if not text.strip():
        return Line("blank")
    opened = _OPENED.fullmatch(text)
    if opened:
        return Line("day", text=text, day=_day_in(opened[1][:200]))
    ident = _IDENT.fullmatch(text)
    if ident:
        return Line("ident", text=text, channel=ident[1] if ident[1][0] in "#&" else None)
    weechat = _WEECHAT.fullmatch(text)
    if weechat:
        return _parse_columns(weechat[1], weechat[2].strip(), weechat[3])
    prefix = _PREFIX.match(text)
    stamp = (prefix[1] or prefix[2]) if prefix else None
    rest = text[prefix.end() :] if prefix else text
    return _parse_rest(stamp, rest)


def event_in(text: str) -> Line | None:
    """The event that the words of a system line tell, if they are known words."""
    if len(text) > LONGEST:
        return None
    for kind, pattern in _EVENTS:
        found = pattern.fullmatch(text)
        if found:
            named: dict[str, str | None] = found.groupdict()
            return Line(
                kind,
                nick=named.get("nick"),
                text=text,
                channel=named.get("channel"),
                other=named.get("other"),
                value=named.get("value") or (named.get("other") if kind == "nick" else None),
            )
    return None


def _parse_rest(stamp: str | None, rest: str) -> Line | None:
    said = _BARE.fullmatch(rest)
    if said:
        return Line("message", stamp, "", said[1], said[2])
    marked = _MARK.fullmatch(rest)
    if marked:
        return _parse_marked(stamp, marked[1], marked[2])
    for what, pattern, channel in (("message", _ELSEWHERE, 2), ("notice", _NOTICE, 2)):
        found = pattern.fullmatch(rest)
        if found:
            return Line(what, stamp, "", found[1], found[3], channel=found[channel])
    action = _SAID.fullmatch(rest) if stamp else None
    if action:
        return Line("action", stamp, "*", action[1], action[2])
    event = event_in(rest) if stamp else None
    return None if event is None else msgspec.structs.replace(event, stamp=stamp)


def _parse_marked(stamp: str | None, mark: str, words: str) -> Line | None:
    if stamp is None and mark not in {"===", "***", "-!-", "*"}:
        return None
    event = event_in(words)
    if event is not None:
        return msgspec.structs.replace(event, stamp=stamp, mark=mark)
    action = _ACTION.fullmatch(words)
    if action and mark in {"*", "==="}:
        return Line("action", stamp, mark, action[1], action[2] or "")
    return Line("other", stamp, mark, text=words)


def _parse_columns(stamp: str, column: str, words: str) -> Line | None:
    """WeeChat's three columns: time, nick or mark, words."""
    if column in {"-->", "<--", "--", "*", "=!=", ""}:
        return _parse_marked(stamp, column or "--", words)
    return Line("message", stamp, "", column.lstrip("@%+&~!") or column, words)


def _day_in(words: str) -> date | None:
    """The date in ``Mon Nov 15 12:18:33 2004`` or ``Mon 15 Nov 2004``, in whichever order."""
    year = month = day = None
    for word in _CLOCK.sub(" ", words).replace(",", " ").split():
        if word.isdecimal() and len(word) == 4:
            year = int(word)
        elif word.isdecimal() and len(word) <= 2:
            day = int(word)
        elif month is None:
            month = month_named(word)
    try:
        return date(year, month, day) if year and month and day else None
    except ValueError:
        return None
