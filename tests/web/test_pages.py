"""Every page: its context documented, its template using nothing else, its JSON the same context, its HTML complete."""

import dataclasses
import importlib
import json
import pkgutil
import re
from datetime import UTC, datetime

import msgspec
import pytest
from jinja2 import meta, nodes

import filon.web.pages as pages
from filon.case import create_case
from filon.case.answers import MessageDetail
from filon.web import problems
from filon.web.answer import GIVEN, Page, environment

READING = (
    "/",
    "/activity",
    "/activity?within=2020-03",
    "/activity?within=2020-03-27",
    "/activity?within=2020-03-27&q=van",
    "/search",
    "/search?q=van&order=oldest",
    "/search?q=van&whole=true",
    "/search?q=%22not+closed",
    "/search?q=zzzzzz",
    "/search/hits?q=van&offset=20",
    "/search/total?q=van",
    "/search/facets?q=van",
    "/words",
    "/conversations",
    "/conversations?contains=team&order=title",
    "/conversations/0",
    "/conversations/0?at=1:500",
    "/conversations/0?time=2020-03-28",
    "/conversations/0/reader?q=van",
    "/conversations/0/lines?offset=100&limit=20",
    "/conversations/0/participation",
    "/accounts",
    "/accounts/0",
    "/around",
    "/around?time=2020-03-27%2014:03&minutes=5",
    "/messages/1:40",
    "/items",
    "/items?item=1&limit=1",
    "/defects",
    "/custody",
    "/desk",
    "/add",
)


def contexts():
    modules = [importlib.import_module(f"{pages.__name__}.{m.name}") for m in pkgutil.iter_modules(pages.__path__)]
    found = {
        kind
        for module in (*modules, problems)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Page) and kind is not Page
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


@pytest.mark.parametrize("kind", contexts(), ids=lambda kind: kind.__name__)
def test_a_context_is_frozen_and_documented(kind):
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")


def used(template, seen=None):
    """Names a template and everything it takes in expect from outside: read somewhere, made nowhere in them."""
    env = environment("en")
    seen = set() if seen is None else seen
    if template in seen:
        return set(), set()
    seen.add(template)
    source, _, _ = env.loader.get_source(env, template)
    tree = env.parse(source)
    read = meta.find_undeclared_variables(tree)
    made = {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}
    made |= {node.name for node in tree.find_all(nodes.Macro)}
    for node in tree.find_all(nodes.FromImport):
        made |= {name if isinstance(name, str) else name[1] for name in node.names}
    for other in meta.find_referenced_templates(tree):
        more_read, more_made = used(other, seen) if other else (set(), set())
        read |= more_read
        made |= more_made
    return read, made


@pytest.mark.parametrize("template", sorted({kind.template for kind in contexts()}))
def test_templates_use_fields_of_their_pages_and_nothing_else(template):
    fields = {f.name for kind in contexts() if kind.template == template for f in dataclasses.fields(kind)}
    globally = {"_", "gettext", "ngettext", "pgettext", "dict"}
    read, made = used(template)
    assert read - made <= fields | set(GIVEN) | globally


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_shown(visitor, path, language):
    answer = visitor.get(f"{path}{'&' if '?' in path else '?'}language={language}", headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    if answer.text.startswith("<!doctype"):
        assert f'<html lang="{language}"' in answer.text
        assert answer.text.count("<h1") == 1
        assert answer.text.rstrip().endswith("</html>")
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
    assert " onclick" not in answer.text


@pytest.mark.parametrize("path", READING)
def test_json_has_exactly_the_fields_of_the_context(visitor, path):
    answer = visitor.json(path)
    assert any({f.name for f in dataclasses.fields(kind)} == set(answer) for kind in contexts())


def plain(value):
    return msgspec.json.decode(msgspec.json.encode(value))


def test_json_is_what_the_case_answered(visitor, case):
    view = case.view()
    assert visitor.json("/")["overview"] == plain(case.overview(view))
    hits = plain(case.search(view, "van", order="oldest", limit=7))
    assert visitor.json("/search?q=van&order=oldest&limit=7")["hits"] == hits
    assert visitor.json("/conversations/0")["head"] == plain(case.conversation(view, 0))
    detail = msgspec.convert(visitor.json("/messages/1:40")["detail"], MessageDetail, strict=False)
    assert detail == case.message(view, "1:40")


def test_activity_leads_from_months_to_days_to_hours(visitor, case):
    """Every step shows the same messages, and every bar's count is what the search it leads to finds."""
    whole = visitor.json("/activity?q=van")
    assert whole["activity"]["step"] == "day"  # so few months that their days are drawn at once
    day = max(whole["bars"]["bars"], key=lambda bar: bar["count"])
    name = datetime.fromtimestamp(day["start"] / 1e6, UTC).date().isoformat()
    hours = visitor.json(f"/activity?q=van&within={name}")
    assert hours["activity"]["step"] == "hour"
    assert len(hours["bars"]["bars"]) == 24
    assert hours["bars"]["total"] == day["count"] == case.count(case.view(), f"van date:{name}")
    for bar in hours["bars"]["bars"]:
        hour = datetime.fromtimestamp(bar["start"] / 1e6, UTC).isoformat()[:13]
        assert bar["count"] == case.count(case.view(), f"van date:{hour}")


def test_the_schema_describes_the_pages(visitor):
    schema = visitor.get("/schema/openapi.json").json()
    assert {"/", "/search", "/conversations/{number}", "/messages/{number}"} <= set(schema["paths"])
    assert "OverviewPage" in str(schema["components"]["schemas"])


def test_the_zone_of_the_address_rules_over_the_one_chosen(visitor):
    first = visitor.get("/messages/1:40?my-zone=America/Lima")
    assert "UTC-05:00" in first.text
    assert "UTC-05:00" in visitor.get("/messages/1:40").text
    assert "UTC+01:00" in visitor.get("/messages/1:40?zone=Europe/Paris").text


def test_a_zone_that_does_not_exist_is_told(visitor):
    answer = visitor.get("/desk?zone=Nowhere/Here")
    assert answer.status_code == 400
    assert "there is no time zone called" in answer.text
    assert (
        visitor.get(
            "/desk", headers={"cookie": f"filon-zone=Nope; filon-test={visitor.client.cookies['filon-test']}"}
        ).status_code
        == 200
    )


def test_an_unknown_theme_is_the_system_theme(visitor):
    assert 'data-theme="system"' in visitor.get('/desk?theme="><script>').text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/conversations/99999", 404),
        ("/accounts/99999", 404),
        ("/messages/77:1", 404),
        ("/messages/x", 400),
        ("/conversations/x", 404),
        ("/search?limit=100000", 400),
        ("/search?order=sideways", 400),
        ("/jobs/77", 400),
        ("/add/none", 400),
        ("/exports/77", 400),
        ("/activity?within=x", 400),
        ("/activity?within=2020-13-45", 400),
    ],
)
def test_what_cannot_be_shown_says_why(visitor, path, status):
    answer = visitor.get(path, headers={"accept": "text/html"})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert set(visitor.get(path, headers={"accept": "application/json"}).json()) == {
        "code",
        "problem",
        "hint",
        "position",
        "detail",
    }


