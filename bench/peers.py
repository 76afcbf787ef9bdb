"""What others take for the same lines: SQLite FTS5 as Datasette uses it, and a DuckDB scan over Parquet. Prints JSON.

    python bench/peers.py build fts5 CORPUS FOLDER               parse the JSON lines and build
    python bench/peers.py ask fts5 FOLDER questions.json         newest 50, exact count, count and three facets

Datasette searches an external-content FTS5 table by ``rowid in (select rowid from ... match ...)``; the tables here are
those of its ``sqlite-utils enable-fts``. Tokens differ between the engines (accents, digits), so hits are told too.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from corpora import rows
from figures import PeerAnswers, Spread

__all__ = ["CLASSES", "LEAST", "PATIENCE", "PEERS"]

CLASSES = ("rare", "share", "frequent", "broad", "both", "phrase", "prefix")
"""Classes that all peers can answer."""
_BATCH = 100_000
PATIENCE, LEAST = 60.0, 3
"""Seconds after which a class is asked no more, and how many of it are asked all the same."""
_COLUMNS = ("sent", "conversation", "sender", "text")
_FTS = "select rowid from found where found match ?"


class Engine(Protocol):
    """One peer: how many questions of a class it is asked, and its three answers."""

    per_class: int

    def newest(self, text: str) -> object: ...

    def count(self, text: str) -> int: ...

    def facet(self, text: str, column: str) -> object: ...


class Fts5:
    """SQLite with an external-content full-text table."""

    per_class = 50

    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / "fts5.db")
        self._base.execute("pragma mmap_size=68719476736")

    def newest(self, text: str) -> object:
        return self._base.execute(
            f"select * from messages where rowid in ({_FTS}) order by sent desc limit 50", [text]
        ).fetchall()

    def count(self, text: str) -> int:
        return int(self._base.execute("select count(*) from found where found match ?", [text]).fetchone()[0])

    def facet(self, text: str, column: str) -> object:
        return self._base.execute(
            f"select {column} as value, count(*) as n from messages where rowid in ({_FTS}) group by 1 order by n desc limit 12",
            [text],
        ).fetchall()


def build_fts5(corpus: Path, folder: Path) -> int:
    """Parse the lines into a table, index it, and make ``sent`` sortable."""
    base = sqlite3.connect(folder / "fts5.db")
    base.executescript("pragma journal_mode=off; pragma synchronous=off; pragma page_size=16384")
    base.execute("create table messages (id integer primary key, sent text, conversation text, sender text, text text)")
    base.executemany("insert into messages(sent, conversation, sender, text) values (?, ?, ?, ?)", rows(corpus))
    base.execute("create virtual table found using fts5(text, content='messages', content_rowid='id')")
    base.execute("insert into found(found) values('rebuild')")
    base.execute("create index by_sent on messages(sent)")
    base.commit()
    count = int(base.execute("select count(*) from messages").fetchone()[0])
    base.close()
    return count


class Duck:
    """DuckDB over one Parquet file, no index: every question reads the texts."""

    per_class = 10

    def __init__(self, folder: Path) -> None:
        self._base = duckdb.connect()
        self._base.execute("set threads=2")
        self._table = f"read_parquet('{folder / 'messages.parquet'}')"

    def newest(self, text: str) -> object:
        condition, values = _matches(text)
        return self._base.execute(
            f"select * from {self._table} where {condition} order by sent desc limit 50", values
        ).fetchall()

    def count(self, text: str) -> int:
        condition, values = _matches(text)
        found = self._base.execute(f"select count(*) from {self._table} where {condition}", values).fetchone()
        assert found is not None
        return int(found[0])

    def facet(self, text: str, column: str) -> object:
        condition, values = _matches(text)
        return self._base.execute(
            f"select {column}, count(*) as n from {self._table} where {condition} group by 1 order by n desc limit 12",
            values,
        ).fetchall()


def build_duck(corpus: Path, folder: Path) -> int:
    """Parse the lines into one Parquet file."""
    schema = pa.schema([pa.field(name, pa.string()) for name in _COLUMNS])
    lines, count = rows(corpus), 0
    with pq.ParquetWriter(folder / "messages.parquet", schema, compression="zstd") as out:
        while batch := list(islice(lines, _BATCH)):
            columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
            out.write_batch(pa.record_batch(columns, schema=schema))
            count += len(batch)
    return count


PEERS: "dict[str, tuple[Callable[[Path, Path], int], Callable[[Path], Engine]]]" = {
    "fts5": (build_fts5, Fts5),
    "duckdb": (build_duck, Duck),
}


def _matches(text: str) -> tuple[str, list[str]]:
    """The search as conditions on whole words; RE2 knows the borders of ASCII words."""
    wanted, _, unwanted = text.partition(" NOT ")
    if wanted.startswith('"'):
        patterns = [rf"(?i)\b{wanted.strip(chr(34)).replace(' ', chr(92) + 'W+')}\b"]
    elif " OR " in wanted:
        patterns = [rf"(?i)\b({wanted.strip('()').replace(' OR ', '|')})\b"]
    elif wanted.endswith("*"):
        patterns = [rf"(?i)\b{wanted[:-1]}"]
    else:
        patterns = [rf"(?i)\b{word}\b" for word in wanted.split()]
    condition = " and ".join(["regexp_matches(text, ?)"] * len(patterns))
    if unwanted:
        return f"{condition} and not regexp_matches(text, ?)", [*patterns, rf"(?i)\b{unwanted}\b"]
    return condition, patterns


def answers(engine: Engine, texts: list[str]) -> PeerAnswers:
    """Every question for its newest 50, its count, its count with three facets; no more once a class has taken ``PATIENCE``."""

    def whole(text: str) -> None:
        engine.count(text)
        for column in ("sender", "conversation", "substr(sent, 1, 10)"):
            engine.facet(text, column)

    hits, newest, count, facets, began = [], [], [], [], time.monotonic()
    for text in texts:
        hits.append(engine.count(text))
        newest.append(_clocked(partial(engine.newest, text)))
        count.append(_clocked(partial(engine.count, text)))
        facets.append(_clocked(partial(whole, text)))
        if time.monotonic() - began > PATIENCE and len(hits) >= LEAST:
            break
    return PeerAnswers(hits, Spread.of(newest), Spread.of(count), Spread.of(facets))


def asked(questions: Path, per_class: int) -> Iterator[tuple[str, list[str]]]:
    """The questions a peer is asked: the first of every class that has any."""
    drawn = msgspec.json.decode(questions.read_bytes(), type=dict[str, list[str]])
    return ((name, drawn[name][:per_class]) for name in CLASSES if drawn.get(name))


def _clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def main() -> None:
    """Build or ask."""
    kind, name, first, second = sys.argv[1:]
    build, opened = PEERS[name]
    answer: Any
    if kind == "build":
        answer = {"messages": build(Path(first), Path(second))}
    else:
        engine = opened(Path(first))
        answer = {of: answers(engine, texts) for of, texts in asked(Path(second), engine.per_class)}
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")


if __name__ == "__main__":
    main()
