"""Commands that keep a case quick: compact."""

import click

from filon.cli.options import as_json, case_and, opened, words_argument
from filon.cli.output import counted, number, print_json, say
from filon.cli.progress import Ticker

__all__ = ["compact"]


@click.command()
@words_argument("[CASE]")
@as_json
def compact(words: tuple[str, ...], json: bool) -> None:
    """Merge the small pieces that many adds leave.

    The rows, their numbers and every answer stay the same; searches read fewer files. It may be stopped at any time, and
    others may search and add meanwhile. `filon add` and `filon serve` do it by themselves where it is due.

    \b
    Example:
      filon compact ops-lille
    """
    name, _ = case_and(words)
    found, view = opened(name)
    with Ticker("what was merged is kept; the same command goes on from there", quiet=json) as ticker:
        done = found.compact(view, report=ticker)
    if json:
        print_json({"compactions": done, "head": found.head})
        return
    if not done:
        say("Nothing to do: there are not enough small pieces to merge.")
        return
    before, after = done[0], done[-1]
    say(f"slices  {number(before.slices[0]):>8}  now  {number(after.slices[1])}")
    say(f"parts   {number(before.parts[0]):>8}  now  {number(after.parts[1])}")
    say(f"{counted(sum(made.messages for made in done), 'message')} written again, under the same numbers")
    say(f"Head of the custody log: {found.head}")
