"""A backend finds, counts and orders exactly what the oracle says, for random trees, texts, names and dates."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.layout import Layout
from filon.model.time import zone_named
from filon.model.words import cut
from filon.query import tree
from filon.query.match import Row, match
from filon.store import Backend, create_store
from filon.store.embedded import frequent, matches, plan, search
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.partition import Bounds
from store import world

ZONES = ("UTC", "Pacific/Chatham", "Europe/Paris", "+05:30", "America/St_Johns")
FACETS = ("account", "conversation", "month", "day", "hour", "weekday", "platform", "device", "item", "reading", "kind")


class Case:
    """A store and the rows it was given."""

    def __init__(self, store: Backend, rows: list[dict[str, Any]]) -> None:
        self.store = store
        self.rows = rows


@pytest.fixture(scope="module", params=["rows", "index", "zoned", "kept"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Two additions in slices that overlap in time; answered hit by hit, and by counting inside the index.

    The index counts times only in slices where every time has a zone: those are the third case. In the last the rows of
    most words are kept beside the index.
    """
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "rows":
            patch.setattr(search, "_FEW", 0)
            patch.setattr(search, "_AT_ONCE", 1)
            patch.setattr(matches, "_BEYOND", 0)
            patch.setattr(matches, "_EQUAL", 1)
        if request.param == "kept":
            patch.setattr(frequent, "LEAST", 3)
            patch.setattr(plan, "LEAST", 3)
            patch.setattr(plan, "_HANDED", 20)
        walls = 0.0 if request.param == "zoned" else 0.3
        root: Path = tmp_path_factory.mktemp("case")
        create_store(root)
        store = EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=90))
        first, second = world.messages(300, 1, (1, 2), walls), world.messages(80, 2, (3,), walls)
        store.tables.write(world.addition(1, first, (1, 2)))
        store.tables.write(world.addition(2, second, (3,)))
        yield Case(store, first + second)
        store.close()


def leaves() -> st.SearchStrategy[tree.Node]:
    words = st.sampled_from(world.WORDS)
    pieces = st.builds(lambda word, n: word[:n], words, st.integers(1, 4)).filter(
        lambda text: any(map(str.isalnum, text))
    )
    names = st.sampled_from(
        (
            "dylan",
            "dyl*",
            "*lanne",
            '"dylan b"',
            "oakheron",
            "léa",
            "#3",
            "#99",
            "33612345678",
            "+33 6 12",
            "b",
            "rouen",
        )
    )
    codes = st.sampled_from(("sky", "whats*", "*APP", "image", "deleted", "tex"))
    days = st.sampled_from(("2020", "2020-04", "2020-04-02", "2020-04-05", "2020-04-05T03", "2020-04-06T02:30", None))
    return st.one_of(
        st.just(tree.All()),
        st.builds(tree.Word, words),
        st.builds(tree.Phrase, st.lists(words, min_size=1, max_size=3).map(tuple), st.integers(0, 3)),
        st.builds(
            tree.Phrase, st.lists(st.sampled_from(("a", "b", "ab")), min_size=3, max_size=4).map(tuple), st.just(40)
        ),
        st.builds(tree.Prefix, pieces),
        st.builds(tree.Infix, pieces),
        st.builds(tree.Fuzzy, words.filter(lambda text: len(cut(text)) == 1), st.integers(1, 2)),
        st.builds(
            tree.Regex,
            st.sampled_from(("bo.*", "[^a]+", "a|b", "(?i)HARBOURS?", "\\d+", ".{2}", "^ab$", "\\Qab\\E", "É.*")),
        ),
        st.builds(tree.TextRegex, st.sampled_from(("boat.*cash", "(?i)MERCI", "^the", "\\d\\.\\d", "ﬁ", "[👍]"))),
        st.builds(tree.Field, st.sampled_from(("from", "to", "with", "in", "device")), names),
        st.builds(tree.Field, st.just("item"), st.sampled_from(("phone", "operator", "#1", "abab*", "evidence"))),
        st.builds(tree.Field, st.sampled_from(("platform", "kind", "state")), codes),
        st.builds(
            tree.Field, st.just("has"), st.sampled_from(("image", "voice", "attachment", "location", "text", "video"))
        ),
        st.builds(
            tree.Field,
            st.just("is"),
            st.sampled_from(("deleted", "edited", "reply", "forwarded", "undated", "unzoned", "incoming", "outgoing")),
        ),
        st.builds(tree.Date, days, days),
        st.sets(st.sampled_from([(r << 40) | n for r in (1, 2, 3, 9) for n in range(1, 80)])).map(
            lambda numbers: tree.Rows(world.packed(list(numbers)), "chosen")
        ),
    )


