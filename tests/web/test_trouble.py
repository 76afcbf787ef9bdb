"""The pages in trouble: a locked room, a server that is gone, two tabs that disagree, places that are not there."""

import pytest

from web.test_browser import places, settled, until

pytestmark = pytest.mark.browser

SAID = "document.querySelector('#said p').textContent"
ZONES = "[...new Set([...document.querySelectorAll('.scroller article .full')].map(f => f.textContent.slice(-9)))]"


@pytest.fixture
def visit(browser, served):
    """A context that has come in, whose complaints are part of the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=served.address)
    page = context.new_page()
    page.goto(f"/enter/{served.token()}")
    yield context, page
    context.close()


def wheel(page, times=6):
    page.locator(".scroller").hover()
    for _ in range(times):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(40)


def test_a_locked_room_is_told_and_the_transcript_stays(visit):
    context, page = visit
    asked = []
    page.goto("/conversations/0")
    page.wait_for_selector(".scroller article")
    settled(page)
    before = places(page)
    context.clear_cookies()
    page.on("request", lambda request: asked.append(request.url))
    wheel(page)
    until(page, f"{SAID}.includes('locked')")
    page.wait_for_timeout(300)
    assert places(page) == before
    assert len(asked) <= 6
    page.keyboard.press("i")
    page.wait_for_selector("#drawer-body .problem")
    assert "Open the link that the terminal shows" in page.locator("#drawer-body").inner_text()


def test_a_server_that_is_gone_is_told_with_the_next_step(visit):
    context, page = visit
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto("/")
    page.wait_for_selector(".plot a")
    context.set_offline(True)
    page.locator(".plot a[href]").first.click()
    until(page, f"{SAID}.includes('does not answer')")
    assert "start it again" in page.evaluate(SAID)
    assert page.locator(".plot a").count()
    page.wait_for_timeout(5500)
    assert page.evaluate(SAID)
    page.keyboard.press("Escape")
    assert not page.evaluate(SAID)
    context.set_offline(False)
    page.goto("/conversations/0")
    page.wait_for_selector(".scroller article")
    settled(page)
    context.set_offline(True)
    wheel(page)
    until(page, f"{SAID}.includes('does not answer')")
    page.click("[data-said-close]")
    assert not page.evaluate(SAID)
    context.set_offline(False)
    last = places(page)[-1]
    wheel(page)
    until(page, f"document.querySelector('article[data-place=\"{last + 1}\"]') !== null")
    assert failed == []


def test_what_cannot_be_done_leaves_the_page_as_it_is(visit):
    _, page = visit
    page.goto("/desk")
    for _ in range(20):
        page.click("#desk [hx-post='/undo']")
        settled(page)
        if page.evaluate(SAID):
            break
    assert page.evaluate(SAID)
    assert page.locator("#desk .card").count() == 4


def test_a_transcript_keeps_the_zone_it_began_in(visit):
    context, page = visit
    page.goto("/?my-zone=Europe/Paris")
    page.goto("/conversations/0")
    page.wait_for_selector(".scroller article")
    settled(page)
    other = context.new_page()
    other.goto("/?my-zone=America/Lima&language=fr")
    last = places(page)[-1]
    wheel(page)
    until(page, f"document.querySelector('article[data-place=\"{last + 1}\"]') !== null")
    zones = page.evaluate(ZONES)
    assert all(zone in ("UTC+01:00", "UTC+02:00") for zone in zones)
    page.fill("[data-goto] input", "tomorrow")
    page.keyboard.press("Enter")
    until(page, f"{SAID}.includes('is not a date')")
    assert "write it as 2020-04-03" in page.evaluate(SAID)
