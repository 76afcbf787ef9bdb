"""Uploads: safe names, limits, and nothing left behind."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.errors import EvidenceError
from filon.web import drafts
from filon.web.drafts import Drafts, receive, safe_name


async def chunks(*pieces):
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


@given(st.text(max_size=300))
def test_names_are_safe(name):
    safe = safe_name(name)
    assert safe
    assert safe not in (".", "..")
    assert "/" not in safe
    assert "\x00" not in safe
    assert len(safe.encode()) <= 320


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\evidence\\chat.txt", "chat.txt"),
        ("chat\u202etxt.exe", "chat_txt.exe"),
        ("WhatsApp Chat avec Léa.txt", "WhatsApp Chat avec Léa.txt"),
        ("...", "file"),
    ],
)
def test_what_names_become(name, safe):
    assert safe_name(name) == safe


def test_a_broken_upload_leaves_nothing(tmp_path):
    draft = Drafts(tmp_path).new()
    with pytest.raises(OSError):
        asyncio.run(receive(draft, "a.txt", chunks(b"half", OSError("gone"))))
    assert draft.uploads == []
    assert list(draft.folder.iterdir()) == []


def test_a_file_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(drafts, "UPLOAD_LIMIT", 10)
    draft = Drafts(tmp_path).new()
    with pytest.raises(EvidenceError, match="too large"):
        asyncio.run(receive(draft, "a.txt", chunks(b"12345", b"678901")))
    assert list(draft.folder.iterdir()) == []


def test_two_files_of_one_name_stay_apart(tmp_path):
    draft = Drafts(tmp_path).new()
    first = asyncio.run(receive(draft, "a.txt", chunks(b"1")))
    second = asyncio.run(receive(draft, "a.txt", chunks(b"2")))
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    assert first.stat().st_mode & 0o077 == 0 or first.parent.stat().st_mode & 0o077 == 0


def test_what_a_killed_server_left_is_removed(tmp_path):
    room = Drafts(tmp_path)
    draft = room.new()
    asyncio.run(receive(draft, "a.txt", chunks(b"1")))
    Drafts(tmp_path)
    assert not draft.folder.exists()


def test_discarding_removes_the_uploads(tmp_path):
    room = Drafts(tmp_path)
    draft = room.new()
    asyncio.run(receive(draft, "a.txt", chunks(b"1")))
    room.discard(draft.key)
    assert not draft.folder.exists()
    with pytest.raises(EvidenceError):
        room.get(draft.key)


def test_drafts_are_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(drafts, "DRAFTS_LIMIT", 1)
    room = Drafts(tmp_path)
    room.new()
    with pytest.raises(EvidenceError, match="too many"):
        room.new()
