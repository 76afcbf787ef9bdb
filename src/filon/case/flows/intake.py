"""Taking evidence in: plan, parse, unify, write, log. Interrupted anywhere, it goes on where it stopped.

What is on disk says how far it came: no plan, nothing happened; a folder per finished reading beside the plan; the
store's manifest knows the number of an intake that is visible; the log knows the items it has entered. Every step
looks before it acts, so each can be done again.
"""

import shutil
import threading
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from filon.case.flows.bundling import (
    ARCHIVE,
    Small,
    Todo,
    account_of_members,
    bundles,
    contents_of,
    finished,
    folder_of,
    keep,
    kept,
)
from filon.case.flows.crew import Crew
from filon.case.flows.dividing import Bench, Dividing, is_large, task_of
from filon.case.flows.metering import Meter
from filon.case.flows.pack import Packer
from filon.case.flows.parse import Parsed
from filon.case.flows.plan import Plan, PlannedItem, PlannedReading, read_plan, write_plan
from filon.case.flows.surveying import Decide, make_plan
from filon.case.flows.unify import unify
from filon.case.site import Site
from filon.errors import EvidenceError, Interrupted, StoreError
from filon.evidence.reading import Given
from filon.evidence.worker import Worker, WorkerDied
from filon.model import columns
from filon.model.items import Item, Reading, Tally
from filon.model.progress import Progress, Report
from filon.model.records import Defect, Locator

__all__ = ["Outcome", "add", "interrupted", "resume", "summed"]

_LITTLE = 4 << 20
_OF_ONE = 16 << 10
"""What opening one source and looking at it takes, in bytes that are parsed meanwhile."""
_NUMBERED = ("accounts", "conversations")
_PLAN = "plan.json"


class Outcome(msgspec.Struct, frozen=True):
    """What an add came to: the numbers of its items, and what it left alone."""

    items: tuple[int, ...]
    already: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def interrupted(site: Site) -> Path | None:
    """The folder of an add that was begun and not finished, or None. One without a plan never began."""
    if not site.layout.intakes.is_dir():
        return None
    for folder in sorted(site.layout.intakes.iterdir()):
        if (folder / _PLAN).is_file():
            return folder
        shutil.rmtree(folder)
    return None


def add(
    site: Site, crew: Crew, who: str, paths: Iterable[Path], given: Given, decide: Decide | None, reader: str | None,
    copy: bool, report: Report,
) -> Outcome:  # fmt: skip
    """Take these paths in. The caller holds the writer's lock and has finished what was interrupted."""
    number = site.store.intakes() + 1
    folder = site.layout.intake(number)
    at = time.time_ns() // 1000
    plan = make_plan(site, crew, who, at, number, paths, given, decide, reader, copy, report)
    if not plan.items:
        return Outcome((), plan.already, plan.left_out)
    folder.mkdir(mode=0o700, parents=True)
    write_plan(folder / _PLAN, plan)
    return _carry_out(site, crew, plan, folder, report)


def resume(site: Site, crew: Crew, report: Report) -> Outcome | None:
    """Finish the add that was interrupted; None where there is none."""
    folder = interrupted(site)
    if folder is None:
        return None
    return _carry_out(site, crew, read_plan(folder / _PLAN), folder, report)


def _carry_out(site: Site, crew: Crew, plan: Plan, folder: Path, report: Report) -> Outcome:
    if site.store.intakes() < plan.intake:
        try:
            _parse_all(site, crew, plan, folder, report)
        except EvidenceError:
            # An item changed or went away: nothing of this add is kept, and the case is as it was.
            shutil.rmtree(folder)
            raise
        folders = finished(folder)
        parsed = {n: one for run, path in folders.items() for n, one in zip(run, kept(path), strict=True)}
        tables = _item_tables(plan, parsed)
        report(Progress("unify", 0, len(parsed), "readings"))
        site.store.tables.write(unify(plan.intake, folders.values(), site.ledger.numbers(), tables), report)
    report(Progress("log", 0, len(plan.items), "items"))
    _enter_in_log(site, plan)
    shutil.rmtree(folder)
    return Outcome(tuple(item.number for item in plan.items), plan.already, plan.left_out)


