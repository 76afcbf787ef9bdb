"""WhatsApp chats, a Telegram export and the demo files, read back by the rules of their formats."""

import json
import re
import zipfile
from collections import Counter
from datetime import datetime
from itertools import combinations

import pytest
import python_calamine

from filon.errors import FilonError
from filon.synth import demo, write
from filon.synth.demo import damage
from filon.synth.operator import write_workbook
from filon.synth.table import HEADER
from filon.synth.world import World, network

_LINE = re.compile(r"^(\d\d/\d\d/\d{4}, \d\d:\d\d) - (?:([^:\n]+): )?", re.MULTILINE)


def test_every_row_is_a_message_of_a_whatsapp_chat(tmp_path):
    made = write(tmp_path / "all.zip", messages=3_000, format="whatsapp", seed=9)
    messages = system = 0
    bodies = Counter()
    with zipfile.ZipFile(made.files[0]) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist()) > 20
        for name in archive.namelist():
            assert re.fullmatch(r"[a-z0-9]+/WhatsApp Chat with .+\.txt", name)
            text = archive.read(name).decode()
            moments = [datetime.strptime(m[1], "%d/%m/%Y, %H:%M") for m in _LINE.finditer(text)]  # noqa: DTZ007  # the format has no zone
            assert moments == sorted(moments)
            senders = [m[2] for m in _LINE.finditer(text)]
            messages += sum(sender is not None for sender in senders)
            system += sum(sender is None for sender in senders)
            bodies.update(line.partition(": ")[2] for line in text.splitlines())
            assert "Messages and calls are end-to-end encrypted" in text.splitlines()[0]
        chats = len(archive.namelist())
    assert messages == made.rows
    assert system > chats
    deleted = bodies["This message was deleted"] + bodies["You deleted this message"]
    assert deleted == made.faults["deleted"] > 0
    assert bodies["Waiting for this message. This may take a while."] == made.faults["undecryptable"] > 0


def test_a_folder_of_whatsapp_chats_holds_the_same(tmp_path):
    whole = write(tmp_path / "all.zip", messages=2_000, format="whatsapp", seed=9).files[0]
    folder = write(tmp_path / "all", messages=2_000, format="whatsapp", seed=9).files[0]
    with zipfile.ZipFile(whole) as archive:
        expected = sorted(archive.read(name) for name in archive.namelist())
    found = []
    for path in folder.glob("*/*.zip"):
        with zipfile.ZipFile(path) as archive:
            found += [archive.read(name) for name in archive.namelist()]
    assert sorted(found) == expected


@pytest.mark.parametrize("messages", [2_000, 60_000])
def test_a_telegram_export_is_whole_json_with_every_message(messages, tmp_path):
    made = write(tmp_path / "result.json", messages=messages, format="telegram", seed=3, processes=1)
    told = json.loads(made.files[0].read_text(encoding="utf-8"))
    owner = told["personal_information"]["user_id"]
    chats = told["chats"]["list"]
    everything = [message for chat in chats for message in chat["messages"]]
    kinds = Counter(message["type"] for message in everything)
    assert kinds["message"] == made.rows
    assert made.rows == messages - made.lost
    assert kinds["service"] == sum(chat["type"] == "private_supergroup" for chat in chats) > 0
    ids = [message["id"] for message in everything]
    assert len(set(ids)) == len(ids)
    offsets = set()
    for chat in chats:
        numbers = {message["id"] for message in chat["messages"]}
        assert sorted(numbers) == [message["id"] for message in chat["messages"]]
        assert all(m["reply_to_message_id"] in numbers for m in chat["messages"] if "reply_to_message_id" in m)
        for message in chat["messages"]:
            wall = datetime.fromisoformat(message["date"] + "+00:00").timestamp()
            offsets.add(wall - int(message["date_unixtime"]))
            text = message["text"]
            parts = [text] if isinstance(text, str) else [p if isinstance(p, str) else p["text"] for p in text]
            assert "".join(parts) == "".join(entity["text"] for entity in message["text_entities"])
    assert len(offsets) == 1
    assert any(message.get("from_id") == f"user{owner}" for message in everything)
    for key in ("reply_to_message_id", "edited_unixtime", "reactions"):
        assert any(key in message for message in everything)


def test_a_workbook_begins_a_new_sheet_when_one_is_full(tmp_path):
    world = World(seed=1, messages=500)
    counts = [told[1] for told in write_workbook(tmp_path / "a.xlsx", world, network(world), 1, sheet_rows=300)]
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert all(tuple(sheet[0]) == tuple(HEADER) for sheet in sheets)
    assert [len(sheet) - 1 for sheet in sheets[:-1]] == [300] * (len(sheets) - 1)
    assert sum(len(sheet) - 1 for sheet in sheets) == counts[0].rows


def test_the_demo_is_a_mixed_set_with_its_truth_apart(tmp_path):
    files = demo(tmp_path / "demo", messages=6_000, seed=2)
    again = demo(tmp_path / "again", messages=6_000, seed=2)
    assert [file.suffix for file in files] == [".csv", ".zip", ".zip", ".json", ".xlsx", ".jsonl"]
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(files, again, strict=True))
    truths = {path.name for path in (tmp_path / "demo" / "truth").iterdir()}
    assert truths == {f"{file.name}.truth.jsonl" for file in files}
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {file.name for file in files} | {"truth"}
    assert files[0].stat().st_size > sum(file.stat().st_size for file in files[1:])
    networks = [files[0], files[4], files[5]]
    handles = [_handles(tmp_path / "demo" / "truth" / f"{file.name}.truth.jsonl") for file in networks]
    assert all(one.isdisjoint(two) for one, two in combinations(handles, 2))
    assert {file.stem.removeprefix("WhatsApp ") for file in files[1:3]} <= handles[0]
    with pytest.raises(FilonError, match="not empty"):
        demo(tmp_path / "demo", messages=6_000, seed=2)


def _handles(truth):
    """Every handle and every group id of a truth."""
    told = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    handles = {handle for entry in told if entry["truth"] == "person" for handle in entry["handles"]}
    return handles | {entry["group"] for entry in told if entry["truth"] == "conversation" and entry["group"]}


def test_damage_breaks_as_many_lines_as_it_says(tmp_path):
    made = write(tmp_path / "a.jsonl", messages=600, format="jsonl", seed=1, faults=False)
    whole = made.files[0].read_bytes().splitlines()
    broken = damage(made.files[0])
    unreadable = 0
    for line in made.files[0].read_bytes().splitlines():
        try:
            json.loads(line.decode())
        except ValueError:
            unreadable += 1
    assert broken > len(whole) // 100
    assert unreadable == broken
