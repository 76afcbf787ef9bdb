from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon.query.fields import flags, held
from filon.query.match import Named, Row, match, matcher
from filon.query.parse import parse
from filon.query.tree import And, Node, Not, Or, Rows
from query.trees import HARD, some_text, trees


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


DYLAN = Named(3, ("+33612345678", "Dylan B.", "le roi"))
EVE = Named(4, ("@eve_x", "Ève"))
MAX = Named(5, ("max.m@example.org",))

ROW = Row(
    id=1042,
    text="Été à Łódź: don’t bring the big green bag 👍🏽, 4.900 €. Straße 5",
    at=instant("2020-03-31T22:30"),
    sender=DYLAN,
    recipients=(EVE,),
    participants=(DYLAN, EVE, MAX),
    conversation=Named(12, ("Weekend crew", "group-9f")),
    item=Named(2, ("phones/dylan/export.zip", "9f86d081884c7d65")),
    device="Dylan's iPhone 8",
    platform="Signal",
    kind="text",
    state="read",
    lang="fr",
    has=held(["image"], place=False, text="x"),
    flags=frozenset({"edited", "incoming"}),
    mentions=frozenset({"money"}),
    tags=frozenset({"to check", "Lyon"}),
)

YES = [
    "*", "ete", "ÉTÉ", "lodz", "don't", "don", '"don t"', "4.900", '"4 900"', "👍", "strasse", "bag big*", '"big bag"~1',
    '"bring bag"~3', "*ree*", "grean~1", "geren~1", "geenr~2", "/gr[eé]{2}n/", "/GREEN|x/", "text:/Ł.dź/", "text:/(?i)ÉTÉ/",
    "bag OR nothing", "bag -nothing", "NOT (bag nothing)", "NOT NOT bag", "from:dylan", 'from:"LE ROI"', "from:dyl*",
    "from:*345678", "from:#3", "to:eve", "to:eve_x", "with:max", "with:dylan", "in:crew", "in:#12", "in:group-9f",
    "item:#2", "item:export.zip", "item:9f86*", "device:iphone", 'device:"Dylan\'s iPhone"', "platform:signal", "platform:sig*",
    "kind:text", "state:read", "lang:fr", "tag:lyon", 'tag:"To Check"', "mention:money", "has:photo", "has:attachment",
    "has:text", "is:edited", "is:incoming", "date:2020-04", "date:2020-04-01T00:30", "date:2020-04-01..", "date:..2020-04-01",
    "date:2020-04-01..2020-04-01T00:30",
]  # fmt: skip
NO = [
    "nothing", "ba", "bag nothing", "-bag", "NOT *", '"bag green"', '"green big"~9', '"big bag"', '"bring bag"~2',
    "gren~1 x", "gnere~1", "/gree/", "text:/łódź/", "4900", "from:eve", "from:dyla", "from:3", "from:#4", "to:dylan", "to:max",
    "in:week", "in:#3", "item:#3", "device:android", "platform:sign", "kind:image", "tag:check", "tag:lyo", "mention:phone",
    "has:video", "has:place", "is:deleted", "is:undated", "date:2020-03", "date:..2020-03-31", "date:2020-04-01T00:31..",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_what_is_found(text: str) -> None:
    assert match(parse(text), ROW, "Europe/Paris")


@pytest.mark.parametrize("text", NO)
def test_what_is_not(text: str) -> None:
    assert not match(parse(text), ROW, "Europe/Paris")


def test_the_zone_of_the_view_decides_the_day() -> None:
    assert match(parse("date:2020-03-31"), ROW, "UTC")
    assert not match(parse("date:2020-04-01"), ROW, "UTC")


def test_wall_times_and_no_times() -> None:
    wall = Row(id=1, local=instant("2020-04-01T00:30"))
    for zone in ("UTC", "Pacific/Chatham"):
        assert match(parse("date:2020-04-01T00:30"), wall, zone)
    undated = Row(id=2, text="x")
    assert not match(parse("date:2000..2100"), undated, "UTC")
    assert match(parse("NOT date:2000..2100"), undated, "UTC")


@pytest.mark.parametrize(
    "text",
    ["a*", "a", '"a b"', "*a*", "abc~1", "/.*/", "text:/.*/", "from:a*", "to:#1", "in:a", "platform:a", "has:text"],
)
def test_nothing_matches_what_is_not_there(text: str) -> None:
    assert not match(parse(text), Row(id=1), "UTC")


def test_sets_of_rows() -> None:
    rows = Rows(np.array([3, 7, 1 << 40], "<i8").tobytes(), "tag:x")
    assert [match(rows, Row(id=i), "UTC") for i in (2, 3, 7, 8, 1 << 40, (1 << 40) + 1)] == [
        False, True, True, False, True, False,
    ]  # fmt: skip
    assert not match(Rows(b"", "nothing"), Row(id=1), "UTC")


def test_texts_with_half_characters_are_searched() -> None:
    assert match(parse("text:/b/"), Row(id=1, text="a\ud800b"), "UTC")


rows = st.builds(
    Row,
    id=st.integers(1, 9),
    text=st.one_of(st.none(), st.lists(some_text, max_size=6).map(" ".join)),
    at=st.one_of(st.none(), st.integers(instant("2019-12-31T00:00"), instant("2022-01-02T00:00"))),
    sender=st.one_of(st.none(), st.builds(Named, st.integers(5, 9), st.lists(st.sampled_from(HARD)).map(tuple))),
    flags=st.sets(st.sampled_from(["deleted", "edited", "reply"])).map(frozenset),
)


@given(trees, st.lists(trees, min_size=2, max_size=3), rows)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_not_and_or_are_those_of_logic(one: Node, several: list[Node], row: Row) -> None:
    def is_found(node: Node) -> bool:
        return matcher(node, "Pacific/Chatham")(row)

    assert is_found(Not(one)) is not is_found(one)
    assert is_found(And(tuple(several))) is all(map(is_found, several))
    assert is_found(Or(tuple(several))) is any(map(is_found, several))


def test_what_a_message_has() -> None:
    assert held([], place=False, text=None) == frozenset()
    assert held([], place=False, text="") == frozenset()
    assert held(["image", "voice"], place=True, text="x") == {"image", "voice", "attachment", "location", "text"}


def test_what_a_message_is() -> None:
    nothing = {"state": None, "direction": None, "deleted": False, "edited": False, "reply": False, "forwarded": False}
    assert flags(**nothing, at=1, local=None) == frozenset()
    assert flags(**nothing, at=None, local=1) == {"unzoned"}
    assert flags(**nothing, at=None, local=None) == {"undated"}
    assert flags(**{**nothing, "state": "unsent", "direction": "in"}, at=0, local=None) == {"deleted", "incoming"}
    given_all = {**nothing, "direction": "out", "deleted": True, "edited": True, "reply": True, "forwarded": True}
    assert flags(**given_all, at=0, local=None) == {"deleted", "edited", "forwarded", "outgoing", "reply"}
