"""SQLite evidence, opened so that it can neither write, run code, nor keep us for ever.

A database can hold views, triggers, virtual tables and expressions that act when they are used. Here only ordinary
tables are read, each on its own, in a connection that may do nothing but read (authoriser, ``query_only``,
``trusted_schema`` off, no attached files), with a bound on the work for one row and on the size of one value.
What SQLite itself advises: https://www.sqlite.org/security.html.

A write-ahead log or rollback journal beside the file belongs to it: then a private copy of all is opened, so that
SQLite can take them in without touching the evidence.
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filon.errors import EvidenceError
from filon.evidence.source import Source

__all__ = ["MAGIC", "Damaged", "Database", "Row", "Value", "open_database", "schema_pages"]

MAGIC = b"SQLite format 3\x00"
Value = int | float | str | bytes | None

_VALUE_BYTES = 64 << 20
_STEPS = 1_000_000
_PATIENCE = 3_000
"""Times ``_STEPS`` machine steps for one row: about a minute. Reading a row takes a few hundred steps."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_COMPANIONS = ("-wal", "-journal")
_SCHEMA_WITHIN = 8 << 20
_SCHEMA_BYTES = 1 << 20


class Damaged(str):
    """A text whose bytes are not UTF-8: every byte that is not has become U+FFFD."""

    __slots__ = ()


class Row(dict[str, Value]):
    """A row by column name. ``refuse`` says that a value of it is not read; the database counts that by column."""

    __slots__ = ("_refused", "_said", "table")

    def __init__(
        self, table: str = "", values: Iterable[tuple[str, Value]] = (), refused: Counter[str] | None = None
    ) -> None:
        super().__init__(values)
        self.table = table
        self._refused = refused
        self._said: set[str] | None = None

    def refuse(self, column: str, why: str) -> None:
        """Count, once a row, that what stands in a column is not read."""
        said = self._said = self._said or set()
        if self._refused is not None and column not in said:
            said.add(column)
            self._refused[f"column {self.table}.{column} ({why})"] += 1