def _parse_all(site: Site, crew: Crew, plan: Plan, folder: Path, report: Report) -> None:
    """Parse every reading that has no finished folder yet, in as many processes as there are cores to spare."""
    done = _finished_numbers(folder)
    todo = [(item, r) for item in plan.items for r in item.readings if r.number not in done]
    total = sum(r.size for item in plan.items for r in item.readings)
    meter = Meter(report, "read", total, total - sum(r.size for _, r in todo))
    large = [Dividing(site, item, r, folder) for item, r in todo if is_large(site, r)]
    # A second process costs more to start than it saves on little evidence.
    little = sum(r.size + _OF_ONE for _, r in todo) < _LITTLE
    count = len(crew) if large else 1 if little else max(1, min(len(crew), len(todo)))
    try:
        with Bench(crew[:count]) as bench:
            bench.run([partial(one.divide, report=report) for one in large])
            divided = {one.number: one for one in large if one.blocks}
            bench.run(
                [
                    *[job for one in divided.values() for job in one.jobs(meter)],
                    *[
                        partial(_parse, site, bundle, folder, meter=meter)
                        for bundle in bundles((item, r) for item, r in todo if r.number not in divided)
                    ],
                ]
            )
            bench.run([partial(_join, one, folder, meter, report) for one in divided.values()])
    except BaseException as error:
        crew.end()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(
                "stopped; {done} of {total} readings are finished and kept",
                hint="the same command, or `filon add CASE` alone, goes on from there",
                done=len(_finished_numbers(folder)),
                total=sum(len(i.readings) for i in plan.items),
            ) from error
        raise
    crew.rest(total)


def _join(one: Dividing, folder: Path, meter: Meter, report: Report, worker: Worker, stop: threading.Event) -> None:
    try:
        parsed = one.join(worker, report)
    except WorkerDied as died:
        if stop.is_set():
            raise
        # Not the evidence's doing, whose blocks are all parsed: not an error that gives up the add.
        raise StoreError(
            "the blocks of a large table could not be joined: {why}",
            hint="the same command, or `filon add CASE` alone, goes on from there",
            why=died.detail,
        ) from died
    keep(one.folder, folder_of(folder, one.number, one.number), [parsed])
    meter.finished(one.number, one.size - sum(block.length for block in one.blocks))


def _finished_numbers(folder: Path) -> set[int]:
    return {number for run in finished(folder) for number in run}


def _parse(
    site: Site, bundle: list[Todo], folder: Path, worker: Worker, stop: threading.Event, *, meter: Meter
) -> None:
    """Parse readings that follow on each other into one folder; one by one where they end their process."""
    if len(bundle) == 1:
        _parse_one(site, *bundle[0], folder, worker, stop, meter=meter)
        return
    first, last = bundle[0][1], bundle[-1][1]
    beside = _new_folder(folder, f"{first.number:06d}-{last.number:06d}.part")
    try:
        small = [_small(site, item, reading) for item, reading in bundle]
        report = meter.of(first.number)
        parsed = worker.call(
            "filon.case.flows.bundling:parse_bundle", small, str(beside), returns=list[Parsed], report=report
        )
    except WorkerDied:
        if stop.is_set():
            raise
        shutil.rmtree(beside)
        meter.finished(first.number, 0)
        for item, reading in bundle:
            _parse_one(site, item, reading, folder, worker, stop, meter=meter)
        return
    keep(beside, folder_of(folder, first.number, last.number), parsed)
    meter.finished(first.number, sum(reading.size for _, reading in bundle))


def _small(site: Site, item: PlannedItem, reading: PlannedReading) -> Small:
    return Small(
        number=reading.number,
        task=task_of(site, item, reading),
        member=reading.member,
        format=reading.format,
        found=reading.found,
        size=reading.size,
        contents=contents_of(item) if reading.format == ARCHIVE else None,
    )


def _parse_one(
    site: Site,
    item: PlannedItem,
    reading: PlannedReading,
    folder: Path,
    worker: Worker,
    stop: threading.Event,
    *,
    meter: Meter,
) -> None:
    beside = _new_folder(folder, f"{reading.number:06d}.part")
    if reading.format == ARCHIVE:
        parsed = account_of_members(contents_of(item), beside, reading.number, item.sha256)
    else:
        try:
            parsed = worker.call(
                "filon.case.flows.parse:parse", task_of(site, item, reading), reading.member, reading.format,
                reading.found, reading.number, str(beside), returns=Parsed, report=meter.of(reading.number),
            )  # fmt: skip
        except WorkerDied as died:
            if stop.is_set():
                raise
            parsed = _account_of_a_crash(item, reading, _new_folder(folder, beside.name), str(died))
    keep(beside, folder_of(folder, reading.number, reading.number), [parsed])
    meter.finished(reading.number, reading.size)


