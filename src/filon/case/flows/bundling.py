"""Small readings parsed together: a call, a folder and a flush to the disk for many of them, not for each.

The rows of a bundle lie in one folder in the order of the readings, whose records, accounts and conversations are
numbered as if each had been parsed alone; ``parsed.json`` holds their accounts. A bundle that ends its process is
parsed again one by one, so that the reading that did it is found.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from filon.case.flows.pack import Packer, Streams
from filon.case.flows.parse import Parsed, Task, parse_into
from filon.case.flows.plan import PlannedItem, PlannedReading, Refusal
from filon.model.durable import replace_file
from filon.model.progress import Progress, Report, silent
from filon.model.records import Defect, Locator, Skipped, Total

__all__ = [
    "ARCHIVE",
    "Contents",
    "Small",
    "Todo",
    "account_of_members",
    "bundles",
    "contents_of",
    "finished",
    "folder_of",
    "keep",
    "kept",
    "parse_bundle",
]

ARCHIVE = "archive"
"""The format of the reading that is the account of an archive's members."""
_SMALL = 1 << 20
_BUNDLE = 8 << 20
_MOST = 256
_LEAST_BUNDLES = 16
"""So many at least, as far as there are readings: two processes are then busy to the end."""
_PARSED = "parsed.json"
_FOLDER = re.compile(r"(\d+)(?:-(\d+))?")
Todo = tuple[PlannedItem, PlannedReading]


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the members of an archive. ``read``: those that have readings of their own."""

    members: int
    read: int
    skipped: dict[str, int]
    refused: tuple[Refusal, ...]
    size: int


class Small(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of a bundle; ``contents`` where it is the account of an archive."""

    number: int
    task: Task
    member: str | None
    format: str
    found: str | None
    size: int
    contents: Contents | None


def bundles(todo: Iterable[Todo]) -> Iterator[list[Todo]]:
    """The readings in their order, as lists of small ones that follow on each other and of single large ones."""
    todo = list(todo)
    most = max(_SMALL, min(_BUNDLE, sum(reading.size for _, reading in todo) // _LEAST_BUNDLES))
    count = max(1, min(_MOST, len(todo) // _LEAST_BUNDLES))
    bundle: list[Todo] = []
    size = 0
    for item, reading in todo:
        follows = bundle and bundle[-1][1].number + 1 == reading.number
        if bundle and (not follows or size + reading.size > most or len(bundle) == count):
            yield bundle
            bundle, size = [], 0
        bundle.append((item, reading))
        size += reading.size
    if bundle:
        yield bundle


def contents_of(item: PlannedItem) -> Contents:
    """What became of the members of an archive, as it was planned."""
    return Contents(
        members=item.members or 0,
        read=sum(reading.member is not None for reading in item.readings),
        skipped=item.skipped,
        refused=item.refused,
        size=item.size,
    )


def parse_bundle(bundle: list[Small], folder: str, report: Report) -> list[Parsed]:
    """Read these one after the other and leave their Arrow streams in ``folder``."""
    done, total = 0, sum(small.size for small in bundle)
    found = []
    with Streams(Path(folder)) as streams:
        for small in bundle:
            if small.contents is not None:
                found.append(account_of_members(small.contents, streams, small.number, small.task.sha256))
            else:
                found.append(_parsed(streams, small))
            done += small.size
            report(Progress("read", done, total, "bytes", small.member or Path(small.task.item).name))
    return found


def _parsed(streams: Streams, small: Small) -> Parsed:
    return parse_into(streams, small.task, small.member, small.format, small.found, small.number, silent)


def account_of_members(contents: Contents, to: Path | Streams, reading: int, sha256: str) -> Parsed:
    """The reading of an archive itself: every member was read by a reader, skipped for a reason, or is a defect."""
    packer = Packer(to, reading, sha256)
    for refusal in contents.refused:
        packer.add(Defect(locator=Locator(refusal.member), code=refusal.code, detail=refusal.detail))
    for reason, count in contents.skipped.items():
        packer.add(Skipped(reason, count))
    packer.credit(contents.read)
    packer.add(Total(contents.members))
    tally = packer.finish("members")
    return Parsed(tally=tally, sha256=sha256, size=contents.size, beside={}, assumptions=())


def folder_of(intake: Path, first: int, last: int) -> Path:
    """The folder of the readings with these numbers, when they are finished."""
    return intake / (f"{first:06d}" if first == last else f"{first:06d}-{last:06d}")


def keep(beside: Path, folder: Path, parsed: list[Parsed]) -> None:
    """Readings are finished: what they came to is kept in ``folder`` whatever happens from here on."""
    replace_file(beside / _PARSED, msgspec.json.encode(parsed))
    beside.rename(folder)


def finished(intake: Path) -> dict[range, Path]:
    """The folders of finished readings by the numbers of these, in their order."""
    found = {}
    for path in intake.iterdir():
        if name := _FOLDER.fullmatch(path.name):
            found[range(int(name[1]), int(name[2] or name[1]) + 1)] = path
    return dict(sorted(found.items(), key=lambda one: one[0].start))


def kept(folder: Path) -> list[Parsed]:
    """The accounts of the readings in a folder."""
    return msgspec.json.decode((folder / _PARSED).read_bytes(), type=list[Parsed])
