"""Text of evidence: escaped, and nothing in it can hide or steer the page."""

import json
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from filon.case import create_case
from filon.case.answers import Span
from filon.model.given import Given
from filon.web.app import create_app
from filon.web.door import Door
from filon.web.marks import HIDDEN, hidden, marked
from web.synthetic import write_whatsapp

TEXT = st.text(
    st.one_of(
        st.characters(), st.sampled_from("<>&\"'\u202e\u202c\u2066\u200b\u200d\u0000\u0007\u3164\ufeff👍🏽👨👩😀é")
    ),
    max_size=60,
)


class Reader(HTMLParser):
    """What a browser would read: the text, and the tags that stand in it."""

    def __init__(self):
        super().__init__()
        self.tags = []
        self.text = ""
        self.inside_mark = 0

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside_mark += tag == "span"

    def handle_endtag(self, tag):
        self.inside_mark -= tag == "span"

    def handle_data(self, data):
        if not self.inside_mark:
            self.text += data


def read(html):
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    return reader


@given(TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_only_marks_come_out(text, spans):
    html = marked(text, [Span(min(a, b), max(a, b)) for a, b in spans])
    reader = read(html)
    assert {tag for tag, _ in reader.tags} <= {"mark", "span"}
    assert all(attrs.get("class") == "hidden-char" for tag, attrs in reader.tags if tag == "span")
    assert not any(c in str(html) for c in "\u202e\u202c\u2066\u200b\u0000\u0007\u3164\ufeff")


@given(TEXT)
def test_everything_visible_stays(text):
    """Python's parser turns line ends as browsers do, so they are left out of the comparison."""
    expected = HIDDEN.sub("", text).replace("\r", "").replace("\n", "")
    kept = "".join(c for c in read(marked(text)).text if not HIDDEN.match(c)).replace("\n", "")
    assert kept == expected


def test_hidden_characters_are_named():
    html = str(marked("a\u202eb"))
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in html
    assert "\u202e" not in html
    assert hidden("a\u202eb")
    assert not hidden("ab")
    assert not hidden(None)


def test_joiners_stay_where_they_are_needed():
    family = "👨\u200d👩\u200d👧"
    assert marked(family) == family
    persian = "می\u200cخواهم"
    assert marked(persian) == persian
    assert "U+200D" in marked("a\u200db")
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    assert marked(flag) == flag
    assert "U+E0067" in marked("x\U000e0067")


def test_lone_surrogates_can_be_sent():
    assert "U+D83D" in marked("half \ud83d")
    assert marked("half \ud83d").encode()


def test_hits_are_marked_and_overlaps_do_no_harm():
    assert marked("a <b> c", [Span(2, 5)]) == "a <mark>&lt;b&gt;</mark> c"
    assert marked("abcd", [Span(0, 2), Span(1, 3)]) == "<mark>ab</mark>cd"
    assert marked(None) == ""


def test_no_name_reaches_a_page_with_characters_that_cannot_be_seen(settings, tmp_path):
    trick = "gal\u202eyxa\u200b"
    chats = [{"name": trick, "type": "personal_chat", "id": 1, "messages": [
        {"id": 1, "type": "message", "date_unixtime": "1585300000", "from": trick, "from_id": "user1", "text": trick}
    ]}]  # fmt: skip
    (tmp_path / "result.json").write_text(json.dumps({"chats": {"list": chats}}), "utf-8")
    write_whatsapp(tmp_path / f"{trick}.txt", 4)
    with create_case(str(tmp_path / "trick"), settings) as case:
        case.add(case.view(), [tmp_path / "result.json", tmp_path / f"{trick}.txt"], given=Given(owner=trick))
        door = Door()
        with TestClient(create_app(case, door=door), base_url="http://127.0.0.1") as client:
            client.get(f"/enter/{door.token()}")
            for path in ("/", "/search?q=x", "/conversations", "/accounts", "/items", "/custody", "/messages/1:3"):
                assert shown(client, path) == []
            for row in case.conversations(case.view())[1]:
                assert shown(client, f"/conversations/{row.conversation}") == []
            for row in case.accounts(case.view())[1]:
                assert shown(client, f"/accounts/{row.account.account}") == []


def shown(client, path):
    text = client.get(path).text
    return [text[max(found.start() - 60, 0) : found.end()] for found in re.finditer("[\u202e\u200b]", text)]
