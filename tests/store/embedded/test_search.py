"""What was found in a slice is found again without asking, also when slices come in beside it."""

from pathlib import Path
from typing import Any

import pytest

from filon.model.layout import Layout
from filon.query import tree
from filon.store import Order, create_store
from filon.store.embedded import search
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.partition import Bounds
from filon.store.embedded.search import Searches
from store import world

WORD = tree.Or((tree.Word("boat"), tree.Field("from", "dylan")))


def test_an_addition_leaves_what_is_known_of_other_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_store(tmp_path)
    asked: list[int] = []
    settled = search.settled

    def counted(plan: Any, part: Any) -> Any:
        asked.append(part.entry.number)
        return settled(plan, part)

    monkeypatch.setattr(search, "settled", counted)
    store = EmbeddedBackend(Layout(tmp_path), writes=True, bounds=Bounds(rows=90))
    store.tables.write(world.addition(1, world.messages(200, 1, (1, 2)), (1, 2)))
    before = store.index.count(tree.Word("boat"))
    first = set(asked)
    store.tables.write(world.addition(2, world.messages(80, 2, (3,)), (3,)))
    asked.clear()
    assert store.index.count(tree.Word("boat")) > before
    assert first
    assert asked
    assert not first.intersection(asked)
    store.set_withdrawn([3])
    assert store.index.count(tree.Word("boat")) == before
    store.close()


def test_a_page_comes_without_reading_older_slices(tmp_path: Path) -> None:
    create_store(tmp_path)
    store = EmbeddedBackend(Layout(tmp_path), writes=True, bounds=Bounds(rows=30))
    store.tables.write(world.addition(1, world.messages(400, 1, (1, 2)), (1, 2)))
    orders: tuple[Order, ...] = ("newest", "oldest", "relevance")
    for order in orders:
        found = store.index.find(WORD, order, 3, 7)
        assert store.index.first(WORD, order, 3, 7).tolist() == found.ids.tolist()
        assert len(found.ids) == 7
    store.close()


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_KEPT", 16_000)
    kept = Searches()
    for number in range(100):
        kept.keep(number, f"answer {number}", 1_000)
    kept.keep("big", "too big to be kept", 15_000)
    assert kept.get("big") is None
    assert kept.get(0) is None
    assert kept.get(99) == "answer 99"
    assert sum(kept.get(number) is not None for number in range(100)) == 13