def test_a_problem_of_a_part_is_a_part(visitor):
    answer = visitor.get("/messages/x", headers={"hx-request": "true"})
    assert answer.status_code == 400
    assert not answer.text.startswith("<!doctype")


def test_a_bad_search_shows_the_place(visitor):
    page = visitor.json('/search?q=van "not closed')
    assert page["hits"] is None
    assert page["position"] == 4
    assert page["problem"]


def test_a_fault_of_ours_is_told_without_its_details(visitor, case, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(type(case), "overview", fail)
    answer = visitor.get("/", headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "filon made a mistake" in answer.text


def test_hostile_text_is_inert(visitor):
    html = visitor.get("/conversations/0/lines?limit=200").text
    assert "<b>white" not in html
    assert "&lt;b&gt;white&lt;/b&gt;" in html
    assert "\u202e" not in html
    assert "RIGHT-TO-LEFT OVERRIDE" in html
    assert 'href="https://example.org' not in html


def test_a_preference_that_does_not_exist_displaces_nothing(visitor):
    visitor.get("/?my-zone=Asia/Tokyo&language=fr&theme=dark")
    assert visitor.get("/?my-zone=Mars/Olympus").status_code == 400
    visitor.get("/?language=tlh&theme=plaid")
    page = visitor.get("/").text
    assert '<html lang="fr"' in page
    assert 'data-theme="dark" data-shown-zone="Asia/Tokyo"' in page
    visitor.get("/?my-zone=Europe/Paris&language=en&theme=system")


def test_a_part_is_written_in_the_zone_and_language_of_its_page(visitor):
    asked = {"hx-request": "true", "x-filon-zone": "America/Lima", "x-filon-language": "fr"}
    part = visitor.get("/messages/1:40", headers=asked)
    assert "UTC-05:00" in part.text
    assert "Où il se trouve" in part.text
    assert "set-cookie" not in part.headers
    assert "UTC-05:00" not in visitor.get("/messages/1:40").text


def test_every_account_has_its_page_and_no_message_of_another(visitor, case):
    _, rows = case.accounts(case.view(), limit=500)
    assert any(row.account.native_id is None and row.sent for row in rows)
    for row in rows:
        page = visitor.json(f"/accounts/{row.account.account}")
        found = sum(bucket["count"] for bucket in page["facets"]["kind"]["buckets"])
        assert (row.account.label, found) == (row.account.label, row.sent)


def test_a_message_of_another_conversation_is_said_to_be_elsewhere(visitor, case):
    _, hits = case.conversations(case.view())
    other = next(row.conversation for row in hits if row.conversation != 0)
    number = case.page(case.view(), other, 0, 1).messages[0].id
    assert visitor.json(f"/conversations/0?at={number}")["elsewhere"]
    assert f"{number} does not stand in this conversation." in visitor.get(f"/conversations/0?at={number}").text
    assert "does not stand" not in visitor.get("/conversations/0?at=1:40").text


def test_messages_centuries_off_are_counted_and_led_to(settings, tmp_path):
    rows = [
        {"id": n, "type": "message", "date_unixtime": str(at), "from": "a", "from_id": "user1", "text": "x"}
        for n, at in enumerate((-62_000_000_000, 1_585_300_000, 1_585_400_000, 9_999_999_999), 1)
    ]
    chats = [{"name": "a", "type": "personal_chat", "id": 1, "messages": rows}]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"chats": {"list": chats}}), "utf-8")
    with create_case(str(tmp_path / "far"), settings) as far:
        far.add(far.view(), [path])
        activity = importlib.import_module("filon.web.pages.activity")
        page = activity._whole(activity.ActivityPage, far, far.view(), "x")
        assert (page.bars.total, page.activity.step, [n for _, n in page.far]) == (2, "day", [1, 1])
        assert [far.count(far.view(), text) for text, _ in page.far] == [1, 1]


