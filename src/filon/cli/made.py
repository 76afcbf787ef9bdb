"""Commands that make synthetic messages: demo, synth."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from filon.cli.options import as_json
from filon.cli.output import counted, number, print_json, say
from filon.cli.progress import Ticker
from filon.model.display import visible

if TYPE_CHECKING:
    from filon.case import Case
    from filon.model.view import View

__all__ = ["demo", "synth"]

_SEED = 1
_SEARCH = '"demain matin" OR morgen OR tomorrow'
_FORMATS = ("jsonl", "csv", "xlsx", "whatsapp", "telegram")
_messages_option = click.option(
    "--messages",
    type=click.IntRange(2_000, 20_000_000),
    metavar="N",
    default=200_000,
    show_default=True,
    help="How many are sent.",
)


@click.command()
@click.argument("case", default="demo")
@_messages_option
@click.option(
    "--seed", type=int, metavar="N", default=_SEED, show_default=True, help="The same seed gives the same messages."
)
@as_json
def demo(case: str, messages: int, seed: int, json: bool) -> None:
    """Make a case of synthetic messages and search it.

    The exports lie in the case's folder `synthetic`, with the truth about them. They are taken in like any other.

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
    with Ticker(f"the case {made.root} is not whole; remove it, and give the same command again", quiet=json) as ticker:
        paths = make(exports, messages=messages, seed=seed, report=ticker)
        added = made.add(view, paths, report=ticker)
    if json:
        print_json({"case": made.name, "path": str(made.root), "tally": added.tally, "seconds": added.seconds})
        return
    counts = made.counts(view)
    say(f"Made the case {visible(made.name)} of synthetic messages in {visible(str(made.root))}")
    say(
        f"{number(counts.items)} items, {number(counts.messages)} messages, {number(counts.events)} events, "
        f"{number(counts.accounts)} accounts, {number(counts.conversations)} conversations, "
        f"{number(counts.attachments)} attachments, {number(counts.defects)} defects, in {added.seconds:.1f} s"
    )
    _show_search(made, view)
    say(f"\nHead of the custody log: {made.head}")
    say(f"Go on with  filon search {case} TEXT  or  filon serve {case}")


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@_messages_option
@click.option("--format", "kind", type=click.Choice(_FORMATS), default="csv", show_default=True, help="What to write.")
@click.option(
    "--seed", type=int, metavar="N", default=_SEED, show_default=True, help="The same seed gives the same bytes."
)
@click.option(
    "--one-side", is_flag=True, help="Each message from one phone only, instead of from every phone that holds it."
)
@click.option("--no-faults", is_flag=True, help="Plant no faults.")
@as_json
def synth(out: Path, messages: int, kind: str, seed: int, one_side: bool, no_faults: bool, json: bool) -> None:
    """Write an export of synthetic messages, and the truth about them.

    The truth lies beside OUT, in OUT.truth.jsonl.

    \b
    Example:
      filon synth --messages 20000 --format csv network.csv
    """
    from filon.synth import write

    with Ticker(
        f"{out} is not whole; remove it and what lies beside it, and give the same command again", json
    ) as ticker:
        made = write(
            out, messages=messages, format=kind, seed=seed, both_sides=not one_side, faults=not no_faults, report=ticker
        )
    if json:
        paths = {"files": [str(path) for path in made.files], "truth": str(made.truth)}
        print_json(msgspec.structs.asdict(made) | paths)
        return
    say(f"Wrote {counted(made.messages, 'synthetic message')} in {counted(made.rows, 'copy', 'copies')}:")
    for path in (*made.files, made.truth):
        say(f"  {visible(str(path))}")
    faults = ", ".join(f"{kind} {number(count)}" for kind, count in made.faults.items() if count)
    say(f"Planted faults: {faults or 'none'}; {counted(made.lost, 'copy', 'copies')} left out")


def _show_search(made: "Case", view: "View") -> None:
    """A search and a passage, so that there is something to look at."""
    from filon.cli.passages import hit, who

    hits = made.search(view, _SEARCH, limit=3)
    say(f"\n{counted(hits.total, 'message')} for  {_SEARCH}")
    for one in hits.hits:
        say(hit(one, view.zone))
    found = made.place_of(view, hits.hits[0].message.id) if hits.hits else None
    if found:
        say("\nA passage around the first:")
        for message in made.page(view, found[0], max(0, found[1] - 4), 9).messages:
            say(f"  {who(message):<16} {visible(message.text or message.kind)}")
