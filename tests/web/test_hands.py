"""The pages by keyboard alone and by ear: what has the focus, what it is called, where it goes."""

import re
import time
from urllib.parse import quote

import pytest

from web.test_browser import settled, until

pytestmark = pytest.mark.browser


def spoken(page, selector):
    """Name and description of an element, as the accessibility tree of the browser has them."""
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    tree = session.send("Accessibility.getPartialAXTree", {"nodeId": node, "fetchRelatives": False})["nodes"][0]
    session.detach()
    return tuple(" ".join(tree.get(part, {}).get("value", "").split()) for part in ("name", "description"))


def test_every_message_says_who_when_and_what(page):
    page.goto("/conversations/0?q=lorry&at=1:500")
    page.locator(".line.target").wait_for()
    settled(page)
    name, said = spoken(page, ".line.target")
    who = page.locator(".line.target .line-head .account").inner_text()
    assert name.startswith(who)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\+0[12]:00$", name)
    assert page.locator(".line.target .text").inner_text().split()[0] in said
    until(page, "document.querySelector('.scroller .is-hit') !== null")
    assert spoken(page, ".scroller .is-hit")[1].endswith("hit")


def test_a_message_that_continues_still_says_who_wrote_it(page, served):
    page.goto("/conversations/0")
    page.wait_for_selector(".line.continued")
    number = page.locator(".line.continued").first.get_attribute("data-number")
    sender = served.case.message(served.case.view(), number).message.sender.label
    assert spoken(page, ".line.continued")[0].startswith(sender)
    assert sender in page.locator(".line.continued").first.aria_snapshot()


def test_every_hit_says_who_and_what(page):
    page.goto("/search?q=lorry")
    name, said = spoken(page, ".hit")
    assert name == "Hit 1"
    assert "Team north" in said
    assert "the blue lorry is late" in said
    assert page.title().startswith("lorry · Search")


def test_choices_are_walked_through_before_one_is_taken(page):
    page.goto("/search?q=van")
    order = page.locator("[name=order]")
    order.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(200)
    assert "order=" not in page.url
    assert order.input_value() == "relevance"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "order=relevance" in page.url
    page.locator("select[name=order]").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    assert "order=relevance" in page.url
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "order=oldest" in page.url
    page.locator("[name=theme]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Tab")
    assert "theme=dark" in page.url
    with page.expect_navigation():
        page.select_option("[name=theme]", "system")


def test_a_chart_is_one_stop_and_walked_with_the_arrows(page):
    page.goto("/")
    page.wait_for_selector(".plot a[tabindex]")
    assert page.locator(".plot a[tabindex='0']").count() == 1
    label = "document.activeElement.getAttribute('aria-label')"
    page.locator(".plot a[tabindex='0']").focus()
    first = page.evaluate(label)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(label) != first
    assert page.locator(".plot a[tabindex='0']").count() == 1
    page.keyboard.press("Home")
    assert page.evaluate(label) == first
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#activity .chart-bar').innerText.includes('per hour')")
    until(page, "document.activeElement.closest('#activity') !== null")


def test_what_is_replaced_hands_the_focus_on(page):
    page.goto("/messages/1:77")
    page.fill(".inline-form [name=tag]", "kept")
    page.keyboard.press("Enter")
    page.wait_for_selector(".detail .tag")
    assert page.evaluate("document.activeElement.name") == "tag"
    page.locator(".detail .tag button").focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.detail .tag') === null")
    assert page.evaluate("document.activeElement.closest('.detail') !== null")


def test_a_place_far_down_a_list_of_hits_is_found_again(page):
    held = []
    page.goto("/search?q=van+OR+ok+OR+fine")
    page.wait_for_selector(".hit")
    for count in (100, 150, 200):
        page.evaluate("document.querySelector('#hits').scrollTop = 1e6")
        until(page, f"document.querySelectorAll('#hits .hit').length >= {count}")
    settled(page)
    top = page.evaluate("document.querySelector('#hits').scrollTop")
    page.goto("/desk")

    def slowly(route):
        held.append(route)
        time.sleep(0.7)
        route.continue_()

    page.route(re.compile("/search/hits"), slowly)
    page.go_back()
    until(page, f"Math.abs(document.querySelector('#hits').scrollTop - {top}) < 3")
    assert len(held) >= 2
    page.unroute_all(behavior="ignoreErrors")


def test_text_is_not_squeezed_on_a_narrow_screen(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/around?time={quote('2020-03-27 14:03')}&minutes=5")
    widths = page.evaluate("[...document.querySelectorAll('.around .line-body')].map(b => b.clientWidth)")
    assert widths
    assert min(widths) > 200


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_when_the_chart_comes(page, width):
    held = []
    page.set_viewport_size({"width": width, "height": 900})
    page.route(re.compile("/activity"), lambda route: held.append(route))
    page.goto("/", wait_until="domcontentloaded")
    page.wait_for_selector("main .columns")
    page.evaluate("document.fonts.ready.then(() => true)")
    before = page.locator("main .columns").first.bounding_box()
    until_held(page, held)
    for route in held:
        route.continue_()
    page.wait_for_selector(".plot a")
    assert page.locator("main .columns").first.bounding_box() == before


def until_held(page, held):
    for _ in range(100):
        if held:
            return
        page.wait_for_timeout(20)
    raise AssertionError("nothing was asked for")


def test_keys_that_are_letters_can_be_switched_off_and_on(page):
    page.goto("/conversations/0?q=lorry")
    page.wait_for_selector(".scroller article")
    settled(page)
    page.click("[data-keys]")
    assert spoken(page, "[name=letters]")[0] == "Keys that are a letter or a sign"
    with page.expect_navigation():
        page.select_option("[name=letters]", "off")
    page.wait_for_selector(".scroller article.chosen")
    settled(page)
    here = "[location.pathname, document.querySelector('.chosen').dataset.number, document.activeElement.id]"
    before = page.evaluate(here)
    for key in "jkitenpm/?gs":
        page.keyboard.press(key)
        page.wait_for_timeout(30)
    settled(page)
    assert page.evaluate(here) == before
    assert page.locator("dialog[open]").count() == 0
    assert page.locator("#drawer").is_hidden()
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .detail")
    page.keyboard.press("Escape")
    page.goto("/desk")
    page.keyboard.press("/")
    page.wait_for_timeout(200)
    assert page.url.endswith("/desk")
    page.click("[data-keys]")
    with page.expect_navigation():
        page.select_option("[name=letters]", "on")
    assert "zone=" not in page.url
    page.keyboard.press("/")
    page.wait_for_url("**/search")
