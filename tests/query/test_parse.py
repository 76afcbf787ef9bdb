import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon.errors import QueryError
from filon.query.parse import DEEPEST, LONGEST, parse
from filon.query.show import show
from filon.query.tree import All, And, Date, Field, Fuzzy, Infix, Node, Not, Or, Phrase, Prefix, Regex, TextRegex, Word
from query.trees import HARD, trees

MEANT = [
    ("", All()),
    ("  \u200b ", All()),
    ("*", All()),
    ("cash", Word("cash")),
    ("don't", Word("don't")),
    ("cash lyon", And((Word("cash"), Word("lyon")))),
    ("cash AND lyon", And((Word("cash"), Word("lyon")))),
    ("a b OR c d", Or((And((Word("a"), Word("b"))), And((Word("c"), Word("d")))))),
    ("a (b OR c)", And((Word("a"), Or((Word("b"), Word("c")))))),
    ("(a b) c", And((And((Word("a"), Word("b"))), Word("c")))),
    ("-a b", And((Not(Word("a")), Word("b")))),
    ("NOT (a b)", Not(And((Word("a"), Word("b"))))),
    ("and or not", And((Word("and"), Word("or"), Word("not")))),
    ("\\AND", Word("AND")),
    ("a A\u200bND b", And((Word("a"), Word("b")))),
    ("fr\u202eom:dylan", Field("from", "dylan")),
    ('"the  green bag"', Phrase(("the", "green", "bag"))),
    ("“green bag”~3", Phrase(("green", "bag"), 3)),
    ('"say \\"hi\\""', Phrase(("say", '"hi"'))),
    ("lyo*", Prefix("lyo")),
    ("*yon*", Infix("yon")),
    ("lyn~1 dylann~2", And((Fuzzy("lyn", 1), Fuzzy("dylann", 2)))),
    ("/ly.n/", Regex("ly.n")),
    ("text:/\\d\\/\\d/", TextRegex("\\d/\\d")),
    ("from:dylan", Field("from", "dylan")),
    ("FROM:dylan", Field("from", "dylan")),
    ('from:"Dylan B*"', Field("from", "Dylan B*")),
    ("from:+33612345678", Field("from", "+33612345678")),
    ("from:#7", Field("from", "#7")),
    ("has:photo", Field("has", "image")),
    ("is:One_Sided", Field("is", "one-sided")),
    ("-is:deleted", Not(Field("is", "deleted"))),
    ("date:2020-04-01..2020-05", Date("2020-04-01", "2020-05")),
    ("date:2020-04", Date("2020-04", "2020-04")),
    ("date:..2020", Date(None, "2020")),
    ("date:2020-04-01T18:00..", Date("2020-04-01T18:00", None)),
    ("12:30", Word("12:30")),
    ("https://example.org/x", Word("https://example.org/x")),
    ("👨‍👩‍👧", Word("👨‍👩‍👧")),
    ("¹\u200d\u200d\u200b", Word("¹\u200d\u200d")),
    ("\u200d\ufe0fa\u200d\ufe0f", Word("a")),
]

WRONG = [
    ("frm:x", 0, "from"),
    ("a xyzzy:b", 2, "fields are"),
    ("(a", 0, ")"),
    ("a (b (c)", 2, ")"),
    ("a)", 1, None),
    ("()", 0, None),
    ('a "bc', 2, '"'),
    ("/ab", 0, "\\/"),
    ("AND a", 0, "capitals"),
    ("a OR", 4, None),
    ("a OR OR b", 5, None),
    ("-", 1, None),
    ("a\\", 1, None),
    ("...", 0, None),
    ('a "..."', 2, None),
    ("*a", 0, "*inside*"),
    ("a*b", 0, None),
    ("don't*", 0, "phrase"),
    ("漢字*", 0, "phrase"),
    ("abc~3", 0, "abc~1"),
    ("abc~", 0, "abc~1"),
    ("ab~2", 0, "longer"),
    ('"a b"~', 5, None),
    ('"a b"~101', 0, None),
    ("//", 0, None),
    ("/(/", 0, "RE2"),
    ("/(?=a)/", 0, "RE2"),
    ("text:/(a)\\1/", 5, "RE2"),
    ("text:abc", 5, "text:/"),
    ("from:", 5, "colon"),
    ("from: dylan", 5, "colon"),
    ('from:"..."', 5, None),
    ("is:delted", 3, "deleted"),
    ("has:cat", 4, "image"),
    ("date:2020-13", 5, "2020-04"),
    ("date:2020-02-30", 5, None),
    ("date:0000", 5, None),
    ("date:2020..2021-99", 11, None),
    ("date:2021..2020", 5, "swap"),
    ("date:..", 5, None),
    ("date:yesterday", 5, None),
    ("date:２０２０", 5, None),
    ("a" * (LONGEST + 1), LONGEST, None),
    ("(" * (DEEPEST + 1) + "a", DEEPEST, None),
    ("-" * (DEEPEST + 1) + "a", DEEPEST, None),
]


@pytest.mark.parametrize(("text", "tree"), MEANT)
def test_what_a_text_means(text: str, tree: Node) -> None:
    assert parse(text) == tree
    assert parse(show(tree)) == tree


@pytest.mark.parametrize(("text", "position", "hint"), WRONG)
def test_errors_say_where_and_what_next(text: str, position: int, hint: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert str(caught.value)
    assert hint is None or hint in (caught.value.hint or "")


def test_limits_are_reached_exactly() -> None:
    parse("a" * LONGEST)
    parse("(" * DEEPEST + "a" + ")" * DEEPEST)
    parse("a " * (LONGEST // 2))


@given(trees)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_shown_tree_is_read_as_itself(tree: Node) -> None:
    assert parse(show(tree)) == tree


pieces = st.lists(
    st.one_of(
        st.sampled_from([*HARD, *(text for text, _ in MEANT), *(text for text, _, _ in WRONG[:-3])]),
        st.sampled_from(list('()"-*~/\\: #.\u200b\u202e\u200d\ufe0f“«')),
        st.text(max_size=4),
    ),
    max_size=8,
)


@given(pieces, st.sampled_from(["", " "]))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_or_refused(parts: list[str], between: str) -> None:
    text = between.join(parts)
    error = refusal(text)
    if error is None:
        tree = parse(text)
        assert parse(show(tree)) == tree
    else:
        assert 0 <= error.position <= len(text)
        assert str(error)
        assert error.hint is None or error.hint


def refusal(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None
