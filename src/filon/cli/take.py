"""Commands that take evidence in: new, add, withdraw."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from filon.cli.mapped import mapping_named, proposed_mapping
from filon.cli.options import as_json, case_and, opened, words_argument, zone_checked
from filon.cli.output import print_json, say
from filon.cli.progress import Ticker
from filon.model.display import visible
from filon.settings import load

if TYPE_CHECKING:
    from filon.case.answers import Added

__all__ = ["add", "new", "withdraw"]

_STOPPED = "what was finished is kept; the same command, or `filon add CASE` alone, goes on from there"
_NOT_BEGUN = "nothing was taken in; the same command begins again"


@click.command()
@click.argument("case")
@as_json
def new(case: str, json: bool) -> None:
    """Make an empty case.

    CASE is a path, or a bare name that lies in FILON_HOME (default: filon in your home folder).

    \b
    Example:
      filon new ops-lille
    """
    from filon.case import create_case

    if not case.strip():
        raise click.UsageError("a case needs a name.")
    made = create_case(case, load())
    click.get_current_context().call_on_close(made.close)
    if json:
        print_json({"case": made.name, "path": str(made.root), "head": made.head})
        return
    say(f"Made the case {visible(made.name)} in {visible(str(made.root))}")
    say(f"Head of its custody log: {made.head}")


@click.command()
@words_argument("[CASE] [PATHS]...")
@click.option(
    "--zone", metavar="ZONE", callback=zone_checked, help="Zone of times that stand without one. It is never guessed."
)
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order of day and month where it is open.")
@click.option("--owner", metavar="HANDLE", help="The device or account whose copy these items are.")
@click.option(
    "--mapping", metavar="FILE|NAME", help="What the columns of a table mean: TOML, or a mapping of the case or filon."
)
@click.option(
    "--save-mapping", metavar="NAME", help="Keep the mapping in the case; without --mapping, the one that is proposed."
)
@click.option("--reader", metavar="NAME", help="Read with this reader (see: filon readers).")
@click.option("--copy", is_flag=True, help="Take the bytes into the case instead of referring to them in place.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what the items propose, and say so. Never a zone.")
@click.option("--verbose", is_flag=True, help="Tell every item, also where there are more than 50.")
@as_json
def add(
    words: tuple[str, ...], zone: str | None, date_order: str | None, owner: str | None, mapping: str | None,
    save_mapping: str | None, reader: str | None, copy: bool, yes: bool, verbose: bool, json: bool,
) -> int:  # fmt: skip
    """Take files, folders and archives into a case.

    It ends with an account that sums up. An add that was interrupted is finished first; without PATHS that is all this
    does. Items that the case holds already are left alone. At a terminal it asks what a reader would rather be told;
    with --yes or --json, or where nobody can answer, it takes what the items themselves propose and says so.

    Leaves with 3 where something was not taken, with 1 where an account does not sum up.

    \b
    Example:
      filon add ops-lille WhatsApp*.zip result.json handles.xlsx --zone Europe/Paris
    """
    from filon.cli.asking import Asker
    from filon.model.given import Given

    name, rest = case_and(words, most=None)
    paths = _paths(rest, named=name is not None)
    found, view = opened(name)
    with Ticker(lambda: _STOPPED if found.interrupted else _NOT_BEGUN, quiet=json) as ticker:
        columns = mapping_named(found, mapping)
        if save_mapping is not None:
            columns = found.save_mapping(save_mapping, columns or proposed_mapping(found, view, paths, ticker))
        given = Given(zone=zone, date_order=date_order, owner=owner, mapping=columns)
        ask = None if yes or json or not (sys.stdin.isatty() and sys.stdout.isatty()) else Asker(ticker.clear)
        resumed = found.resume(view, report=ticker)
        added = (
            found.add(view, paths, given=given, decide=ask, reader=reader, copy=copy, report=ticker) if paths else None
        )
    if added is not None and found.compaction_due:
        with Ticker("everything is added; `filon compact` goes on with merging", quiet=json) as ticker:
            found.compact(view, report=ticker)
    code = 0
    for done in (resumed, added):
        if done is not None:
            _show(done, done is resumed, verbose, json)
            code = max(code, _code(done))
    if resumed is None and added is None and not json:
        say("Nothing to do: no paths were given, and no add was interrupted.")
    return code


@click.command()
@words_argument("[CASE] ITEM")
@click.option(
    "--reason", metavar="TEXT", required=True, help="Why; it stands in the custody log and in the list of items."
)
@as_json
def withdraw(words: tuple[str, ...], reason: str, json: bool) -> None:
    """Take an item out of every view.

    For what was added by mistake, or lies outside the order. ITEM is its number, its path or the beginning of its
    SHA-256. Its entry in the log and a tombstone stay.

    \b
    Example:
      filon withdraw ops-lille 3 --reason "outside the order of 2 May"
    """
    name, (item,) = case_and(words, least=1, most=1)
    found, view = opened(name)
    row = found.withdraw(view, item, reason)
    if json:
        print_json({"item": row.item, "head": found.head})
        return
    say(f"Withdrew item {row.item.number}, {visible(row.item.path)}: {visible(reason)}")
    say(f"Head of the custody log: {found.head}")


def _paths(words: tuple[str, ...], named: bool) -> list[Path]:
    """What is to be added. Where no case is named, the first word must be a file: else it is a case that is not there."""
    from filon.case.places import no_case

    paths = [Path(word) for word in words]
    if not named and paths and not paths[0].exists() and not paths[0].is_symlink():
        raise no_case(words[0], load())
    return paths


def _show(done: "Added", resumed: bool, verbose: bool, json: bool) -> None:
    if json:
        from filon.cli.rows import added_row

        print_json(added_row(done, resumed))
        return
    from filon.cli.account import show_account

    show_account(done, resumed, verbose)


def _code(done: "Added") -> int:
    if done.refused:
        return 3
    tallies = [reading.tally for row in done.items for reading in row.readings]
    return 0 if all(tally is not None and tally.balanced for tally in tallies) else 1
