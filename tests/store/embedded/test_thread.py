"""A merged conversation outlives the states of the store that do not touch it, and no other."""

from pathlib import Path

from filon.model.layout import Layout
from filon.store import create_store
from filon.store.embedded.backend import EmbeddedBackend
from store import world


def test_a_conversation_is_merged_again_only_where_something_came_to_it(tmp_path: Path) -> None:
    create_store(tmp_path)
    store = EmbeddedBackend(Layout(tmp_path), writes=True)
    rows = world.messages(300, 5, (1,))
    store.tables.write(world.addition(1, rows, (1,)))
    touched, other = sorted({row["conversation"] for row in rows if row["conversation"] is not None})[:2]
    before = {number: store.tables.thread(number) for number in (touched, other)}
    more = [row for row in world.messages(100, 7, (2,)) if row["conversation"] == touched]
    assert more
    store.tables.write(world.addition(2, more, (2,)))
    assert store.tables.thread(other) is before[other]
    assert len(store.tables.thread(touched)) == len(before[touched]) + len(more)
    store.set_withdrawn((2,))
    assert store.tables.thread(touched).ids.tolist() == before[touched].ids.tolist()
    store.set_withdrawn((1, 2))
    assert len(store.tables.thread(other)) == 0
    store.close()


def test_a_page_holds_the_columns_asked_for(tmp_path: Path) -> None:
    create_store(tmp_path)
    store = EmbeddedBackend(Layout(tmp_path), writes=True)
    store.tables.write(world.addition(1, world.messages(200, 3, (1,)), (1,)))
    thread = store.tables.thread(1)
    whole = thread.page(0, 20)
    assert thread.page(0, 20, ("text", "id", "kind")).to_pylist() == whole.select(["text", "id", "kind"]).to_pylist()
    assert thread.page(len(thread), 5, ("id",)).column_names == ["id"]
    store.close()
