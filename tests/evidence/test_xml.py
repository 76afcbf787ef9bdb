import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.xml import Flaw, drop, local, stream_elements


def texts(data: bytes, tag: str = "a") -> tuple[list[str | None], list[str]]:
    found, flaws = [], []
    for one in stream_elements(io.BytesIO(data), (tag,)):
        if isinstance(one, Flaw):
            flaws.append(one.code)
        elif one[0] == "end":
            found.append(one[1].text)
            drop(one[1])
    return found, flaws


def test_elements_of_every_namespace_are_given() -> None:
    data = b'<r xmlns="urn:x"><a>1</a><y:a xmlns:y="urn:y">2</y:a><b>3</b></r>'
    assert texts(data) == (["1", "2"], [])


def test_starts_and_ends_are_given() -> None:
    found = [(one[0], local(one[1]), one[2]) for one in stream_elements(io.BytesIO(b"<r><a><b/></a></r>"), ("a",))]  # type: ignore[index]
    assert found == [("start", "a", 3), ("end", "a", 14)]


@pytest.mark.parametrize("step", [1, 7, 1 << 16])
def test_offsets_are_bytes_of_the_stream(step: int) -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(step)

    data = (
        "<?xml version='1.0'?><!-- <a> --><r xmlns='u' xmlns:p='u'><a x='>\"/>'>é\x01<![CDATA[<a></a>]]><p:a/></a>"
        "<ab/><a\n/></r>"
    ).encode()
    found = [one for one in stream_elements(Trickle(data), ("a",)) if not isinstance(one, Flaw)]
    starts = [one[2] for one in found if one[0] == "start"]
    ends = [one[2] for one in found if one[0] == "end"]
    assert [data[start : start + 4] for start in starts if start is not None] == [b"<a x", b"<p:a", b"<a\n/"]
    assert [data[end - 4 : end] for end in ends if end is not None] == [b":a/>", b"</a>", b"<a\n/>"[1:]]


def test_offsets_are_unknown_where_the_bytes_are_not_utf8() -> None:
    data = "<r><a/></r>".encode("utf-16")
    assert [one[2] for one in stream_elements(io.BytesIO(data), ("a",)) if not isinstance(one, Flaw)] == [None, None]


def test_offsets_end_where_the_parser_and_the_bytes_disagree() -> None:
    data = "<r xmlns:ñ='u'><ñ:a/><a/></r>".encode()
    assert [one[2] for one in stream_elements(io.BytesIO(data), ("a",)) if not isinstance(one, Flaw)][2:] == [
        None,
        None,
    ]


def test_a_tag_of_many_bytes_is_not_looked_through_again_and_again() -> None:
    """Its end is not waited for beyond a bound: what comes after it has no offset, and takes no square of its length."""
    data = b"<r><a/><b x='" + b"y" * (6 << 20) + b"'/><a/></r>"
    began = time.process_time()
    found = [
        offset
        for one in stream_elements(io.BytesIO(data), ("a", "b"))
        if not isinstance(one, Flaw)
        for offset in one[2:]
    ]
    assert time.process_time() - began < 5
    assert found == [3, 7, None, None, None, None]


def test_what_stands_before_the_damage_is_kept() -> None:
    assert texts(b"<r><a>1</a><a>2</a><a>3") == (["1", "2"], ["xml-broken"])
    assert texts(b"<r><a>1</a></b>") == (["1"], ["xml-broken"])


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE r [<!ENTITY x "y">]>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_a_document_type_is_refused(declaration: bytes) -> None:
    assert texts(declaration + b"<r><a>&x;</a></r>") == ([], ["xml-doctype"])


def test_an_entity_bomb_in_an_attribute_costs_nothing() -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n + 1, b"&e%d;" % n * 10) for n in range(12))
    data = b'<!DOCTYPE r [<!ENTITY e0 "0123456789">' + entities + b']><r x="&e12;"><a/></r>'
    begin = time.process_time()
    found, flaws = texts(data)
    assert found == []
    assert flaws
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("step", [1, 3, 1 << 16])
def test_forbidden_characters_are_shown_and_counted(step: int) -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(step)

    data = "<r><a>x\x00\x1f&#0;&#55357;&#x41;&#9;é</a></r>".encode()
    found = [one for one in stream_elements(Trickle(data), ("a",)) if isinstance(one, Flaw) or one[0] == "end"]
    assert not isinstance(found[0], Flaw)
    assert found[0][1].text == "x\ufffd\ufffd\ufffd\ufffdA\té"
    assert found[1] == Flaw("xml-characters", "4 characters that XML forbids are shown as U+FFFD")


def test_other_encodings_are_left_to_the_parser() -> None:
    for encoding in ("utf-16", "iso-8859-1"):
        data = f"<?xml version='1.0' encoding='{encoding}'?><r><a>é</a></r>".encode(encoding)
        assert texts(data) == (["é"], [])


def test_deep_nesting_ends_the_reading() -> None:
    assert texts(b"<r>" + b"<a>" * 100_000)[1] == ["xml-broken"]


def test_the_tree_stays_small_when_elements_are_dropped() -> None:
    class Endless(io.RawIOBase):
        left = 300

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return (b"<r>" if self.left == 299 else b"") + b"<a>" + b"x" * 1000 + b"</a>" if self.left > 0 else b""

    for one in stream_elements(Endless(), ("a",)):  # type: ignore[arg-type]
        if not isinstance(one, Flaw) and one[0] == "end":
            drop(one[1])
            parent = one[1].getparent()
            assert parent is None or len(parent) <= 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text("<>/ar&;#x0 ='\"[]!-?", max_size=100).map(lambda text: b"<r>" + text.encode()))
def test_any_bytes_give_flaws_and_no_exception(data: bytes) -> None:
    _, flaws = texts(data)
    assert flaws or data.strip()  # nothing at all is no document
