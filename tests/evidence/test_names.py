import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.names import Namer, steps_of, text_of, why_unsafe

_ODD = st.text(st.sampled_from("a!%~2/é"), min_size=1, max_size=4)


@settings(max_examples=300)
@given(st.lists(_ODD, max_size=6), st.lists(_ODD, max_size=6))
def test_no_two_members_are_written_alike(outer, inner):
    namer = Namer()
    archives = [namer.write(name) for name in outer]
    written = list(archives)
    for archive in archives:
        inside = Namer()
        written += [f"{archive}!{inside.write(name)}" for name in inner]
    assert len(set(written)) == len(written)


@settings(max_examples=200)
@given(st.lists(_ODD, min_size=1, max_size=4))
def test_the_way_to_a_member_can_be_read_back(names):
    written = [Namer().write(name) for name in names]
    assert steps_of("!".join(written)) == written
    assert [one.replace("%21", "!").replace("%25", "%") for one in written] == names


@pytest.mark.parametrize("name", ["a", "a/b", "..a", "a..", "a/...", "dir/", "c", "é:x", "a\\b"])
def test_names_that_stay_inside(name):
    assert why_unsafe(name) is None


@settings(max_examples=200)
@given(st.binary(max_size=12))
def test_any_name_becomes_text_that_can_be_stored(raw):
    text = text_of(raw)
    text.encode("utf-8")
    assert text == raw.decode("utf-8", "strict") if _is_utf8(raw) else text != raw.decode("utf-8", "surrogateescape")
    assert text_of(raw, "cp437") == (text if _is_utf8(raw) else raw.decode("cp437"))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
