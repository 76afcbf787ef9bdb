"""What several commands share: which case is meant, JSON output, zones."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from filon.case.places import default_case, is_case, no_case, root_of
from filon.cli.output import complain
from filon.errors import ReadingError
from filon.model.view import View
from filon.settings import load

if TYPE_CHECKING:
    from filon.case import Case

__all__ = [
    "as_json",
    "case_and",
    "case_path",
    "limit_option",
    "opened",
    "words_argument",
    "zone_checked",
    "zone_option",
]

F = TypeVar("F", bound=Callable[..., Any])


def words_argument(metavar: str) -> Callable[[F], F]:
    """All words of a command that are no options; ``case_and`` tells the case from the rest."""
    return click.argument("words", nargs=-1, metavar=metavar)


def case_and(words: tuple[str, ...], least: int = 0, most: int | None = 0) -> tuple[str | None, tuple[str, ...]]:
    """The case, or None where it is left out, and the ``least`` to ``most`` words after it (None: any number).

    The first word is the case where all words the command can take are there, or where a case of that name lies there.
    """
    if most is not None and len(words) > most + 1:
        raise click.UsageError(f"{words[most + 1]!r} is one word too many; a text of several words goes in quotes.")
    if len(words) < least:
        metavar = next(p.metavar for p in click.get_current_context().command.params if p.name == "words")
        raise click.UsageError(f"something is missing of: {metavar}.")
    settings = load()
    full = most is not None and len(words) == most + 1
    if len(words) > least and words and is_case(root_of(words[0], settings)):
        return words[0], words[1:]
    if full:
        raise no_case(words[0], settings)
    return None, words


def as_json(command: F) -> F:
    """``--json`` for machines."""
    return click.option("--json", "json", is_flag=True, help="One JSON value a line, for machines.")(command)


def limit_option(what: str, default: int, least: int = 1) -> Callable[[F], F]:
    """``--limit``: how many are shown at most."""
    kind = click.IntRange(least)
    return click.option(
        "--limit", type=kind, metavar="N", default=default, show_default=True, help=f"Show so many {what} at most."
    )


def zone_checked(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A zone that there is."""
    from filon.model.time import zone_named

    if value is not None:
        try:
            zone_named(value)
        except ReadingError as error:
            raise click.BadParameter(f"{error}; {error.hint}.", ctx, option) from error
    return value


def zone_option(command: F) -> F:
    """The zone in which times are shown and ``date:`` is read."""
    return click.option(
        "--in-zone",
        "zone",
        metavar="ZONE",
        callback=zone_checked,
        help="Show times in this zone (default UTC or FILON_ZONE).",
    )(command)


def case_path(case: str | None) -> str:
    """The case that is meant; where it was left out, a person at a terminal is told which one that is."""
    if case is not None:
        return case
    root = default_case(load(), Path.cwd())
    if sys.stderr.isatty():
        complain(f"in the case {root}")
    return str(root)


def opened(case: str | None, zone: str | None = None) -> "tuple[Case, View]":
    """The case and this user's view of it; it is closed when the command ends."""
    from filon.case import open_case

    found = open_case(case_path(case), load())
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(found.close)
    view = found.view()
    return found, msgspec.structs.replace(view, zone=zone) if zone else view
