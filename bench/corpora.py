"""Corpora for the bench, made once and kept: synthetic networks, and real lines dealt anew.

``jsonl`` and ``csv`` are one file; ``lean`` is ``jsonl`` without nicknames and without the times of reading and burning,
which makes 4 GB of twenty million rows; ``exports`` is a folder of small tables of 1,000 rows; ``parquet``, ``xlsx`` (sheets
of 500,000 rows) and ``zip`` hold the lines of ``jsonl``. Each follows from seed,
size, format and the version of filon alone, and is used again where it lies. Beyond twenty million, ``lean`` is the corpus
of twenty million over and over, a year apart.
"""

import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from filon.synth import write
from filon.synth.people import DAYS, START
from filon.synth.writing import truth_beside

__all__ = ["FORMATS", "LINES", "Corpus", "corpus", "needed", "rows"]

FORMATS = ("jsonl", "lean", "csv", "exports", "parquet", "xlsx", "zip")
LARGE = 20_000_000
"""Messages of the largest corpus that is made as a whole."""
SMALL = 1_000
"""Rows of one small export."""
LINES = ("lean", "jsonl")
"""Formats that peers are given too."""
_LONGEST_SHARE, _LONGEST = 0.05, 1_000_000
_BYTES = {"jsonl": 300, "lean": 520, "csv": 160, "exports": 330, "parquet": 360, "xlsx": 400, "zip": 360}
"""Of a message in the corpus and in what it is made from, rounded up."""
_TEXTS = ("device", "direction", "contact", "nickname", "sent_utc", "received_utc", "read_utc", "burn_utc", "text", "message_id",
          "status", "attachment", "conversation")  # fmt: skip
_TYPES = pa.schema(
    [pa.field(name, pa.string()) for name in _TEXTS]
    + [pa.field("sequence", pa.int64()), pa.field("latitude", pa.float64()), pa.field("longitude", pa.float64())]
)
_SPARED = ("nickname", "read_utc", "burn_utc")
"""Columns that a lean corpus lacks."""
_TRUTH, _CASE, _TEMPORARY, _PEERS = 220, 100, 100, 900
_OF_A_YEAR = 225
_ENDINGS = {"jsonl": ".jsonl", "lean": "-lean.jsonl", "csv": ".csv", "exports": "-exports", "parquet": ".parquet",
            "xlsx": ".xlsx", "zip": ".zip"}  # fmt: skip
_SHEET = 500_000
_CHUNK = 50_000
_IRC = re.compile(r"^\[\d\d:\d\d\] <([^>]+)> (.+)$")


@dataclass(frozen=True)
class Corpus:
    """What is added: a file or a folder, how many messages were meant, its bytes."""

    path: Path
    messages: int
    form: str
    real: bool
    bytes: int


class Row(msgspec.Struct, gc=False):
    """The fields of a line that peers are given; a line lacks what it does not say."""

    device: str | None = None
    direction: str | None = None
    contact: str | None = None
    sent_utc: str | None = None
    text: str | None = None
    conversation: str | None = None
    message_id: str | None = None


def needed(messages: int, form: str, peers: bool) -> dict[str, int]:
    """Bytes a run needs on disk, by what for."""
    if messages > LARGE:
        parts = {"corpus": _OF_A_YEAR, "case": _CASE, "temporary": _TEMPORARY}
        return {name: share * messages for name, share in parts.items()}
    parts = {"corpus": _BYTES[form], "its truth, while it is made": _TRUTH, "case": _CASE, "temporary": _TEMPORARY}
    if peers and form in LINES:
        parts["peers"] = _PEERS
    return {name: share * messages for name, share in parts.items()}


def corpus(folder: Path, messages: int, form: str, seed: int, samples: Path | None) -> Corpus:
    """Make a corpus, or find the one that was made. ``samples``: deal these real lines instead of synthetic ones."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = "real" if samples else "synthetic"
    stem = f"{origin}-{version('filon')}-{seed}-{messages}"
    path = folder / (stem + _ENDINGS[form])
    if not path.exists():
        making = folder / f"making-{path.name}"
        _remove(making)
        if form == "exports":
            whole = corpus(folder, messages, "csv", seed, None)
            _small_tables(whole.path, making)
        elif form == "lean" and messages > LARGE:
            _years(corpus(folder, LARGE, form, seed, samples).path, making, messages // LARGE)
        elif form == "lean" and not samples:
            _lean(corpus(folder, messages, "jsonl", seed, None).path, making)
        elif form in _OTHERS:
            _OTHERS[form](corpus(folder, messages, "jsonl", seed, samples).path, making)
        elif samples:
            _dealt(making, messages, seed, samples)
        else:
            longest = min(int(messages * _LONGEST_SHARE), _LONGEST)
            write(making, messages=messages, format=form, seed=seed, both_sides=False, longest=longest)
            truth_beside(making).unlink()
        making.rename(path)
    size = sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    return Corpus(path, messages, form, samples is not None, size)


def rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Sent (as written), conversation, sender and text of every line of a JSON lines corpus that has a time and a text."""
    decoder = msgspec.json.Decoder(Row)
    with path.open("rb") as lines:
        while chunk := lines.readlines(16 << 20):
            for row in decoder.decode_lines(b"".join(chunk)):
                if row.sent_utc and row.text:
                    people = sorted((row.device or "", row.contact or ""))
                    sender = row.device if row.direction == "out" else row.contact
                    yield row.sent_utc, row.conversation or " ".join(people), sender or "", row.text


