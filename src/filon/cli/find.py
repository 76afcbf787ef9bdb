"""Commands that find and read messages: search, read, raw, conversations."""

import sys
from pathlib import Path

import click

from filon.case.answers import TermHits
from filon.cli.options import as_json, case_argument, opened, zone_option
from filon.cli.output import console, hit, line, moment, number, print_json, table
from filon.cli.rows import detail_row, message_row
from filon.model.display import visible
from filon.store import Order

__all__ = ["conversations", "raw", "read", "search"]


@click.command()
@case_argument
@click.argument("text", default="")
@click.option(
    "--list", "words", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Try each line of a file."
)
@click.option("--order", type=click.Choice(["newest", "oldest", "relevance"]), default="newest", show_default=True)
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0)
@click.option("--count", is_flag=True, help="Only the total.")
@click.option("--facets", is_flag=True, help="How the hits are spread: accounts, conversations, months ...")
@click.option("--explain", is_flag=True, help="What the search text is taken to mean.")
@zone_option
@as_json
def search(
    case: str, text: str, words: Path | None, order: Order, limit: int, offset: int, count: bool, facets: bool,
    explain: bool, zone: str | None, json: bool,
) -> int:  # fmt: skip
    """Search messages. Leaves with 1 where nothing is found.

    \b
    Example:
      filon search ops-lille '"livraison demain"~2 from:dylan date:2020-04'
      filon search ops-lille --list words.txt
    """
    found, view = opened(case, zone)
    if words is not None:
        return _try_words(found.try_words(view, words.read_text(encoding="utf-8").splitlines()), json)
    if explain:
        explained = found.explain(view, text)
        print_json(explained) if json else console.print(f"{explained.canonical}\n{explained.words}")
        return 0
    if count:
        total = found.count(view, text)
        print_json({"total": total}) if json else click.echo(total)
        return 0 if total else 1
    if facets:
        for facet in found.facets(view, text).values():
            if json:
                print_json(facet)
            else:
                rows = [(visible(b.label), number(b.count), visible(b.term)) for b in facet.buckets]
                table(facet.field, (facet.field, "messages", "narrows with"), rows, right=("messages",))
        return 0
    hits = found.search(view, text, order=order, offset=offset, limit=limit)
    for one in hits.hits:
        print_json(message_row(one.message, one.snippet)) if json else console.print(hit(one, view.zone))
    if not json:
        shown = f"{number(offset + 1)} to {number(offset + len(hits.hits))} of " if hits.hits else ""
        click.echo(f"{shown}{number(hits.total)} messages", err=not sys.stdout.isatty())
    return 0 if hits.total else 1


@click.command()
@case_argument
@click.argument("message")
@click.option("--around", type=click.IntRange(0), default=5, show_default=True, help="Messages before and after.")
@zone_option
@as_json
def read(case: str, message: str, around: int, zone: str | None, json: bool) -> None:
    """Read a message in its conversation, with everything known about it.

    \b
    Example:
      filon read ops-lille 7:1042
    """
    found, view = opened(case, zone)
    detail = found.message(view, message)
    if json:
        print_json(detail_row(detail))
        return
    place = detail.place_in_conversation
    if place is not None and detail.message.conversation is not None:
        page = found.page(view, detail.message.conversation, max(0, place - around), 2 * around + 1)
        for one in page.messages:
            console.print(">" if one.id == detail.message.id else " ", line(one, view.zone))
        console.print(f"\nmessage {number(place + 1)} of {number(page.total)} in its conversation")
    for name, stamp in detail.times.items():
        shown = moment(stamp.order, stamp.at is not None, view.zone)
        console.print(f"{name:<10} {shown}   as written: {visible(stamp.raw or '')}   zone: {stamp.basis}")
    where = f"{detail.reading.member} in " if detail.reading.member else ""
    console.print(f"{'source':<10} {visible(where + detail.item.path)}, {visible(detail.locator_path)}")
    console.print(f"{'item':<10} {detail.item.number}, SHA-256 {detail.item.sha256}")
    console.print(f"{'reading':<10} {detail.reading.number} by {detail.reading.format} {detail.reading.version}")
    for assumption in detail.assumptions:
        console.print(f"{'assumed':<10} {visible(assumption)}")
    for note in detail.notes:
        console.print(f"{'note':<10} {visible(note.text)} ({visible(note.who)})")


@click.command()
@case_argument
@click.argument("message")
@as_json
def raw(case: str, message: str, json: bool) -> int:
    """Show the record as it stands in the item, byte for byte where the format is made of bytes.

    \b
    Example:
      filon raw ops-lille 7:1042
    """
    found, view = opened(case)
    record = found.raw(view, message)
    if json:
        text = record.data.decode("utf-8", "backslashreplace")
        where = {"item": record.item.path, "sha256": record.item.sha256, "member": record.member}
        place = {"path": record.path, "offset": record.offset, "exact": record.exact, "problem": record.problem}
        print_json({"id": message, **where, **place, "raw": text})
    elif record.problem:
        click.echo(f"filon: {record.problem}", err=True)
    elif sys.stdout.isatty():
        console.print(visible(record.data.decode("utf-8", "backslashreplace"), keep="\n"))
    else:
        sys.stdout.buffer.write(record.data)
    return 1 if record.problem else 0


@click.command()
@case_argument
@click.argument("contains", default="")
@click.option("--order", type=click.Choice(["messages", "last", "title"]), default="messages", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@zone_option
@as_json
def conversations(case: str, contains: str, order: str, limit: int, zone: str | None, json: bool) -> None:
    """List conversations, biggest first.

    \b
    Example:
      filon conversations ops-lille famille
    """
    found, view = opened(case, zone)
    total, rows = found.conversations(view, contains=contains, order=order, limit=limit)
    if json:
        for row in rows:
            print_json(row)
        return
    table(
        f"{number(total)} conversations",
        ("conversation", "title", "platform", "messages", "participants", "first", "last"),
        [
            (
                str(r.conversation),
                visible(r.title),
                r.platform,
                number(r.messages),
                number(r.participant_count),
                moment(r.first, True, view.zone)[:10],
                moment(r.last, True, view.zone)[:10],
            )
            for r in rows
        ],
        right=("messages", "participants"),
    )


def _try_words(tried: list[TermHits], json: bool) -> int:
    if json:
        for one in tried:
            print_json(one)
    else:
        rows = []
        for one in tried:
            top = ", ".join(f"{visible(b.label)} {number(b.count)}" for b in one.conversations[:3])
            rows.append((visible(one.term), number(one.total), visible(one.error or "") or top))
        table("Hits per term", ("term", "messages", "conversations"), rows, right=("messages",))
        untouched = sum(not one.total and not one.error for one in tried)
        click.echo(f"{number(len(tried))} terms, {number(untouched)} without a hit", err=not sys.stdout.isatty())
    return 0 if any(one.total for one in tried) else 1
