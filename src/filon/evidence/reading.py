"""What a reader is: the contract between one export format and the rest of the house.

A reader is pure. It does not print, ask, log, write, show progress, know Arrow or look at the wall clock. Bad
evidence becomes a ``Defect``, never an exception. What it must be told (a zone, the order of day and month, a
mapping of columns) it asks for through ``ask``; what it was told comes in ``Given`` and is logged.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from filon.evidence.source import Source
from filon.model.given import Given
from filon.model.records import Record

if TYPE_CHECKING:
    from filon.model.bulk import Bulk  # Arrow: commands that only print help come by here and must not pay for it

__all__ = ["BulkReader", "Format", "Given", "Question", "Reader", "question"]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """How a format is called and what the reader was made on."""

    name: str
    """Short and stable: ``whatsapp-text``."""
    title: str
    version: int
    """Raised whenever the same bytes may give other records."""
    unit: str
    """What is counted in and out: lines, messages elements, rows."""
    seen: tuple[str, ...] = ()
    """Applications, versions and locales of real exports this was tried on."""
    made: tuple[str, ...] = ()
    """Layouts known from documentation only."""
    extensions: tuple[str, ...] = ()
    surest: float = 1.0
    """The most that ``sniff`` says: where another reader is as sure already, this one need not be asked."""
    claims_beside: bool = False
    """True where everything in the same archive belongs to this document (a forensic report and its files)."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Something a reader would rather be told than assume."""

    name: str
    """A field of ``Given``."""
    proposal: str | None
    """What the item itself suggests, or None; taken with ``--yes`` and noted as an assumption. A zone never has one."""
    reason: str
    """Why it is asked and what speaks for the proposal, in plain English with the values in it."""
    choices: tuple[str, ...] = ()
    template: str = ""
    """The reason with ``{names}``, for wording it in another language; empty where a reader wrote only ``reason``."""
    values: dict[str, str] = {}
    """What the names stand for."""


def question(
    template: str, *, name: str, proposal: str | None = None, choices: tuple[str, ...] = (), **values: object
) -> Question:
    """A question whose reason can be worded in every language: ``template`` is plain English with ``{names}``."""
    told = {key: str(value) for key, value in values.items()}
    return Question(
        name=name, proposal=proposal, reason=template.format(**told), choices=choices, template=template, values=told
    )


class Reader(Protocol):
    """One export format."""

    @property
    def format(self) -> Format:
        """Name, version, unit."""

    def sniff(self, source: Source) -> float:
        """How sure it is, 0 to 1, from the head, the name and what lies beside. Never reads it all, never raises."""

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """What it would need to be told beyond ``given``; empty for most formats."""

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Records in the order of the source, ending with one ``Total``. Never raises for bad evidence."""


@runtime_checkable
class BulkReader(Reader, Protocol):
    """A reader of a bulk format that can also give many messages at once."""

    def look(self, source: Source, given: Given) -> tuple[tuple[Question, ...], str | None]:
        """What ``ask`` gives, and what was found out about the source meanwhile, for ``read_columns`` of the same version."""

    def read_columns(self, source: Source, given: Given, found: str | None = None) -> "Iterator[Bulk]":
        """What ``read`` gives, with messages as columns where it can: packed, both come to the same.

        ``found``: what ``look`` found out under the same ``given``; without it, it is found out again.
        """
