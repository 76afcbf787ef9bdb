"""Texts of many screens in a transcript: folded, and one key away."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from filon.case import create_case
from filon.web.marks import LONG, SHOWN, folded, marked
from web.conftest import run
from web.test_browser import until
from web.test_hands import spoken
from web.test_marks import read

WORDS = "".join(f"line {n} of a long report\n" for n in range(1, 4_200))[:104_200] + " the needle"
FULL = len(WORDS)


@pytest.fixture(scope="module")
def long_room(settings, tmp_path_factory):
    """A reading room on a case of one conversation with a text of 100 kB in it."""
    folder = tmp_path_factory.mktemp("long")
    texts = ["before", WORDS, "after", "x" * LONG]
    rows = [
        {"id": n, "type": "message", "date_unixtime": str(1_585_288_800 + 60 * n), "from": "owl", "from_id": "user1"}
        | {"text": text}
        for n, text in enumerate(texts, 1)
    ]
    chat = {"name": "Owl", "type": "personal_chat", "id": 5, "messages": rows}
    (folder / "result.json").write_text(json.dumps({"chats": {"list": [chat]}}), "utf-8")
    with create_case(str(folder / "case"), settings) as case:
        case.add(case.view(), [folder / "result.json"])
        yield from run(case)


@given(
    st.text(st.sampled_from("ab \n\u0301\u200d👩👨🏽\U000e0067"), min_size=40).map(lambda t: t * (LONG // len(t) + 1))
)
@example("a" * (LONG + 1))
@example("\u0301" * (LONG + 1))
def test_nothing_of_a_text_is_lost_or_cut_apart(text):
    shown, rest = folded(text)
    assert shown + rest == marked(text)
    if len(text) <= LONG:
        assert rest == ""
        return
    assert rest
    assert len(read(shown).text) <= SHOWN


@pytest.mark.browser
def test_a_long_text_is_folded_and_one_key_away(browser, long_room):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=long_room.address)
    page = context.new_page()
    page.goto(f"/enter/{long_room.token()}")
    for path in ("/conversations/0?at=1:2", "/around?time=2020-03-27%2007:02"):
        page.goto(path)
        page.wait_for_selector("[data-number='1:2']")
        row = page.locator("[data-number='1:2']")
        button = row.locator("[data-fold]")
        assert page.locator("[data-fold]").count() == 1
        assert button.inner_text() == f"Show all ({FULL:,} characters)"
        assert "needle" not in row.inner_text()
        assert row.bounding_box()["height"] < 2_500
        assert "needle" not in spoken(page, "[data-number='1:2']")[1]
        button.focus()
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        assert button.inner_text() == "Show less"
        assert row.locator(".text").inner_text().rstrip() == WORDS.rstrip()
        assert page.evaluate("document.activeElement.matches('[data-fold]')")
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "false"
        assert row.bounding_box()["height"] < 2_500
        assert page.evaluate("document.querySelector('.rest').hidden") == "until-found"
    page.goto("/conversations/0?at=1:2#:~:text=the%20needle")
    page.wait_for_selector("[data-number='1:2']")
    page.evaluate("document.querySelector('.rest').dispatchEvent(new Event('beforematch', {bubbles: true}))")
    until(page, "document.querySelector('[data-fold]').getAttribute('aria-expanded') === 'true'")
    context.close()
    assert long_room.case.message(long_room.case.view(), "1:2").message.text == WORDS
