"""Is everything as it was? Items, parts, index, desk and log; and can the reading be repeated?"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from filon.case.answers import Problem, Verified
from filon.case.flows.agreeing import disagreements
from filon.case.flows.pack import open_stream
from filon.case.flows.parse import Parsed, Task
from filon.case.flows.unify import remap, take
from filon.case.numbers import Numbers
from filon.case.state import State
from filon.errors import CustodyError, DeskError, FilonError, StoreError
from filon.evidence import custody_check
from filon.evidence.access import forget_damaged, hash_again
from filon.evidence.custody import lines_of
from filon.evidence.worker import Worker, WorkerDied
from filon.model import columns, ids
from filon.model.ids import RECORD_BITS
from filon.model.items import Item, Reading
from filon.model.layout import Layout
from filon.model.progress import Progress, Report
from filon.store import verify_store

__all__ = ["verify", "verify_closed"]

_REREAD = "reread"


def verify(state: State, head: str | None, reread: bool, report: Report) -> Verified:
    """Look at everything and say exactly what differs; with ``reread``, parse every item again and compare all rows."""
    began = time.monotonic()
    layout = state.site.layout
    checked = {"entries of the custody log": _lines(layout)}
    problems = _chain_problems(layout, head)
    faults = state.site.store.verify(report)
    problems += [Problem(where=f.where, what=f.what) for f in faults]
    problems += _desk_problems(state)
    checked["items hashed"] = 0
    try:
        problems += disagreements(state, count=not faults)
        for item in state.items.values():
            found = _item_problem(state, item, report)
            checked["items hashed"] += 1
            problems += found
        forget_damaged(layout.accesses, {item.sha256 for item in state.items.values()})
        if reread:
            checked["readings repeated"] = 0
            for found in _reread(state, report):
                checked["readings repeated"] += 1
                problems += found
    except (CustodyError, StoreError) as error:
        problems.append(Problem(where=str(layout.root), what=f"the rest cannot be checked: {error}"))
    seconds = time.monotonic() - began
    return Verified(checked=checked, problems=tuple(problems), head=_head(state), seconds=seconds)


def _lines(layout: Layout) -> int:
    return sum(1 for _ in lines_of(layout.custody)) if layout.custody.is_file() else 0


def _head(state: State) -> str:
    """The head of the log; nothing where its last line cannot be read, which the check of its chain says."""
    try:
        return state.site.custody.head
    except CustodyError:
        return ""


def verify_closed(layout: Layout, head: str | None, why: str, report: Report) -> Verified:
    """The checks that need no open store, for a case that cannot be opened because of ``why``."""
    began = time.monotonic()
    problems = [
        Problem(where=str(layout.root), what=f"the case cannot be opened: {why}"),
        *_chain_problems(layout, head),
    ]
    problems += [Problem(where=f.where, what=f.what) for f in verify_store(layout.root, report)]
    checked = {"lines of the custody log": _lines(layout)}
    seconds = time.monotonic() - began
    return Verified(checked=checked, problems=tuple(problems), head=head or "", seconds=seconds)


def _chain_problems(layout: Layout, head: str | None) -> list[Problem]:
    return [
        Problem(where=f"custody.jsonl line {p.line}" if p.line else "custody.jsonl", what=f"{p.code}: {p.detail}")
        for p in custody_check.verify(layout, head)
    ]


def _desk_problems(state: State) -> list[Problem]:
    """Whether people's work is what its own history comes to."""
    try:
        found = state.desk.differences()
    except DeskError as error:
        found = [str(error)]
    return [Problem(where="desk.sqlite", what=what) for what in found]


def _item_problem(state: State, item: Item, report: Report) -> list[Problem]:
    """Whether the bytes of an item are still what was taken in."""
    path = state.source_path(item)
    if not state.at_hand(item):
        return [Problem(where=item.path, what="the source is not at hand; what was read from it is still here")]
    try:
        sha256, size = hash_again(path, state.site.layout.access(item.sha256), report)
    except FilonError as error:
        return [Problem(where=item.path, what=str(error))]
    if sha256 == item.sha256:
        return []
    return [
        Problem(
            where=item.path, what=f"SHA-256 is {sha256} ({size} bytes), taken in as {item.sha256} ({item.size} bytes)"
        )
    ]


