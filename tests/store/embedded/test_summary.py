"""What a slice amounts to is what its rows add up to."""

from collections import Counter
from pathlib import Path

import pytest

from filon.model import ids
from filon.model.layout import Layout
from filon.store import create_store
from filon.store.embedded import totals
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.partition import Bounds
from filon.store.embedded.views import summary_view
from store import world


@pytest.mark.parametrize("withdrawn", [(), (2,)])
@pytest.mark.parametrize("large", [1, 60, 1 << 15])
def test_adds_up_the_rows_in_view(
    tmp_path: Path, withdrawn: tuple[int, ...], large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "_LARGE", large)
    create_store(tmp_path)
    store = EmbeddedBackend(Layout(tmp_path), writes=True, bounds=Bounds(rows=90))
    rows = world.messages(300, 5, (1, 2))
    store.tables.write(world.addition(1, rows, (1, 2)))
    store.set_withdrawn(withdrawn)
    parts = store._snapshot.slices
    wanted: dict[str, Counter[object]] = {name: Counter() for name in ("messages", "undated", "walls", "attachments")}
    for row in rows:
        reading = ids.reading_of(row["id"])
        if reading not in withdrawn:
            key = (reading, row["conversation"], row["sender"])
            wanted["messages"][key] += 1
            wanted["undated"][key] += row["time"] is None
            wanted["walls"][key] += row["time"] is not None and row["sent"]["at"] is None
            wanted["attachments"][key] += len(row["attachments"])
    for view in (
        (kept := totals.Totals(parts)).table(),
        totals.Totals(parts, kept).table(),
        summary_view(parts, lambda part: None if part.visible is None else part.visible.nonzero()[0]),
    ):
        found: dict[str, Counter[object]] = {name: Counter() for name in wanted}
        for row in view.to_pylist():
            for name, counter in found.items():
                counter[row["reading"], row["conversation"], row["sender"]] += row[name]
        assert found == wanted
    times = [row["time"] for row in rows if row["time"] is not None and ids.reading_of(row["id"]) not in withdrawn]
    [row] = store.tables.run("overview").to_pylist()
    assert (row["first"], row["last"], row["messages"]) == (min(times), max(times), wanted["messages"].total())
    store.close()
