"""A large table parsed block by block in the limited processes, and the pieces joined to one reading.

Each block leaves a piece: a folder of Arrow streams whose records and accounts are numbered from the start of the piece,
and ``piece.json`` with what the other pieces must know. Joined in their order they come to the numbers, names, defects
and account of a reading that was never divided.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from filon.case.flows.anywhere import Place, opened_at, reachable, stretch_at
from filon.case.flows.pack import Packer, open_stream
from filon.case.flows.parse import Parsed, Task, guarded, uncollected
from filon.case.flows.register import Entry
from filon.evidence.hashing import Proven
from filon.evidence.rows.dividing import Block, Division, Part
from filon.evidence.stretch import changed
from filon.model.bulk import Columns
from filon.model.columns import strings
from filon.model.durable import replace_file
from filon.model.items import Tally
from filon.model.progress import Progress, Report
from filon.model.records import Defect, Locator, Total, Unread
from filon.readers import by_name
from filon.readers.tables.blocks import BlockReader, Layout, lay_out
from filon.readers.tables.composing import Fault, tell

__all__ = [
    "Answer",
    "Divided",
    "Joined",
    "divide",
    "join",
    "joined",
    "note_crash",
    "parse_block",
    "piece_folder",
    "pieces_of",
]

_PIECE = "piece.json"
_JOINED = "joined.json"


class Divided(msgspec.Struct, frozen=True, kw_only=True):
    """A table in blocks."""

    layout: Layout
    division: Division


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What dividing came to: None where a table can only be read as a whole."""

    divided: Divided | None = None


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What a block came to, beside its streams."""

    tally: Tally
    numbered: int
    assumptions: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    beyond: int = 0
    """Rows beyond those that the block was told to have."""
    entries: tuple[Entry, ...] = ()


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """How the numbers of a piece become those of its reading: added to ids; by place for accounts and conversations."""

    before: int
    messages: int
    accounts: tuple[int, ...]
    conversations: tuple[int, ...]


def piece_folder(folder: Path, number: int) -> Path:
    """Where the piece of a block lies, from 0."""
    return folder / f"piece-{number:06d}"


def pieces_of(folder: Path) -> list[Path]:
    """The finished pieces of a reading in their order; none where it was not divided."""
    return sorted(path for path in folder.glob("piece-*") if path.suffix != ".part")


def joined(piece: Path) -> Joined:
    """How the numbers of a piece become those of its reading."""
    return msgspec.json.decode((piece / _JOINED).read_bytes(), type=Joined)


def divide(task: Task, place: Place, report: Report) -> Answer:
    """Divide a table into blocks. A member of an archive is divided where it is whole and can be read at any place."""
    opened = opened_at(task, place)
    source = opened.find(place.member)
    if not reachable(opened, source):
        return Answer()
    proven = source if place.member is None else Proven(source, Path(task.tmp))
    found = lay_out(proven, task.given, task.limits.block_bytes, report)
    if found is None:
        return Answer()
    layout, division = found
    if isinstance(proven, Proven):
        proof = proven.finish()
        if proof.trouble or proof.sha256 != division.sha256 or proof.size != place.size:
            return Answer()
        opened.prove(task.sha256)
        if stretch_at(task, place) is None:
            return Answer()
    elif division.sha256 != task.sha256:
        raise changed(source.name)
    return Answer(divided=Divided(layout=layout, division=division))


def parse_block(
    task: Task, place: Place, layout: Layout, block: Block, reading: int, folder: str, report: Report
) -> int:
    """Read one block and leave its piece in ``folder``; how many records it gave. EvidenceError where its bytes changed."""
    name = place.member or Path(task.item).name
    data = _proven(task, place, block)
    footer = _proven(task, place, block.footer) if block.footer else b""
    packer = Packer(Path(folder), reading, task.sha256)
    reader = BlockReader(layout, task.given)
    with uncollected():
        for record in guarded(reader.read(data, block, footer)):
            packer.add(record)
            if isinstance(record, Columns):
                report(Progress("read", record.reached - block.offset, block.length, "bytes", name))
    for what, count in reader.unread.items():
        packer.add(Unread(what, count))
    _leave(packer, Path(folder), reader.faults, reader.beyond)
    return packer.numbered


def _proven(task: Task, place: Place, part: Block | Part) -> bytes:
    stretch = stretch_at(task, place)
    data = stretch.read_at(part.offset, part.length) if stretch is not None else b""
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise changed(place.member or task.item)
    return data


def note_crash(folder: Path, reading: int, sha256: str, block: Block, why: str) -> None:
    """The piece of a block whose process ended: one defect that stands for its rows."""
    packer = Packer(folder, reading, sha256)
    where = Locator(f"row {block.before + 1}", block.offset, block.length, block.last - block.before)
    packer.add(Defect(locator=where, code="reader-ended", detail=why))
    _leave(packer, folder, ())


def _leave(packer: Packer, folder: Path, faults: tuple[Fault, ...], beyond: int = 0) -> None:
    tally = packer.finish("rows")
    piece = _Piece(
        tally=tally,
        numbered=packer.numbered,
        assumptions=packer.assumptions,
        faults=faults,
        beyond=beyond,
        entries=tuple(packer.register.entries),
    )
    replace_file(folder / _PIECE, msgspec.json.encode(piece))


def join(task: Task, division: Division, reading: int, folder: str, report: Report) -> Parsed:
    """Make one reading of the pieces in ``folder``: its tables, its account, and how the numbers of the pieces change."""
    packer = Packer(Path(folder), reading, task.sha256)
    faults: list[Fault] = []
    rows = division.blocks[-1].last
    pieces = pieces_of(Path(folder))
    for done, path in enumerate(pieces, 1):
        piece = msgspec.json.decode((path / _PIECE).read_bytes(), type=_Piece)
        before = packer.numbered
        packer.register.take(piece.entries)
        accounts = _numbers(path, "accounts", packer.register.account_keys)
        conversations = _numbers(path, "conversations", packer.register.conversation_keys)
        for batch in open_stream(path, "participants"):
            pairs = zip(batch["conversation"].to_numpy().tolist(), batch["account"].to_numpy().tolist(), strict=True)
            for conversation, account in pairs:
                packer.register.take_part(conversations[conversation], accounts[account])
        packer.absorb(piece.tally, piece.numbered, piece.assumptions, _defects(path))
        faults += piece.faults
        rows += piece.beyond
        change = Joined(before=before, messages=piece.tally.messages, accounts=accounts, conversations=conversations)
        replace_file(path / _JOINED, msgspec.json.encode(change))
        report(Progress("join", done, len(pieces), "pieces"))
    for defect in tell(faults):
        packer.add(defect)
    packer.add(Total(rows))
    tally = packer.finish(by_name("table").format.unit)
    return Parsed(tally=tally, sha256=division.sha256, size=division.size, beside={}, assumptions=packer.assumptions)


def _numbers(piece: Path, kind: str, known: dict[str, int]) -> tuple[int, ...]:
    return tuple(known[key] for key in strings(open_stream(piece, kind).read_all()["key"]))


def _defects(piece: Path) -> Iterator[tuple[int, Defect]]:
    """The defects of a piece with their own numbers."""
    for batch in open_stream(piece, "defects"):
        for row in batch.to_pylist():
            number, where = row.pop("id"), Locator(**row.pop("locator"))
            yield number, Defect(locator=where, **row)
