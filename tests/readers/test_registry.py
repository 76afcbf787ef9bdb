"""The registry: broken and clashing readers are values, never crashes."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from filon import readers
from filon.errors import ReadingError
from filon.evidence.reading import Format, Given, Question
from filon.evidence.source import BytesSource, Source
from filon.model.records import Record


class Fake:
    def __init__(self, name: str, score: float) -> None:
        self.format = Format(name=name, title=name, version=1, unit="lines")
        self.score = score

    def sniff(self, source: Source) -> float:
        if self.score < 0:
            raise RuntimeError("broken")
        return self.score

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        return ()

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        yield from ()


SURE = Fake("sure", 0.9)
TWIN = Fake("sure", 1.0)
HALF = Fake("half", 0.5)
NO = Fake("no", 0.0)
BROKEN = Fake("broken", -1.0)
NOTHING = object()


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Sets which entry points exist; the tests' own module holds the readers."""
    names: list[str] = []
    monkeypatch.setattr(readers, "BUILT_IN", ())
    monkeypatch.setattr(
        readers, "entry_points", lambda group: [EntryPoint(f"e{n}", v, group) for n, v in enumerate(names)]
    )
    readers.all_readers.cache_clear()
    yield names
    readers.all_readers.cache_clear()


def test_failures_are_values(registry: list[str]) -> None:
    registry += [
        f"{__name__}:SURE",
        f"{__name__}:TWIN",
        f"{__name__}:NOTHING",
        f"{__name__}:MISSING",
        "no.such.module:X",
    ]
    found = readers.all_readers()
    assert [loaded.reader for loaded in found] == [SURE, None, None, None, None]
    assert found[1].error == f"the format name sure already belongs to {__name__}:SURE"
    assert "AttributeError" in (found[2].error or "")
    assert "MISSING" in (found[3].error or "")
    assert "No module named 'no'" in (found[4].error or "")
    assert readers.by_name("sure") is SURE


def test_recognise_gives_the_best_first(registry: list[str]) -> None:
    registry += [f"{__name__}:HALF", f"{__name__}:NO", f"{__name__}:SURE"]
    assert readers.recognise(BytesSource("a", b"")) == [(0.9, SURE), (0.5, HALF)]


def test_a_reader_that_breaks_the_contract_is_named(registry: list[str]) -> None:
    registry += [f"{__name__}:BROKEN"]
    with pytest.raises(ReadingError, match=r"broken .*failed while looking at a: RuntimeError"):
        readers.recognise(BytesSource("a", b""))


def test_unknown_and_failed_names(registry: list[str]) -> None:
    registry += ["no.such.module:X"]
    with pytest.raises(ReadingError, match="there is no reader called nothing"):
        readers.by_name("nothing")
    with pytest.raises(ReadingError, match="cannot be loaded: ModuleNotFoundError"):
        readers.by_name("e0")
