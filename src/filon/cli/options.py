"""What several commands share: the case they are about, JSON output, the zone."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from filon.model.view import View
from filon.settings import load

if TYPE_CHECKING:
    from filon.case import Case

__all__ = ["as_json", "case_argument", "opened", "zone_option"]

F = TypeVar("F", bound=Callable[..., Any])


def case_argument(command: F) -> F:
    """The CASE a command is about."""
    return click.argument("case", metavar="CASE")(command)


def as_json(command: F) -> F:
    """``--json`` for machines."""
    return click.option("--json", "json", is_flag=True, help="One JSON value a line, for machines.")(command)


def zone_option(command: F) -> F:
    """The zone in which times are shown and ``date:`` is read."""
    return click.option(
        "--in-zone", "zone", metavar="ZONE", help="Show times in this zone (default UTC or FILON_ZONE)."
    )(command)


def opened(case: str, zone: str | None = None) -> "tuple[Case, View]":
    """The case and this user's view of it; it is closed when the command ends."""
    from filon.case import open_case

    found = open_case(case, load())
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(found.close)
    view = found.view()
    return found, msgspec.structs.replace(view, zone=zone) if zone else view
