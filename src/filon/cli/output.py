"""How commands show things: plain columns for people, one JSON value a line for machines, no colours when piped.

Evidence never reaches a terminal as it is: escape sequences, bidi controls and invisible characters are shown.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from filon.case.answers import Hit, MessageView, Span
from filon.model.display import visible
from filon.model.time import to_datetime

__all__ = ["complain", "console", "line", "moment", "number", "print_json", "size", "table", "who"]

console = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
_errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def complain(message: str, hint: str | None = None, position: int | None = None) -> None:
    """Tell what went wrong and what to do next, on the error stream."""
    where = f" (at character {position + 1})" if position is not None else ""
    _errors.print(Text(f"filon: {visible(message)}{where}", style="bold"))
    if hint:
        _errors.print(Text(f"       {visible(hint)}"))


def print_json(value: Any) -> None:
    """One JSON value on one line."""
    click.echo(msgspec.json.encode(value))


def number(value: int) -> str:
    """``18,204``."""
    return f"{value:,}"


def size(value: int) -> str:
    """Bytes in a form people read, with the exact number where it is small."""
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def moment(microseconds: int | None, known: bool, zone: str) -> str:
    """A time in the view's zone; a wall time whose zone nobody knows keeps its digits and gets a ``?``."""
    if microseconds is None:
        return "no time"
    shown = to_datetime(microseconds, zone if known else "UTC")
    text = shown.strftime("%Y-%m-%d %H:%M:%S")
    return f"{text} {shown.strftime('%Z') or shown.tzinfo or UTC}" if known else f"{text} zone?"


def who(message: MessageView) -> str:
    """The sender's label, or that there is none."""
    return visible(message.sender.label) if message.sender else "no sender stated"


def line(message: MessageView, zone: str, text: str | None = None, spans: Sequence[Span] = ()) -> Text:
    """A message on one line: number, time, sender, text with its hits marked."""
    shown = Text()
    shown.append(f"{message.id:<12}", style="dim")
    shown.append(f"{moment(message.time, message.zone_known, zone):<25}  ")
    shown.append(f"{who(message)}", style="bold")
    if message.conversation_title and (message.sender is None or message.conversation_title != message.sender.label):
        shown.append(f"  [{visible(message.conversation_title)}]", style="dim")
    for mark in (message.state if message.state in ("deleted", "undecryptable", "draft", "failed") else None,
                 "edited" if message.edited else None):  # fmt: skip
        if mark:
            shown.append(f"  ({mark})", style="italic")
    shown.append("\n    ")
    body = text if text is not None else message.text
    if body is None:
        shown.append(f"no text: {message.kind}", style="italic")
    else:
        end = 0
        for span in spans:
            shown.append(visible(body[end : span.start]))
            shown.append(visible(body[span.start : span.end]), style="bold reverse")
            end = span.end
        shown.append(visible(body[end:]).replace("\n", "\n    "))
    for attachment in message.attachments:
        shown.append(
            f"\n    [{attachment.kind}: {visible(attachment.name or attachment.note or 'unnamed')}]", style="italic"
        )
    if message.tags:
        shown.append(f"\n    tags: {', '.join(map(visible, message.tags))}", style="dim")
    return shown


def hit(found: Hit, zone: str) -> Text:
    """A hit on one line."""
    return line(found.message, zone, found.snippet, found.spans)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table; when piped, tab-separated lines without title."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    shown = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in columns:
        shown.add_column(column, justify="right" if column in right else "left")
    for row in rows:
        shown.add_row(*map(Text, row))
    console.print(shown)
