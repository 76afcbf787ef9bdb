"""Hostile databases: nothing but plain tables is read, nothing is written, and no row takes for ever."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from filon.errors import EvidenceError
from filon.evidence import sqlite
from filon.evidence.source import BytesSource
from filon.evidence.sqlite import Damaged, open_database, schema_pages


def built(script: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return connection.serialize()


def test_only_plain_tables_are_read(tmp_path: Path) -> None:
    data = built("""
        CREATE TABLE "a ""b" (x, "select" TEXT); INSERT INTO "a ""b" VALUES (1, 'y');
        CREATE VIEW v AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT * FROM r;
        CREATE VIRTUAL TABLE f USING fts5(t);
        CREATE TRIGGER t AFTER INSERT ON "a ""b" BEGIN DELETE FROM "a ""b"; END;
    """)
    with open_database(BytesSource("d", data, {}, tmp_path)) as database:
        assert database.tables['a "b'] == ("x", "select")
        assert {"v": "view", "f": "virtual table", "t": "trigger"}.items() <= database.others.items()
        assert list(database.rows('a "b')) == [{"x": 1, "select": "y"}]
        assert database.count('a "b') == 1
        assert list(database.rows("v")) == []
        assert list(database.rows("nothing")) == []


@pytest.mark.parametrize(
    "query",
    [
        "ATTACH '/dev/null' AS other",
        "PRAGMA trusted_schema=ON",
        "INSERT INTO a VALUES (1)",
        "SELECT load_extension('x')",
        "SELECT writefile('x', 'y')",
        "SELECT randomblob(10)",
        "CREATE TEMP TABLE t (x)",
    ],
)
def test_nothing_else_is_allowed(tmp_path: Path, query: str) -> None:
    with (
        open_database(BytesSource("d", built("CREATE TABLE a (x)"), {}, tmp_path)) as database,
        pytest.raises(EvidenceError),
    ):
        list(database._run("a", query))


def test_a_row_that_takes_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_STEPS", 10)
    monkeypatch.setattr(sqlite, "_PATIENCE", 100)
    data = built(
        "CREATE TABLE a (x);"
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 5000) INSERT INTO a SELECT n FROM r"
    )
    with open_database(BytesSource("d", data, {}, tmp_path)) as database:
        assert len(list(database.rows("a"))) == 5000
        with pytest.raises(EvidenceError, match="interrupted"):
            list(database.rows("a", "x"))


def test_texts_that_are_not_utf8_are_marked(tmp_path: Path) -> None:
    with open_database(
        BytesSource("d", built("CREATE TABLE a (x); INSERT INTO a VALUES (CAST(x'41ff' AS TEXT))"), {}, tmp_path)
    ) as database:
        (row,) = database.rows("a")
    assert row["x"] == "A\ufffd"
    assert isinstance(row["x"], Damaged)


def test_an_index_cannot_hide_rows(tmp_path: Path) -> None:
    """The rows of an index are replaced by those of an empty one; table and index now disagree."""
    data = built("CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO a VALUES (3), (1), (2); CREATE INDEX i ON a (x)")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        connection.execute("PRAGMA writable_schema=ON")
        empty = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'b'").fetchone()[0]
        connection.execute("CREATE INDEX j ON b (x)")
        hidden = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'j'").fetchone()[0]
        connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = 'i'", (hidden,))
        connection.execute("DELETE FROM sqlite_master WHERE name = 'j'")
        connection.commit()
        data = connection.serialize()
    assert empty != hidden
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        assert connection.execute("SELECT x FROM a ORDER BY x").fetchall() == []
    with open_database(BytesSource("d", data, {}, tmp_path)) as database:
        assert database.count("a") == 3
        assert [row["x"] for row in database.rows("a", "x")] == [1, 2, 3]


def test_not_a_database(tmp_path: Path) -> None:
    source = BytesSource("d", b"SQLite format 3\x00" + b"x" * 4096, {}, tmp_path)
    with pytest.raises(EvidenceError, match="not a database"), open_database(source):
        pass


def test_the_schema_is_found_without_reading_everything() -> None:
    tables = "".join(
        f"CREATE TABLE t{n} (column_of_{n} TEXT, {', '.join(f'x{i}' for i in range(99))});" for n in range(90)
    )
    data = built(tables)
    assert b"column_of_89" not in data[:65536]
    pages = schema_pages(BytesSource("d", data))
    assert all(b"column_of_%d " % n in pages for n in range(90))
    assert len(pages) < len(data) / 4
    assert schema_pages(BytesSource("d", b"SQLite format 3\x00" + b"\x05" * 200)) != b""
    assert schema_pages(BytesSource("d", b"")) == b""


def test_free_pages_are_counted(tmp_path: Path) -> None:
    data = built("CREATE TABLE a (x); INSERT INTO a VALUES (zeroblob(100000)); DELETE FROM a")
    with open_database(BytesSource("d", data, {}, tmp_path)) as database:
        assert database.free_pages > 10


def test_rows_whose_numbers_do_not_rise_end_the_table(tmp_path: Path) -> None:
    data = built(
        "CREATE TABLE a (n, t); INSERT INTO a VALUES (1, 'x'), (2, 'y'), ('z', 'text'), (NULL, ''), (2, 'again'), (3, '')"
    )
    with open_database(BytesSource("d", data, {}, tmp_path)) as database:
        assert len(list(database.rows("a"))) == 6
        rows = database.rows("a", rising="n")
        assert [next(rows)["t"] for _ in range(4)] == ["x", "y", "text", ""]
        with pytest.raises(EvidenceError, match="row 2 comes after row 2"):
            next(rows)