def joined(children: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    some = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(tree.And, some), st.builds(tree.Or, some), st.builds(tree.Not, children))


def trees() -> st.SearchStrategy[tree.Node]:
    return st.recursive(leaves(), joined, max_leaves=5)


def expected(rows: list[dict[str, Any]], node: tree.Node, zone: str) -> list[Row]:
    """What the oracle finds, oldest first, undated last."""
    found = [row for row in map(world.oracle, rows) if match(node, row, zone)]
    return sorted(found, key=lambda row: (time_of(row) is None, time_of(row) or 0, row.id))


def time_of(row: Row) -> int | None:
    return row.at if row.at is not None else row.local


def newest(found: list[Row]) -> list[Row]:
    dated = [row for row in found if time_of(row) is not None]
    return dated[::-1] + found[len(dated) :][::-1]


@settings(max_examples=150, deadline=None)
@given(node=trees(), zone=st.sampled_from(ZONES), offset=st.integers(0, 60), limit=st.integers(0, 30))
def test_finds_what_the_oracle_finds(case: Case, node: tree.Node, zone: str, offset: int, limit: int) -> None:
    store, rows = case.store, case.rows
    found = expected(rows, node, zone)
    assert store.index.count(node, zone) == len(found)
    for order, wanted in (("oldest", found), ("newest", newest(found))):
        page = store.index.find(node, order, offset, limit, zone)
        assert page.total == len(found)
        assert page.ids.tolist() == [row.id for row in wanted][offset : offset + limit]
    by_relevance = store.index.find(node, "relevance", 0, len(found) + 1, zone)
    assert by_relevance.total == len(found)
    assert sorted(by_relevance.ids.tolist()) == sorted(row.id for row in found)
    page = store.index.first(node, "relevance", offset, limit, zone)
    assert page.tolist() == by_relevance.ids.tolist()[offset : offset + limit]


@settings(max_examples=60, deadline=None)
@given(node=trees(), zone=st.sampled_from(ZONES))
def test_streams_all_hits_oldest_first(case: Case, node: tree.Node, zone: str) -> None:
    store, rows = case.store, case.rows
    pieces = list(store.index.ids(node, zone))
    assert [number for piece in pieces for number in piece.tolist()] == [row.id for row in expected(rows, node, zone)]


@settings(max_examples=60, deadline=None)
@given(node=trees(), zone=st.sampled_from(ZONES))
def test_counts_by_every_field(case: Case, node: tree.Node, zone: str) -> None:
    store, rows = case.store, case.rows
    found = expected(rows, node, zone)
    facets = store.index.facets(node, FACETS, 10_000, zone)
    for field in FACETS:
        wanted = Counter(value for row in found if (value := value_of(row, field, zone)) is not None)
        facet = facets[field]
        assert {bucket.value: bucket.count for bucket in facet.buckets} == wanted, field
        assert facet.distinct == len(wanted)
        assert facet.exact
        counts = [bucket.count for bucket in facet.buckets]
        assert counts == sorted(counts, reverse=True)


def value_of(row: Row, field: str, zone: str) -> str | None:
    match field:
        case "account":
            return None if row.sender is None else str(row.sender.number)
        case "conversation" | "item":
            named = row.conversation if field == "conversation" else row.item
            return None if named is None else str(named.number)
        case "reading":
            return str(row.id >> 40)
        case "platform" | "device" | "kind":
            value: str | None = getattr(row, field)
            return value
        case _:
            return calendar(row, field, zone)


def calendar(row: Row, field: str, zone: str) -> str | None:
    time = time_of(row)
    if time is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)
    wall = moment if row.at is None else moment.astimezone(zone_named(zone))
    return {
        "month": f"{wall:%Y-%m}",
        "day": f"{wall:%Y-%m-%d}",
        "hour": f"{wall:%H}",
        "weekday": str(wall.isoweekday()),
    }[field]


@settings(max_examples=60, deadline=None)
@given(node=trees(), zone=st.sampled_from(ZONES), conversation=st.integers(0, 3))
def test_reads_a_conversation_within_a_query(case: Case, node: tree.Node, zone: str, conversation: int) -> None:
    store = case.store
    inside = tree.And((node, tree.Field("conversation", str(conversation))))
    thread = store.tables.thread(conversation, node, zone)
    assert thread.ids.tolist() == [number for piece in store.index.ids(inside, zone) for number in piece.tolist()]


@pytest.mark.parametrize("word", world.WORDS)
def test_finds_hard_words_as_they_are_written(case: Case, word: str) -> None:
    store, rows = case.store, case.rows
    node = tree.Word(word)
    found = expected(rows, node, "UTC")
    assert found
    assert np.concatenate(list(store.index.ids(node))).tolist() == [row.id for row in found]