def _new_folder(folder: Path, name: str) -> Path:
    """An empty folder of that name, in place of what an interrupted run left."""
    new = folder / name
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    return new


def _account_of_a_crash(item: PlannedItem, reading: PlannedReading, folder: Path, why: str) -> Parsed:
    """A reader whose process ended gave nothing that could be relied on: one defect says so."""
    packer = Packer(folder, reading.number, item.sha256)
    packer.add(Defect(locator=Locator("item", units=0), code="reader-ended", detail=why))
    return Parsed(tally=packer.finish("items"), sha256=item.sha256, size=reading.size, beside={}, assumptions=())


def _item_tables(plan: Plan, parsed: dict[int, Parsed]) -> dict[str, pa.Table]:
    items, readings = [], []
    for planned in plan.items:
        body = msgspec.json.encode(_item(plan, planned)).decode()
        row = {"item": planned.number, "sha256": planned.sha256, "size": planned.size, "path": planned.path}
        items.append(row | {"body": body})
        for r in planned.readings:
            body = msgspec.json.encode(_reading(planned, r, parsed[r.number])).decode()
            readings.append({"reading": r.number, "item": planned.number, "format": r.format, "body": body})
    return {
        "items": pa.Table.from_pylist(items, columns.ITEMS),
        "readings": pa.Table.from_pylist(readings, columns.READINGS),
    }


def _item(plan: Plan, planned: PlannedItem) -> Item:
    return Item(
        number=planned.number,
        sha256=planned.sha256,
        size=planned.size,
        path=planned.path,
        name=Path(planned.path).name,
        at=planned.at,
        root=planned.root,
        added_at=plan.at,
        added_by=plan.who,
        copied=planned.copied,
    )


def _reading(item: PlannedItem, planned: PlannedReading, parsed: Parsed) -> Reading:
    return Reading(
        number=planned.number,
        item=item.number,
        member=planned.member,
        sha256=parsed.sha256,
        size=parsed.size,
        format=planned.format,
        version=planned.version,
        given=planned.given,
        assumptions=tuple(dict.fromkeys((*planned.assumed, *parsed.assumptions))),
        beside=parsed.beside,
        tally=parsed.tally,
    )


def _enter_in_log(site: Site, plan: Plan) -> None:
    """One entry an item, with everything that is needed to read it again. Those already there stay as they are."""
    ledger = site.ledger.freshen()
    entries = []
    for item in plan.items:
        if item.number in ledger.lines:
            continue
        made = [msgspec.to_builtins(ledger.readings[r.number]) for r in item.readings]
        values = {"item": item.number, "path": item.path, "size": item.size, "sha256": item.sha256}
        entries.append(("item-added", values | {"copied": item.copied, "readings": made}))
    site.custody.append_all(plan.who, entries)


def summed(site: Site, readings: Sequence[Reading]) -> Tally:
    """The accounts of several readings in one. Accounts and conversations: those the case had not met before."""
    numbers = [reading.number for reading in readings]
    tallies = [r.tally for r in readings if r.tally is not None]
    new = {kind: _given_by(numbers, site.store.tables.table(kind, withdrawn=True)) for kind in _NUMBERED}
    return Tally(
        unit="units",
        units=sum(t.units or 0 for t in tallies),
        skipped={"in all": sum(sum(t.skipped.values()) for t in tallies)},
        gave=sum(t.gave for t in tallies),
        messages=sum(t.messages for t in tallies),
        events=sum(t.events for t in tallies),
        accounts=new["accounts"],
        conversations=new["conversations"],
        attachments=sum(t.attachments for t in tallies),
        defects=sum(t.defects for t in tallies),
    )


def _given_by(readings: list[int], table: pa.Table) -> int:
    """How many rows of a table one of these readings gave."""
    return int(np.isin(table["reading"].to_numpy(), readings).sum())
