"""A large table read block by block: the case is the one an undivided reading gives, interrupted or not."""

import json
import random

import msgspec
import pytest

from case import made_exports as exports
from filon.case import create_case, open_case
from filon.case.flows import dividing
from filon.errors import EvidenceError, Interrupted, StoreError
from filon.evidence.worker import Worker, WorkerDied
from filon.model.given import Given
from filon.settings import Limits

WORDS = ("hola", "ça va", 'he said "go"', "two\nlines", "a;b", "", "x" * 40)


def csv_with_everything(rows=3000):
    """Quotes, lines in cells, ragged rows, blank rows, repeated headers, bad times, rounded numbers, other charsets."""
    chance = random.Random(20200401)
    header = "device;direction;contact;nickname;sent (UTC);text;conversation;message id;status;attachment;extra"
    lines = [header]
    for row in range(rows):
        text = chance.choice(WORDS).replace('"', '""')
        text = f'"{text}"' if set(text) & {*';"\n'} else text
        time = chance.choice(["2020-04-01T04:35:55Z", "2020-04-02 10:00:01", "soon", "2020-04-01"]) if row % 50 == 0 else (
            f"2020-04-{1 + row % 28:02d}T{row % 24:02d}:00:{row % 60:02d}Z"
        )  # fmt: skip
        way = "sideways" if row % 400 == 399 else chance.choice(["in", "out"])
        name = "4,9E+11" if row % 333 == 7 else f"id{row}"
        file = "p.jpg" if row % 90 == 0 else ""
        who, nick = f"c{chance.randrange(40)}", chance.choice(["", "ben", "ana"])
        group = f"g{chance.randrange(5)}" if row % 3 == 0 else ""
        status = chance.choice(["read", "sent", "eaten"])
        lines.append(
            f"d{chance.randrange(4)};{way};{who};{nick};{time};{text};{group};{name};{status};{file};{row % 7 or ''}"
        )
        if row % 211 == 0:
            lines += ["", "ragged;row", header, f'd1;in;c1;;2020-04-01T00:00:00Z;"never closed {row};;;;;']
    return "\n".join(lines).encode().replace(b"x" * 40, "été".encode("cp1252"), 20)


def json_with_everything(rows=2000):
    chance = random.Random(7)
    lines = []
    for row in range(rows):
        values = {
            "device": f"d{chance.randrange(3)}",
            "direction": chance.choice(["in", "out"]),
            "contact": f"c{row % 30}",
        }
        values |= {
            "sent_utc": f"2020-05-{1 + row % 28:02d}T00:{row % 60:02d}:00Z",
            "text": chance.choice(WORDS) or None,
        }
        values |= {"message_id": f"m{row}", "sequence": row} if row % 5 else {"other": {"deep": row}}
        pairs = list(values.items())
        chance.shuffle(pairs)
        lines.append(json.dumps(dict(pairs)))
        if row % 300 == 0:
            lines += ["{broken", "", '{"contact": "c1", "contact": "c2", "text": "twice"}', "[1]"]
    return "\n".join(lines).encode()


TABLES = {"t.csv": csv_with_everything(), "t.jsonl": json_with_everything(), "u.csv": exports.table(rows=3000, seed=3)}


def with_blocks(settings, size):
    limits = Limits(block_bytes=size, blocks_from=1 if size else 1 << 60)
    return msgspec.structs.replace(settings, limits=limits)


def state_of(case):
    """Every table of the store, and the items without the time of adding."""
    found = case._site.store.digests()
    found.pop("items")
    items = [msgspec.structs.replace(row.item, added_at=0) for row in case.items(case.view())]
    readings = [row.readings for row in case.items(case.view())]
    return found, msgspec.json.encode(items), msgspec.json.encode(readings)


def taken_in(settings, name, path):
    with create_case(name, settings) as case:
        case.add(case.view(), [path], given=Given(zone="UTC"))
        return state_of(case)


