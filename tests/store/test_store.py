"""What every backend promises beyond finding: rows, threads, tables, queries, writing, withdrawing, reloading."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.errors import StoreError, Unsupported
from filon.model import columns, ids
from filon.model.layout import Layout
from filon.query import tree
from filon.store import Addition, Backend, create_store, open_store
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.partition import Bounds
from store import world

Open = Callable[[Path], Backend]


def embedded(root: Path) -> Backend:
    """Slices of at most 90 messages, so that a few hundred make several."""
    if not (root / "manifest.json").exists():
        root.mkdir(exist_ok=True)
        create_store(root)
    return EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=90))


@pytest.fixture(params=[embedded])
def opened(request: pytest.FixtureRequest) -> Open:
    """Every backend there is."""
    kind: Open = request.param
    return kind


FIRST, SECOND = world.messages(250, 3, (1, 2)), world.messages(120, 4, (3,))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Two additions, only read by the tests that take it."""
    backend = embedded(tmp_path_factory.mktemp("case"))
    backend.tables.write(world.addition(1, FIRST, (1, 2)))
    backend.tables.write(world.addition(2, SECOND, (3,)))
    yield backend
    backend.close()


def numbers(backend: Backend, node: tree.Node | None = None) -> list[int]:
    return [n for piece in backend.index.ids(node or tree.All()) for n in piece.tolist()]


def as_given(row: dict[str, Any]) -> dict[str, Any]:
    """A made row as Arrow gives it back: every field there, None where nothing was said."""
    whole: dict[str, Any] = pa.Table.from_pylist([row], schema=columns.MESSAGES).to_pylist()[0]
    return whole


# -- rows ----------------------------------------------------------------------------------------------------------


def test_gives_back_every_row_as_it_came(store: Backend) -> None:
    made = {row["id"]: as_given(row) for row in FIRST + SECOND}
    wanted = random.Random(5).sample(sorted(made), len(made))
    rows = store.tables.messages(np.array(wanted))
    assert rows.schema == columns.MESSAGES
    assert rows.to_pylist() == [made[number] for number in wanted]


def test_gives_the_same_row_as_often_as_asked(store: Backend) -> None:
    wanted = [FIRST[4]["id"], FIRST[9]["id"], FIRST[4]["id"]]
    assert store.tables.messages(np.array(wanted))["id"].to_pylist() == wanted
    assert store.tables.messages(np.zeros(0, np.int64)).num_rows == 0


@pytest.mark.parametrize("number", [ids.pack(9, 1), ids.pack(1, 999_999), 0, -5, 2**62])
def test_refuses_a_number_that_is_not_there(store: Backend, number: int) -> None:
    with pytest.raises(StoreError, match="no message"):
        store.tables.messages(np.array([FIRST[0]["id"], number]))


@settings(max_examples=8, deadline=None)
@given(time=st.integers(-(2**63), 2**63 - 1), other=st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)))
def test_keeps_times_of_any_size(tmp_path_factory: pytest.TempPathFactory, time: int, other: int | None) -> None:
    """Times far outside any calendar are evidence too: kept, sorted and counted without an error."""
    row = {**world.message(random.Random(1), 1, 1, 0), "time": time}
    row["sent"] = {"at": time, "local": None, "raw": None, "basis": "source", "precision": "us"}
    row["received"] = {**row["sent"], "at": other}
    backend = embedded(tmp_path_factory.mktemp("case") / "c")
    backend.tables.write(world.addition(1, [row], (1,)))
    assert backend.tables.messages(np.array([row["id"]])).to_pylist() == [as_given(row)]
    assert backend.index.find(tree.All(), "newest", 0, 5).ids.tolist() == [row["id"]]
    facets = backend.index.facets(tree.All(), ("day", "hour"), 5, "Europe/Paris")
    assert [sum(bucket.count for bucket in facet.buckets) for facet in facets.values()] == [1, 1]
    assert backend.tables.thread(row["conversation"] or 0).days("Pacific/Chatham").num_rows in (0, 1)
    backend.close()


# -- conversations ---------------------------------------------------------------------------------------------------


