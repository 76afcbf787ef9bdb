"""What runs in the limited process: look at an item, or read one source of it into Arrow streams.

Nothing here touches the case. Arguments come from the parent; results go back as JSON. A reader that raises has a
fault of its own: what it gave before is kept and the fault becomes a defect.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from filon.case.flows.pack import Packer, Streams
from filon.case.flows.plan import Found, Refusal, Survey
from filon.errors import FilonError
from filon.evidence.copies import is_full
from filon.evidence.hashing import Proven
from filon.evidence.items import Held, Opened, open_item
from filon.evidence.members import Member
from filon.evidence.reading import BulkReader, Given, Question, Reader
from filon.evidence.source import Refused, Source
from filon.model.bulk import Bulk, Columns
from filon.model.items import Tally
from filon.model.progress import Progress, Report, silent
from filon.model.records import AccountRef, Defect, Event, Locator, Message
from filon.model.time import Stamp, to_datetime
from filon.readers import by_name, recognise, surest
from filon.readers.tables import propose
from filon.settings import Limits

__all__ = ["Parsed", "Task", "guarded", "opened_item", "parse", "parse_into", "survey", "survey_all", "uncollected"]

_PREVIEW = 20
_REPORT_EVERY = 20_000
_R = TypeVar("_R", bound=Bulk)
_SURE = 0.25
"""A reader less sure than this does not recognise the source: columns alone, without one that a header names, are no chat."""


_HELD = Held()
"""The item whose sources this process reads one after the other."""


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one reading, and the SHA-256 of the very bytes that were parsed."""

    tally: Tally
    sha256: str
    size: int
    beside: dict[str, str]
    """SHA-256 of every file beside it that the reader opened."""
    assumptions: tuple[str, ...]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the limited process is told: the item, what it must hash to, and where it may put temporary files."""

    item: str
    root: str | None
    sha256: str
    tmp: str
    limits: Limits
    given: Given


def survey(task: Task, forced: str | None, ended: dict[int, str], shown: bool, report: Report) -> Survey:
    """What lies in an item and which readers recognise it; with ``forced``, that reader is asked alone.

    Rival readers, mappings and previews are found where they are going to be ``shown`` to a person.

    Reports each member before it is looked at, by its place. ``ended`` says which of them ended this process before, and
    how: they are refused, so that one of them does not take its whole archive along.
    """
    found: list[Found] = []
    refused: list[Refusal] = []
    skipped: Counter[str] = Counter()
    members = 0
    with open_item(Path(task.item), task.limits, Path(task.tmp), root=Path(task.root) if task.root else None) as opened:
        alone = opened.whole() if forced is not None and by_name(forced).sniff(opened.whole()) >= _SURE else None
        archive = False
        for source in [alone] if alone is not None else opened.members():
            members += 1
            archive = archive or isinstance(source, Refused) or source.member is not None
            if isinstance(source, Refused):
                refused.append(Refusal(source.member or opened.whole().name, source.code, source.detail))
                continue
            if source.member is not None:
                report(Progress("look", members, None, "members", source.member))
                if members in ended:
                    refused.append(Refusal(source.member, "reader-ended", ended[members]))
                    continue
            seen = _look(source, source.member, task.given, forced, shown)
            if seen is not None:
                found.append(seen)
            elif isinstance(source, Member) and source.trouble:
                # Damage may be why nobody knows it: a loss, not something that was never a chat.
                refused += [Refusal(source.member, one.code, one.detail) for one in source.trouble[:1]]
            else:
                skipped["no reader recognises it"] += 1
        members += opened.folders
        if opened.folders:
            skipped["folder"] += opened.folders
    for claim in [f for f in found if _claims_beside(f)]:
        inside = [f for f in found if f is not claim and _beside(claim.member, f.member)]
        found = [f for f in found if f not in inside]
        if inside:
            skipped[f"belongs to {claim.formats[0][0]}"] += len(inside)
    return Survey(
        found=tuple(found),
        members=members if archive else None,
        skipped=dict(sorted(skipped.items())) if archive else {},
        refused=tuple(refused),
    )


def survey_all(tasks: list[Task], forced: str | None, shown: bool, report: Report) -> list[Survey | None]:
    """The same of many items. None where one could not be looked at: asked for alone, it says why."""
    found: list[Survey | None] = []
    for number, task in enumerate(tasks, 1):
        try:
            found.append(survey(task, forced, {}, shown, silent))
        except FilonError:
            found.append(None)
        report(Progress("look", number, len(tasks), "files", Path(task.item).name))
    return found


def opened_item(task: Task) -> Opened:
    """The item of a task, as it was planned; held open for the next task."""
    return _HELD.open(Path(task.item), task.limits, Path(task.tmp), root=Path(task.root) if task.root else None)


@contextmanager
def uncollected() -> Iterator[None]:
    """Rows of a table are millions of lists without a circle: looking for one takes as long as reading them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def parse(
    task: Task, member: str | None, format_name: str, found: str | None, reading: int, folder: str, report: Report
) -> Parsed:
    """Read one source of an item with one reader and leave its Arrow streams in ``folder``.

    ``found``: what the reader found out about it when it was looked at, if that is known.

    The item must still have the hash it was planned with, and so must the bytes the reader saw; EvidenceError where not.
    """
    with Streams(Path(folder)) as streams:
        return parse_into(streams, task, member, format_name, found, reading, report)


