"""Texts around a number: what is taken for one is spelled again exactly."""

from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.store.embedded import spellings
from filon.store.embedded.spellings import Spelling

SPELLINGS = st.builds(
    Spelling,
    before=st.sampled_from(("", "row ", "1", "é", "0")),
    after=st.sampled_from(("", " b", "1", "é")),
    width=st.integers(0, 6),
) | st.builds(
    Spelling,
    before=st.sampled_from(("", "x", "é")),
    after=st.sampled_from(("", "-")),
    groups=st.sampled_from(((16,), (9,), (32,), (8, 4, 4, 4, 12))),
    upper=st.booleans(),
)
DIGITS = st.text(alphabet="019af", max_size=19) | st.text(alphabet="01", max_size=19) | st.uuids().map(str)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[Spelling, list[str | None]]:
    """A spelling, and texts that are nearly in it."""
    spelling = draw(SPELLINGS)
    before, after = st.sampled_from((spelling.before, "", "1")), st.sampled_from((spelling.after, "", "0"))
    text = st.builds(lambda *parts: "".join(parts), before, DIGITS | st.just("0" * sum(spelling.groups)), after)
    return spelling, draw(st.lists(st.none() | text | text.map(str.upper), max_size=12))


@settings(max_examples=200, deadline=None)
@given(spelled())
def test_fits_exactly_what_it_spells(case: tuple[Spelling, list[str | None]]) -> None:
    spelling, made = case
    texts = pa.array(made, pa.string())
    numbers, fits = spellings.read(spelling, texts)
    again = spellings.spell(spelling, numbers).to_pylist()
    assert [again[at] for at in np.flatnonzero(fits)] == [made[at] for at in np.flatnonzero(fits)]
    assert [at for at, text in enumerate(made) if text is not None and text == again[at]] == np.flatnonzero(
        fits
    ).tolist()


@pytest.mark.parametrize(
    ("made", "one"),
    [
        ([f"line {at}" for at in range(300)], Spelling("line ")),
        ([f"chat/{at}/text" for at in range(300)], Spelling("chat/", "/text")),
        ([f"{at:06}" for at in range(300)], Spelling(width=6)),
        ([f"{at * 0x9E3779B97F4A7C15 % (1 << 64):016X}" for at in range(300)], Spelling(groups=(16,), upper=True)),
        (
            [str(UUID(int=at * 0x9E3779B97F4A7C15F39CC0605CEDC834 % (1 << 128))) for at in range(300)],
            Spelling(groups=(8, 4, 4, 4, 12)),
        ),
    ],
)
def test_one_spelling_holds_for_all(made: list[str], one: Spelling) -> None:
    found = spellings.find(pa.array(made), hexadecimal=True)
    assert found.spellings == [one]
    assert (found.codes == 0).all()
    assert spellings.spell(one, found.numbers).to_pylist() == made


def test_few_spellings_and_the_rest_as_texts() -> None:
    made: list[str | None] = [f"A!{at}" if at % 2 else f"B!{at}" for at in range(200)]
    made[5], made[6], made[7] = None, "A!", "A!x"
    found = spellings.find(pa.array(made), hexadecimal=False)
    assert sorted(spelling.before for spelling in found.spellings) == ["A!", "B!"]
    assert np.flatnonzero(found.codes < 0).tolist() == [5, 6, 7]


def test_texts_without_a_pattern_are_left_alone() -> None:
    made = [f"{'abcdefgh'[at % 8]}{'xyz'[at % 3]}" * (at % 5) for at in range(200)]
    assert spellings.find(pa.array(made), hexadecimal=True).spellings == []
