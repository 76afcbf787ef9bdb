"""Integer columns come back from disk as they were, whole or by rows."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.store.embedded import integers
from filon.store.embedded.columns import Ints
from filon.store.embedded.integers import Runs, Scaled

LEAST, MOST = -(1 << 63), (1 << 63) - 1
VALUES = st.lists(
    st.integers(LEAST, MOST)
    | st.integers(0, 70_000).map(lambda second: second * 1_000_000)
    | st.integers(0, 9).map(lambda milli: milli * 1_000),
    min_size=1,
    max_size=30,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("integers")


def kept(folder: Path, name: str, values: Ints) -> Scaled:
    scales = integers.save(folder, {name: values})
    return Scaled(np.load(folder / f"{name}.npy"), scales[name], values.dtype)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_numbers_and_times_come_back(folder: Path, made: list[int]) -> None:
    values = np.array(made, np.int64)
    column = kept(folder, "time", values)
    assert column[:].tolist() == made
    assert column[np.array([0, len(made) - 1])].tolist() == [made[0], made[-1]]
    assert len(column) == len(made)


def test_senders_keep_none_and_take_two_bytes(folder: Path) -> None:
    column = kept(folder, "sender", np.array([-1, 0, 40_000], np.int32))
    assert column[:].tolist() == [-1, 0, 40_000]
    assert column[:].dtype == np.int32
    assert column.max(initial=-1) == 40_000
    assert np.load(folder / "sender.npy").dtype == np.uint16


def test_whole_seconds_take_four_bytes(folder: Path) -> None:
    kept(folder, "time", np.array([1_585_699_200_000_000, 1_685_699_200_000_000]))
    assert np.load(folder / "time.npy").dtype == np.uint32


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 5), min_size=1, max_size=60))
def test_runs_come_back(folder: Path, made: list[int]) -> None:
    values = np.sort(np.array(made, np.int32))
    integers.save(folder, {"conversation": values})
    starts = np.load(folder / "conversation_starts.npy")
    column = Runs(np.load(folder / "conversation.npy"), starts, len(values))
    assert column[np.array([len(made) - 1])].tolist() == [values[-1]]
    assert column[:].tolist() == values.tolist()
    assert column[values >= 0].tolist() == values[values >= 0].tolist()
    for rows in (None, np.arange(len(made))[::2], np.arange(len(made))[:1]):
        chosen = values if rows is None else values[rows]
        found, hits = column.counted(rows)
        assert np.repeat(found, hits).tolist() == chosen.tolist()
    for value in range(-1, 7):
        first, last = column.stretch(value)
        assert values[first:last].tolist() == [one for one in values.tolist() if one == value]