def test_a_time_that_is_none_is_told_beside_its_field(visitor):
    page = visitor.json("/around?time=yesterday&minutes=9")
    assert (page["minutes"], page["problem"]) == (9, "'yesterday' is not a date")
    text = visitor.get("/around?time=yesterday&minutes=9").text
    assert 'value="yesterday"' in text
    assert "write it as 2020-04-03" in text


def test_a_chart_is_a_part_of_other_pages_and_a_page_of_its_own(visitor):
    whole = visitor.get("/activity?within=2020-03&q=van").text
    assert "<title>" in whole
    part = visitor.get("/activity?within=2020-03&q=van", headers={"hx-request": "true"}).text
    assert "<title>" not in part.replace("<title>2020", "")
    assert 'href="/activity?q=van&amp;within=2020-03&amp;zone=Europe%2FParis"' in part


def test_an_address_of_a_message_that_left_still_opens(visitor, case):
    found = visitor.get("/search?q=van&at=99:1")
    assert (found.status_code, "there is no message 99:1" in found.text) == (200, True)
    assert visitor.json("/search?q=van&at=99:1")["hits"]["hits"]
    assert visitor.json("/conversations/0?at=99:1")["elsewhere"]
    assert visitor.json("/conversations/0/place?at=99:1") == {"place": None}


def test_a_zone_in_an_address_holds_for_that_page_alone(visitor):
    visitor.get("/?my-zone=Europe/Paris&language=en")
    text = visitor.get("/search?q=date:2020-03-27&zone=America/Lima").text
    assert "dates in America/Lima" in text
    assert "Times and dates on this page are those of America/Lima, as its address says." in text
    assert (
        '<a href="/search?q=date%3A2020-03-27&amp;zone=Europe%2FParis">Show it in your zone, Europe/Paris</a>' in text
    )
    own = visitor.get("/search?q=date:2020-03-27").text
    assert "dates in Europe/Paris" in own
    assert "as its address says" not in own
    lima = visitor.json("/search?q=date:2020-03-27&zone=America/Lima")["hits"]["total"]
    assert lima != visitor.json("/search?q=date:2020-03-27")["hits"]["total"]


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=van&whole=true&limit=5",
        "/activity?q=van",
        "/around?time=2020-03-27%2014:03&minutes=60",
        "/messages/1:40",
        "/accounts/0",
        "/",
        "/items",
    ],
)
def test_links_carry_the_zone_their_dates_are_read_in(visitor, path):
    text = visitor.get(f"{path}{'&' if '?' in path else '?'}zone=America/Lima").text
    text = re.sub(r'<p class="other-zone".*</p>', "", text)
    links = re.findall(r'(?:href|hx-get)="(/(?:search|activity|around)\?[^"]*|/conversations/\d+\?[^"]*)"', text)
    assert links
    assert [link for link in links if "zone=America%2FLima" not in link] == []


def test_a_zone_is_chosen_for_good_by_the_form_alone(visitor):
    visitor.get("/?my-zone=Europe/Paris")
    form = "/search?q=van&zone=Europe/Paris&my-zone=Asia/Tokyo&language=en&theme=system"
    answer = visitor.get(form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/search?q=van&language=en&theme=system&zone=Asia%2FTokyo"
    assert 'data-shown-zone="Asia/Tokyo"' in visitor.get("/").text
    kept = visitor.get("/search?q=van&zone=America/Lima&my-zone=America/Lima&language=fr", follow_redirects=False)
    assert kept.headers["location"] == "/search?q=van&language=fr&zone=America%2FLima"
    assert 'data-shown-zone="Asia/Tokyo"' in visitor.get("/?language=en").text
    assert (
        visitor.get("/desk?zone=Asia/Tokyo&my-zone=Asia/Tokyo", follow_redirects=False).headers["location"] == "/desk"
    )
    visitor.get("/?my-zone=Europe/Paris")
