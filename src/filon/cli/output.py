"""How commands show things: plain columns for people, one JSON value a line for machines, no colours when piped.

Evidence never reaches a terminal as it is: escape sequences, bidi controls and invisible characters are shown.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import click
import msgspec

from filon.model.display import visible

__all__ = ["complain", "counted", "number", "print_json", "say", "size", "table", "tell", "uncoloured"]

_GAP = 2
_NARROW = 24
"""A column with nothing wider than this is never broken over lines."""
_LEAST = 20
"""What a wider column is given at least, before the rows are stacked instead."""


def uncoloured() -> bool:
    """Whether the user or the terminal wants plain text (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def say(text: str = "") -> None:
    """A line for people on the output stream."""
    click.echo(text)


def tell(text: str) -> None:
    """A line about the answer: beside it on a terminal, on the error stream when the answer is piped."""
    click.echo(text, err=not sys.stdout.isatty())


def complain(message: str, hint: str | None = None, position: int | None = None) -> None:
    """Tell what went wrong and what to do next, on the error stream."""
    where = f" (at character {position + 1})" if position is not None else ""
    color = False if uncoloured() else None
    click.echo(click.style(f"filon: {visible(message)}{where}", bold=True), err=True, color=color)
    for one in hint.split("\n") if hint else ():
        click.echo(f"       {visible(one)}", err=True)


def print_json(value: Any) -> None:
    """One JSON value on one line. Half characters, which JSON in UTF-8 cannot hold, become U+FFFD."""
    try:
        line = msgspec.json.encode(value)
    except UnicodeEncodeError:
        line = msgspec.json.encode(_whole(msgspec.to_builtins(value)))
    click.echo(line)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list | tuple) else value


def number(value: int) -> str:
    """``18,204``."""
    return f"{value:,}"


def counted(value: int, one: str, many: str | None = None) -> str:
    """``1 message``, ``18,204 messages``."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def size(value: int) -> str:
    """Bytes in a form people read, with the exact number where it is small."""
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = (), err: bool = False
) -> None:
    """A table as wide as the terminal; too many columns are stacked. When piped, tab-separated lines under their names.

    Cells are cleaned of control characters by whoever calls. ``err``: on the error stream.
    """
    held = [list(row) for row in rows]
    if not (sys.stderr if err else sys.stdout).isatty():
        click.echo(title, err=True)
        for row in [list(columns), *held] if held else []:
            click.echo("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row), err=err)
        return
    click.secho(title, bold=True, err=err)
    widths = _widths(columns, held, shutil.get_terminal_size().columns)
    lines = _stacked(columns, held) if widths is None else _laid_out(columns, held, widths, right)
    for line in lines:
        click.echo(line, err=err)


def _widths(columns: Sequence[str], rows: list[list[str]], room: int) -> list[int] | None:
    """How wide each column may be, or None where the wide ones would have too little."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
    wide = sorted((place for place, width in enumerate(widths) if width > _NARROW), key=lambda place: widths[place])
    left = room - _GAP * (len(columns) - 1) - sum(width for width in widths if width <= _NARROW)
    if left < _LEAST * len(wide):
        return None
    for number_left, place in zip(range(len(wide), 0, -1), wide, strict=True):
        widths[place] = min(widths[place], left // number_left)
        left -= widths[place]
    return widths


def _laid_out(columns: Sequence[str], rows: list[list[str]], widths: list[int], right: Sequence[str]) -> Iterator[str]:
    """Rows under their names; a cell that is too wide goes on in the next line."""
    from rich.cells import cell_len

    for at, row in enumerate([list(columns), *rows] if rows else []):
        cells = [list(_broken(cell, width)) for cell, width in zip(row, widths, strict=True)]
        for pieces in zip_longest(*cells, fillvalue=""):
            line = ""
            for name, piece, width in zip(columns, pieces, widths, strict=True):
                blank = " " * (width - cell_len(piece))
                line += (blank + piece if name in right else piece + blank) + " " * _GAP
            yield click.style(line.rstrip(), bold=True) if at == 0 else line.rstrip()


def _broken(cell: str, width: int) -> Iterator[str]:
    """A cell in pieces that fit, broken between words where there are any."""
    from rich.cells import cell_len, chop_cells

    while cell_len(cell) > width:
        piece = chop_cells(cell, width)[0]
        blank = (piece + cell[len(piece)]).rfind(" ")
        piece = piece[:blank] if blank > 0 else piece
        yield piece
        cell = cell[len(piece) :].lstrip(" ")
    yield cell


def _stacked(columns: Sequence[str], rows: list[list[str]]) -> Iterator[str]:
    """A row over several lines, a name before each cell: what fits a narrow terminal."""
    across = max(map(len, columns))
    for row in rows:
        filled = [(name, cell) for name, cell in zip(columns, row, strict=True) if cell]
        for place, (name, cell) in enumerate(filled):
            yield f"{'-' if place == 0 else ' '} {click.style(f'{name:<{across}}', dim=True)}  {cell}"
