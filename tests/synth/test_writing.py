"""One call for every format: the same bytes for a seed, constant memory, counts that add up."""

import csv
import hashlib
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from filon.errors import FilonError, Unsupported
from filon.model import Progress
from filon.synth import FORMATS, Made, one_conversation, write
from filon.synth.operator import json_lines
from filon.synth.pieces import make
from filon.synth.table import COLUMNS, HEADER, Table
from filon.synth.world import World, network


def digest(path: Path) -> str:
    """SHA-256 of a file, or of every file of a folder with its name."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    told = hashlib.sha256()
    for file in files:
        if file.is_file():
            told.update(file.relative_to(path).as_posix().encode() + file.read_bytes())
    return told.hexdigest()


def truth(made: Made) -> dict[str, list[dict]]:
    """Entries of the truth by what they tell of."""
    entries: dict[str, list[dict]] = {}
    for line in made.truth.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        entries.setdefault(entry.pop("truth"), []).append(entry)
    return entries


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_seed_gives_the_same_bytes(form, tmp_path):
    one = write(tmp_path / f"one.{form}", messages=2_000, format=form, seed=7)
    two = write(tmp_path / f"two.{form}", messages=2_000, format=form, seed=7)
    other = write(tmp_path / f"other.{form}", messages=2_000, format=form, seed=8)
    assert digest(one.files[0]) == digest(two.files[0])
    assert one.truth.read_bytes() == two.truth.read_bytes()
    assert digest(one.files[0]) != digest(other.files[0])


@pytest.mark.parametrize("form", ["csv", "telegram"])
def test_the_number_of_processes_changes_nothing(form, tmp_path):
    one = write(tmp_path / "one", messages=52_000, format=form, seed=3, both_sides=False, processes=1)
    two = write(tmp_path / "two", messages=52_000, format=form, seed=3, both_sides=False, processes=2)
    assert digest(one.files[0]) == digest(two.files[0])
    assert one.truth.read_bytes() == two.truth.read_bytes()


@pytest.mark.parametrize("both_sides", [True, False])
@pytest.mark.parametrize("messages", [2_000, 26_001])
def test_rows_are_copies_and_duplicates_without_what_was_lost(messages, both_sides, tmp_path):
    made = write(tmp_path / "a.csv", messages=messages, format="csv", seed=5, both_sides=both_sides, processes=1)
    told = truth(made)
    with made.files[0].open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.reader(file, delimiter=";")) - 1
    copies = sum(len(message["copies"]) for message in told["message"])
    duplicates = sum(fault["kind"] == "duplicate" for fault in told["fault"])
    lost = sum(fault["rows"] for fault in told["fault"] if fault["kind"] == "gap")
    assert len(told["message"]) == made.messages == messages
    assert len({message["id"] for message in told["message"]}) == messages
    assert (copies, lost) == (made.copies, made.lost)
    assert rows == made.rows == copies + duplicates - lost
    assert made.faults == Counter(fault["kind"] for fault in told["fault"])
    assert told["totals"] == [
        {
            "messages": messages,
            "copies": copies,
            "rows": rows,
            "lost": lost,
            "faults": made.faults,
        }
    ]
    if not both_sides:
        assert copies == messages


def test_jsonl_and_csv_tell_the_same(tmp_path):
    table = write(tmp_path / "a.csv", messages=2_500, format="csv", seed=2)
    lines = write(tmp_path / "a.jsonl", messages=2_500, format="jsonl", seed=2)
    with table.files[0].open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        assert next(reader) == list(HEADER)
        from_csv = [tuple(row) for row in reader]
    from_json = []
    for line in lines.files[0].read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        assert None not in told.values()
        assert set(told) <= set(COLUMNS)
        from_json.append(tuple(str(told.get(name, "")) for name in COLUMNS))
    assert from_csv == from_json
    assert any("\n" in row[COLUMNS.index("text")] for row in from_csv)


def test_without_faults_nothing_is_planted(tmp_path):
    made = write(tmp_path / "a.jsonl", messages=2_000, format="jsonl", seed=2, faults=False)
    assert made.faults == {}
    assert made.rows == made.copies
    states = {json.loads(line)["status"] for line in made.files[0].read_text(encoding="utf-8").splitlines()}
    assert states == {"delivered", "received", "read"}


def test_progress_reaches_the_number_of_messages(tmp_path):
    told: list[Progress] = []
    write(tmp_path / "a.csv", messages=30_000, format="csv", seed=1, report=told.append, processes=1)
    assert [p.done for p in told] == sorted(p.done for p in told)
    assert told[-1].done == told[-1].total == 30_000


def test_refuses_to_overwrite_and_unknown_formats(tmp_path):
    out = tmp_path / "a.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(FilonError, match="already there"):
        write(out, messages=10, format="csv", seed=1)
    with pytest.raises(Unsupported) as caught:
        write(tmp_path / "b", messages=10, format="pdf", seed=1)
    assert "jsonl" in str(caught.value.hint)
    with pytest.raises(FilonError, match="0 messages"):
        write(tmp_path / "b", messages=0, format="csv", seed=1)
    assert out.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "b").exists()


def test_one_conversation_is_one_and_in_order(tmp_path):
    made = one_conversation(tmp_path / "long.jsonl", 30_000, 4, processes=1)
    rows = [json.loads(line) for line in made.files[0].read_text(encoding="utf-8").splitlines()]
    assert len(rows) == made.rows == 30_000
    assert {row["device"] for row in rows} | {row["contact"] for row in rows} == {row["device"] for row in rows[:1]} | {
        row["contact"] for row in rows[:1]
    }
    assert [row["sequence"] for row in rows] == list(range(1, 30_001))
    times = [row["sent_utc"] for row in rows]
    assert times == sorted(times)
    assert {row["direction"] for row in rows} == {"in", "out"}


_PEAK = """
import sys, resource
from pathlib import Path
from filon.synth import write
write(Path(sys.argv[1]), messages=int(sys.argv[2]), format="jsonl", seed=1, processes=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_messages(tmp_path):
    def peak(messages: int) -> int:
        run = [sys.executable, "-c", _PEAK, str(tmp_path / f"{messages}.jsonl"), str(messages)]
        return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)

    small, large = peak(48_000), peak(240_000)
    assert large < 1.4 * small


def seconds(work) -> float:
    """Processor time of the fastest of three runs."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def test_a_row_costs_at_most_sixty_times_a_constant_row():
    """Whatever the machine: making a network is compared with writing as many rows that are all alike."""
    world = World(seed=1, messages=12_000)
    block = next(network(world))
    made = make(world, block).table
    alike = Table({name: values[:1] * len(made) for name, values in made.columns.items()})
    assert seconds(lambda: json_lines(make(world, block).table)) < 60 * seconds(lambda: json_lines(alike))


@pytest.mark.parametrize("longest", [0, 6_000])
def test_the_longest_conversation_is_as_long_as_asked(longest, tmp_path):
    made = write(tmp_path / "a.jsonl", messages=30_000, format="jsonl", seed=5, longest=longest, processes=1)
    told = truth(made)
    lengths = {conversation["key"]: conversation["messages"] for conversation in told["conversation"]}
    assert lengths.get(0, 0) == longest
    assert sum(lengths.values()) == made.messages == 30_000
