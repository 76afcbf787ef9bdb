"""Finding through the door of a case: order, pages, passages, facets that narrow to exactly what they count, words."""

import itertools
import json
import time
from datetime import UTC, datetime

import pytest

from case import made_exports as exports
from filon.case import create_case
from filon.errors import DeskError, QueryError
from filon.model.given import Given
from filon.model.view import View
from filon.model.words import cut
from filon.query.parse import parse
from filon.settings import Settings

ZONES = ("UTC", "Pacific/Chatham", "America/St_Johns")
FIELDS = ("account", "conversation", "month", "day", "platform", "device", "tag", "item", "kind")
QUERIES = ("", "livraison", "from:dylan OR from:palewren", "NOT camion", "date:2020-04-02..2020-05", "has:file OR ok")


def rows(device, texts, start="2020-03-31T23:30:00Z"):
    """JSON lines of one device, a row every 20 minutes around the end of a month."""
    begin = int(datetime.fromisoformat(start).timestamp())
    lines = [
        {"device": device, "direction": "out", "contact": "bert", "sent (UTC)": begin + 1200 * n, "text": text}
        for n, text in enumerate(texts)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A case of several formats: devices whose names hold each other, undated messages, tags with blanks."""
    folder = tmp_path_factory.mktemp("finding")
    inside = exports.folder(folder / "in")
    for n, device in enumerate(("ada", "ada phone", "Ada's old phone", "phone 2", "+32 470")):
        (inside / f"device {n}.jsonl").write_bytes(rows(device, ["camion ok", "l'été à Zürich 🚚", f"only {device}"]))
    undated = {"version": "2.0.0", "participants": [{"id": "a"}], "conversations": [], "events": [
        {"type": "message", "participant": "a", "body": f"livraison without a time {n}"} for n in range(4)]}  # fmt: skip
    (inside / "rsmf_manifest.json").write_text(json.dumps(undated))
    home = folder / "home"
    home.mkdir()
    with create_case("ops", Settings(home=home, who="ada")) as made:
        made.add(made.view(), [inside], given=Given(zone="Europe/Brussels"))
        view = made.view()
        for tag, text in {"to read": "livraison", "read": "camion", 'it"s'.replace('"', "'"): "ok"}.items():
            made.tag_hits(view, tag, text)
        yield made


@pytest.fixture(scope="module")
def everything(case):
    """Every message, newest first."""
    return [hit.message for hit in case.search(case.view(), "", limit=100_000).hits]


def test_newest_and_oldest_are_by_time_with_undated_messages_last(case, everything):
    view = case.view()
    oldest = [hit.message for hit in case.search(view, "", order="oldest", limit=100_000).hits]
    assert len(everything) == len(oldest) == case.counts(view).messages == case.search(view, "").total

    def key(message, sign):
        number = tuple(int(part) for part in message.id.split(":"))
        undated = message.time is None
        return undated, 0 if undated else sign * message.time, tuple(sign * part for part in number)

    assert oldest == sorted(oldest, key=lambda m: key(m, 1))
    assert everything == sorted(everything, key=lambda m: key(m, -1))
    assert [m.time for m in everything[-4:]] == [None] * 4


@pytest.mark.parametrize("order", ["newest", "oldest", "relevance"])
@pytest.mark.parametrize("text", ["", "livraison", "camion OR merci from:dylan"])
def test_pages_of_any_depth_are_stretches_of_the_whole(case, text, order):
    view = case.view()
    whole = [hit.message.id for hit in case.search(view, text, order=order, limit=100_000).hits]
    assert len(whole) == len(set(whole)) == case.count(view, text)
    for offset, limit in (
        (0, 1),
        (0, 50),
        (7, 13),
        (len(whole) - 5, 50),
        (len(whole), 10),
        (len(whole) + 99, 10),
        (0, 0),
    ):
        page = case.search(view, text, order=order, offset=offset, limit=limit)
        assert [hit.message.id for hit in page.hits] == whole[offset : offset + limit]
        assert (page.total, page.offset) == (len(whole), offset)


def test_totals_are_what_a_look_at_every_text_finds(case, everything):
    view = case.view()
    for word in ("livraison", "camion", "ete", "zurich", "ok", "nowhere"):
        assert case.count(view, word) == sum(word in cut(m.text or "") for m in everything)
    assert case.count(view, "livraison camion") == sum(
        {"livraison", "camion"} <= set(cut(m.text or "")) for m in everything
    )
    assert case.count(view, "is:undated") == sum(m.time is None for m in everything) == 4


def test_spans_point_at_the_words_in_the_original_text(case):
    view = case.view()
    for text, words in {
        "ete": {"été"},
        "zurich": {"Zürich"},
        "zur*": {"Zürich"},
        "🚚": {"🚚"},
        "*aiso*": {"livraison"},
        '"papa match"': {"papa match"},
    }.items():
        hits = case.search(view, text, limit=200).hits
        assert hits
        for hit in hits:
            assert {hit.snippet[span.start : span.end] for span in hit.spans} == words
            assert hit.snippet in (hit.message.text or "")


def test_long_texts_give_a_short_passage_around_the_hit(case, tmp_path, settings):
    filler = "padding " * 400
    (tmp_path / "long.jsonl").write_bytes(rows("ada", [f"{filler}Ärger {filler}", "Ärger", "x" * 5_000 + " ärger"]))
    with create_case("long", settings) as other:
        other.add(other.view(), [tmp_path / "long.jsonl"])
        hits = other.search(other.view(), "arger").hits
        assert len(hits) == 3
        for hit in hits:
            assert len(hit.snippet) <= 240
            assert [hit.snippet[s.start : s.end].casefold() for s in hit.spans] == ["ärger"]


def test_what_a_search_was_taken_to_mean_is_said_with_its_accounts(case):
    view = case.view()
    explained = case.search(view, "FROM:oakh* OR  to:nobody  livraison").explained
    assert parse(explained.canonical) == parse("from:oakh* OR to:nobody livraison")
    assert explained == case.explain(view, "FROM:oakh* OR  to:nobody  livraison")
    assert [a.label for a in explained.accounts["from:oakh*"]] == ["oakheron"]
    assert explained.accounts["to:nobody"] == ()
    assert "oakh" in explained.words


@pytest.mark.parametrize("text", ["from:", "(a", '"a', "nosuch:x", "/[/", "a AND"])
def test_a_search_that_cannot_be_understood_says_where(case, text):
    with pytest.raises(QueryError) as said:
        case.search(case.view(), text)
    assert 0 <= said.value.position <= len(text)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", QUERIES)
def test_every_facet_narrows_to_exactly_what_it_counts(case, text, zone):
    view = View(who="ada", zone=zone)
    found = case.facets(view, text, FIELDS, top=1_000)
    total = case.count(view, text)
    for field in FIELDS:
        assert found[field].exact
        assert found[field].distinct == len(found[field].buckets)
        counts = [bucket.count for bucket in found[field].buckets]
        assert counts == sorted(counts, reverse=True)
        if field not in ("tag", "device", "day", "month", "conversation", "account"):
            assert sum(counts) == total
        for bucket in found[field].buckets:
            narrowed = f"({text}) {bucket.term}" if text else bucket.term
            assert case.count(view, narrowed) == bucket.count, (field, bucket)
    undated = case.count(view, f"({text}) is:undated" if text else "is:undated")
    for field in ("day", "month"):
        assert sum(bucket.count for bucket in found[field].buckets) + undated == total


def test_facets_without_a_search_of_their_own_have_no_term(case):
    found = case.facets(case.view(), "", ("hour", "weekday", "reading"), top=100)
    assert {bucket.term for facet in found.values() for bucket in facet.buckets} == {""}
    assert all(sum(b.count for b in found[f].buckets) <= case.count(case.view(), "") for f in found)


def test_the_biggest_buckets_come_first_and_the_rest_is_counted(case):
    view = case.view()
    few, all_ = (case.facets(view, "", ("day",), top=top)["day"] for top in (3, 10_000))
    assert few.buckets == all_.buckets[:3]
    assert few.distinct == all_.distinct == len(all_.buckets)


def test_tags_are_searched_counted_and_undone(case):
    view = case.view()
    before = case.count(view, "merci")
    assert case.tag_hits(view, "thanks", "merci") == before
    assert case.tag_hits(view, "thanks", "merci") == 0
    assert case.count(view, "tag:thanks") == before == {t.tag: t.messages for t in case.tags(view)}["thanks"]
    assert all("thanks" in hit.message.tags for hit in case.search(view, "merci", limit=10_000).hits)
    assert case.untag_hits(view, "thanks", "merci livraison") == case.count(view, "merci livraison")
    assert case.count(view, "tag:thanks") == case.count(view, "merci NOT livraison")
    assert case.undo(view) is not None
    assert case.count(view, "tag:thanks") == before
    with pytest.raises(DeskError, match="no letter"):
        case.tag_hits(view, "!!!", "merci")
    case.undo(view)
    assert case.count(view, "tag:thanks") == 0


def test_a_word_list_is_tried_line_by_line(case):
    view = case.view()
    tried = case.try_words(view, ["# words of the order", "livraison", "", "  camion OR pluie ", "(", "nowhere"])
    assert [(t.term, t.total, t.error is None) for t in tried] == [
        ("livraison", case.count(view, "livraison"), True),
        ("camion OR pluie", case.count(view, "camion OR pluie"), True),
        ("(", 0, False),
        ("nowhere", 0, True),
    ]
    for term in tried[:2]:
        assert 1 <= len(term.conversations) <= 5
        for bucket in term.conversations:
            assert case.count(view, f"({term.term}) {bucket.term}") == bucket.count


@pytest.mark.parametrize(
    "text", ["livr", '"livr', "ok cam", "fro", "is:", "is:un", "has:", "from:", "from:oak", "in:", "in:har", "tag:", "tag:r",
             "device:", "platform:", "kind:", "item:", "from:\"", "zü", "date:", "text:/li", "(", "a NOT li"]
)  # fmt: skip
def test_every_completion_can_be_put_in_and_is_understood(case, text):
    view = case.view()
    for offered in case.complete(view, text, len(text)):
        completed = text[: offered.start] + offered.text
        if completed.endswith(":") or completed.startswith(('"', "(")) or ':"' in text:
            continue
        parse(completed)
        if offered.count is not None:
            assert case.count(view, offered.text) == offered.count


def test_completions_offer_what_the_case_holds(case):
    view = case.view()

    def offered(text):
        return [one.text for one in case.complete(view, text, len(text))]

    assert offered("livr") == ["livraison"]
    assert "from:" in offered("fr")
    assert offered("from:oakh") == ["oakheron"]
    assert offered("tag:to") == ['"to read"']
    assert set(offered("device:ada")) >= {"ada", '"ada phone"'}
    assert offered("is:und") == ["undated"]
    assert offered("nowhere-to-be-found") == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("step", ["month", "day"])
def test_activity_adds_up_and_has_no_gaps(case, step, zone):
    view = View(who="ada", zone=zone)
    for text in ("", "livraison"):
        found = case.activity(view, text, step=step)
        assert sum(found.counts) + found.undated == case.count(view, text)
        assert found.undated == case.count(view, f"{text} is:undated")
        starts = [datetime.fromtimestamp(start / 1e6, UTC) for start in found.starts]
        assert all(start.hour == start.minute == 0 for start in starts)
        days = [(b - a).days for a, b in itertools.pairwise(starts)]
        assert set(days) <= ({1} if step == "day" else {28, 29, 30, 31})
        for start, count in list(zip(starts, found.counts, strict=True))[:5]:
            label = f"{start:%Y-%m-%d}"[: 10 if step == "day" else 7]
            assert case.count(view, f"{text} date:{label}") == count


def test_impossible_times_do_not_stretch_a_chart_without_end(tmp_path, settings):
    lines = [
        {"device": "ada", "direction": "out", "contact": "bert", "sent (UTC)": when, "text": "t"}
        for when in ("0001-01-01T00:00:00Z", "2020-04-01T00:00:00Z", "9999-12-31T23:59:59Z")
    ]
    (tmp_path / "far.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with create_case("far", settings) as other:
        other.add(other.view(), [tmp_path / "far.jsonl"])
        began = time.monotonic()
        found = other.activity(other.view(), step="day")
        assert (sum(found.counts), len(found.starts) < 10) == (3, True)
        terms = {b.value: b.term for b in other.facets(other.view(), "", ("day",))["day"].buckets}
        # no search can ask for the first and the last year there is
        assert terms == {"0001-01-01": "", "2020-04-01": "date:2020-04-01", "9999-12-31": ""}
        assert time.monotonic() - began < 5


def test_saved_searches_keep_their_canonical_form_and_zone(case):
    view = View(who="bob", zone="Pacific/Chatham")
    saved = case.save_search(view, " friday ", "  FROM:dylan   ok ")
    assert (saved.name, saved.text, saved.zone, saved.who) == ("friday", "from:dylan ok", "Pacific/Chatham", "bob")
    assert case.count(view, saved.text) == case.count(view, "from:dylan ok")
    assert saved in case.saved_searches(view)
    case.delete_search(view, "friday")
    assert saved not in case.saved_searches(view)


def test_a_name_is_looked_up_once_for_what_a_search_does_and_what_it_says(case):
    index = case._site.store.index
    case.search(case.view(), "from:*o*", limit=1)
    assert index.resolve("from", "*o*") is index.resolve("to", "*o*")
    assert index.resolve("in", "*o*") is not index.resolve("to", "*o*")


@pytest.mark.parametrize("text", [*QUERIES, "nothinglikethis"])
@pytest.mark.parametrize("order", ["newest", "oldest", "relevance"])
def test_the_first_hits_are_the_page_and_tell_the_total_where_the_page_does(case, text, order):
    view, whole = case.view(), case.search(case.view(), text, order=order, limit=100_000)
    for offset in (0, 2, max(0, whole.total - 2), whole.total, whole.total + 1):
        for limit in (1, 2, 1000):
            first = case.first_hits(view, text, order=order, offset=offset, limit=limit)
            assert first.hits == whole.hits[offset : offset + limit]
            assert first.more == (offset + limit < whole.total)
            told = not first.more and (first.hits or offset == 0)
            assert first.total == (whole.total if told else None)
            assert first.explained == whole.explained
