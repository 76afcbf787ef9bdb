"""Asking a person at a terminal what a reader would rather be told."""

import tomllib
from collections.abc import Callable

import click
import msgspec

from filon.case.answers import Proposal
from filon.cli.output import say, table
from filon.errors import ReadingError
from filon.evidence.reading import Question
from filon.model.display import visible
from filon.model.given import Given
from filon.model.time import zone_named

__all__ = ["Asker", "show_preview"]

_FOR_ALL = ("zone", "date_order")
"""What may hold for everything that is added together. Whose copy an item is never does."""
_CALLED = {"date_order": "order of day, month and year", "owner": "device or account whose copy this is"}
_PREVIEW = 8


class Asker:
    """Asks about one source after the other, and remembers what was said to hold for all of them."""

    def __init__(self, clear: Callable[[], None]) -> None:
        self._clear = clear
        """Takes the line of progress away."""
        self._for_all: dict[str, str] = {}

    def __call__(self, proposal: Proposal, given: Given) -> Given:
        """What a person states about this source. ReadingError where they do not want it read so."""
        told = [q for q in proposal.questions if getattr(given, q.name) is None and q.name != "mapping"]
        known = {q.name: self._for_all[q.name] for q in told if q.name in self._for_all}
        given = msgspec.structs.replace(given, **{name: answer for name, answer in known.items() if answer})
        told = [q for q in told if q.name not in known]
        table_open = proposal.mapping is not None and given.mapping is None
        if not told and not table_open:
            return given
        self._clear()
        where = f"{proposal.path}: {proposal.member}" if proposal.member else proposal.path
        say(f"\n{visible(where)}: {proposal.title} ({proposal.confidence:.0%} sure)")
        if table_open:
            show_preview(proposal, _PREVIEW)
        for question in told:
            answer = _answer(question)
            if question.name in _FOR_ALL and click.confirm("  Does this hold for everything else that is added now?"):
                self._for_all[question.name] = answer
            if answer:
                given = msgspec.structs.replace(given, **{question.name: answer})
        return _mapped(proposal.mapping or "", given) if table_open else given


def show_preview(proposal: Proposal, most: int, err: bool = False) -> None:
    """The first rows as they would be read, without the columns that say nothing."""
    rows = proposal.preview[:most]
    names = list(dict.fromkeys(name for row in rows for name, value in row.items() if value))
    shown = [[visible(row.get(name) or "") for name in names] for row in rows]
    table("The first rows as they would be read, before anything is asked", names, shown, err=err)


def _answer(question: Question) -> str:
    """What a person says; empty where they leave it open."""
    say(f"  {visible(question.reason)}")
    if question.name == "zone":
        return _zone()
    proposed = question.proposal or ""
    called = _CALLED.get(question.name, question.name)
    if question.choices:
        kind = click.Choice([*question.choices, ""])
        answer = click.prompt(
            f"  {called} ({', '.join(question.choices)}; empty: leave it open)", type=kind, default=proposed,
            show_default=bool(proposed), show_choices=False,
        )  # fmt: skip
        return str(answer)
    return str(click.prompt(f"  {called} (empty: leave it open)", default=proposed, show_default=bool(proposed)))


def _zone() -> str:
    """A zone that there is, or nothing. None is proposed: a zone is stated, not guessed."""
    while True:
        answer: str = click.prompt(
            "  zone, such as Europe/Paris (empty: leave it open)", default="", show_default=False
        )
        if not answer:
            return answer
        try:
            zone_named(answer)
        except ReadingError as error:
            say(f"  {error}; {error.hint}")
        else:
            return answer


def _mapped(proposed: str, given: Given) -> Given:
    """Take a table as it is proposed, changed, or not at all."""
    choice = click.prompt("  Read the table so? yes, no, edit", type=click.Choice(["yes", "no", "edit"]), default="yes",
                          show_choices=False)  # fmt: skip
    if choice == "yes":
        return given
    text = click.edit(proposed, extension=".toml") if choice == "edit" else None
    if text is None:
        raise ReadingError(
            "the table was not taken, and nothing else of this add",
            hint="`filon mapping FILE` writes the proposal; change it, and give it with --mapping",
        )
    try:
        return msgspec.structs.replace(given, mapping=tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ReadingError(
            "the mapping is not TOML: {why}", hint="see docs/reference/mappings.md", why=str(error)
        ) from error
