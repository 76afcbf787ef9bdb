"""Pages ask one case from many threads while evidence comes in: every answer is of one state, none is an error."""

import threading

from case import made_exports as exports


def test_many_threads_read_while_an_add_goes_on(case, tmp_path):
    view = case.view()
    (tmp_path / "a.csv").write_bytes(exports.table(rows=3_000, seed=2))
    (tmp_path / "b.log").write_bytes(exports.irc(lines=2_000, seed=3))
    case.add(view, [tmp_path / "a.csv"])
    errors, seen, stop = [], set(), threading.Event()

    def ask(what):
        while not stop.is_set():
            try:
                what()
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is the finding
                errors.append(repr(error))
                return

    def hits():
        found = case.search(view, "livraison OR container OR 500", limit=20)
        assert len(found.hits) == min(20, found.total)
        seen.add(case.counts(view).messages)

    asks = [
        hits,
        lambda: case.facets(view, "demain"),
        lambda: case.overview(view),
        lambda: case.page(view, 0, 100, 50),
        lambda: case.conversations(view),
        lambda: case.tag(view, "t", ["1:5"]) and case.untag(view, "t", ["1:5"]),
        lambda: case.complete(view, "liv", 3),
    ]
    threads = [threading.Thread(target=ask, args=(one,)) for one in asks]
    for thread in threads:
        thread.start()
    case.add(view, [tmp_path / "b.log"])
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert seen <= {3_000, 5_000}
    assert case.counts(view).messages == 5_000
