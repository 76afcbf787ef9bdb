"""Commands that make synthetic messages: demo, synth."""

from pathlib import Path

import click

from filon.cli.options import as_json
from filon.cli.output import console, hit, number, print_json
from filon.cli.progress import Ticker

__all__ = ["demo", "synth"]

_SEED = 1
_SEARCH = '"demain matin" OR morgen OR tomorrow'


@click.command()
@click.argument("case", default="demo")
@click.option("--messages", type=click.IntRange(2_000, 20_000_000), default=200_000, show_default=True)
@click.option("--seed", type=int, default=_SEED, show_default=True)
@as_json
def demo(case: str, messages: int, seed: int, json: bool) -> None:
    """Make a case of synthetic messages, take it in like any other, and search it.

    \b
    Example:
      filon demo
    """
    from filon.case import create_case
    from filon.settings import load
    from filon.synth import demo as make

    made = create_case(case, load())
    click.get_current_context().call_on_close(made.close)
    view = made.view()
    exports = made.root / "synthetic"
    exports.mkdir(mode=0o700)
    with Ticker(quiet=json) as ticker:
        paths = make(exports, messages=messages, seed=seed, report=ticker)
        added = made.add(view, paths, report=ticker)
    hits = made.search(view, _SEARCH, limit=3)
    if json:
        print_json({"case": made.name, "path": str(made.root), "tally": added.tally, "seconds": added.seconds})
        return
    counts = made.counts(view)
    console.print(f"Made the case {made.name} of synthetic messages in {made.root}")
    console.print(
        f"{number(counts.items)} items, {number(counts.messages)} messages, {number(counts.events)} events, "
        f"{number(counts.accounts)} accounts, {number(counts.conversations)} conversations, "
        f"{number(counts.attachments)} attachments, {number(counts.defects)} defects, in {added.seconds:.1f} s"
    )
    console.print(f"\n{number(hits.total)} messages for  {_SEARCH}")
    for one in hits.hits:
        console.print(hit(one, view.zone))
    if hits.hits and hits.hits[0].message.conversation is not None:
        found = made.place_of(view, hits.hits[0].message.id)
        if found:
            console.print("\nA passage around the first:")
            for message in made.page(view, found[0], max(0, found[1] - 4), 9).messages:
                sender = message.sender.label if message.sender else "no sender stated"
                console.print(f"  {sender:<16} {message.text or message.kind}")
    console.print(f"\nHead of the custody log: {made.head}")


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--messages", type=click.IntRange(2_000, 20_000_000), default=200_000, show_default=True)
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv", "xlsx", "whatsapp", "telegram"]), default="csv")
@click.option("--seed", type=int, default=_SEED, show_default=True)
@click.option(
    "--one-side", is_flag=True, help="Each message from one phone only, instead of from every phone that holds it."
)
@click.option("--no-faults", is_flag=True, help="Plant no faults.")
@as_json
def synth(out: Path, messages: int, kind: str, seed: int, one_side: bool, no_faults: bool, json: bool) -> None:
    """Write an export of synthetic messages, and beside it the truth about them.

    \b
    Example:
      filon synth --messages 20000 --format csv network.csv
    """
    from filon.synth import write

    with Ticker(quiet=json) as ticker:
        made = write(
            out, messages=messages, format=kind, seed=seed, both_sides=not one_side, faults=not no_faults, report=ticker
        )
    if json:
        print_json(made)
    else:
        console.print(f"Wrote synthetic messages: {made}")
