import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.elements import Broken, Element, Passed, elements
from filon.evidence.json_values import Undecodable, decode


class Trickle(io.BytesIO):
    """A stream that gives few bytes at a time, so that every place is the edge of a chunk once."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self.step = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.step if size is None or size < 0 else min(size, self.step))


def cut(data: bytes, *paths: str, step: int | None = None, limit: int = 1 << 20):
    stream = Trickle(data, step) if step else io.BytesIO(data)
    return list(elements(stream, paths, limit))


def values(found):
    return [one.value for one in found if isinstance(one, Element)]


def covered(data: bytes, found) -> None:
    """Nothing overlaps, nothing lies outside, and elements stand where they say."""
    last = 0
    for one in found:
        assert last <= one.offset <= one.offset + one.length <= len(data)
        last = one.offset + one.length
        if isinstance(one, Element) and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            assert data[one.offset : last] == one.raw


DOCUMENT = {
    "name": "a/b~c",
    "chats": {"list": [{"id": 1, "messages": [{"id": 1, "text": 'x "]}'}, {"id": 2, "x": [[[[[[1]]]]]]}]}, {"id": 2}]},
    "skip": {"messages": [{"id": 9}]},
    "a/b": "slash",
}


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, None])
@pytest.mark.parametrize("indent", [None, 1])
def test_elements_of_nested_lists_have_pointers_and_offsets(step, indent):
    data = json.dumps(DOCUMENT, indent=indent).encode()
    found = cut(data, "/name", "/chats/list/*/id", "/chats/list/*/messages/*", "/a~1b", step=step)
    covered(data, found)
    assert [(one.pointer, one.value) for one in found if isinstance(one, Element)] == [
        ("/name", "a/b~c"),
        ("/chats/list/0/id", 1),
        ("/chats/list/0/messages/0", {"id": 1, "text": 'x "]}'}),
        ("/chats/list/0/messages/1", {"id": 2, "x": [[[[[[1]]]]]]}),
        ("/chats/list/1/id", 2),
        ("/a~1b", "slash"),
    ]
    assert [one.pointer for one in found if isinstance(one, Passed)] == ["/skip"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("step", [1, 5, None])
def test_offsets_are_bytes_of_the_stream_in_every_encoding(encoding, step):
    rows = [{"text": "é𝄞漢" * n, "n": n} for n in range(40)]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    data = text.encode(encoding)
    name = "utf-16-le" if encoding == "utf-16" else encoding.removesuffix("-sig")
    found = cut(data, "/*", step=step)
    assert values(found) == rows
    for one in found:
        assert json.loads(data[one.offset : one.offset + one.length].decode(name)) == one.value


@pytest.mark.parametrize("joint", ["\n", "", " \n\n", ",\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_values_one_after_another(joint, indent):
    data = joint.join(json.dumps({"_id": n, "body": "}{"}, indent=indent) for n in range(5)).encode()
    found = cut(data, "")
    assert [one.pointer for one in found] == ["", "#1", "#2", "#3", "#4"]
    assert [value["_id"] for value in values(found)] == list(range(5))


def test_a_star_stands_for_keys_too():
    found = cut(b'{"Ann": [{"t": 1}], "Bob": [{"t": 2}]}', "/*/*")
    assert [(one.pointer, one.value) for one in found] == [("/Ann/0", {"t": 1}), ("/Bob/0", {"t": 2})]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("damage", [b'"', b"{", b"}", b"]", b"\x00\x00", b"\\", b'"{', b"[["])
def test_damage_costs_one_element(indent, damage):
    rows = [{"id": n, "text": f"message {n}", "parts": [{"a": 1}]} for n in range(200)]
    data = json.dumps({"name": "x", "messages": rows}, indent=indent).encode()
    place = data.index(b"message 100")
    data = data[:place] + damage + data[place:]
    found = cut(data, "/messages/*")
    covered(data, found)
    ids = {value["id"] for value in values(found) if "id" in value}
    assert ids >= set(range(200)) - {100}
    if damage in (b'"', b"\x00\x00", b"\\", b'"{'):  # the others are text inside a string
        broken = [one for one in found if isinstance(one, Broken)]
        assert broken or any("json-control" in one.rules for one in found if isinstance(one, Element))


def test_damage_in_a_container_goes_on_with_its_neighbour():
    chats = [{"id": n, "messages": [{"id": 10 * n}]} for n in range(5)]
    data = json.dumps({"chats": chats}, indent=1).encode()
    data = data.replace(b'"id": 2,', b'"id" 2,,')
    found = cut(data, "/chats/*/messages/*")
    assert [one["id"] for one in values(found)] == [0, 10, 30, 40]
    assert [one.code for one in found if isinstance(one, Broken)] == ["json-broken"]


@pytest.mark.parametrize("step", [1, 13, None])
def test_a_truncated_document_keeps_everything_before(step):
    rows = [{"id": n, "text": "x" * 50} for n in range(20)]
    data = json.dumps({"messages": rows}).encode()
    for length in range(20, len(data), 17):
        found = cut(data[:length], "/messages/*", step=step)
        covered(data[:length], found)
        assert values(found) == rows[: len(values(found))]
        assert isinstance(found[-1], Broken)
        assert found[-1].code == "json-truncated"
        assert len(values(found)) >= (length - 14) // 70 - 1


def test_too_long_and_too_deep_elements_are_stated_and_passed():
    deep = "[" * 5000 + "]" * 5000
    data = f'[{{"a": 1}}, {{"b": "{"x" * 5_000_000}"}}, {{"c": {deep}}}, {{"d": 2}}]'.encode()
    found = cut(data, "/*", limit=100_000)
    covered(data, found)
    assert [(type(one).__name__, getattr(one, "code", None)) for one in found] == [
        ("Element", None),
        ("Broken", "json-too-long"),
        ("Broken", "json-too-deep"),
        ("Element", None),
    ]


def test_a_value_nobody_asked_for_may_be_of_any_length():
    data = b'{"skip": [' + b'{"x": "yyyyyyyyyyyyyy"},' * 200_000 + b'1], "a": 1}'
    found = cut(data, "/a", limit=1000)
    assert [type(one).__name__ for one in found] == ["Passed", "Element"]


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 3_000_000,
        b'{"messages":[' + b'{"id":' * 500_000,
        b'{"messages":[' + b'{"id":1,"x":"' * 300_000,
        b"{" * 1_000_000 + b"}" * 1_000_000,
        b'["' + b"\\" * 3_000_000,
        b'{"messages":[{"id":1}' + b' {"id' * 600_000,
        b"]" * 1_000_000,
        b"word " * 600_000,
        b'{"messages":[' + b"1 " * 300_000 + b"x:",
    ],
    ids=range(9),
)
def test_bombs_take_linear_time_and_end(data):
    begin = time.process_time()
    found = cut(data, "/messages/*", limit=1 << 16)
    assert time.process_time() - begin < 20
    assert found
    covered(data, found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=8), st.sampled_from([None, 0, 3]), st.integers(1, 40))
def test_a_valid_list_gives_what_the_standard_parser_gives(rows, indent, step):
    data = json.dumps(rows, indent=indent).encode()
    found = cut(data, "/*", step=step)
    covered(data, found)
    assert all(isinstance(one, Element) for one in found)
    assert values(found) == json.loads(data)
    assert [one.pointer for one in found] == [f"/{n}" for n in range(len(rows))]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text('{}[]",:\\ax1 \n\ufeff', max_size=200).map(lambda text: ('{"m": [' + text).encode()),
    st.sampled_from([("",), ("/*",), ("/m/*", "/*/x")]),
    st.integers(1, 50),
)
def test_any_bytes_are_walked_without_an_exception(data, paths, step):
    assert [type(one) for one in cut(data, *paths, step=step)] == [type(one) for one in cut(data, *paths, step=step)]
    for limit in (16, 1 << 20):
        covered(data, cut(data, *paths, step=step, limit=limit))


@pytest.mark.parametrize(
    ("raw", "value", "rules"),
    [
        (rb'"a\x1Fb"', "a\x1fb", ("json-escape",)),
        (rb'"a\\x1Fb"', "a\\x1Fb", ()),
        (rb'"a\\\x1Fb\\"', "a\\\x1fb\\", ("json-escape",)),
        (b'{"a": NaN, "b": -Infinity, "c": 1e999}', {"a": None, "b": None, "c": None}, ("json-number",)),
        (b'{"a": 1, "a": 2}', {"a": 2}, ("json-duplicate-key",)),
        (b'{"b": {"a": 1, "a": 2}}', {"b": {"a": 2}}, ("json-duplicate-key",)),
        (b'{"a" :1,"a":2}', {"a": 2}, ("json-duplicate-key",)),
        (b'{"a":1,"a":"\\u0022:"}', {"a": '":'}, ("json-duplicate-key",)),
        (b'{"a":1,"a":"\\u003A"}', {"a": ":"}, ("json-duplicate-key",)),
        (b'{"a" : "\\u0022:"}', {"a": '":'}, ()),
        (b'"\xff\xc3\xa9"', "\ufffdé", ("json-utf8",)),
        ('"\ufffd"'.encode(), "\ufffd", ()),
        (b'"\\ud83d"', "\ufffd", ("json-surrogate",)),
        (b'"\\ud83d\\ude00"', "😀", ()),
        (b'{"\\ud83d": ["\\udc00"]}', {"\ufffd": ["\ufffd"]}, ("json-surrogate",)),
        (b'"tab\there"', "tab\there", ("json-control",)),
        (b'{"a" : ' + b"9" * 41 + b"}", {"a": "9" * 41}, ("json-digits",)),
    ],
)
def test_each_mending_rule_is_named(raw, value, rules):
    assert decode(raw) == (value, rules)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"1 2", b"{'a': 1}", b"undefined", b"[" * 200_000 + b"]" * 200_000, rb'"\q"']
)
def test_what_no_rule_mends_is_undecodable(raw):
    with pytest.raises(Undecodable):
        decode(raw)


_SPELLED = st.lists(
    st.sampled_from(['{', '}', '"a"', '"b"', ':', ' :', ',', '1', '":"', '"\\u0022:"', '"\\u003a"', '"\\":"', ' ', '[', ']'])
    | st.sampled_from(['"a":1', '"a" :1', '"a":{"b":1,"b":2}', '"a":"\\u0022:"', '"b":"\\":"', '"b":":"']),
    max_size=9,
)  # fmt: skip


@given(_SPELLED)
def test_a_key_that_is_named_twice_is_told_however_it_is_spelled(parts):
    raw = ("{" + ",".join(parts) + "}").encode()
    twice = []
    try:
        json.loads(raw, object_pairs_hook=lambda pairs: twice.append(len(dict(pairs)) < len(pairs)))
    except ValueError:
        return
    assert ("json-duplicate-key" in decode(raw)[1]) == any(twice)
