import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.query.complete import completions
from filon.query.fields import FIELDS
from query.trees import HARD


@pytest.mark.parametrize(
    ("text", "kind", "typed", "field"),
    [
        ("", "word", "", None),
        ("ly", "word", "ly", None),
        ("cash ", "word", "", None),
        ("(ly", "word", "ly", None),
        ("-ly", "word", "ly", None),
        ("from:", "value", "", "from"),
        ("cash From:dy", "value", "dy", "from"),
        ('from:"Dylan B', "value", "Dylan B", "from"),
        ('"green ba', "phrase", "ba", None),
        ('a "', "phrase", "", None),
        ("/gre", "pattern", "gre", None),
        ("text:/gre", "pattern", "gre", "text"),
        ("a\\", "word", "a\\", None),
    ],
)
def test_what_is_being_typed(text: str, kind: str, typed: str, field: str | None) -> None:
    found = completions(text, len(text))
    assert (found.kind, found.typed, found.field) == (kind, typed, field)
    assert text[found.start :] == typed
    assert completions(text + " more:x", len(text)) == found


def test_what_the_language_can_offer() -> None:
    assert completions("fr", 2).choices == ("from:",)
    assert set(completions("", 0).choices) == {f"{name}:" for name in FIELDS}
    assert completions("is:de", 5).choices == ("deleted",)
    assert completions('has:"vi', 7).choices == ("video",)
    assert completions("from:d", 6).choices == ()


@given(
    st.lists(st.one_of(st.sampled_from([*HARD, '"', "/", "(", "is:", "\\", "“"]), st.text(max_size=3))),
    st.integers(-2, 40),
)
@settings(max_examples=250, deadline=None)
def test_any_text_and_cursor(parts: list[str], cursor: int) -> None:
    text = " ".join(parts)
    found = completions(text, cursor)
    assert text[found.start : max(cursor, 0)] == found.typed
