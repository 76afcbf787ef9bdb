"""Commands that let others check: verify, export."""

from pathlib import Path

import click

from filon.cli.options import as_json, case_argument, opened, zone_option
from filon.cli.output import console, number, print_json
from filon.cli.progress import Ticker
from filon.model.display import visible
from filon.settings import load

__all__ = ["export", "verify"]


@click.command()
@case_argument
@click.option("--head", metavar="HASH", help="A head of the custody log kept elsewhere: is it still part of this log?")
@click.option("--reread", is_flag=True, help="Read every item again and compare all rows.")
@as_json
def verify(case: str, head: str | None, reread: bool, json: bool) -> int:
    """Check items, parts, index, desk and log, and say exactly what differs. Leaves with 1 where something does.

    \b
    Example:
      filon verify ops-lille --head 5d41402abc4b2a76b9719d911017c592
    """
    from filon.case import verify_case

    with Ticker(quiet=json) as ticker:
        checked = verify_case(case, load(), head, reread, ticker)
    if json:
        print_json(checked)
    else:
        for what, count in checked.checked.items():
            console.print(f"checked  {number(count):>12}  {what}")
        for problem in checked.problems:
            console.print(f"DIFFERS  {visible(problem.where)}: {visible(problem.what)}")
        verdict = "differences were found" if checked.problems else "everything agrees"
        console.print(f"{verdict}; {checked.seconds:.1f} s. Head of the custody log: {checked.head}")
        if not checked.problems and head is None:
            console.print(
                "Whoever holds the case's key could have signed this log anew: check against a head kept elsewhere."
            )
    return 1 if checked.problems else 0


@click.command()
@case_argument
@click.argument("text", default="")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "xlsx", "jsonl", "parquet"]), default="csv", show_default=True
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@zone_option
@as_json
def export(case: str, text: str, kind: str, out: Path, zone: str | None, json: bool) -> None:
    """Write the hits of a search (or all messages) to a file; the custody log notes it.

    \b
    Example:
      filon export ops-lille 'from:dylan' --format xlsx --out dylan.xlsx
    """
    found, view = opened(case, zone)
    with Ticker(quiet=json) as ticker:
        done = found.export(view, text, kind, out, report=ticker)
    if json:
        print_json(done)
        return
    console.print(f"{number(done.rows)} messages in {done.path}")
    console.print(f"SHA-256 {done.sha256}")
    console.print(f"Head of the custody log: {done.head}")
