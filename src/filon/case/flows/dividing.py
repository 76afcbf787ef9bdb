"""Large tables of an add: divided, parsed block by block by all processes, joined. Finished blocks outlive an interruption."""

import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

import msgspec

from filon.case.flows.anywhere import Place
from filon.case.flows.blocks import Answer, Divided, note_crash, piece_folder
from filon.case.flows.parse import Parsed, Task
from filon.case.flows.plan import PlannedItem, PlannedReading
from filon.case.site import Site
from filon.evidence.names import steps_of
from filon.evidence.rows.dividing import Block
from filon.evidence.worker import Worker, WorkerDied
from filon.model.durable import replace_file
from filon.model.progress import Report

__all__ = ["Bench", "Dividing", "Meter", "is_large", "task_of"]

_DIVISION = "division.json"
Job = Callable[[Worker, threading.Event], None]
"""Something for one worker to do. A worker that died when the event is set was ended by us: that says nothing of evidence."""


class Meter(Protocol):
    """Adds up what several parsing processes report."""

    def of(self, reading: object) -> Report:
        """The report of one piece of work."""

    def finished(self, reading: object, size: int) -> None:
        """A piece of work of so many bytes is done."""


class Bench:
    """Runs jobs on a few workers, each job on whichever is free. The first error stops all that have not begun."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._pool = ThreadPoolExecutor(len(workers))
        self._free: SimpleQueue[Worker] = SimpleQueue()
        self._stop = threading.Event()
        self._workers = workers
        for worker in workers:
            self._free.put(worker)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._stop.set()
            for worker in self._workers:
                worker.close()
        self._pool.shutdown(cancel_futures=True)

    def run(self, jobs: Sequence[Job]) -> None:
        """Run these jobs and wait for them."""
        futures = [self._pool.submit(self._one, job) for job in jobs]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()

    def _one(self, job: Job) -> None:
        if self._stop.is_set():
            return
        worker = self._free.get()
        try:
            job(worker, self._stop)
        finally:
            self._free.put(worker)


def is_large(site: Site, reading: PlannedReading) -> bool:
    """Whether a reading is worth dividing: a large table that is an item of its own, or lies in one archive only."""
    alone = reading.member is None or len(steps_of(reading.member)) == 1
    return alone and reading.format == "table" and reading.size >= site.settings.limits.blocks_from


def task_of(site: Site, item: PlannedItem, reading: PlannedReading) -> Task:
    """What a worker is told of a reading."""
    case = site.layout.root
    return Task(
        item=str(case / item.at),
        root=str(case / item.root) if item.root else None,
        sha256=item.sha256,
        tmp=str(site.tmp),
        limits=site.settings.limits,
        given=reading.given,
    )


class Dividing:
    """One large table on its way: its folder ends in ``.part`` until it is joined."""

    def __init__(self, site: Site, item: PlannedItem, reading: PlannedReading, folder: Path) -> None:
        self.reading = reading
        self.number, self.size = reading.number, reading.size
        self.folder = folder / f"{reading.number:06d}.part"
        self._task = task_of(site, item, reading)
        self._place = Place(member=reading.member, size=reading.size, points=str(site.layout.access(item.sha256)))
        self._divided: Divided | None = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its blocks; none where it is read as a whole."""
        return self._divided.division.blocks if self._divided else ()

    def divide(self, worker: Worker, stop: threading.Event, *, report: Report) -> None:
        """Find its blocks, or take those that were found before an interruption."""
        kept = self.folder / _DIVISION
        if kept.is_file():
            self._divided = msgspec.json.decode(kept.read_bytes(), type=Divided)
            return
        try:
            found = worker.call(
                "filon.case.flows.blocks:divide", self._task, self._place, returns=Answer, report=report
            ).divided
        except WorkerDied:
            if stop.is_set():
                raise
            return  # read as a whole it ends the process again, and is heard then
        if found is not None:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(kept, msgspec.json.encode(found))
            self._divided = found

    def jobs(self, meter: Meter) -> list[Job]:
        """One job for each block."""
        return [partial(self._parse, number, block, meter) for number, block in enumerate(self.blocks)]

    def _parse(self, number: int, block: Block, meter: Meter, worker: Worker, stop: threading.Event) -> None:
        assert self._divided is not None
        piece = piece_folder(self.folder, number)
        if not piece.is_dir():
            beside = piece.with_suffix(".part")
            _make_anew(beside)
            try:
                worker.call(
                    "filon.case.flows.blocks:parse_block", self._task, self._place, self._divided.layout, block,
                    self.number, str(beside), returns=int, report=meter.of((self.number, number)),
                )  # fmt: skip
            except WorkerDied as died:
                if stop.is_set():
                    raise
                _make_anew(beside)
                note_crash(beside, self.number, self._task.sha256, block, str(died))
            beside.rename(piece)
        meter.finished((self.number, number), block.length)

    def join(self, worker: Worker, report: Report) -> Parsed:
        """Make one reading of the pieces."""
        assert self._divided is not None
        division = self._divided.division
        return worker.call(
            "filon.case.flows.blocks:join", self._task, division, self.number, str(self.folder),
            returns=Parsed, report=report,
        )  # fmt: skip


def _make_anew(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
