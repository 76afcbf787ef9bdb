"""Commands that say what a case holds and how it came in: info, defects, log, readers."""

from typing import TYPE_CHECKING

import click
import msgspec

from filon.cli.account import equation
from filon.cli.options import as_json, case_and, limit_option, opened, words_argument, zone_option
from filon.cli.output import counted, number, print_json, say, size, table
from filon.cli.passages import moment
from filon.cli.rows import item_row
from filon.model.display import visible

if TYPE_CHECKING:
    from filon.case.answers import ItemRow

__all__ = ["defects", "info", "log", "readers"]


@click.command()
@words_argument("[CASE]")
@click.option(
    "--items", "most", type=click.IntRange(0), metavar="N", default=50, show_default=True, help="Items to list at most."
)
@zone_option
@as_json
def info(words: tuple[str, ...], most: int, zone: str | None, json: bool) -> None:
    """Say what a case holds.

    \b
    Example:
      filon info ops-lille
    """
    name, _ = case_and(words)
    found, view = opened(name, zone)
    if json:
        counts = msgspec.to_builtins(found.counts(view))
        items = [item_row(row) for row in found.items(view)]
        print_json({"case": found.name, "path": str(found.root), **counts, "list": items, "head": found.head})
        return
    seen = found.overview(view)
    c = seen.counts
    say(f"{visible(seen.name)}  ({visible(str(found.root))})")
    withdrawn = f"; {number(c.withdrawn_items)} withdrawn" if c.withdrawn_items else ""
    say(f"{counted(c.items, 'item')}, {size(c.bytes)}{withdrawn}")
    say(equation(c))
    if seen.first is not None:
        say(f"from {moment(seen.first, True, view.zone)} to {moment(seen.last, True, view.zone)}")
    if seen.zone_unknown:
        say(f"times without a zone: {counted(seen.zone_unknown, 'message')}, shown as written with `zone?`")
    if seen.items and most:
        first = f", the first {most}" if len(seen.items) > most else ""
        rows = [_item(row) for row in seen.items[:most]]
        say()
        table(f"Items{first}", ("item", "path", "size", "SHA-256", "readers", "state"), rows, right=("item", "size"))
        say()
    if seen.defects:
        say(f"{counted(c.defects, 'defect')}: " + ", ".join(f"{b.label} {number(b.count)}" for b in seen.defects))
    say(f"Head of the custody log: {seen.head}")


@click.command()
@words_argument("[CASE]")
@click.option("--code", metavar="CODE", help="Only defects of this code.")
@click.option("--item", type=click.IntRange(1), metavar="ITEM", help="Only defects of the item of this number.")
@limit_option("defects", 100)
@as_json
def defects(words: tuple[str, ...], code: str | None, item: int | None, limit: int, json: bool) -> None:
    """List evidence that could not be read as it should.

    Each with its place in the item.

    \b
    Example:
      filon defects ops-lille
    """
    name, _ = case_and(words)
    found, view = opened(name)
    total, rows = found.defects(view, code=code, item=item, limit=limit)
    if json:
        for row in rows:
            print_json(row)
        return
    shown = [
        (r.id, r.code, visible(r.member or r.item.name), visible(r.path), visible((r.detail or "")[:200])) for r in rows
    ]
    more = f", the first {number(len(rows))}" if len(rows) < total else ""
    table(counted(total, "defect") + more, ("defect", "code", "source", "place", "detail"), shown)


@click.command()
@words_argument("[CASE]")
@limit_option("entries", 50)
@as_json
def log(words: tuple[str, ...], limit: int, json: bool) -> None:
    """Show the custody log, newest entry first.

    \b
    Example:
      filon log ops-lille
    """
    name, _ = case_and(words)
    found, view = opened(name)
    total, entries = found.custody(view, limit=limit)
    if json:
        for entry in entries:
            print_json(entry)
        return
    rows = [(str(e["n"]), str(e["at"]), visible(str(e["who"])), str(e["what"]), str(e["hash"])[:16]) for e in entries]
    table(counted(total, "entry", "entries"), ("entry", "at", "who", "what", "hash"), rows, right=("entry",))
    say(f"Head of the custody log: {found.head}")


@click.command()
@as_json
def readers(json: bool) -> None:
    """List the export formats filon reads.

    Readers that could not be loaded are listed with the reason.

    \b
    Example:
      filon readers
    """
    from filon.readers import all_readers

    rows = []
    for loaded in all_readers():
        if json:
            print_json(loaded.reader.format if loaded.reader else {"name": loaded.name, "error": loaded.error})
        elif loaded.reader is None:
            rows.append((loaded.name, "", f"could not be loaded: {loaded.error}", ""))
        else:
            f = loaded.reader.format
            rows.append((f.name, str(f.version), f.title, f.unit))
    if not json:
        table(counted(len(rows), "reader"), ("name", "version", "format", "counted in"), rows)


def _item(row: "ItemRow") -> tuple[str, ...]:
    item = row.item
    state = f"withdrawn: {visible(item.withdrawn)}" if item.withdrawn else "" if row.at_hand else "source not at hand"
    formats = ", ".join(sorted({reading.format for reading in row.readings})) or "no reader"
    return (str(item.number), visible(item.path), size(item.size), item.sha256[:16], formats, state)
