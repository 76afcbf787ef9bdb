"""Commands that find and read messages: search, read, raw, conversations, accounts."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from filon.cli.options import as_json, case_and, limit_option, opened, words_argument, zone_option
from filon.cli.output import counted, number, print_json, say, table, tell
from filon.cli.passages import event, hit, moment, passage
from filon.cli.rows import account_row, conversation_row, detail_row, message_row, raw_row
from filon.errors import ReadingError
from filon.model.display import visible

if TYPE_CHECKING:
    from filon.case import Case
    from filon.case.answers import Hits, MessageDetail, TermHits
    from filon.model.view import View

__all__ = ["accounts", "conversations", "raw", "read", "search"]

_PAGE = 1_000
_CONVERSATIONS = 3


@click.command()
@words_argument("[CASE] [TEXT]")
@click.option(
    "--list",
    "terms",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Try each line of a file as a search: hits in all and by conversation.",
)
@click.option(
    "--order",
    type=click.Choice(["newest", "oldest", "relevance"]),
    default="newest",
    show_default=True,
    help="What comes first.",
)
@limit_option("messages", 50, least=0)
@click.option("--offset", type=click.IntRange(0), metavar="N", default=0, help="Messages to pass over first.")
@click.option("--count", is_flag=True, help="Show the total alone.")
@click.option("--facets", is_flag=True, help="Show how the hits are spread: accounts, conversations, months ...")
@click.option("--explain", is_flag=True, help="Say what the search text is taken to mean.")
@zone_option
@as_json
def search(
    words: tuple[str, ...], terms: Path | None, order: Literal["newest", "oldest", "relevance"], limit: int, offset: int,
    count: bool, facets: bool, explain: bool, zone: str | None, json: bool,
) -> int:  # fmt: skip
    """Search messages.

    One word alone is CASE where a case of that name is there, else TEXT for the case that is meant without one. Leaves
    with 1 where nothing is found.

    \b
    Example:
      filon search ops-lille '"livraison demain"~2 from:dylan date:2020-04'
      filon search ops-lille --list words.txt
    """
    if sum((terms is not None, count, facets, explain)) > 1:
        raise click.UsageError("--list, --count, --facets and --explain exclude each other.")
    name, rest = case_and(words, most=1)
    if terms is not None and rest:
        raise click.UsageError("with --list, the search texts stand in the file.")
    found, view = opened(name, zone)
    text = rest[0] if rest else ""
    if terms is not None:
        return _try_words(found.try_words(view, _lines(terms)), json)
    if explain:
        return _explain(found, view, text, json)
    if count:
        total = found.count(view, text)
        print_json({"total": total}) if json else say(str(total))
        return 0 if total else 1
    if facets:
        return _facets(found, view, text, json)
    total = shown = 0
    for page in _pages(found, view, text, order, offset, limit):
        total = page.total
        for one in page.hits:
            print_json(message_row(one.message, one.snippet)) if json else say(hit(one, view.zone))
        shown += len(page.hits)
    if not json:
        tell(_told(offset, shown, total))
    return 0 if total else 1


@click.command()
@words_argument("[CASE] MESSAGE")
@click.option(
    "--around", type=click.IntRange(0), metavar="N", default=5, show_default=True, help="Messages before and after."
)
@zone_option
@as_json
def read(words: tuple[str, ...], around: int, zone: str | None, json: bool) -> None:
    """Read a message in its conversation.

    Shows the messages around it, its times as they are written, and where it stands in the evidence.

    \b
    Example:
      filon read ops-lille 7:1042
    """
    name, (message,) = case_and(words, least=1, most=1)
    found, view = opened(name, zone)
    detail = found.message(view, message)
    if json:
        print_json(detail_row(detail))
        return
    place, conversation = detail.place_in_conversation, detail.message.conversation
    if place is None or conversation is None:
        say(passage(detail.message, view.zone))
    else:
        page = found.page(view, conversation, max(0, place - around), min(place, around) + around + 1)
        for one in page.messages:
            say(f"{'>' if one.id == detail.message.id else ' '} {passage(one, view.zone, titled=False)}")
        say(f"\nmessage {number(place + 1)} of {number(page.total)} in its conversation")
    _show_source(detail, view)


@click.command()
@words_argument("[CASE] MESSAGE")
@as_json
def raw(words: tuple[str, ...], json: bool) -> int:
    """Show the record as it stands in the item.

    Byte for byte where the format is made of bytes, else what stood in the row. On a terminal, what would act on it is
    shown as marks; into a file or pipe go the bytes themselves. Leaves with 1 where they cannot be had.

    \b
    Example:
      filon raw ops-lille 7:1042
    """
    name, (message,) = case_and(words, least=1, most=1)
    found, view = opened(name)
    record = found.raw(view, message)
    if json:
        print_json(raw_row(message, record))
    elif record.problem and not record.data:
        click.echo(f"filon: {visible(record.problem)}", err=True)
    elif sys.stdout.isatty():
        say(visible(record.data.decode("utf-8", "backslashreplace"), keep="\n"))
    else:
        click.echo(record.data, nl=False)
    if record.problem and record.data and not json:
        click.echo(f"filon: {visible(record.problem)}", err=True)
    return 1 if record.problem else 0


@click.command()
@words_argument("[CASE] [CONTAINS]")
@click.option(
    "--order",
    type=click.Choice(["messages", "last", "title"]),
    default="messages",
    show_default=True,
    help="By number of messages, last message, or title.",
)
@limit_option("conversations", 50)
@zone_option
@as_json
def conversations(words: tuple[str, ...], order: str, limit: int, zone: str | None, json: bool) -> int:
    """List conversations, biggest first.

    CONTAINS keeps those whose title or participants hold it. Leaves with 1 where there is none.

    \b
    Example:
      filon conversations ops-lille famille
    """
    name, rest = case_and(words, most=1)
    found, view = opened(name, zone)
    total, rows = found.conversations(view, contains="".join(rest), order=order, limit=limit)
    if json:
        for row in rows:
            print_json(conversation_row(row))
        return 0 if total else 1
    table(
        _listed(total, len(rows), "conversation"),
        ("number", "title", "platform", "messages", "people", "first", "last"),
        [
            (
                str(r.conversation), visible(r.title), visible(r.platform), number(r.messages), number(r.participant_count),
                *(moment(at, True, view.zone)[:10] for at in (r.first, r.last)),
            )
            for r in rows
        ],
        right=("messages", "people"),
    )  # fmt: skip
    return 0 if total else 1


@click.command()
@words_argument("[CASE] [CONTAINS]")
@click.option(
    "--order",
    type=click.Choice(["sent", "last", "label"]),
    default="sent",
    show_default=True,
    help="By messages sent, last message, or label.",
)
@limit_option("accounts", 50)
@zone_option
@as_json
def accounts(words: tuple[str, ...], order: str, limit: int, zone: str | None, json: bool) -> int:
    """List accounts, busiest first.

    CONTAINS keeps those one of whose names holds it. Leaves with 1 where there is none.

    \b
    Example:
      filon accounts ops-lille dylan
    """
    name, rest = case_and(words, most=1)
    found, view = opened(name, zone)
    total, rows = found.accounts(view, contains="".join(rest), order=order, limit=limit)
    if json:
        for row in rows:
            print_json(account_row(row))
        return 0 if total else 1
    table(
        _listed(total, len(rows), "account"),
        ("number", "account", "platform", "names", "sent", "first", "last"),
        [
            (
                str(r.account.account), visible(r.account.label), visible(r.account.platform),
                visible(", ".join(dict.fromkeys(n.text for n in r.names if n.text != r.account.label))), number(r.sent),
                *(moment(at, True, view.zone)[:10] for at in (r.first, r.last)),
            )
            for r in rows
        ],
        right=("sent",),
    )  # fmt: skip
    return 0 if total else 1


def _told(offset: int, shown: int, total: int) -> str:
    first, last = number(offset + 1), number(offset + shown)
    part = f"{first} to {last} of " if shown > 1 else f"{first} of " if shown and total > 1 else ""
    return part + counted(total, "message")


def _listed(total: int, shown: int, one: str) -> str:
    return counted(total, one) + (f", the first {number(shown)}" if shown < total else "")


def _pages(
    found: "Case", view: "View", text: str, order: Literal["newest", "oldest", "relevance"], offset: int, limit: int
) -> "Iterator[Hits]":
    """Hits in portions, so that the first are there at once, however many are asked for."""
    first = found.search(view, text, order=order, offset=offset, limit=min(limit, _PAGE))
    yield first
    for start in range(offset + _PAGE, min(offset + limit, first.total), _PAGE):
        yield found.search(view, text, order=order, offset=start, limit=min(_PAGE, offset + limit - start))


def _show_source(detail: "MessageDetail", view: "View") -> None:
    for name, stamp in detail.times.items():
        shown = moment(stamp.order, stamp.at is not None, view.zone)
        say(f"{name:<10}{shown}   as written: {visible(stamp.raw or '')}   zone: {stamp.basis}")
    if detail.message.recipients:
        say(f"{'to':<10}{', '.join(visible(account.label) for account in detail.message.recipients)}")
    for one in detail.events:
        say(f"{'event':<10}{event(one, view.zone)}")
    where = f"{detail.reading.member} in " if detail.reading.member else ""
    say(f"{'source':<10}{visible(where + detail.item.path)}, {visible(detail.locator_path)}")
    if not detail.at_hand:
        say(f"{'':<10}the source is not at hand")
    say(f"{'item':<10}{detail.item.number}, SHA-256 {detail.item.sha256}")
    say(f"{'reading':<10}{detail.reading.number} by {detail.reading.format} {detail.reading.version}")
    for assumption in detail.assumptions:
        say(f"{'assumed':<10}{visible(assumption)}")
    for tag, by, _ in detail.tags:
        say(f"{'tag':<10}{visible(tag)} ({visible(by)})")
    for note in detail.notes:
        say(f"{'note':<10}{visible(note.text)} ({visible(note.who)})")


def _explain(found: "Case", view: "View", text: str, json: bool) -> int:
    explained = found.explain(view, text)
    if json:
        print_json(explained)
        return 0
    say(visible(explained.canonical))
    say(visible(explained.words, keep="\n"))
    for term, taken in explained.accounts.items():
        labels = ", ".join(visible(account.label) for account in taken)
        say(f"{visible(term)} takes {counted(len(taken), 'account')}" + (f": {labels}" if labels else ""))
    return 0


def _facets(found: "Case", view: "View", text: str, json: bool) -> int:
    facets = found.facets(view, text)
    for facet in facets.values():
        if json:
            print_json(facet)
            continue
        rows = [(visible(b.label), number(b.count), visible(b.term)) for b in facet.buckets]
        more = f", the first {len(rows)} of {number(facet.distinct)}" if facet.distinct > len(rows) else ""
        table(f"by {facet.field}{more}", (facet.field, "messages", "narrows with"), rows, right=("messages",))
    return 0 if any(facet.buckets for facet in facets.values()) else 1


def _lines(path: Path) -> list[str]:
    """The lines of a word list: UTF-8, or UTF-16 as spreadsheets and editors of Windows write it."""
    data = path.read_bytes()
    charset = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(charset).splitlines()
    except UnicodeDecodeError as error:
        raise ReadingError(
            "{path} is not text in UTF-8: byte {place} cannot be read",
            hint="save the word list as UTF-8",
            path=str(path),
            place=error.start,
        ) from error


def _try_words(tried: "list[TermHits]", json: bool) -> int:
    if json:
        for one in tried:
            print_json(one)
    else:
        rows = []
        for one in tried:
            top = ", ".join(f"{visible(b.label)} {number(b.count)}" for b in one.conversations[:_CONVERSATIONS])
            rows.append((visible(one.term), number(one.total), f"error: {visible(one.error)}" if one.error else top))
        untouched = sum(not one.total and not one.error for one in tried)
        broken = sum(one.error is not None for one in tried)
        title = f"{counted(len(tried), 'term')}, {number(untouched)} without a hit"
        title += f", {number(broken)} that cannot be understood" if broken else ""
        table(title, ("term", "messages", "most in these conversations"), rows, right=("messages",))
    return 0 if any(one.total for one in tried) else 1
