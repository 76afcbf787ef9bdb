"""Write a synthetic export and its truth: one call for every format."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from filon.errors import FilonError, Unsupported
from filon.model import Progress, Report, silent
from filon.synth import telegram, whatsapp
from filon.synth.faults import PHONE_FAULTS, ROW_FAULTS
from filon.synth.operator import write_text, write_workbook
from filon.synth.pieces import Counts
from filon.synth.telegram import write_result
from filon.synth.truth import Totals, WorldTruth
from filon.synth.whatsapp import write_chats
from filon.synth.world import Block, World, network, one_phone, single

__all__ = ["FORMATS", "Made", "one_conversation", "put", "truth_beside", "write"]

_Told = Iterator[tuple[bytes, Counts]]
_ENCODER = msgspec.json.Encoder()


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. ``files`` are the exports, ``truth`` the file that tells what is true about them."""

    files: tuple[Path, ...]
    truth: Path
    messages: int
    """Messages sent in the synthetic world."""
    rows: int
    """Copies of them in the export: ``copies + duplicated - lost``."""
    copies: int
    lost: int
    faults: dict[str, int]
    """Number of planted faults by kind."""


def write(
    out: Path,
    *,
    messages: int,
    format: str,
    seed: int,
    both_sides: bool = True,
    faults: bool = True,
    longest: int | None = None,
    report: Report = silent,
    processes: int | None = None,
) -> Made:
    """Write ``messages`` synthetic messages to ``out`` and what is true about them to ``<out>.truth.jsonl``.

    ``format`` is one of ``FORMATS``. ``both_sides``: the copy of every phone that was at hand, else one copy of each
    message. ``longest``: messages of the longest conversation of a table; None: as many as suit its size. The bytes
    follow from the arguments alone, whatever the number of ``processes`` (None: all cores).
    FilonError where ``out`` is already there, Unsupported where the format is unknown.
    """
    if format not in FORMATS:
        raise Unsupported(
            "there is no synthetic format called {format!r}",
            hint="one of {known}",
            format=format,
            known=", ".join(FORMATS),
        )
    kinds = _KINDS.get(format, (*PHONE_FAULTS, *ROW_FAULTS)) if faults else ()
    phone = 0 if format == "telegram" else None
    world = World(seed=seed, messages=messages, both_sides=both_sides, faults=kinds, phone=phone)
    if phone is not None:
        return put(out, world, format, one_phone(world, phone), report, processes)
    return put(out, world, format, network(world, longest=0 if format == "whatsapp" else longest), report, processes)


def one_conversation(
    out: Path, messages: int, seed: int, *, report: Report = silent, processes: int | None = None
) -> Made:
    """Write JSON lines with one conversation of two people as one phone holds it: a row for each message, no faults."""
    world = World(seed=seed, messages=messages, both_sides=False)
    return put(out, world, "jsonl", single(world), report, processes)


def truth_beside(out: Path) -> Path:
    """Where the truth about an export lies."""
    return out.with_name(f"{out.name}.truth.jsonl")


def _text(form: str) -> "Callable[[Path, World, Iterable[Block], int | None], _Told]":
    def told(out: Path, world: World, blocks: Iterable[Block], processes: int | None) -> _Told:
        with out.open("wb") as export:
            yield from write_text(export, world, blocks, form, processes)

    return told


_WRITERS: "dict[str, Callable[[Path, World, Iterable[Block], int | None], _Told]]" = {
    "jsonl": _text("jsonl"),
    "csv": _text("csv"),
    "xlsx": write_workbook,
    "whatsapp": write_chats,
    "telegram": write_result,
}
_KINDS = {"whatsapp": whatsapp.FAULTS, "telegram": telegram.FAULTS}
FORMATS = tuple(_WRITERS)


def put(out: Path, world: World, form: str, blocks: Iterable[Block], report: Report, processes: int | None) -> Made:
    """Write the blocks of a world in a form of ``FORMATS``, and the truth beside it."""
    truth = truth_beside(out)
    for path in (out, truth):
        if path.exists():
            raise FilonError("{path} is already there", hint="choose another name or remove it first", path=path)
    if world.messages < 1:
        raise FilonError("{messages} messages cannot be written", hint="ask for at least one", messages=world.messages)
    counts = Counts(messages=0, copies=0, rows=0, lost=0, faults={})
    with truth.open("wb") as file:
        file.write(
            _line(
                WorldTruth(
                    seed=world.seed,
                    messages=world.messages,
                    format=form,
                    both_sides=world.both_sides,
                    faults=world.faults,
                    phone=world.phone,
                )
            )
        )
        for told, added in _WRITERS[form](out, world, blocks, processes):
            file.write(told)
            counts += added
            report(Progress("write", counts.messages, world.messages, "rows", out.name))
        totals = msgspec.structs.asdict(counts)
        file.write(_line(Totals(**totals)))
    return Made(files=(out,), truth=truth, **totals)


def _line(told: object) -> bytes:
    return _ENCODER.encode(told) + b"\n"
