"""Messages as people read them in a terminal, and moments in their zone."""

from collections.abc import Sequence
from datetime import UTC

import click

from filon.case.answers import EventView, Hit, MessageView, Span
from filon.model.display import visible
from filon.model.time import to_datetime

__all__ = ["event", "hit", "moment", "passage", "who"]

_STATES = ("deleted", "undecryptable", "draft", "failed")


def moment(microseconds: int | None, known: bool, zone: str) -> str:
    """A time in the view's zone; a wall time whose zone nobody knows keeps its digits and gets a ``zone?``."""
    if microseconds is None:
        return "no time"
    shown = to_datetime(microseconds, zone if known else "UTC")
    text = shown.strftime("%Y-%m-%d %H:%M:%S")
    return f"{text} {shown.strftime('%Z') or shown.tzinfo or UTC}" if known else f"{text} zone?"


def who(message: MessageView) -> str:
    """The sender's label, or that there is none."""
    return visible(message.sender.label) if message.sender else "no sender stated"


def hit(found: Hit, zone: str) -> str:
    """A hit with its passage."""
    return passage(found.message, zone, found.snippet, found.spans)


def passage(
    message: MessageView, zone: str, text: str | None = None, spans: Sequence[Span] = (), titled: bool = True
) -> str:
    """A message: number, time, sender, conversation (``titled``) on one line, its text with its hits marked below."""
    head = f"{click.style(f'{message.id:<10}', dim=True)}  {moment(message.time, message.zone_known, zone):<23}  "
    head += click.style(who(message), bold=True)
    if (
        titled
        and message.conversation_title
        and message.conversation_title != (message.sender and message.sender.label)
    ):
        head += click.style(f"  [{visible(message.conversation_title)}]", dim=True)
    marks = [message.state] if message.state in _STATES else []
    marks += ["edited"] if message.edited else []
    head += "".join(f"  ({mark})" for mark in marks)
    lines = [head, _body(message, text if text is not None else message.text, spans)]
    lines += [f"[{a.kind}: {visible(a.name or a.note or 'unnamed')}]" for a in message.attachments]
    lines += [click.style(f"tags: {', '.join(map(visible, message.tags))}", dim=True)] if message.tags else []
    return "\n    ".join(lines)


def event(one: EventView, zone: str) -> str:
    """An event on one line."""
    by = f" by {visible(one.actor.label)}" if one.actor else ""
    what = "; ".join(visible(part) for part in (one.value, one.text) if part)
    return f"{moment(one.time, one.zone_known, zone)}  {one.kind}{by}" + (f": {what}" if what else "")


def _body(message: MessageView, text: str | None, spans: Sequence[Span]) -> str:
    if text is None or (not text and message.text is None):
        return click.style(f"no text: {message.kind}", italic=True)
    shown, end = "", 0
    for span in spans:
        shown += visible(text[end : span.start], keep="\n")
        shown += click.style(visible(text[span.start : span.end], keep="\n"), bold=True, reverse=True)
        end = span.end
    return (shown + visible(text[end:], keep="\n")).replace("\n", "\n    ")
