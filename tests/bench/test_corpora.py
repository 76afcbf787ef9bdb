"""Corpora are what they are called: cut without losing a row, made once, dealt from the lines that were given."""

import csv
import json
from datetime import UTC, datetime

import corpora


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_small_exports_hold_every_row_of_the_table_once(tmp_path):
    small = corpora.corpus(tmp_path, 2_500, "exports", 7, None)
    whole = table(corpora.corpus(tmp_path, 2_500, "csv", 7, None).path)
    files = sorted(small.path.rglob("*.csv"))
    parts = [table(file) for file in files]
    assert len(files) == -(-(len(whole) - 1) // 1_000)
    assert {tuple(part[0]) for part in parts} == {tuple(whole[0])}
    assert [row for part in parts for row in part[1:]] == whole[1:]
    assert any("\n" in field for row in whole for field in row)  # else this test could not see a row cut in two


def test_a_corpus_is_made_once(tmp_path):
    first = corpora.corpus(tmp_path, 500, "jsonl", 7, None)
    made = first.path.stat().st_mtime_ns
    assert corpora.corpus(tmp_path, 500, "jsonl", 7, None) == first
    assert first.path.stat().st_mtime_ns == made
    assert [path.name for path in tmp_path.iterdir()] == [first.path.name]


def test_real_lines_are_dealt_in_the_order_of_time(tmp_path):
    samples = tmp_path / "lines"
    samples.mkdir()
    (samples / "a.raw.txt").write_text("[10:00] <one> hello there\n=== two has joined\n[10:01] <two> bonjour\n")
    made = corpora.corpus(tmp_path, 3_000, "jsonl", 7, samples)
    rows = [json.loads(line) for line in made.path.read_text().splitlines()]
    assert made.real
    assert len(rows) == 3_000
    assert {row["text"] for row in rows} == {"hello there", "bonjour"}
    times = [datetime.fromisoformat(row["sent_utc"]) for row in rows]
    assert times == sorted(times)
    assert (times[0].date(), times[-1].date()) == (
        datetime(2020, 4, 1, tzinfo=UTC).date(),
        datetime(2020, 6, 29, tzinfo=UTC).date(),
    )
    assert len(list(corpora.rows(made.path))) == 3_000


def test_a_lean_corpus_lacks_fields_and_nothing_else(tmp_path):
    whole = corpora.corpus(tmp_path, 500, "jsonl", 7, None).path.read_text().splitlines()
    lean = corpora.corpus(tmp_path, 500, "lean", 7, None).path.read_text().splitlines()
    spared = {"nickname", "read_utc", "burn_utc"}
    assert [json.loads(line) for line in lean] == [
        {key: value for key, value in json.loads(line).items() if key not in spared} for line in whole
    ]
    assert any("nickname" in line for line in whole)
