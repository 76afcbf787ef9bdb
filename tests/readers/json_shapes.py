"""Strategies for documents that have a format's keys and anything for values: numbers for texts, lists for objects."""

import json
from typing import Any

from hypothesis import strategies as st

__all__ = ["damaged", "documents", "dumped"]

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(
        ["2021-07-03T22:38:58", "1970-01-01T05:00:00", "9999-12-31T23:59:59+00:00", "0", "-1", "(x)", "\ud800"]
    )
)


def documents(keys: list[str], words: list[str]) -> st.SearchStrategy[Any]:
    """Nested values whose keys are mostly those of the format and whose texts are mostly its words."""
    names = st.sampled_from(keys) | st.text(max_size=4)
    leaves = _SCALARS | st.sampled_from(words)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=8), max_leaves=40
    )


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with some of them cut out, doubled or overwritten."""
    place = st.integers(0, len(data))

    def harm(args: tuple[int, int, bytes]) -> bytes:
        start, length, other = args
        return data[:start] + other + data[start + length :]

    return st.tuples(place, st.integers(0, 40), st.binary(max_size=6) | st.sampled_from([b'"', b"{", b"}", b"]"])).map(
        harm
    )


def dumped(value: Any) -> bytes:
    """The value as JSON, NaN and half surrogates included."""
    return json.dumps(value).encode()
