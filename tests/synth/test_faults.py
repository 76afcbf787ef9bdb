"""Every planted fault is found again in the export by its entry in the truth, and nothing else is out of order."""

import json
from collections import Counter, defaultdict
from datetime import datetime

import pytest

from filon.synth import write
from filon.synth.faults import PHONE_FAULTS, ROW_FAULTS


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Rows of a network with faults, the rows of the same network without, and the faults."""
    folder = tmp_path_factory.mktemp("faults")
    told = {}
    for name, faults in (("damaged", True), ("whole", False)):
        made = write(folder / f"{name}.jsonl", messages=9_000, format="jsonl", seed=11, faults=faults, processes=1)
        told[name] = [json.loads(line) for line in made.files[0].read_text(encoding="utf-8").splitlines()]
        entries = [json.loads(line) for line in made.truth.read_text(encoding="utf-8").splitlines()]
        told["faults" if faults else "none"] = [entry for entry in entries if entry["truth"] == "fault"]
    assert told["none"] == []
    return told["damaged"], told["whole"], told["faults"]


def key(row: dict) -> tuple:
    return row["device"], row["message_id"]


def group(row: dict) -> tuple:
    """The copy of a conversation a row belongs to."""
    return row["device"], row.get("conversation"), None if "conversation" in row else row.get("contact")


def test_every_kind_is_planted(network):
    assert {fault["kind"] for fault in network[2]} == {*PHONE_FAULTS, *ROW_FAULTS}


def test_rows_are_damaged_as_the_truth_says(network):
    damaged, whole, faults = network
    now, before = {key(row): row for row in damaged}, {key(row): row for row in whole}
    seen = Counter()
    for fault in faults:
        if fault["kind"] not in ROW_FAULTS:
            continue
        row, was = now[key(fault)], before[key(fault)]
        assert row["sequence"] == was["sequence"] == fault["sequence"]
        seen[fault["kind"]] += 1
        match fault["kind"]:
            case "swapped":
                assert {row["direction"], was["direction"]} == {"in", "out"}
            case "altered":
                assert (was["text"], row["text"]) == (fault["was"], fault["became"])
                assert row["text"] != was["text"]
            case "deleted" | "undecryptable":
                assert row["status"] == fault["kind"]
                assert "text" not in row
                assert was.get("text") == fault.get("was")
            case "unreadable_time":
                assert row["sent_utc"] == fault["became"]
                with pytest.raises(ValueError):
                    datetime.strptime(row["sent_utc"], "%Y-%m-%dT%H:%M:%S%z")
    assert set(seen) == set(ROW_FAULTS)


def test_duplicates_are_exactly_those_of_the_truth(network):
    damaged, _, faults = network
    times = Counter(key(row) for row in damaged)
    duplicates = {key(fault) for fault in faults if fault["kind"] == "duplicate"}
    assert {k for k, n in times.items() if n > 1} == duplicates
    assert max(times.values()) == 2


def test_altered_copies_differ_from_the_other_side(network):
    damaged, _, faults = network
    copies = defaultdict(dict)
    for row in damaged:
        if row["status"] not in {"deleted", "undecryptable"}:
            copies[row["message_id"]][row["device"]] = row.get("text")
    differing = {message for message, texts in copies.items() if len(set(texts.values())) > 1}
    altered = {fault["message_id"] for fault in faults if fault["kind"] == "altered"}
    assert differing <= altered
    assert differing


def test_gaps_are_missing_sequences_and_nothing_else_is_missing(network):
    damaged, whole, faults = network
    present = {key(row) for row in damaged}
    missing = Counter(group(row) for row in whole if key(row) not in present)
    told = Counter()
    for fault in faults:
        if fault["kind"] == "gap":
            place = (fault["device"], fault.get("conversation"), fault.get("contact"))
            assert fault["last_sequence"] - fault["sequence"] + 1 == fault["rows"]
            told[place] += fault["rows"]
            left = {row["sequence"] for row in damaged if group(row) == place}
            assert left.isdisjoint(range(fault["sequence"], fault["last_sequence"] + 1))
    assert told == missing
    assert sum(told.values()) > 0


def test_wrong_zones_shift_every_time_of_a_phone_by_the_same_hours(network):
    damaged, whole, faults = network
    before = {key(row): row for row in whole}
    wrong = {fault["device"]: fault["hours"] for fault in faults if fault["kind"] == "wrong_zone"}
    garbled = {key(fault) for fault in faults if fault["kind"] == "unreadable_time"}
    assert wrong
    for row in damaged:
        for name in ("sent_utc", "received_utc", "read_utc", "burn_utc"):
            if name in row and not (name == "sent_utc" and key(row) in garbled):
                shift = datetime.fromisoformat(row[name]) - datetime.fromisoformat(before[key(row)][name])
                assert shift.total_seconds() == 3_600 * wrong.get(row["device"], 0)


def test_sequences_have_no_holes_without_faults(network):
    sequences = defaultdict(list)
    for row in network[1]:
        place = group(row) if "conversation" not in row else (row["device"], row["conversation"])
        sequences[place].append(row["sequence"])
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in sequences.values())
