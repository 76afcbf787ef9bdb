"""Commands that take evidence in: new, add, withdraw."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec

from filon.case import create_case
from filon.case.answers import Added, Proposal
from filon.cli.options import as_json, case_argument, opened
from filon.cli.output import console, number, print_json, size, table
from filon.cli.progress import Ticker
from filon.errors import ReadingError
from filon.evidence.reading import Given
from filon.model.display import visible
from filon.model.time import zone_named
from filon.settings import load

__all__ = ["add", "new", "withdraw"]


@click.command()
@case_argument
@as_json
def new(case: str, json: bool) -> None:
    """Make an empty case.

    \b
    Example:
      filon new ops-lille
    """
    made = create_case(case, load())
    click.get_current_context().call_on_close(made.close)
    if json:
        print_json({"case": made.name, "path": str(made.root), "head": made.head})
        return
    console.print(f"Made the case {made.name} in {made.root}")
    console.print(f"Head of its custody log: {made.head}")


@click.command()
@case_argument
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--zone", metavar="ZONE", help="Zone of times that stand without one, e.g. Europe/Paris. Never guessed.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order of day and month where it is open.")
@click.option("--owner", metavar="HANDLE", help="The device or account whose copy these items are.")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Columns of a table, as TOML."
)
@click.option("--reader", metavar="NAME", help="Read with this reader (see: filon readers).")
@click.option("--copy", is_flag=True, help="Take the bytes into the case instead of referring to them in place.")
@click.option(
    "--yes", is_flag=True, help="Ask nothing: take what the items themselves propose, and say so. Never a zone."
)
@as_json
def add(
    case: str, paths: tuple[Path, ...], zone: str | None, date_order: str | None, owner: str | None,
    mapping: Path | None, reader: str | None, copy: bool, yes: bool, json: bool,
) -> int:  # fmt: skip
    """Take files, folders and archives into a case, and give their account.

    An add that was interrupted is finished first; without PATHS that is all this does. Items that the case already holds
    are left alone.

    \b
    Example:
      filon add ops-lille WhatsApp*.zip result.json handles.xlsx --zone Europe/Paris
    """
    if zone is not None:
        zone_named(zone)
    table_mapping = _read_mapping(mapping) if mapping is not None else None
    given = Given(zone=zone, date_order=date_order, owner=owner, mapping=table_mapping)
    found, view = opened(case)
    ask = None if yes or json or not sys.stdin.isatty() else _ask
    with Ticker(quiet=json) as ticker:
        resumed = found.resume(view, report=ticker)
        added = (
            found.add(view, paths, given=given, decide=ask, reader=reader, copy=copy, report=ticker) if paths else None
        )
    for done in (resumed, added):
        if done is not None:
            print_json(done) if json else _show_account(done, resumed=done is resumed)
    if resumed is None and added is None:
        console.print("Nothing to do: no paths were given and no add was interrupted.")
    return 0


@click.command()
@case_argument
@click.argument("item")
@click.option("--reason", required=True, help="Why; it stands in the custody log and in the list of items.")
@as_json
def withdraw(case: str, item: str, reason: str, json: bool) -> None:
    """Take an item out of every view: added by mistake, or outside the order.

    ITEM is its number, its path or the beginning of its SHA-256. Its entry in the log and a tombstone stay.

    \b
    Example:
      filon withdraw ops-lille 3 --reason "outside the order of 2 May"
    """
    found, view = opened(case)
    row = found.withdraw(view, item, reason)
    if json:
        print_json({"item": row.item, "head": found.head})
        return
    console.print(f"Withdrew item {row.item.number}, {visible(row.item.path)}: {visible(reason)}")
    console.print(f"Head of the custody log: {found.head}")


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReadingError("{path} is not a mapping: {why}", path=str(path), why=str(error)) from error


def _ask(proposal: Proposal, given: Given) -> Given:
    """Ask a person at a terminal what the reader would rather be told."""
    name = visible(proposal.member or proposal.path)
    console.print(f"\n{name}: {proposal.title} ({proposal.confidence:.0%} sure)")
    for question in proposal.questions:
        if getattr(given, question.name, None) is not None or question.name == "mapping":
            continue
        console.print(f"  {visible(question.reason)}")
        if question.name == "zone":
            answer = click.prompt("  Zone of these times (empty: leave it unknown)", default="", show_default=False)
            while answer:
                try:
                    zone_named(answer)
                    break
                except ReadingError as error:
                    console.print(f"  {error}")
                    answer = click.prompt("  Zone", default="", show_default=False)
        elif question.choices:
            kind = click.Choice(list(question.choices))
            answer = click.prompt(f"  {question.name}", type=kind, default=question.proposal)
        else:
            answer = click.prompt(
                f"  {question.name}", default=question.proposal or "", show_default=bool(question.proposal)
            )
        if answer:
            given = msgspec.structs.replace(given, **{question.name: answer})
    if proposal.mapping and given.mapping is None:
        table("As it would be read", list(proposal.preview[0]) if proposal.preview else [],
              [[visible(str(v or "")) for v in row.values()] for row in proposal.preview[:8]])  # fmt: skip
        if not click.confirm("  Read the table so?", default=True):
            raise ReadingError(
                "the table was not taken",
                hint="write the mapping below to a file, change it, and give it with --mapping\n\n{mapping}",
                mapping=proposal.mapping,
            )
    return given


def _show_account(added: Added, resumed: bool) -> None:
    if resumed:
        console.print("Finished the add that was interrupted.")
    for path in added.already:
        console.print(f"Already in the case, left alone: {visible(path)}")
    for path, reason in added.refused:
        console.print(f"Not taken: {visible(path)}: {visible(reason)}")
    for row in added.items:
        item = row.item
        console.print(f"\nItem {item.number}  {visible(item.path)}  {size(item.size)}  SHA-256 {item.sha256}")
        if not row.readings:
            console.print("  kept as a file: no reader recognises it")
        for reading in row.readings:
            t = reading.tally
            assert t is not None
            console.print(
                f"  reading {reading.number}: {visible(reading.member or '')} {reading.format} {reading.version}"
            )
            if t.units is None:
                console.print(f"    could not be read to its end ({number(t.defects)} defects)")
            skipped = "".join(f" + {number(n)} skipped: {reason}" for reason, n in t.skipped.items())
            sums = "" if t.balanced or t.units is None else "   DOES NOT SUM UP"
            console.print(f"    {number(t.units or 0)} {t.unit} = {number(t.gave)} gave records{skipped}{sums}")
            for assumption in reading.assumptions:
                console.print(f"    assumed: {visible(assumption)}")
            for what, count in list(t.unread.items())[:20]:
                console.print(f"    not interpreted: {visible(what)} ({number(count)})")
    t = added.tally
    console.print(
        f"\n{number(t.records)} records = {number(t.messages)} messages + {number(t.events)} events + "
        f"{number(t.accounts)} new accounts + {number(t.conversations)} new conversations + "
        f"{number(t.attachments)} attachments + {number(t.defects)} defects"
    )
    console.print(f"in {added.seconds:.1f} s. Head of the custody log: {added.head}")
