"""Who is let in, what is refused, and the headers of every answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.web.app import HOSTS
from filon.web.door import Door
from filon.web.guard import CSRF_HEADER, hostname, read_cookie

PATHS = ("/", "/search?q=van", "/nowhere", "/assets/nothing.js", "/schema/openapi.json", "/items/1/original")


def test_nothing_is_shown_without_a_session(client):
    for path in ("/", "/search", "/nowhere", "/schema/openapi.json", "/conversations/0/lines", "/messages/1:1"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "lille" not in answer.text


def test_open_files_tell_nothing_of_the_case(client):
    answer = client.get("/assets/nothing.js")
    assert answer.status_code == 404
    assert "lille" not in answer.text


def test_a_token_opens_once(client, door):
    token = door.token()
    first = client.get(f"/enter/{token}", follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    client.cookies.clear()
    assert client.get(f"/enter/{token}", follow_redirects=False).status_code == 401
    assert client.get("/").status_code == 401


def test_a_used_token_is_followed_by_a_fresh_one():
    told = []
    door = Door(told.append)
    door.token()
    assert door.enter(told[0])
    assert len(told) == 2
    assert told[0] != told[1]
    assert door.enter(told[0]) is None


def test_head_does_not_spend_a_token(client, door):
    token = door.token()
    assert client.head(f"/enter/{token}").status_code == 401
    assert client.get(f"/enter/{token}", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "../..", "%00", "a" * 5000])
def test_guessed_tokens_are_refused(client, token):
    assert client.get(f"/enter/{token}", follow_redirects=False).status_code == 401


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "evil@127.0.0.1", "", "[::1", "localhost\t"])
def test_other_hosts_are_refused(visitor, host):
    answer = visitor.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "lille" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "[::1]:8080"])
def test_this_machine_is_served_under_its_names(visitor, host):
    assert (
        visitor.get(
            "/desk", headers={"host": host, "cookie": f"filon-test={visitor.client.cookies['filon-test']}"}
        ).status_code
        == 200
    )


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(visitor, path):
    headers = visitor.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store" or path.startswith("/assets/")


def test_refusals_carry_the_headers_too(client):
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


CHANGES = (
    ("POST", "/messages/1:2/tags"),
    ("DELETE", "/messages/1:2/tags/x"),
    ("POST", "/messages/1:2/notes"),
    ("POST", "/tags"),
    ("POST", "/undo"),
    ("POST", "/searches"),
    ("POST", "/add"),
    ("PUT", "/add/x/files?name=a"),
    ("POST", "/exports"),
    ("POST", "/jobs/1/stop"),
    ("PATCH", "/"),
)


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_changes_need_origin_and_token(visitor, method, path):
    good = visitor.headers
    for headers in (
        {},
        {CSRF_HEADER: good[CSRF_HEADER]},
        {"origin": good["origin"]},
        {**good, "origin": "http://127.0.0.1:9"},
        {**good, "origin": "null"},
        {**good, CSRF_HEADER: "0" * 64},
        {**good, CSRF_HEADER: ""},
    ):
        assert visitor.client.request(method, path, headers=headers, data={"tag": "x"}).status_code == 403


def test_every_route_that_changes_something_is_unsafe_by_method(visitor):
    """GET, HEAD and OPTIONS skip origin and CSRF: none of their handlers may change anything."""
    for route in visitor.client.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            name = str(handler.handler_name).rsplit(".", 1)[-1]
            if name.startswith(("add_", "remove_", "delete_", "save_", "mark_", "undo", "begin", "upload", "discard")):
                assert not {"GET", "HEAD"} & set(handler.http_methods), name


def test_a_session_of_another_door_is_no_session(client):
    other = Door()
    session = other.enter(other.token())
    assert client.get("/", headers={"cookie": f"filon-test={session}"}).status_code == 401


@given(st.text(max_size=60))
def test_hostname_and_cookies_never_raise(text):
    name = hostname(text)
    if name in HOSTS:
        assert text.lower().removeprefix("[").startswith(name)
    assert read_cookie(text, "filon") is None or "filon" in text


@given(st.text(max_size=80))
def test_csrf_tokens_belong_to_one_session(text):
    door = Door()
    session = door.enter(door.token())
    assert session is not None
    assert door.agrees(session, door.csrf(session))
    assert not door.agrees(session, text)
    assert not door.agrees(session, None)
    assert not door.agrees("another", door.csrf(session))
