"""The files of the demo case: several kinds of export, one of them damaged."""

from pathlib import Path

from filon.errors import FilonError
from filon.model import Report, silent
from filon.synth.faults import PHONE_FAULTS, ROW_FAULTS
from filon.synth.people import person
from filon.synth.telegram import FAULTS as TELEGRAM_FAULTS
from filon.synth.whatsapp import FAULTS as WHATSAPP_FAULTS
from filon.synth.world import World, network, one_phone
from filon.synth.writing import Made, put

__all__ = ["damage", "demo"]

_SECOND, _RECOVERED = 9_000, 9_100
"""First communities of the smaller tables: far from those of the operator's."""


def demo(out: Path, messages: int = 200_000, seed: int = 1, *, report: Report = silent) -> list[Path]:
    """Write about ``messages`` synthetic messages as six files into ``out``, what is true about them into ``out/truth``.

    Gives the files of evidence: the operator's CSV (most messages), WhatsApp archives of two and a Telegram export of
    one of its people, and two other networks: a workbook, and JSON lines of which some are damaged. The same arguments
    give the same bytes.
    """
    if out.exists() and any(out.iterdir()):
        raise FilonError("{path} is not empty", hint="choose another folder", path=out)
    out.mkdir(parents=True, exist_ok=True)
    made = [
        _table(out / "operator messages.csv", _share(messages, 84), seed, 0, report),
        _whatsapp(out, _share(messages, 4), seed, 0, report),
        _whatsapp(out, _share(messages, 3), seed, 2, report),
        _telegram(out / "result.json", _share(messages, 6), seed, 1, report),
        _table(out / "second server.xlsx", _share(messages, 2), seed, _SECOND, report),
        _table(out / "recovered.jsonl", _share(messages, 1), seed, _RECOVERED, report),
    ]
    (out / "truth").mkdir()
    for one in made:
        one.truth.replace(out / "truth" / one.truth.name)
    damage(made[-1].files[0])
    return [file for one in made for file in one.files]


def _share(messages: int, percent: int) -> int:
    return max(100, messages * percent // 100)


def _table(out: Path, messages: int, seed: int, first: int, report: Report) -> Made:
    """The network itself, or another one of the same seed that shares nobody with it."""
    world = World(seed=seed, messages=messages, faults=(*PHONE_FAULTS, *ROW_FAULTS), first=first)
    return put(out, world, out.suffix[1:], network(world, longest=None if first == 0 else 0), report, None)


def _whatsapp(out: Path, messages: int, seed: int, phone: int, report: Report) -> Made:
    world = World(seed=seed, messages=messages, both_sides=False, faults=WHATSAPP_FAULTS, phone=phone)
    name = f"WhatsApp {person(seed, phone).handles[0]}.zip"
    return put(out / name, world, "whatsapp", one_phone(world, phone), report, None)


def _telegram(out: Path, messages: int, seed: int, phone: int, report: Report) -> Made:
    world = World(seed=seed, messages=messages, both_sides=False, faults=TELEGRAM_FAULTS, phone=phone)
    return put(out, world, "telegram", one_phone(world, phone), report, None)


def damage(path: Path) -> int:
    """Break some lines of a file as failing disks and careless tools do; gives how many."""
    lines = path.read_bytes().splitlines(keepends=True)
    broken = 0
    for place in range(40, len(lines), 97):
        line = lines[place]
        lines[place] = (
            line[: len(line) // 2] + b"\n",
            line[:10] + b"\xff\xfe\x80" + line[10:],
            b"\x00" * 64 + b"\n",
            line[:-2] + b',"sequence":}\n',
        )[broken % 4]
        broken += 1
    path.write_bytes(b"".join(lines)[:-20])
    return broken + 1
