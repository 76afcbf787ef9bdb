"""Commands for people's own work on a case: tag, note, undo."""

import click

from filon.cli.options import as_json, case_and, opened, words_argument
from filon.cli.output import counted, number, print_json, say, table
from filon.model.display import visible

__all__ = ["note", "tag", "undo"]


@click.command()
@words_argument("[CASE] [NAME] [MESSAGES]...")
@click.option("--search", "text", metavar="TEXT", help="Every hit of this search instead of single messages.")
@click.option("--off", is_flag=True, help="Take the tag off instead.")
@as_json
def tag(words: tuple[str, ...], text: str | None, off: bool, json: bool) -> int:
    """Put a tag on messages, or list the tags.

    Without NAME the tags are listed. The first word is CASE where a case of that name is there. Leaves with 1 where
    --search finds nothing.

    \b
    Example:
      filon tag ops-lille threat 7:1042 7:1043
      filon tag ops-lille delivery --search '"livraison demain"'
    """
    case, rest = case_and(words, most=None)
    if rest and (text is None) == (len(rest) == 1):
        raise click.UsageError("say which messages get the tag: their numbers, or a search with --search.")
    found, view = opened(case)
    if not rest:
        rows = found.tags(view)
        if json:
            print_json(rows)
        else:
            shown = [(visible(t.tag), number(t.messages)) for t in rows]
            table(counted(len(rows), "tag"), ("tag", "messages"), shown, right=("messages",))
        return 0
    name, *messages = rest
    if text is not None:
        changed = found.untag_hits(view, name, text) if off else found.tag_hits(view, name, text)
    else:
        changed = found.untag(view, name, messages) if off else found.tag(view, name, messages)
    if json:
        print_json({"tag": name, "messages": changed})
    else:
        say(f"{counted(changed, 'message')} {'lost' if off else 'got'} the tag {visible(name)}")
    return 1 if text is not None and not changed and not found.count(view, text) else 0


@click.command()
@words_argument("[CASE] MESSAGE TEXT")
@as_json
def note(words: tuple[str, ...], json: bool) -> None:
    """Write a note on a message.

    \b
    Example:
      filon note ops-lille 7:1042 "same van as on 3 April"
    """
    case, (message, text) = case_and(words, least=2, most=2)
    found, view = opened(case)
    written = found.note(view, message, text)
    print_json(written) if json else say(f"Note {written.note} is on {written.message}.")


@click.command()
@words_argument("[CASE]")
@as_json
def undo(words: tuple[str, ...], json: bool) -> int:
    """Reverse your last tag, note or saved search.

    Leaves with 1 where there is nothing of yours to undo.

    \b
    Example:
      filon undo ops-lille
    """
    case, _ = case_and(words)
    found, view = opened(case)
    what = found.undo(view)
    if json:
        print_json({"undone": what})
    else:
        say(f"Undone: {visible(what)}" if what else "There is nothing of yours to undo.")
    return 0 if what else 1