def parse_into(
    streams: Streams,
    task: Task,
    member: str | None,
    format_name: str,
    found: str | None,
    reading: int,
    report: Report,
) -> Parsed:
    """The same after what the streams have already."""
    reader = by_name(format_name)
    packer = Packer(streams, reading, task.sha256)
    name = member or Path(task.item).name
    opened = opened_item(task)
    source = Proven(opened.find(member), Path(task.tmp), task.sha256 if member is None else None)
    with uncollected():
        for done, record in enumerate(guarded(_records(reader, source, task.given, found)), 1):
            packer.add(record)
            if isinstance(record, Columns):
                report(Progress("read", record.reached, source.size, "bytes", name))
            elif (
                done % _REPORT_EVERY == 0 and isinstance(record, Message | Event) and record.locator.offset is not None
            ):
                report(Progress("read", record.locator.offset, source.size, "bytes", name))
    proof = source.finish()
    for trouble in proof.trouble:
        packer.add(Defect(locator=Locator("item", units=0), code=trouble.code, detail=trouble.detail))
    if member is not None:
        opened.prove(task.sha256)
    report(Progress("read", proof.size, proof.size, "bytes", name))
    beside = {name: beside.sha256 for name, beside in proof.beside}
    tally = packer.finish(reader.format.unit)
    return Parsed(tally=tally, sha256=proof.sha256, size=proof.size, beside=beside, assumptions=packer.assumptions)


def _records(reader: Reader, source: Source, given: Given, found: str | None) -> Iterator[Bulk]:
    if isinstance(reader, BulkReader):
        return reader.read_columns(source, given, found)
    return iter(reader.read(source, given))


def _look(source: Source, member: str | None, given: Given, forced: str | None, shown: bool) -> Found | None:
    if forced is not None:
        scores = [(1.0, by_name(forced))]
    else:
        likely = recognise(source) if shown else filter(None, [surest(source)])
        scores = [(score, reader) for score, reader in likely if score >= _SURE]
    if not scores:
        return None
    best = scores[0][1]
    questions, found = _asked(best, source, given)
    return Found(
        member=member,
        size=source.size,
        formats=tuple((reader.format.name, round(score, 3)) for score, reader in scores),
        questions=questions,
        found=found,
        mapping=_mapping(source, given) if shown and best.format.name == "table" else None,
        preview=_preview(best, source, given) if shown else (),
    )


def _mapping(source: Source, given: Given) -> str | None:
    """How the columns of a table would be read, as TOML that a person can change."""
    try:
        proposal = propose(source, given)
    except Exception:  # noqa: BLE001 - the batch runner, as below
        return None
    return proposal.mapping.to_toml() if proposal is not None else None


def _asked(reader: Reader, source: Source, given: Given) -> tuple[tuple[Question, ...], str | None]:
    """What the reader would rather be told; a reader that fails here fails again when it reads, and is heard then."""
    try:
        return reader.look(source, given) if isinstance(reader, BulkReader) else (reader.ask(source, given), None)
    except Exception:  # noqa: BLE001 - the batch runner: one of the three places that may
        return (), None


def _preview(reader: Reader, source: Source, given: Given) -> tuple[dict[str, str | None], ...]:
    """The first records as lines, each with the same names: those under which any of them says something."""
    first = islice(guarded(reader.read(source, given)), _PREVIEW * 4)
    rows = [_shown(r) for r in first if isinstance(r, Message | Event | Defect)][:_PREVIEW]
    longest = sorted(rows, key=len, reverse=True)
    names = dict.fromkeys(name for row in longest for name in row if any(other.get(name) for other in rows))
    return tuple({name: row.get(name) for name in names} for row in rows)


def guarded(records: Iterator[_R]) -> Iterator[_R | Defect]:
    """A reader's records; if it fails on something it should have made a defect of, that defect."""
    done = 0
    try:
        for record in records:
            done += 1
            yield record
    except Exception as error:  # the batch runner: one of the three places that may
        if isinstance(error, OSError) and is_full(error):
            raise  # no fault of the item, nor of the reader
        if isinstance(error, MemoryError):
            raise  # ends this process, which says so: what else would fail now is not known
        detail = f"{type(error).__name__} after {done} records: {error}"
        yield Defect(locator=Locator("item", units=0), code="reader-failed", detail=detail[:500])


def _claims_beside(found: Found) -> bool:
    return by_name(found.formats[0][0]).format.claims_beside


def _beside(claim: str | None, member: str | None) -> bool:
    """Whether ``member`` lies in the same folder as ``claim`` or below it."""
    if claim is None or member is None:
        return False
    return member.startswith(claim[: len(claim) - len(claim.split("!")[-1].split("/")[-1])])


def _shown(record: Message | Event | Defect) -> dict[str, str | None]:
    """A record as a line of a preview: only what was understood, under the names of the field."""
    if isinstance(record, Defect):
        return {"where": record.locator.path, "defect": record.code, "detail": record.detail}
    row: dict[str, str | None] = {"where": record.locator.path, "kind": record.kind}
    if isinstance(record, Message):
        row |= {"sent": _time(record.sent), "device": record.device, "direction": record.direction}
        row["from"] = _name(record.account_from)
        row["to"] = ", ".join(filter(None, map(_name, record.accounts_to))) or None
    else:
        row |= {"sent": _time(record.at), "from": _name(record.actor)}
    row["conversation"] = (record.conversation.title or record.conversation.id) if record.conversation else None
    row["text"] = record.text[:200] if record.text else record.text
    return row


def _name(ref: AccountRef | None) -> str | None:
    return (ref.id or ref.name) if ref is not None else None


def _time(stamp: Stamp | None) -> str | None:
    """A time in ISO 8601: with ``Z`` where the instant is known, without where the zone is not, else as written."""
    if stamp is None:
        return None
    if stamp.order is None:
        return stamp.raw
    text = to_datetime(stamp.order).replace(tzinfo=None).isoformat(sep=" ")
    return f"{text}Z" if stamp.at is not None else text
