"""Commands for people's own work on a case: tag, note, undo."""

import sys

import click

from filon.cli.options import as_json, case_argument, opened
from filon.cli.output import console, number, print_json, table
from filon.model.display import visible

__all__ = ["note", "tag", "undo"]


@click.command()
@case_argument
@click.argument("name", required=False)
@click.argument("messages", nargs=-1)
@click.option("--search", "text", help="Every hit of this search instead of single messages.")
@click.option("--off", is_flag=True, help="Take the tag off instead.")
@as_json
def tag(case: str, name: str | None, messages: tuple[str, ...], text: str | None, off: bool, json: bool) -> None:
    """Put a tag on messages; without a name, list the tags.

    \b
    Example:
      filon tag ops-lille threat 7:1042 7:1043
      filon tag ops-lille delivery --search '"livraison demain"'
    """
    found, view = opened(case)
    if name is None:
        rows = found.tags(view)
        if json:
            print_json(rows)
        else:
            table(
                "Tags", ("tag", "messages"), [(visible(t.tag), number(t.messages)) for t in rows], right=("messages",)
            )
        return
    if text is not None:
        changed = found.untag_hits(view, name, text) if off else found.tag_hits(view, name, text)
    else:
        changed = found.untag(view, name, messages) if off else found.tag(view, name, messages)
    if json:
        print_json({"tag": name, "messages": changed})
    else:
        console.print(f"{number(changed)} messages {'lost' if off else 'got'} the tag {visible(name)}")


@click.command()
@case_argument
@click.argument("message")
@click.argument("words")
@as_json
def note(case: str, message: str, words: str, json: bool) -> None:
    """Write a note on a message.

    \b
    Example:
      filon note ops-lille 7:1042 "same van as on 3 April"
    """
    found, view = opened(case)
    written = found.note(view, message, words)
    print_json(written) if json else console.print(f"Note {written.note} on {written.message}")


@click.command()
@case_argument
def undo(case: str) -> int:
    """Reverse your last tag, note or saved search.

    \b
    Example:
      filon undo ops-lille
    """
    found, view = opened(case)
    what = found.undo(view)
    click.echo(f"Undone: {visible(what)}" if what else "There is nothing of yours to undo.", file=sys.stdout)
    return 0 if what else 1