def in_reading_order(conversation: int) -> list[dict[str, Any]]:
    rows = [row for row in FIRST + SECOND if row["conversation"] == conversation]
    return sorted(rows, key=lambda row: (row["time"] is None, row["time"] or 0, row["id"]))


@pytest.mark.parametrize("conversation", [0, 1, 2, 7])
def test_reads_a_conversation_in_order_at_any_place(store: Backend, conversation: int) -> None:
    rows = in_reading_order(conversation)
    thread = store.tables.thread(conversation)
    assert len(thread) == len(rows)
    assert thread.ids.tolist() == [row["id"] for row in rows]
    for offset, limit in ((0, 10), (7, 40), (len(rows) - 3, 10), (len(rows) + 5, 10), (0, 0)):
        page = thread.page(max(0, offset), limit)
        assert page.schema == columns.MESSAGES
        assert page.to_pylist() == [as_given(row) for row in rows[max(0, offset) : max(0, offset) + limit]]


def test_finds_places_in_a_conversation(store: Backend) -> None:
    rows = in_reading_order(2)
    thread = store.tables.thread(2)
    assert [thread.place_of(row["id"]) for row in rows] == list(range(len(rows)))
    assert thread.place_of(in_reading_order(1)[0]["id"]) is None
    dated = [row["time"] for row in rows if row["time"] is not None]
    for time in (dated[0] - 1, dated[0], dated[len(dated) // 2], dated[-1] + 1):
        assert thread.place_at(time) == sum(earlier < time for earlier in dated)


def test_says_where_days_begin(store: Backend) -> None:
    rows = in_reading_order(2)
    days: dict[date, list[int]] = {}
    for place, row in enumerate(rows):
        day = world.day_of(row, "Pacific/Chatham")
        if day is not None:
            days.setdefault(day, []).append(place)
    found = store.tables.thread(2).days("Pacific/Chatham").to_pylist()
    assert found == [{"day": day, "place": min(at), "count": len(at)} for day, at in sorted(days.items())]


def test_spreads_hits_over_a_strip(store: Backend) -> None:
    thread = store.tables.thread(2)
    rows = in_reading_order(2)
    marked = np.array([rows[0]["id"], rows[-1]["id"], rows[-2]["id"], in_reading_order(1)[0]["id"]])
    strip = thread.strip(marked, 10)
    assert (strip[0], strip[9], sum(strip), len(strip)) == (1, 2, 3, 10)
    assert store.tables.thread(7).strip(marked, 4) == [0, 0, 0, 0]


def test_finds_the_message_a_reply_is_about(store: Backend) -> None:
    wanted: dict[str, tuple[int, ...]] = {}
    for row in sorted(in_reading_order(2), key=lambda row: row["id"]):
        if row["native_id"] in ("n1", "n2"):
            wanted[row["native_id"]] = (*wanted.get(row["native_id"], ()), row["id"])
    assert wanted
    assert store.tables.numbers_of(2, ["n1", "n2", "none such"]) == wanted
    assert store.tables.numbers_of(7, ["n1"]) == {}


# -- words and names -------------------------------------------------------------------------------------------------


def test_completes_words_most_frequent_first(store: Backend) -> None:
    found = store.index.words("HARB", 5)
    assert {word for word, _ in found} == {"harbour", "harbours"}
    assert found == sorted(found, key=lambda pair: -pair[1])
    assert all(count == store.index.count(tree.Word(word)) for word, count in found)
    assert store.index.words("no such word", 5) == []


def test_says_whom_a_name_means(store: Backend) -> None:
    assert store.index.resolve("from", "dylan b").tolist() == [0, 3, 4]
    assert store.index.resolve("to", "dyl*").tolist() == [0, 2, 3, 4]
    assert store.index.resolve("in", "rouen").tolist() == [0, 2]
    assert store.index.resolve("item", "operator").tolist() == [2]
    assert store.index.resolve("from", "nobody").tolist() == []


@pytest.mark.parametrize("field", ["tag", "lang", "mention"])
def test_refuses_a_field_it_cannot_answer(store: Backend, field: str) -> None:
    assert field not in store.capabilities.fields
    with pytest.raises(Unsupported):
        store.index.count(tree.And((tree.Word("nothing"), tree.Field(field, "x"))))


def test_refuses_to_count_by_what_it_does_not_hold(store: Backend) -> None:
    with pytest.raises(Unsupported):
        store.index.facets(tree.All(), ["lang"], 5)


# -- named queries ---------------------------------------------------------------------------------------------------


def test_adds_up_a_case(store: Backend) -> None:
    row = store.tables.run("overview").to_pylist()[0]
    rows = FIRST + SECOND
    times = [r["time"] for r in rows if r["time"] is not None]
    assert row["messages"] == len(rows)
    assert row["attachments"] == sum(len(r["attachments"]) for r in rows)
    assert (row["first"], row["last"], row["undated"]) == (min(times), max(times), len(rows) - len(times))
    assert row["zone_unknown"] == sum(r["time"] is not None and r["sent"]["at"] is None for r in rows)
    assert (row["events"], row["defects"], row["readings"], row["items"]) == (6, 3, 3, 2)
    assert (row["accounts"], row["conversations"], row["bytes"]) == (6, 3, 20)


def test_lists_conversations_and_accounts_biggest_first(store: Backend) -> None:
    rows = store.tables.run("conversations", sort="messages", limit=10, offset=0).to_pylist()
    assert [row["messages"] for row in rows] == sorted((len(in_reading_order(c)) for c in range(3)), reverse=True)
    biggest = rows[0]
    assert (biggest["conversation"], biggest["title"], biggest["participant_count"]) == (2, "famille", 6)
    accounts = store.tables.run("accounts", limit=10, offset=0).to_pylist()
    assert len(accounts) == 6
    for account in accounts:
        assert account["sent"] == sum(row["sender"] == account["account"] for row in FIRST + SECOND)
    one = store.tables.run("accounts", account=2, limit=1, offset=0).to_pylist()
    assert [row["account"] for row in one] == [2]


def test_lists_attachments_events_and_defects(store: Backend) -> None:
    found = store.tables.run("attachments", conversation=2, kind="voice", limit=1000, offset=0).to_pylist()
    wanted = {(r["id"], 0) for r in in_reading_order(2) for a in r["attachments"] if a["kind"] == "voice"}
    assert {(row["message"], row["place"]) for row in found} == wanted
    events = store.tables.run("events_between", conversation=1, since=None, until=None, limit=50).to_pylist()
    assert [ids.reading_of(row["id"]) for row in events] == [1, 1]
    assert store.tables.run("events_between", conversation=1, since=2**60, until=None, limit=50).num_rows == 0
    assert store.tables.run("events_of_target", conversation=1, target="n1").num_rows == 2
    assert store.tables.run("defects", code="bad-line", limit=2, offset=0)["total"].to_pylist() == [3, 3]
    assert store.tables.run("defect_codes").to_pylist()[0] == {"code": "bad-line", "reading": 1, "defects": 1}


def test_finds_what_was_written_around_a_minute(store: Backend) -> None:
    since, until = world.START + 3 * world.DAY, world.START + 4 * world.DAY
    found = store.tables.run("around", since=since, until=until, limit=1000)["id"].to_pylist()
    rows = [row for row in FIRST + SECOND if row["time"] is not None and since <= row["time"] < until]
    assert found == [row["id"] for row in sorted(rows, key=lambda row: (row["time"], row["id"]))]


def test_binds_values_and_refuses_others(store: Backend) -> None:
    hostile = "x' OR 1=1; COPY messages TO '/tmp/stolen.csv' --"
    assert store.tables.run("defects", code=hostile, limit=5, offset=0).num_rows == 0
    with pytest.raises(StoreError):
        store.tables.run("defects", code=5, limit=5, offset=0)
    with pytest.raises(StoreError):
        store.tables.run("defects", code="x", offset=0)
    with pytest.raises(StoreError):
        store.tables.run("defects; DROP TABLE x")
    with pytest.raises(StoreError):
        store.tables.run("overview", conversation=5)


def test_shows_within_a_query_only_what_hangs_on_its_messages(store: Backend) -> None:
    within = tree.And((tree.Field("conversation", "1"), tree.Field("account", "2")))
    inside = [row for row in in_reading_order(1) if row["sender"] == 2]
    row = store.tables.run("overview", within).to_pylist()[0]
    named = {2} | {account for message in inside for account in message["recipients"]}
    assert (row["messages"], row["conversations"], row["accounts"], row["defects"]) == (len(inside), 1, len(named), 0)
    assert row["attachments"] == sum(len(message["attachments"]) for message in inside)
    times = [message["time"] for message in inside if message["time"] is not None]
    of_one = [e for r in (1, 2, 3) for n in (900_001, 900_002) if (e := world.event(n, r))["conversation"] == 1]
    assert row["events"] == sum(min(times) <= e["time"] <= max(times) for e in of_one)
    listed = store.tables.run("conversations", within, sort="messages", limit=9, offset=0).to_pylist()
    assert [(r["conversation"], r["messages"]) for r in listed] == [(1, len(inside))]
    nothing = store.tables.run("overview", tree.Word("nosuchword")).to_pylist()[0]
    assert {value for name, value in nothing.items() if name not in ("items", "bytes")} == {0, None}


# -- writing -----------------------------------------------------------------------------------------------------------


def test_writing_twice_changes_nothing(opened: Open, tmp_path: Path) -> None:
    backend = opened(tmp_path / "c")
    backend.tables.write(world.addition(1, FIRST, (1, 2)))
    before = (backend.generation, backend.digests(), numbers(backend))
    backend.tables.write(world.addition(1, SECOND, (3,)))
    assert (backend.generation, backend.digests(), numbers(backend)) == before
    assert backend.intakes() == 1


def test_the_same_additions_give_the_same_rows(opened: Open, tmp_path: Path) -> None:
    one, two = opened(tmp_path / "one"), opened(tmp_path / "two")
    one.tables.write(world.addition(1, FIRST, (1, 2)))
    one.tables.write(world.addition(2, SECOND, (3,)))
    two.tables.write(Addition(1, (lambda: world.batches(FIRST[::-1], 7),), len(FIRST), world.tables((1, 2))))
    two.tables.write(world.addition(2, SECOND, (3,)))
    assert one.digests() == two.digests()
    changed = [{**FIRST[0], "text": "another"}, *FIRST[1:]]
    three = opened(tmp_path / "three")
    three.tables.write(world.addition(1, changed, (1, 2)))
    three.tables.write(world.addition(2, SECOND, (3,)))
    assert {kind for kind in one.digests() if one.digests()[kind] != three.digests()[kind]} == {"messages"}


def test_an_addition_without_messages_counts(opened: Open, tmp_path: Path) -> None:
    backend = opened(tmp_path / "c")
    assert backend.intakes() == 0
    backend.tables.write(Addition(1, (lambda: iter(()),), 0, {"defects": world.tables((1,))["defects"]}))
    assert (backend.intakes(), backend.index.count(tree.All()), backend.tables.table("defects").num_rows) == (1, 0, 1)
    assert backend.index.find(tree.All(), "newest", 0, 5).ids.tolist() == []
    assert backend.tables.run("overview").to_pylist()[0]["messages"] == 0
    assert backend.index.words("a", 5) == []


def test_refuses_an_addition_that_does_not_add_up(opened: Open, tmp_path: Path) -> None:
    backend = opened(tmp_path / "c")
    with pytest.raises(StoreError):
        backend.tables.write(Addition(1, (lambda: world.batches(FIRST),), len(FIRST) + 1, {}))
    with pytest.raises(StoreError):
        backend.tables.write(
            Addition(1, (lambda: world.batches(FIRST),), len(FIRST), {"nonsense": pa.table({"x": [1]})})
        )
    assert (backend.intakes(), numbers(backend)) == (0, [])
    backend.tables.write(world.addition(1, FIRST, (1, 2)))
    assert len(numbers(backend)) == len(FIRST)


def test_a_reader_sees_the_old_state_until_it_reloads(opened: Open, tmp_path: Path) -> None:
    writer = opened(tmp_path / "c")
    writer.tables.write(world.addition(1, FIRST, (1, 2)))
    reader = open_store(tmp_path / "c")
    seen: list[int] = []

    def while_writing() -> Iterator[pa.RecordBatch]:
        seen.append(reader.index.count(tree.All()))
        yield from world.batches(SECOND)

    writer.tables.write(Addition(2, (while_writing,), len(SECOND), world.tables((3,))))
    assert set(seen) == {len(FIRST)}
    assert reader.index.count(tree.All()) == len(FIRST)
    assert reader.reload()
    assert reader.index.count(tree.All()) == len(FIRST) + len(SECOND)
    assert not reader.reload()
    with pytest.raises(StoreError):
        reader.tables.write(world.addition(3, SECOND, (3,)))
    reader.close()


# -- withdrawing -------------------------------------------------------------------------------------------------------


def test_withdrawn_readings_appear_nowhere(opened: Open, tmp_path: Path) -> None:
    backend = opened(tmp_path / "c")
    backend.tables.write(world.addition(1, FIRST, (1, 2)))
    backend.tables.write(world.addition(2, SECOND, (3,)))
    digests = backend.digests()
    backend.set_withdrawn([1])
    left = [row for row in FIRST + SECOND if ids.reading_of(row["id"]) != 1]
    assert backend.withdrawn == (1,)
    assert sorted(numbers(backend)) == sorted(row["id"] for row in left)
    assert backend.index.count(tree.All()) == len(left)
    word = tree.Word("harbour")
    hits = {row["id"] for row in left if row["text"] and "harbour" in row["text"].split()}
    assert set(numbers(backend, word)) == hits
    assert backend.index.find(word, "newest", 0, 1000).total == len(hits)
    assert set(backend.index.find(word, "relevance", 0, 1000).ids.tolist()) == hits
    assert dict(backend.index.words("harbour", 9))["harbour"] == len(hits)
    facet = backend.index.facets(tree.All(), ["reading", "item"], 9)
    assert {bucket.value for bucket in facet["reading"].buckets} == {"2", "3"}
    with pytest.raises(StoreError):
        backend.tables.messages(np.array([ids.pack(1, next(r["id"] for r in FIRST if r["id"] >> 40 == 1) & 0xFFFFFF)]))
    thread = backend.tables.thread(2)
    assert set(thread.ids.tolist()) == {row["id"] for row in left if row["conversation"] == 2}
    assert backend.tables.run("overview").to_pylist()[0]["messages"] == len(left)
    assert [row["reading"] for row in backend.tables.run("readings").to_pylist()] == [2, 3]
    assert {number >> 40 for number in backend.tables.table("events")["id"].to_pylist()} == {2, 3}
    assert {number >> 40 for found in backend.tables.numbers_of(2, ["n1"]).values() for number in found} <= {2, 3}
    assert backend.tables.table("defects", withdrawn=True).num_rows == 3
    assert backend.digests() == digests
    backend.set_withdrawn([])
    assert backend.index.count(tree.All()) == len(FIRST) + len(SECOND)


def test_an_account_outlives_the_reading_that_first_met_it(opened: Open, tmp_path: Path) -> None:
    """Its number stays for the messages of other readings; the names the withdrawn reading gave do not."""
    backend = opened(tmp_path / "c")
    rows = [{**row, "sender": 2, "recipients": [], "conversation": 0} for row in SECOND]
    backend.tables.write(world.addition(1, FIRST, (1, 2)))
    only_messages = {kind: world.tables((3,))[kind] for kind in ("readings", "items")}
    backend.tables.write(Addition(2, (lambda: world.batches(rows),), len(rows), only_messages))
    backend.set_withdrawn([1, 2])
    accounts = backend.tables.table("accounts").to_pylist()
    assert [(row["account"], row["native_id"], row["name"]) for row in accounts] == [(2, "+33612345678", None)]
    conversations = backend.tables.table("conversations").to_pylist()
    assert [(row["conversation"], row["native_id"], row["title"]) for row in conversations] == [(0, "g-77", None)]
    assert backend.tables.table("names").num_rows == 0
    assert backend.withdrawn_items() == (1,)
    assert backend.index.resolve("in", "rouen").tolist() == []
    assert backend.tables.table("accounts", withdrawn=True).num_rows == 6
