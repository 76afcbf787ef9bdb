"""Random search trees, such as ``parse`` can make."""

from hypothesis import strategies as st

from filon.model.words import cut
from filon.query.fields import HAS, IS
from filon.query.tree import All, And, Date, Field, Fuzzy, Infix, Node, Not, Or, Phrase, Prefix, Regex, TextRegex, Word

HARD = [
    "cash", "j'arrive", "Été", "İstanbul", "ΟΔΥΣΣΕΎΣ", "Straße", "漢字", "ラーメン", "กิน", "안녕", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣",
    "مُحَمَّد", "٤٢", "שָׁלוֹם", "+33 6 12", "4.900", "@jo_l", "AND", "OR", "NOT", "-x", "/x", "a:b", "from:x", "http://x.y", "a*b",
    "*", "a*", "x~1", "word~", 'a"b', "a\\b", "(a)", "“a”", "a b", "\u202eabc", "a\u200bb", "#7", "~a", "::a", "12:30",
]  # fmt: skip

some_text = st.one_of(st.sampled_from(HARD), st.text(min_size=1, max_size=8), st.sampled_from("abcdé漢👍"))
wordy = some_text.filter(cut)
one_word = some_text.filter(lambda t: len(cut(t)) == 1)
long_word = one_word.filter(lambda t: len(cut(t)[0]) > 2)
phrase = st.lists(wordy, min_size=1, max_size=4).map(lambda ws: tuple(" ".join(ws).split()))
pattern = st.sampled_from(
    ["a.c", "[é]+", "(a|b)c*", "\\d{2,3}", "/", "a/b", "\\\\", "(?i)x", "\\pL+", "é\u202e", '"\\(', "a b"]
)
days = ["2020", "2020-02", "2020-02-29", "2020-02-29T08", "2020-02-29T08:15", "2020-02-29T08:15:30"]
later = ["2021", "2021-12", "2021-12-31", "2021-12-31T23:59"]
dates = st.one_of(
    st.builds(Date, st.sampled_from(days), st.sampled_from([None, *later])),
    st.builds(Date, st.none(), st.sampled_from(later)),
    st.sampled_from(days).map(lambda day: Date(day, day)),
)
fields = st.one_of(
    st.builds(Field, st.sampled_from(["from", "to", "with", "in", "device", "item", "platform", "tag", "lang"]), wordy),
    st.builds(Field, st.just("from"), st.sampled_from(["#7", "dylan*", "*77", "dylan b*"])),
    st.builds(Field, st.just("is"), st.sampled_from(sorted(IS))),
    st.builds(Field, st.just("has"), st.sampled_from(sorted(set(HAS.values())))),
)
leaves = st.one_of(
    st.just(All()),
    st.builds(Word, wordy),
    st.builds(Prefix, one_word),
    st.builds(Infix, one_word),
    st.builds(Fuzzy, long_word, st.sampled_from([1, 2])),
    st.builds(Phrase, phrase, st.integers(0, 100)),
    st.builds(Regex, pattern),
    st.builds(TextRegex, pattern),
    fields,
    dates,
)


def _grow(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(children, min_size=2, max_size=4).map(tuple)
    return st.one_of(st.builds(Not, children), st.builds(And, several), st.builds(Or, several))


trees: st.SearchStrategy[Node] = st.recursive(leaves, _grow, max_leaves=12)

__all__ = ["HARD", "leaves", "some_text", "trees", "wordy"]