class Database:
    """The ordinary tables of one database. Errors are EvidenceErrors that name the table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._steps = 0
        connection.text_factory = _text
        connection.set_progress_handler(self._tick, _STEPS)
        self.tables: dict[str, tuple[str, ...]] = {}
        """The columns of every ordinary table."""
        self.refused: Counter[str] = Counter()
        """Values that were not read, by column and why, as ``Row.refuse`` was told."""
        self.others: dict[str, str] = {}
        """What else there is under a name: views, triggers and virtual tables, never read."""
        self._list_tables()
        (self.free_pages,) = next(self._run("header", "PRAGMA freelist_count"))
        """Pages that hold no table now; what was deleted may still lie in them."""
        connection.set_authorizer(_authorise)

    def count(self, table: str) -> int:
        """How many rows a table holds, counted in the table itself and not in an index."""
        (rows,) = next(self._run(table, f"SELECT count(*) FROM {_quoted(table)} NOT INDEXED"))  # noqa: S608 - quoted
        return int(rows)

    def rows(self, table: str, order: str | None = None, rising: str | None = None) -> Iterator[Row]:
        """Every row of a table by column name, as it lies there, or sorted by the column ``order`` if there is one.

        Indexes are left aside: a damaged or forged one could hide rows. ``rising`` is a column whose numbers rise from row
        to row as they lie there, such as an INTEGER PRIMARY KEY. Where they do not, the pages of the table lead in a
        circle, and rows would come again and again: then nothing more is read.
        """
        columns = self.tables.get(table, ())
        if not columns:
            return
        sort = f" ORDER BY {_quoted(order)}" if order in columns else ""
        query = f"SELECT * FROM {_quoted(table)} NOT INDEXED{sort}"  # noqa: S608 - quoted
        last: int | None = None
        for values in self._run(table, query):
            row = Row(table, zip(columns, values, strict=False), self.refused)
            number = row.get(rising) if rising is not None else None
            if isinstance(number, int):
                if last is not None and number <= last:
                    raise EvidenceError(
                        "the table {table} cannot be read further: row {number} comes after row {last}",
                        table=table, number=number, last=last,
                    )  # fmt: skip
                last = number
            yield row

    def _run(self, table: str, query: str) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._connection.execute(query)
            while True:
                self._steps = 0
                row = cursor.fetchone()
                if row is None:
                    return
                yield row
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise EvidenceError(
                "the table {table} cannot be read further: {error}", table=table, error=error
            ) from error

    def _list_tables(self) -> None:
        for kind, name, made in list(self._run("sqlite_schema", "SELECT type, name, sql FROM sqlite_master")):
            if not isinstance(name, str):
                continue
            virtual = isinstance(made, str) and made.upper().startswith("CREATE VIRTUAL")
            if kind == "table" and not virtual and not name.startswith("sqlite_"):
                # As a value: in a PRAGMA the name would be code.
                listed = self._run(name, f"SELECT name FROM pragma_table_info({_literal(name)})")  # noqa: S608 - quoted
                self.tables[name] = tuple(column for (column,) in listed)
            elif kind in ("view", "trigger") or virtual:
                self.others[name] = "virtual table" if virtual else str(kind)

    def _tick(self) -> int:
        self._steps += 1
        return self._steps > _PATIENCE


def schema_pages(source: Source) -> bytes:
    """The pages in which a database names its tables, as far as they stand near its beginning; for recognising it.

    The first page is the root of the schema, or points at the pages that hold it:
    https://www.sqlite.org/fileformat2.html#b_tree_pages. At most ``_SCHEMA_BYTES`` are read.
    """
    head = source.head()
    if not head.startswith(MAGIC) or len(head) < 112:
        return b""
    size = int.from_bytes(head[16:18], "big")
    size = 65536 if size == 1 else size
    if head[100] != 5 or size < 512 or len(head) < size:
        return head
    count = int.from_bytes(head[103:105], "big")
    cells = [int.from_bytes(head[at : at + 2], "big") for at in range(112, min(112 + 2 * count, size), 2)]
    pages = [int.from_bytes(head[at : at + 4], "big") for at in cells if 112 < at <= size - 4]
    pages.append(int.from_bytes(head[108:112], "big"))
    found = []
    with source.open() as stream:
        for page in sorted(set(pages))[: _SCHEMA_BYTES // size]:
            if page > 0 and page * size <= min(source.size, _SCHEMA_WITHIN):
                stream.seek((page - 1) * size)
                found.append(stream.read(size))
    return b"".join(found)


@contextmanager
def open_database(source: Source) -> Iterator[Database]:
    """The database in ``source`` with the log or journal beside it. EvidenceError where it cannot be opened."""
    companions = [(suffix, beside) for suffix in _COMPANIONS if (beside := _companion(source, suffix)) is not None]
    file = source.file()
    folder = Path(tempfile.mkdtemp(prefix="sqlite-", dir=file.parent)) if companions else None
    try:
        if folder is not None:
            file = folder / "database"
            _copy(source, file)
            for suffix, beside in companions:
                _copy(beside, folder / f"database{suffix}")
        # Without companions nothing may come beside the file: immutable says so. With them SQLite must be able to.
        mode = "mode=rw" if folder is not None else "mode=ro&immutable=1"
        connection = _connect(f"{file.absolute().as_uri()}?{mode}")
        try:
            yield Database(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise EvidenceError("this is not a database that can be read: {error}", error=error) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder)


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=16)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _companion(source: Source, suffix: str) -> Source | None:
    beside = source.sibling(source.name.rpartition("/")[2] + suffix)
    return beside if beside is not None and beside.size > 0 else None


def _copy(source: Source, target: Path) -> None:
    with source.open() as stream, target.open("xb") as copy:
        target.chmod(0o600)
        shutil.copyfileobj(stream, copy, 1 << 20)


def _authorise(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    allowed = action in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second == "count")
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Damaged(data.decode(errors="replace"))


def _quoted(name: str | None) -> str:
    return '"' + (name or "").replace('"', '""') + '"'


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
