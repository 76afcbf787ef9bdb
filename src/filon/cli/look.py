"""Commands that say what a case holds and how it came in: info, defects, log, readers."""

import click
import msgspec

from filon.cli.options import as_json, case_argument, opened, zone_option
from filon.cli.output import console, moment, number, print_json, size, table
from filon.model.display import visible
from filon.readers import all_readers

__all__ = ["defects", "info", "log", "readers"]


@click.command()
@case_argument
@zone_option
@as_json
def info(case: str, zone: str | None, json: bool) -> None:
    """What a case holds.

    \b
    Example:
      filon info ops-lille
    """
    found, view = opened(case, zone)
    if json:
        counts = found.counts(view)
        items = [
            {**msgspec.to_builtins(row.item), "at_hand": row.at_hand, "readings": msgspec.to_builtins(row.readings)}
            for row in found.items(view)
        ]
        print_json({"case": found.name, "path": str(found.root), **msgspec.to_builtins(counts), "list": items,
                    "head": found.head})  # fmt: skip
        return
    seen = found.overview(view)
    c = seen.counts
    console.print(f"{visible(seen.name)}  ({found.root})")
    console.print(f"{number(c.items)} items, {size(c.bytes)}; {number(c.withdrawn_items)} withdrawn")
    console.print(
        f"{number(c.records)} records = {number(c.messages)} messages + {number(c.events)} events + "
        f"{number(c.accounts)} accounts + {number(c.conversations)} conversations + "
        f"{number(c.attachments)} attachments + {number(c.defects)} defects"
    )
    if seen.first is not None:
        console.print(f"from {moment(seen.first, True, view.zone)} to {moment(seen.last, True, view.zone)}")
    if seen.zone_unknown:
        console.print(f"{number(seen.zone_unknown)} messages have times whose zone is not known")
    rows = [
        (
            str(r.item.number), visible(r.item.path), size(r.item.size), r.item.sha256[:16],
            ", ".join(sorted({reading.format for reading in r.readings})) or "no reader",
            visible(r.item.withdrawn or "") or ("" if r.at_hand else "source not at hand"),
        )
        for r in seen.items
    ]  # fmt: skip
    table("Items", ("item", "path", "size", "SHA-256", "readers", ""), rows, right=("size",))
    for bucket in seen.defects:
        console.print(f"{number(bucket.count)} defects: {bucket.label}")
    console.print(f"Head of the custody log: {seen.head}")


@click.command()
@case_argument
@click.option("--code", help="Only defects of this code.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@as_json
def defects(case: str, code: str | None, limit: int, json: bool) -> None:
    """Evidence that could not be read as it should, and where it stands.

    \b
    Example:
      filon defects ops-lille
    """
    found, view = opened(case)
    total, rows = found.defects(view, code=code, limit=limit)
    if json:
        for row in rows:
            print_json(row)
        return
    shown = [
        (r.id, r.code, visible(r.member or r.item.name), visible(r.path), visible((r.detail or "")[:80])) for r in rows
    ]
    table(f"{number(total)} defects", ("defect", "code", "source", "place", "detail"), shown)


@click.command()
@case_argument
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@as_json
def log(case: str, limit: int, json: bool) -> None:
    """The custody log, newest entry first.

    \b
    Example:
      filon log ops-lille
    """
    found, view = opened(case)
    total, entries = found.custody(view, limit=limit)
    if json:
        for entry in entries:
            print_json(entry)
        return
    rows = [(str(e["n"]), str(e["at"]), visible(str(e["who"])), str(e["what"]), str(e["hash"])[:16]) for e in entries]
    table(f"{number(total)} entries", ("entry", "at", "who", "what", "hash"), rows)
    console.print(f"Head: {found.head}")


@click.command()
@as_json
def readers(json: bool) -> None:
    """The export formats filon reads, and readers that could not be loaded.

    \b
    Example:
      filon readers
    """
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
        table("Readers", ("name", "version", "format", "counted in"), rows)
