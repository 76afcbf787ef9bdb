"""The reading room in a real Chromium: by keyboard, at a million places, and for people who cannot see it."""

import re
from pathlib import Path

import pytest

from web.synthetic import write_telegram

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web-ui" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/",
    "/search",
    "/search?q=van&at=1:500",
    "/search?q=%22open",
    "/words",
    "/conversations",
    "/conversations/0?at=1:500&q=lorry",
    "/conversations/0?open=1:500",
    "/accounts",
    "/accounts/0",
    "/around?time=2020-03-27%2014:03&minutes=5",
    "/messages/1:40",
    "/items",
    "/defects",
    "/custody",
    "/desk",
    "/add",
    "/nowhere",
)


def rows(page, selector):
    return page.locator(f"{selector} [data-row]")


def settled(page):
    page.wait_for_load_state("networkidle")


def until(page, expression):
    """Wait for an expression to hold; the content security policy lets no waiting be evaluated inside the page."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never became true: {expression}")


def places(page):
    return page.evaluate("[...document.querySelectorAll('.scroller article')].map(a => Number(a.dataset.place))")


def test_a_walk_by_keyboard(page):
    page.goto("/")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    page.keyboard.press("/")
    page.keyboard.type("lorry")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=lorry**")
    page.wait_for_selector(".hit")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator(".hit").first
    assert page.evaluate("document.activeElement.dataset.number") == first.get_attribute("data-number")
    page.keyboard.press("Enter")
    target = page.locator(".reader-pane .line.target")
    target.wait_for()
    assert target.get_attribute("data-number") == first.get_attribute("data-number")
    assert f"at={first.get_attribute('data-number')}" in page.url.replace("%3A", ":")
    page.keyboard.press("i")
    page.wait_for_selector("#drawer .detail")
    page.keyboard.press("Escape")
    assert page.locator("#drawer").is_hidden()
    page.keyboard.press("Escape")
    assert page.locator("#reader-pane").is_hidden()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/conversations")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations/0**")


def test_any_hit_is_opened_by_its_address(page):
    page.goto("/search?q=van&at=1:1470")
    target = page.locator(".reader-pane .line.target")
    target.wait_for()
    settled(page)
    assert target.get_attribute("data-number") == "1:1470"
    pane = page.locator(".reader-pane").bounding_box()
    line = target.bounding_box()
    assert pane["y"] < line["y"] < pane["y"] + pane["height"] - line["height"]
    assert page.evaluate("(s => s.scrollHeight > s.clientHeight)(document.querySelector('.scroller'))")
    assert page.locator(".strip").bounding_box()["height"] < 900
    assert len(places(page)) < 900


def test_a_search_is_completed_narrowed_and_explained(page):
    page.goto("/search")
    page.fill("#q", "")
    page.type("#q", "from:qu")
    page.wait_for_selector("#options li")
    assert page.get_attribute("#q", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "quietowl" in page.input_value("#q")
    page.keyboard.press("Enter")
    page.wait_for_selector(".facets section")
    assert page.locator(".explain").inner_text()
    before = page.locator(".hits-head strong").inner_text()
    with page.expect_navigation():
        page.locator(".facets section a").nth(1).click()
    assert page.locator(".hits-head strong").inner_text() != before or "and" in page.url


def test_hits_are_there_before_the_total_and_the_facets(page):
    held = []
    page.route(re.compile("/search/(total|facets)"), lambda route: held.append(route))
    page.goto("/search?q=van")
    page.locator("#hits").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.rank") == "1"
    total = page.locator(".hits-head [role=status]")
    assert total.inner_text() == "more than 50 messages"
    assert page.locator(".facets section").count() == 0
    before = page.locator(".hit").first.bounding_box()
    assert len(held) == 2
    for route in held:
        route.continue_()
    page.wait_for_selector(".facets section")
    page.wait_for_selector(".hits-head [role=status] strong")
    assert int(total.inner_text().split()[0].replace(",", "")) > 50
    assert page.locator(".hit").first.bounding_box() == before
    assert page.evaluate("document.activeElement.dataset.rank") == "1"


def test_without_a_script_all_of_a_search_comes_at_once(browser, served):
    context = browser.new_context(base_url=served.address, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"/enter/{served.token()}")
    plain.goto("/search?q=van")
    plain.wait_for_url("**whole=true**")
    assert plain.locator(".hits-head strong").inner_text()
    with plain.expect_navigation():
        plain.locator(".facets section a").first.click()
    assert "whole=true" in plain.url
    assert plain.locator(".facets section").count()
    context.close()


def test_hits_go_on_without_end(page):
    page.goto("/search?q=van")
    count = rows(page, "#hits").count()
    assert count == 50
    page.evaluate("document.querySelector('#hits').scrollTop = 1e6")
    until(page, "document.querySelectorAll('#hits [data-row]').length > 50")
    ranks = page.evaluate("[...document.querySelectorAll('#hits [data-row]')].map(r => Number(r.dataset.rank))")
    assert ranks == list(range(len(ranks)))


def test_a_message_is_tagged_by_key_and_the_search_finds_it(page, served):
    page.goto("/search?q=lorry")
    page.keyboard.press("j")
    number = page.evaluate("document.activeElement.dataset.number")
    page.keyboard.press("t")
    page.keyboard.type("urgent")
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .tag")
    assert page.locator(".hit.chosen .line-marks .tag").all_inner_texts() == ["urgent"]
    page.fill("#drawer [name=tag]", "second")
    page.keyboard.press("Enter")
    until(page, "document.querySelectorAll('.hit.chosen .tag').length === 2")
    page.locator("#drawer .tag button").nth(0).click()
    until(page, "document.querySelectorAll('.hit.chosen .tag').length === 1")
    page.locator("#drawer .tag button").click()
    until(page, "document.querySelectorAll('.hit .tag').length === 0")
    page.fill("#drawer [name=tag]", "urgent")
    page.keyboard.press("Enter")
    until(page, "document.querySelectorAll('.hit.chosen .tag').length === 1")
    assert served.case.message(served.case.view(), number).message.tags == ("urgent",)
    page.goto("/search?q=tag:urgent")
    assert page.locator(".hit").get_attribute("data-number") == number


def test_a_conversation_opens_anywhere_and_scrolls_both_ways(page):
    page.goto("/conversations/0?at=1:1500")
    target = page.locator(".line.target")
    target.wait_for()
    settled(page)
    middle = int(target.get_attribute("data-place"))
    seen = places(page)
    assert seen == list(range(seen[0], seen[-1] + 1))
    assert seen[0] < middle < seen[-1]
    scroller = page.locator(".scroller")
    scroller.hover()
    for way in (-1, 1):
        edge = seen[0] if way < 0 else seen[-1]
        for _ in range(40):
            page.mouse.wheel(0, way * 1500)
            page.wait_for_timeout(20)
        settled(page)
        now = places(page)
        assert now == list(range(now[0], now[-1] + 1))
        assert now[0] < edge if way < 0 else now[-1] > edge
        assert len(now) < 900


def test_nothing_moves_when_earlier_messages_are_put_above(page):
    page.goto("/conversations/0?at=1:1500")
    page.locator(".line.target").wait_for()
    settled(page)
    page.evaluate(
        """() => { const s = document.querySelector('.scroller'); const r = s.querySelector('.line.target');
        s.scrollTop += r.getBoundingClientRect().top - s.getBoundingClientRect().top - 300; }"""
    )
    page.evaluate("document.querySelector('.scroller').scrollTop -= 1200")
    settled(page)
    page.wait_for_timeout(200)
    top = "document.querySelector('.line.target').getBoundingClientRect().top"
    before = page.evaluate(top)
    first = places(page)[0]
    page.evaluate("document.querySelector('.scroller').scrollTop -= 1")
    page.wait_for_timeout(300)
    assert abs(page.evaluate(top) - before - 1) < 3
    assert places(page)[0] <= first


def test_ends_dates_and_strip(page):
    page.goto("/conversations/0?q=lorry")
    page.wait_for_selector(".scroller article")
    total = int(page.get_attribute("[data-reader]", "data-total"))
    page.locator(".scroller").focus()
    page.keyboard.press("End")
    until(page, f"document.querySelector('article[data-place=\"{total - 1}\"]') !== null")
    page.locator(".scroller").focus()
    page.keyboard.press("Home")
    until(page, "document.querySelector('article[data-place=\"0\"]') !== null")
    strip = page.locator(".strip")
    box = strip.bounding_box()
    page.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2)
    until(page, f"Math.abs(Number(document.querySelector('.strip').ariaValueNow) - {total / 2}) < {total / 10}")
    assert re.search(r"of 3,000", page.get_attribute(".strip", "aria-valuetext"))
    page.fill("[data-goto] input", "2020-03-28 10:00")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.line.target')?.dataset.minute >= '2020-03-28 10:00'")
    page.keyboard.press("n")
    until(page, "document.querySelector('.line.target')?.classList.contains('is-hit')")


def test_every_state_is_an_address(page):
    page.goto("/conversations/0?at=1:1500")
    page.locator(".line.target").wait_for()
    page.locator(".scroller").hover()
    page.mouse.wheel(0, 2400)
    page.wait_for_url("**top=**")
    page.wait_for_timeout(1000)
    first = page.evaluate("new URL(location.href).searchParams.get('top')")
    page.goto("/desk")
    page.go_back()
    page.wait_for_selector(".scroller article")
    until(page, f"Math.abs(Number(document.querySelector('.strip').ariaValueNow) - {first}) < 4")


def test_lists_are_found_where_they_were_left(page):
    page.goto("/search?q=van")
    page.evaluate("document.querySelector('#hits').scrollTop = 900")
    page.goto("/desk")
    page.go_back()
    until(page, "Math.abs(document.querySelector('#hits').scrollTop - 900) < 3")


def test_the_mark_of_what_was_read(page, served):
    page.goto("/conversations/0?at=1:900")
    page.locator(".line.target").wait_for()
    page.keyboard.press("m")
    page.wait_for_selector(".read-to")
    assert served.case.conversation(served.case.view(), 0).read_to == "1:900"


def test_evidence_is_added_through_the_page(page, served, tmp_path):
    path = write_telegram(tmp_path / "second phone.json", 40, small=1, every=71)
    page.goto("/add")
    page.set_input_files("[data-files]", str(path))
    page.wait_for_url(re.compile(r"/add/[0-9a-f]{16}"))
    assert "Telegram" in page.locator("#draft").inner_text()
    page.fill("[name=zone]", "Europe/Paris") if page.locator("#draft [name=zone]").count() == 0 else page.fill(
        "#draft [name=zone]", "Europe/Paris"
    )
    page.click("#draft button.primary")
    page.wait_for_selector(".account-sum", timeout=60_000)
    assert "adds up" in page.locator(".account-sum").inner_text()
    names = [row.item.name for row in served.case.items(served.case.view())]
    assert "second phone.json" in names


def test_hits_are_exported_from_the_page(page, tmp_path):
    page.goto("/search?q=lorry")
    page.keyboard.press("e")
    page.check("[name=format][value=csv]")
    page.click("#export-dialog button.primary")
    with page.expect_download(timeout=60_000) as waiting:
        page.click("#export-job a[download]")
    out = tmp_path / "hits.csv"
    waiting.value.save_as(out)
    assert "lorry" in out.read_text("utf-8-sig")


def test_the_zone_is_chosen_once_for_everything(page):
    page.goto("/messages/1:40")
    page.fill("[data-zone]", "America/Lima")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "UTC-05:00" in page.locator("main").inner_text()
    page.goto("/search?q=van")
    assert "America/Lima" in page.locator(".explain").inner_text()
    page.goto("/?my-zone=Europe/Paris")


def test_a_cited_address_means_the_same_to_whoever_opens_it(page):
    page.goto("/?my-zone=Europe/Paris")
    page.goto("/search")
    assert "zone=" not in page.url
    page.fill("#q", "date:2020-03-27T20")
    page.keyboard.press("Enter")
    page.wait_for_url("**zone=Europe%2FParis**")
    page.wait_for_selector(".hit")
    hits = page.locator(".hit").first.get_attribute("data-number")
    page.goto("/conversations/0?q=date:2020-03-27T20")
    until(page, "location.search.includes('zone=Europe%2FParis')")
    page.goto("/search?q=date:2020-03-27T20")
    until(page, "location.search.includes('zone=Europe%2FParis')")
    cited = page.url
    page.goto("/?my-zone=America/Lima")
    page.goto(cited)
    assert page.locator(".hit").first.get_attribute("data-number") == hits
    assert "Times and dates on this page are those of Europe/Paris" in page.locator(".other-zone").inner_text()
    with page.expect_navigation():
        page.select_option("[name=language]", "fr")
    assert "Europe/Paris" in page.locator(".other-zone").inner_text()
    with page.expect_navigation():
        page.select_option("[name=language]", "en")
    page.locator(".hit a.in").first.click()
    page.wait_for_selector(".reader-pane .line.target")
    page.click(".reader-pane [data-around]")
    page.wait_for_url("**/around**zone=Europe%2FParis**")
    page.go_back()
    page.click(".other-zone a")
    page.wait_for_url("**zone=America*Lima**")
    assert page.locator(".other-zone").count() == 0
    assert page.locator(".hit").count() == 0 or page.locator(".hit").first.get_attribute("data-number") != hits
    page.goto("/?my-zone=Europe/Paris&language=en")


def test_a_phone_sees_one_pane_at_a_time(page):
    page.set_viewport_size({"width": 390, "height": 844})
    for path in PAGES:
        page.goto(path)
        settled(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, path
    page.goto("/search?q=lorry")
    page.locator(".hit").first.click()
    page.wait_for_selector(".reader-pane .line")
    assert page.locator(".reader-pane").bounding_box()["width"] >= 388


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing(page, theme, language):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run npm ci in web-ui")
    found = {}
    for path in PAGES:
        page.goto(f"{path}{'&' if '?' in path else '?'}theme={theme}&language={language}")
        settled(page)
        page.evaluate(AXE.read_text("utf-8"))
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        bad = [
            (v["id"], [n["html"][:160] + " :: " + (n.get("failureSummary") or "")[:200] for n in v["nodes"][:3]])
            for v in result["violations"]
        ]
        if bad:
            found[path] = bad
    page.goto("/?theme=system&language=en")
    assert found == {}
