"""What an add is going to do, written down before it does it.

The plan gives every item and reading its number in archive order, so the same files give the same message numbers
whatever is interrupted or finishes first. It is kept as JSON beside the journal until the add is complete.
"""

from pathlib import Path

import msgspec

from filon.evidence.reading import Given, Question
from filon.model.durable import replace_file

__all__ = ["Found", "Plan", "PlannedItem", "PlannedReading", "Refusal", "Survey", "read_plan", "write_plan"]


class Refusal(msgspec.Struct, frozen=True):
    """A member that is not read, and why. ``code`` is stable: ``link``, ``path-outside``, ``needs-password`` ..."""

    member: str
    code: str
    detail: str | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One source inside an item, and the readers that recognise it, surest first."""

    member: str | None
    size: int
    formats: tuple[tuple[str, float], ...]
    questions: tuple[Question, ...] = ()
    found: str | None = None
    """What the reader found out meanwhile, for itself."""
    mapping: str | None = None
    preview: tuple[dict[str, str | None], ...] = ()


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in one item. ``members`` is None for an item that is no archive."""

    found: tuple[Found, ...]
    members: int | None = None
    skipped: dict[str, int] = {}
    refused: tuple[Refusal, ...] = ()


class PlannedReading(msgspec.Struct, frozen=True, kw_only=True):
    """One reading to make. ``format`` ``archive`` stands for the account of an archive's members themselves."""

    number: int
    member: str | None
    size: int
    format: str
    version: int
    given: Given
    assumed: tuple[str, ...] = ()
    """What was taken from the item's own proposals because nobody stated it."""
    found: str | None = None
    """What the reader found out when it was asked, for itself."""


class PlannedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item to take in. ``at`` is the file to read, ``path`` what the user called it, ``root`` the added folder."""

    number: int
    sha256: str
    size: int
    path: str
    at: str
    root: str | None
    copied: bool
    members: int | None
    skipped: dict[str, int]
    refused: tuple[Refusal, ...]
    readings: tuple[PlannedReading, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One add. ``already`` and ``left_out`` are told at the end; nothing else is done about them."""

    intake: int
    who: str
    at: int
    items: tuple[PlannedItem, ...]
    already: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan so that it is there whole or not at all."""
    replace_file(path, msgspec.json.encode(plan))


def read_plan(path: Path) -> Plan:
    """The plan written at ``path``."""
    return msgspec.json.decode(path.read_bytes(), type=Plan)
