"""Reading a conversation: pages, places, strips and events agree with each other, and every record leads to its bytes."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from case import made_exports as exports
from filon.errors import NotHeld
from readers.golden import fixture_bytes

MINUTE = 60_000_000


def room(messages=60, undated=15, seed=3):
    """An RSMF manifest of one conversation: messages and events, some at one instant, some without a time."""
    chance = random.Random(seed)
    events = []
    for n in range(messages):
        # two messages and an event or two at the same minute, again and again
        time = f"2020-04-{1 + n // 24:02d}T{n // 2 % 24:02d}:00:00Z"
        events.append({"type": "message", "id": f"m{n}", "timestamp": time, "body": f"word{n % 7} common"})
        happened = chance.choices(("join", "leave", "unknown"), k=chance.randrange(3))
        events += [{"type": kind, "timestamp": time, "body": f"event beside m{n}"} for kind in happened]
    for n in range(undated):
        events.append({"type": "message", "id": f"u{n}", "body": f"word{n % 7} undated"})
        events.append({"type": "leave", "body": f"event beside u{n}"})
    for number, event in enumerate(events):
        event |= {"conversation": "c", "participant": chance.choice("ab")}
        events[number] = event
    chance.shuffle(events)
    people = [{"id": who, "account_id": f"{who}@example.net"} for who in "ab"]
    talk = {"id": "c", "platform": "chat", "type": "channel", "participants": ["a", "b"]}
    return {"version": "2.0.0", "participants": people, "conversations": [talk], "events": events}


@pytest.fixture
def read(case, tmp_path):
    """A case of one conversation, and what went into it."""
    document = room()
    (tmp_path / "rsmf_manifest.json").write_text(json.dumps(document, indent=1))
    case.add(case.view(), [tmp_path / "rsmf_manifest.json"])
    return case, document


def pages_of(case, view, size):
    total = case.page(view, 0, 0, 1).total
    return [case.page(view, 0, offset, size) for offset in range(0, total, size)]


@pytest.mark.parametrize("size", [1, 2, 7, 40, 60, 75, 1000])
def test_pages_hold_every_message_and_every_event_exactly_once(read, size):
    case, document = read
    pages = pages_of(case, case.view(), size)
    messages = [message for page in pages for message in page.messages]
    assert [page.offset for page in pages] == list(range(0, len(messages), size))
    written = [event for event in document["events"] if event["type"] == "message"]
    assert sorted(m.native_id for m in messages) == sorted(event["id"] for event in written)
    order = [(m.time is None, m.time or 0) for m in messages]
    assert order == sorted(order)
    events = [event.id for page in pages for event in page.events]
    assert len(events) == len(set(events)) == len(document["events"]) - len(written)
    assert not any(page.events_left_out for page in pages)


def test_events_stand_between_the_messages_around_them(read):
    case, _ = read
    view = case.view()
    pages = pages_of(case, view, 5)
    for page, after in zip(pages, [*pages[1:], None], strict=True):
        begin = page.messages[0].time if page.offset else None
        end = after.messages[0].time if after is not None else None
        for event in page.events:
            if event.time is None:
                assert after is None
            else:
                assert begin is None or begin <= event.time
                assert end is None or event.time < end


def test_more_events_than_a_page_shows_are_said(case, tmp_path):
    lines = ["--- Log opened Wed Apr 01 08:00:00 2020", "08:00 <ada> first"]
    lines += [f"08:01 -!- nick{n} [~u@host] has joined #harbour" for n in range(2_500)]
    lines += ["08:02 <ada> last"]
    (tmp_path / "#harbour.log").write_text("\n".join(lines) + "\n")
    case.add(case.view(), [tmp_path / "#harbour.log"])
    first, last = case.page(case.view(), 0, 0, 1), case.page(case.view(), 0, 1, 1)
    assert (len(first.events), first.events_left_out) == (2_000, True)
    assert (len(last.events), last.events_left_out) == (0, False)


def test_places_strips_and_hits_agree(read):
    case, _ = read
    view = case.view()
    total = case.page(view, 0, 0, 1).total
    ordered = [message for page in pages_of(case, view, 20) for message in page.messages]
    for place, message in enumerate(ordered):
        assert case.place_of(view, message.id) == (0, place)
    for text in ("word3", "common", "undated", "nothing", ""):
        hits = {hit.message.id for hit in case.search(view, text, limit=1_000).hits}
        places = case.places(view, 0, text)
        assert places == [place for place, message in enumerate(ordered) if message.id in hits]
        assert case.places(view, 0, text, limit=3) == places[:3]
        for bins in (1, 4, 10):
            assert case.strip(view, 0, text, bins) == [
                sum(place * bins // total == bin_ for place in places) for bin_ in range(bins)
            ]


def test_place_at_is_the_first_message_at_or_after_a_time(read):
    case, _ = read
    view = case.view()
    times = [m.time for page in pages_of(case, view, 20) for m in page.messages if m.time is not None]
    for time in (0, times[0], times[7] - 1, times[7], times[7] + 1, times[-1], times[-1] + 1, 2**60):
        expected = next((place for place, at in enumerate(times) if at >= time), len(times))
        assert case.place_at(view, 0, time) == expected


def test_the_days_of_a_conversation_lead_to_their_first_message(read):
    case, _ = read
    for zone in ("UTC", "Pacific/Chatham", "America/St_Johns"):
        view = case.view()
        view = type(view)(who=view.who, zone=zone)
        head = case.conversation(view, 0)
        assert sum(count for _, _, count in head.days) + head.undated == head.conversation.messages
        for day, place, count in head.days:
            assert case.count(view, f"date:{day}") == count
            first = case.page(view, 0, place, 1).messages[0]
            assert first.id in {hit.message.id for hit in case.search(view, f"date:{day}", limit=1_000).hits}


def test_around_shows_all_conversations_of_a_stretch(case, tmp_path):
    for n, channel in enumerate(("#harbour", "#yard")):
        (tmp_path / f"{channel}.log").write_bytes(exports.irc(lines=50, seed=n))
    case.add(case.view(), sorted(tmp_path.glob("#*.log")))
    view = case.view()
    at = case.page(view, 0, 10, 1).messages[0].time
    shown = case.around(view, at, minutes=3)
    assert {m.conversation for m in shown} == {0, 1}
    assert [m.time for m in shown] == sorted(m.time for m in shown)
    everything = [m for number in (0, 1) for m in case.page(view, number, 0, 1_000).messages]
    assert {m.id for m in shown} == {m.id for m in everything if abs(m.time - at) <= 3 * MINUTE}


def test_reading_marks_are_each_persons_own(read):
    case, _ = read
    ada, bob = case.view(), type(case.view())(who="bob")
    number = case.page(ada, 0, 5, 1).messages[0].id
    case.mark_read(ada, 0, number)
    assert case.conversation(ada, 0).read_to == number
    assert case.conversation(bob, 0).read_to is None


def test_what_is_not_held_is_said(read):
    case, _ = read
    view = case.view()
    for call in (
        lambda: case.message(view, "9:1"),
        lambda: case.raw(view, "1:99999"),
        lambda: case.place_of(view, "9:9"),
        lambda: case.conversation(view, 77),
        lambda: case.account(view, 77),
        lambda: case.note(view, "9:9", "x"),
        lambda: case.tag(view, "t", ["9:9"]),
    ):
        with pytest.raises(NotHeld) as said:
            call()
        assert "77" in str(said.value) or "9" in str(said.value)
    assert case.page(view, 77, 0, 10).messages == ()


def raw_of_all(case):
    view = case.view()
    return [(hit.message, case.raw(view, hit.message.id)) for hit in case.search(view, "", limit=1_000).hits]


BYTES = {
    "irc": ("#harbour.log", exports.irc(lines=30)),
    "whatsapp-text": ("WhatsApp Chat with Marta.txt", exports.whatsapp(messages=30)),
    "table": ("network.csv", exports.table(rows=30)),
    "signal-text": (
        "signal.txt",
        "[2019-12-24, 12:23] Jane Doe: Hello\nJohn!\n[2020-01-17, 21:49] John Doe: ¿Qué?\n".encode(),
    ),
    "rsmf": ("rsmf_manifest.json", json.dumps(room(messages=9, undated=2), ensure_ascii=False).encode()),
    "telegram": (
        "result.json",
        json.dumps(
            {"name": "Bert", "type": "personal_chat", "id": 7, "messages": [
                {"id": n, "type": "message", "date": "2023-01-01T10:00:00", "from": "Bert", "from_id": "user7",
                 "text": f"día {n}"} for n in range(9)]},
            ensure_ascii=False, indent=1,
        ).encode(),
    ),
    "meta": (
        "message_1.json",
        json.dumps(
            {"participants": [{"name": "A"}, {"name": "B"}], "messages": [
                {"sender_name": "A", "timestamp_ms": 1600000000000 + n, "content": f"text {n}"} for n in range(9)]}
        ).encode(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("boxed", [False, True], ids=["alone", "in a zip"])
@pytest.mark.parametrize("format_", BYTES)
def test_raw_gives_the_bytes_of_the_record_and_no_others(case, tmp_path, format_, boxed):
    name, data = BYTES[format_]
    path = tmp_path / ("box.zip" if boxed else name)
    path.write_bytes(exports.zipped(**{f"inside__{name}": data}) if boxed else data)
    case.add(case.view(), [path])
    found = raw_of_all(case)
    assert len(found) >= 2
    for message, raw in found:
        assert (raw.exact, raw.problem) == (True, None)
        length = case.message(case.view(), message.id).locator_length
        assert raw.data == data[raw.offset : raw.offset + length]
        said = message.text.splitlines()[0].encode() if message.text else b""
        assert said in raw.data
        assert raw.data.decode("utf-8").count("timestamp_ms" if format_ == "meta" else '"body"') <= 1
    spans = sorted((raw.offset, raw.offset + len(raw.data)) for _, raw in found)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_raw_of_rows_and_cells_is_the_row_as_it_was_understood(case, tmp_path):
    fixture = Path(__file__).parents[1] / "readers" / "whatsapp_android" / "newer.sql"
    (tmp_path / "msgstore.db").write_bytes(fixture_bytes(fixture))
    case.add(case.view(), [tmp_path / "msgstore.db"])
    for message, raw in raw_of_all(case):
        assert (raw.exact, raw.problem, raw.offset) == (False, None, None)
        assert raw.path.startswith(("message._id=", "messages._id="))
        if message.text:
            assert message.text in raw.data.decode("utf-8")


def test_raw_of_evidence_that_is_gone_or_changed_says_so(case, tmp_path):
    path = tmp_path / "#harbour.log"
    path.write_bytes(exports.irc(lines=10))
    case.add(case.view(), [path])
    path.write_bytes(exports.irc(lines=11))
    raw = case.raw(case.view(), "1:1")
    assert (raw.exact, raw.problem.startswith("the item has changed")) == (False, True)
    path.unlink()
    raw = case.raw(case.view(), "1:1")
    assert (raw.data, raw.exact) == (b"", False)
    assert "not at hand" in raw.problem


def test_participation_tells_accounts_apart_that_are_called_alike(case, tmp_path):
    def part(number, names):
        people = [{"name": name} for name in names]
        messages = [{"sender_name": name, "timestamp_ms": 1600000000000 + number, "content": "x"} for name in names]
        path = "inbox/harbour_1234567890123456"
        return json.dumps({"participants": people, "messages": messages, "thread_path": path}).encode()

    for number in (1, 2):  # two archives: a display name is nobody's in particular
        (tmp_path / f"{number}.zip").write_bytes(exports.zipped(**{"message_1.json": part(number, ("A", "B", "C"))}))
    view = case.view()
    case.add(view, sorted(tmp_path.glob("*.zip")))
    [row] = case.conversations(view)[1]
    found = case.participation(view, row.conversation, top=20)
    assert len(found) == 6
    assert sum(sum(one.counts) for one in found.values()) == 6