def _lean(whole: Path, out: Path) -> None:
    """The lines of a corpus without some of their fields."""
    decoder, encoder = msgspec.json.Decoder(dict[str, msgspec.Raw]), msgspec.json.Encoder()
    with whole.open("rb") as lines, out.open("wb") as lean:
        while chunk := lines.readlines(16 << 20):
            rows = decoder.decode_lines(b"".join(chunk))
            lean.write(encoder.encode_lines([{k: v for k, v in row.items() if k not in _SPARED} for row in rows]))


def _years(whole: Path, out: Path, count: int) -> None:
    """The lines of a corpus of 2020 once for each of so many years."""
    with out.open("wb") as lines:
        for year in range(2020, 2020 + count):
            with whole.open("rb") as one:
                while some := one.readlines(16 << 20):
                    lines.write(b"".join(some).replace(b':"2020-', f':"{year}-'.encode()))


def _parquet(whole: Path, out: Path) -> None:
    """The lines of a corpus as one Parquet file; every column is text but for the counter and the places."""
    lines = pa.json.open_json(
        whole, pa.json.ReadOptions(block_size=64 << 20), pa.json.ParseOptions(explicit_schema=_TYPES)
    )
    with lines, pq.ParquetWriter(out, _TYPES) as table:
        for batch in lines:
            table.write_batch(batch)


def _workbook(whole: Path, out: Path) -> None:
    """The lines of a corpus as sheets of a workbook."""
    decoder = msgspec.json.Decoder(dict[str, str | int | float])
    with whole.open("rb") as lines, xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        while some := list(islice(lines, _SHEET)):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, _TYPES.names)
            _write_rows(sheet, map(decoder.decode, some))


def _write_rows(sheet: Worksheet, rows: Iterable[dict[str, str | int | float]]) -> None:
    for row, values in enumerate(rows, 1):
        for place, name in enumerate(_TYPES.names):
            cell = values.get(name)
            if isinstance(cell, str):
                sheet.write_string(row, place, cell)
            elif cell is not None:
                sheet.write_number(row, place, cell)


def _zipped(whole: Path, out: Path) -> None:
    """The lines of a corpus as a member of a zip."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(whole, whole.name)


_OTHERS = {"parquet": _parquet, "xlsx": _workbook, "zip": _zipped}


def _small_tables(table: Path, out: Path) -> None:
    """The rows of a table as tables of ``SMALL`` rows, a hundred in a folder. A row ends where its quotes are closed."""
    with table.open("rb") as lines:
        head, waiting, count, quoted, number = lines.readline(), [], 0, False, 0
        for line in lines:
            waiting.append(line)
            quoted ^= line.count(b'"') % 2 == 1
            count += not quoted
            if count == SMALL:
                _small_table(out, number, head, waiting)
                waiting, count, number = [], 0, number + 1
        if waiting:
            _small_table(out, number, head, waiting)


def _small_table(out: Path, number: int, head: bytes, lines: list[bytes]) -> None:
    path = out / f"{number // 100:04d}" / f"export-{number:06d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"".join(lines))


def _dealt(out: Path, messages: int, seed: int, samples: Path) -> None:
    """Lines that people wrote, over and over, each dealt to an invented pair by itself, over ninety days."""
    said = [
        found[2]
        for path in sorted(samples.glob("*.raw.txt"))
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if (found := _IRC.match(line))
    ]
    if not said:
        raise SystemExit(f"no lines of the form [HH:MM] <nick> text in {samples}")
    draws = np.random.Generator(np.random.PCG64(seed))
    pairs = draws.integers(0, 4_000, (max(20, messages // 200), 2))
    with out.open("wb") as export:
        for first in range(0, messages, _CHUNK):
            count = min(_CHUNK, messages - first)
            texts = draws.integers(0, len(said), count).tolist()
            places = (draws.random(count) ** 2.5 * len(pairs)).astype(int)
            out_of = draws.random(count) < 0.5
            at = START + (first + np.sort(draws.random(count)) * count) / messages * DAYS * 86_400
            sent = np.datetime_as_string(at.astype("int64").astype("datetime64[s]")).tolist()
            told = [
                Row(
                    f"dealt{one}",
                    "out" if mine else "in",
                    f"dealt{other}",
                    f"{time}Z",
                    said[text],
                    None,
                    f"{first + i:x}",
                )
                for i, (text, (one, other), mine, time) in enumerate(
                    zip(texts, pairs[places].tolist(), out_of.tolist(), sent, strict=True)
                )
            ]
            export.write(msgspec.json.Encoder().encode_lines(told))


def _remove(path: Path) -> None:
    for old in (path, truth_beside(path)):
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
