"""Commands that let others check: verify, export."""

from pathlib import Path

import click

from filon.cli.options import as_json, case_and, case_path, opened, words_argument, zone_option
from filon.cli.output import counted, number, print_json, say
from filon.cli.progress import Ticker
from filon.model.display import visible
from filon.settings import load

__all__ = ["export", "verify"]


@click.command()
@words_argument("[CASE]")
@click.option("--head", metavar="HASH", help="A head of the custody log kept elsewhere: is it still part of this log?")
@click.option("--reread", is_flag=True, help="Read every item again and compare all rows.")
@as_json
def verify(words: tuple[str, ...], head: str | None, reread: bool, json: bool) -> int:
    """Check a case and say exactly what differs.

    Looks at items, parts, index, desk and log. Leaves with 1 where something differs.

    \b
    Example:
      filon verify ops-lille
      filon verify ops-lille --head 12:3cd1d11ae6b542ce35134d374cfbe9c7e19b6af5e9cf2415233f22f5557756c2
    """
    from filon.case import verify_case

    case, _ = case_and(words)
    with Ticker("a check changes nothing; give the same command to begin anew", quiet=json) as ticker:
        checked = verify_case(case_path(case), load(), head, reread, ticker)
    if json:
        print_json(checked)
        return 1 if checked.problems else 0
    for what, count in checked.checked.items():
        say(f"checked  {number(count):>12}  {what}")
    for problem in checked.problems:
        say(f"DIFFERS  {visible(problem.where)}: {visible(problem.what)}")
    verdict = counted(len(checked.problems), "difference") if checked.problems else "Everything agrees"
    say(f"{verdict}; {checked.seconds:.1f} s. Head of the custody log: {checked.head}")
    if not checked.problems and head is None:
        say(
            "Whoever holds the case's key could have signed this log anew: check against a head kept elsewhere (--head)."
        )
    return 1 if checked.problems else 0


@click.command()
@words_argument("[CASE] [TEXT]")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "xlsx", "jsonl", "parquet"]),
    default="csv",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The new file; without it, CASE.FORMAT in the folder you are in.",
)
@zone_option
@as_json
def export(words: tuple[str, ...], kind: str, out: Path | None, zone: str | None, json: bool) -> int:
    """Write the hits of a search to a file.

    Without TEXT, all messages. Each row carries the hash of its item and its place there; the custody log notes the
    file and its hash. Nothing is overwritten. Leaves with 1 where nothing was found.

    \b
    Example:
      filon export ops-lille 'from:dylan' --format xlsx --out dylan.xlsx
    """
    name, rest = case_and(words, most=1)
    found, view = opened(name, zone)
    path = out if out is not None else Path(f"{found.root.resolve().name}.{kind}")
    with Ticker("the half-written file was taken away; give the same command to begin anew", quiet=json) as ticker:
        done = found.export(view, rest[0] if rest else "", kind, path, report=ticker)
    if json:
        print_json(done)
    else:
        say(f"{counted(done.rows, 'message')} in {visible(done.path)}")
        say(f"SHA-256 {done.sha256}")
        say(f"Head of the custody log: {done.head}")
    return 0 if done.rows else 1