def _reread(state: State, report: Report) -> Iterator[list[Problem]]:
    """Parse every reading again, one by one, and compare it with what the case holds."""
    numbers = Numbers()
    tables = state.site.store.tables
    numbers.catch_up(tables.table("accounts", withdrawn=True), tables.table("conversations", withdrawn=True))
    todo = [r for r in state.readings.values() if state.items[r.item].withdrawn is None and r.format != "archive"]
    with Worker(state.site.settings.limits) as worker:
        meter = _Meter(report, sum(reading.size for reading in todo))
        for reading in todo:
            item = state.items[reading.item]
            where = f"{item.path}{'!' + reading.member if reading.member else ''} (reading {reading.number})"
            folder = state.site.tmp / f"{_REREAD}-{os.getpid()}" / str(reading.number)
            folder.mkdir(mode=0o700, parents=True)
            try:
                parsed = _parse_again(state, worker, item, reading, folder, meter)
                found = list(_differences(state, reading, parsed, folder, numbers, report))
            except (FilonError, WorkerDied) as error:
                found = [f"it could not be read again: {error}"]
            finally:
                shutil.rmtree(folder.parent)
            meter.finished(reading, item.name)
            yield [Problem(where=where, what=what) for what in found]


class _Meter:
    """Adds up the bytes of readings that are parsed one after the other."""

    def __init__(self, report: Report, total: int) -> None:
        self._report = report
        self._total = total
        self._done = 0

    def __call__(self, progress: Progress) -> None:
        """What the reading at hand reports of itself."""
        done = min(self._done + progress.done, self._total)
        self._report(Progress("reread", done, self._total, "bytes", progress.item))

    def finished(self, reading: Reading, item: str) -> None:
        """A reading is done, whatever it reported."""
        self._done += reading.size
        self._report(Progress("reread", self._done, self._total, "bytes", item))


def _parse_again(state: State, worker: Worker, item: Item, reading: Reading, folder: Path, report: Report) -> Parsed:
    task = Task(
        item=str(state.source_path(item)),
        root=str(root) if (root := state.source_root(item)) else None,
        sha256=item.sha256,
        tmp=str(folder.parent),
        limits=state.site.settings.limits,
        given=reading.given,
    )
    place = (reading.member, reading.format, None, reading.number, str(folder))
    return worker.call("filon.case.flows.parse:parse", task, *place, returns=Parsed, report=report)


def _differences(
    state: State, reading: Reading, parsed: Parsed, folder: Path, numbers: Numbers, report: Report
) -> Iterator[str]:
    if parsed.sha256 != reading.sha256:
        yield f"the bytes parsed have SHA-256 {parsed.sha256}, {reading.sha256} when they were taken in"
    if parsed.tally != reading.tally:
        yield f"its account differs: {parsed.tally} now, {reading.tally} in the case"
    accounts, conversations, new_accounts, new_conversations = take(numbers, folder)
    if new_accounts.num_rows or new_conversations.num_rows:
        yield f"{new_accounts.num_rows} accounts and {new_conversations.num_rows} conversations are not in the case"
        return
    done, item = 0, state.items[reading.item].name
    for batch in open_stream(folder, "messages"):
        report(Progress("compare", done, parsed.tally.messages, "messages", item))
        done += batch.num_rows
        again = pa.Table.from_batches([remap(batch, accounts, conversations)])
        try:
            held = state.site.store.tables.messages(again["id"].to_numpy())
        except FilonError as error:
            yield f"messages: {error}"
            return
        yield from _unequal("messages", again, held)
    lowest, beyond = reading.number << RECORD_BITS, (reading.number + 1) << RECORD_BITS
    for kind in ("events", "defects"):
        batches = [remap(batch, accounts, conversations) for batch in open_stream(folder, kind)]
        again = pa.Table.from_batches(batches, columns.TABLES[kind]).sort_by("id")
        held = state.site.store.tables.table(kind)
        inside = pc.and_(pc.greater_equal(held["id"], pa.scalar(lowest)), pc.less(held["id"], pa.scalar(beyond)))
        yield from _unequal(kind, again, held.filter(inside).sort_by("id"))


def _unequal(kind: str, again: pa.Table, held: pa.Table) -> Iterator[str]:
    """One line for a table whose rows are not the same, naming the first that differs."""
    if again.num_rows == held.num_rows and all(_alike(again[name], held[name]) for name in again.column_names):
        return
    now, then = again.to_pylist(), held.select(again.column_names).to_pylist()
    if len(now) != len(then):
        yield f"{kind}: {len(now)} rows now, {len(then)} in the case"
    for a, b in zip(now, then, strict=False):
        if a != b:
            names = ", ".join(name for name in a if a[name] != b[name])
            yield f"{kind} {ids.show(a['id'])} differs in {names}"
            return


def _alike(one: Any, other: Any) -> bool:
    """Whether two columns hold the same. Told by Arrow: row by row in Python it takes five times as long."""
    one, other = (c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in (one, other))
    return bool(one.equals(other if other.type == one.type else other.cast(one.type)))
