"""What the pages say where there is nothing to show, and in how many."""

import pytest
from litestar.testing import TestClient

from filon.case import create_case
from filon.web.app import create_app
from filon.web.door import Door
from filon.words import translator


@pytest.fixture
def bare(settings, tmp_path):
    """A client in a case that holds nothing."""
    with create_case(str(tmp_path / "bare"), settings) as case:
        door = Door()
        with TestClient(create_app(case, door=door), base_url="http://127.0.0.1:8080") as client:
            client.get(f"/enter/{door.token()}", follow_redirects=False)
            yield client


@pytest.mark.parametrize("q", ["", "van", "date:2020-03"])
def test_a_search_in_an_empty_case_leads_to_adding(bare, q):
    text = bare.get("/search", params={"q": q}).text
    assert "There is no message to search" in text
    assert '<a class="button primary" href="/add">' in text
    assert "Take a word away" not in text
    assert "Il n’y a aucun message" in bare.get("/search", params={"q": q, "language": "fr"}).text
    assert bare.get("/search", params={"q": q}, headers={"accept": "application/json"}).json()["bare"] is True


def test_a_search_without_hits_leads_to_asking_for_less(visitor):
    text = visitor.get("/search?q=zzzzzz&whole=true").text
    assert "Take a word away" in text
    assert "There is no message to search" not in text


def test_an_item_that_is_not_there_is_told(visitor, bare):
    text = visitor.get("/items?item=99").text
    assert "There is no item 99 in this view." in text
    assert '<a href="/items">All items</a>' in text
    assert visitor.json("/items?item=99")["missing"] == 99
    assert "There is no item" not in visitor.get("/items?item=1").text
    assert "There is no item" not in visitor.get("/items").text
    empty = bare.get("/items?item=99").text
    assert "There is no item 99 in this view." in empty
    assert "All items" not in empty


def test_one_more_is_one_more_in_french():
    french = translator("fr")
    said = [french.ngettext("and %(more)s more", "and %(more)s more", n) % {"more": n} for n in (1, 2)]
    assert said == ["et 1 autre", "et 2 autres"]


def test_the_owner_of_a_device_has_a_french_word(visitor, case):
    _, rows = case.accounts(case.view(), limit=500)
    owner = next((row for row in rows for name in row.names if name.kind == "owner"), None)
    assert translator("fr").term("name", "owner") == "propriétaire"
    if owner:
        assert (
            "<dt>propriétaire</dt>"
            in visitor.get(f"/accounts/{owner.account.account}", headers={"x-filon-language": "fr"}).text
        )