@pytest.mark.parametrize("name", TABLES)
def test_blocks_of_any_size_come_to_the_undivided_reading(settings, tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_bytes(TABLES[name])
    whole = taken_in(with_blocks(settings, 0), "whole", path)
    seen = []
    original = dividing.Dividing.jobs
    monkeypatch.setattr(
        dividing.Dividing, "jobs", lambda self, meter: seen.append(len(self.blocks)) or original(self, meter)
    )
    for size in (20_000, 77_777):
        seen.clear()
        divided = with_blocks(settings, size)
        assert taken_in(divided, f"divided{size}", path) == whole
        assert seen[0] > 2
        with open_case(f"divided{size}", divided) as case:
            assert case.verify(case.view(), reread=True).problems == ()


def test_finished_blocks_outlive_an_interruption(settings, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(TABLES["t.csv"])
    whole = taken_in(with_blocks(settings, 0), "whole", path)
    divided = with_blocks(settings, 20_000)
    original = dividing.Dividing._parse
    parsed = []

    def until_the_fourth(self, number, *rest):
        parsed.append(number)
        if number == 4:
            raise KeyboardInterrupt
        original(self, number, *rest)

    with create_case("torn", divided) as case:
        monkeypatch.setattr(dividing.Dividing, "_parse", until_the_fourth)
        with pytest.raises(Interrupted):
            case.add(case.view(), [path], given=Given(zone="UTC"))
        kept = sorted(p.name for p in case.root.rglob("piece-*") if p.suffix != ".part")
        assert kept
        monkeypatch.setattr(dividing.Dividing, "_parse", original)
    with open_case("torn", divided) as case:
        asked = []
        monkeypatch.setattr(
            "filon.evidence.worker.Worker.call",
            _counting(asked),
        )
        case.resume(case.view())
        blocks = [function for function in asked if function.endswith(":parse_block")]
        assert blocks
        assert len(blocks) < len(TABLES["t.csv"]) // 20_000
        assert state_of(case) == whole


def _counting(asked):
    original = Worker.call

    def call(self, function, *args, **named):
        asked.append(function)
        return original(self, function, *args, **named)

    return call


def test_a_table_that_changes_between_blocks_is_not_taken_in(settings, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(TABLES["t.csv"])
    original = dividing.Dividing.jobs

    def change(self, meter):
        data = bytearray(path.read_bytes())
        data[60_000] ^= 1
        path.write_bytes(data)
        return original(self, meter)

    monkeypatch.setattr(dividing.Dividing, "jobs", change)
    with create_case("changed", with_blocks(settings, 20_000)) as case:
        with pytest.raises(EvidenceError):
            case.add(case.view(), [path], given=Given(zone="UTC"))
        assert case.counts(case.view()).items == 0


def test_a_block_that_ends_its_process_is_one_defect_for_its_rows(settings, tmp_path, monkeypatch):
    path = tmp_path / "u.csv"
    path.write_bytes(TABLES["u.csv"])
    original = Worker.call

    def call(self, function, *args, **named):
        if function.endswith(":parse_block") and args[3].before > 0 and args[3].last < 3000:
            raise WorkerDied("memory", "made to end")
        return original(self, function, *args, **named)

    monkeypatch.setattr(Worker, "call", call)
    with create_case("crashed", with_blocks(settings, len(TABLES["u.csv"]) // 3)) as case:
        added = case.add(case.view(), [path], given=Given(zone="UTC"))
        tally = added.items[0].readings[0].tally
        assert tally.balanced
        assert tally.defects >= 1
        assert tally.units == tally.gave + sum(tally.skipped.values())
        assert 0 < tally.messages < 3000


def test_blocks_outlive_the_process_that_joins_them(settings, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(TABLES["t.csv"])
    whole = taken_in(with_blocks(settings, 0), "whole", path)
    divided = with_blocks(settings, 20_000)
    original = Worker.call

    def call(self, function, *args, **named):
        if function.endswith(":join"):
            raise WorkerDied("memory", "made to end")
        return original(self, function, *args, **named)

    with create_case("apart", divided) as case:
        with monkeypatch.context() as patched:
            patched.setattr(Worker, "call", call)
            with pytest.raises(StoreError, match="made to end") as stopped:
                case.add(case.view(), [path], given=Given(zone="UTC"))
        assert "goes on from there" in stopped.value.hint
        asked = []
        monkeypatch.setattr(Worker, "call", _counting(asked))
        case.resume(case.view())
        assert [function for function in asked if function.endswith(":parse_block")] == []
        assert state_of(case) == whole
