"""The command about mappings, and how a mapping is named on the command line."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import msgspec

from filon.cli.asking import show_preview
from filon.cli.options import as_json, case_and, opened, words_argument
from filon.cli.output import print_json, say
from filon.cli.progress import Ticker
from filon.errors import ReadingError
from filon.model.display import visible
from filon.settings import load

if TYPE_CHECKING:
    from filon.case import Case
    from filon.case.answers import Proposal
    from filon.model.progress import Report
    from filon.model.view import View

__all__ = ["mapping", "mapping_named", "proposed_mapping"]

_PREVIEW = 20


@click.command()
@words_argument("[CASE] FILE")
@click.option("--save", metavar="NAME", help="Keep the proposal in the case, for `filon add --mapping NAME`.")
@as_json
def mapping(words: tuple[str, ...], save: str | None, json: bool) -> int:
    """Propose what the columns of a table mean.

    Writes the mapping as TOML, and beside it the first 20 rows as they would be read: on a terminal below it, else on
    the error stream, so that the TOML alone goes into a file. Nothing is added; a case is needed for --save only.
    Leaves with 1 where no table is found.

    \b
    Example:
      filon mapping handles.xlsx > handles.toml
    """
    name, (file,) = case_and(words, least=1, most=1)
    proposals = _look_at(Path(file), quiet=json)
    tables = [proposal for proposal in proposals if proposal.mapping]
    for proposal in proposals:
        if proposal.refused:
            raise ReadingError("{path} cannot be read: {why}", path=proposal.path, why=proposal.refused)
    if not tables:
        titles = ", ".join(dict.fromkeys(p.title or "nothing a reader recognises" for p in proposals)) or "nothing"
        click.echo(f"filon: there is no table in {visible(file)}; it holds: {titles}", err=True)
        return 1
    if save is not None:
        found, _ = opened(name)
        kept = found.save_mapping(save, _only(tables))
        if not json:
            click.echo(f"Kept as {kept['name']!r}: `filon add ... --mapping {save}`", err=True)
    for proposal in tables:
        print_json(_row(proposal)) if json else _show(proposal, several=len(tables) > 1)
    return 0


def mapping_named(found: "Case", named: str | None) -> "dict[str, object] | None":
    """The mapping in a file of TOML, or kept under a name. ReadingError where it is none."""
    if named is None:
        return None
    path = Path(named)
    if not path.is_file():
        return found.mapping(named)
    from filon.readers.tables import Mapping

    try:
        return Mapping.from_toml(path.read_text(encoding="utf-8-sig")).to_dict()
    except UnicodeDecodeError as error:
        raise ReadingError(
            "{path} is not text in UTF-8", hint="see docs/reference/mappings.md", path=str(path)
        ) from error


def proposed_mapping(found: "Case", view: "View", paths: Sequence[Path], report: "Report") -> "dict[str, object]":
    """The mapping that is proposed for the tables at these paths, where they agree."""
    return _only([p for p in found.propose(view, paths, report=report) if p.mapping])


def _only(tables: "Sequence[Proposal]") -> "dict[str, object]":
    from filon.readers.tables import Mapping

    different = {proposal.mapping for proposal in tables if proposal.mapping}
    if len(different) != 1:
        raise ReadingError(
            "no table was found to keep the mapping of" if not different else "there are {count} different mappings",
            hint="give one table at a time, or a mapping with --mapping",
            count=len(different),
        )
    return Mapping.from_toml(different.pop()).to_dict()


def _look_at(path: Path, quiet: bool) -> "list[Proposal]":
    """What would be done with a file, asked of an empty case that is thrown away, beside the other cases."""
    from filon.case import create_case

    settings = load()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix=".mapping-", dir=settings.home) as folder,
        create_case(str(Path(folder) / "empty"), settings) as empty,
        Ticker("nothing was changed", quiet) as ticker,
    ):
        return empty.propose(empty.view(), [path], report=ticker)


def _show(proposal: "Proposal", several: bool) -> None:
    if several:
        where = f"{proposal.path}: {proposal.member}" if proposal.member else proposal.path
        say(f"# {visible(where)}")
    say(visible(proposal.mapping or "", keep="\n"))
    beside = not sys.stdout.isatty()
    for question in proposal.questions:
        if question.name != "mapping":
            click.echo(f"open: {question.name}: {visible(question.reason)}", err=beside)
    show_preview(proposal, _PREVIEW, err=beside)


def _row(proposal: "Proposal") -> dict[str, Any]:
    from filon.readers.tables import Mapping

    plain: dict[str, Any] = msgspec.to_builtins(proposal)
    return plain | {"mapping": Mapping.from_toml(proposal.mapping or "").to_dict(), "toml": proposal.mapping}
