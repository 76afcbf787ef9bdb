"""Looking at what is to be taken in: which files there are, what they hash to, and who can read them.

Files are hashed here and looked at in the limited processes, many small ones with one call. What comes back is in the
order of the files, however many processes there are.
"""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from filon.case.flows.crew import Crew
from filon.case.flows.dividing import Bench
from filon.case.flows.metering import Meter
from filon.case.flows.parse import Task
from filon.case.flows.plan import Survey
from filon.case.site import Site
from filon.errors import EvidenceError, Interrupted
from filon.evidence.files import files_under
from filon.evidence.hashing import hash_file
from filon.evidence.reading import Given
from filon.evidence.stretch import Stretch, open_regular
from filon.evidence.worker import Worker, WorkerDied
from filon.model.progress import Progress, Report

__all__ = [
    "Looked",
    "Manner",
    "Place",
    "files",
    "forget",
    "look_at",
    "places",
    "require_text",
    "spelled",
    "survey_item",
]

_ENDINGS = 10
"""Members of one archive that may end the parsing process before the archive is left out."""
_LOGS = ("-wal", "-journal")
"""What SQLite keeps beside a database."""
_TOGETHER, _BYTES = 32, 4 << 20
"""Files, and their bytes, that are looked at with one call."""
_AHEAD = 16
"""Calls whose answers are waited for together."""
_LITTLE = 4 << 20
_OF_ONE = 64 << 10
"""What it takes to look at one file, in bytes that are hashed meanwhile."""


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How items are looked at: what a person stated, the reader that was chosen, whether a person is going to see it."""

    given: Given
    reader: str | None
    shown: bool


class Place(msgspec.Struct, frozen=True):
    """One file to take in: as the user called it, where it is read from, and the folder it is seen in."""

    path: Path
    at: Path
    root: Path | None
    alone: bool
    """Given by name, not found in a folder: it must be something a reader knows."""


class Looked:
    """One file that was looked at. ``sha256`` is None where it could not be read."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.sha256: str | None = None
        self.size = 0
        self._survey: Survey | None = None
        self._error: EvidenceError | None = None

    def survey(self) -> Survey:
        """What lies in it; EvidenceError where that could not be found out. Not for one that the case holds already."""
        if self._error is not None:
            raise self._error
        assert self._survey is not None
        return self._survey

    def hash(self, report: Report) -> None:
        """Hash it; one that is to be copied is copied, and the copy is hashed."""
        try:
            require_text(self.place.path)
            self.sha256, self.size = _hash(self.place, report)
        except EvidenceError as error:
            self._error = error

    def look(self, site: Site, manner: Manner, worker: Worker, stop: threading.Event, seen: Survey | None) -> None:
        """Take what was ``seen`` of it; look at it alone where it was seen together with others, and nothing came."""
        assert self.sha256 is not None
        at, root = self.place.at, self.place.root
        try:
            self._survey = seen or survey_item(worker, site, at, root, self.sha256, manner, stop)
        except EvidenceError as error:
            if stop.is_set():
                raise
            self._error = error


def look_at(
    site: Site, crew: Crew, manner: Manner, found: Sequence[Place], held: set[str], report: Report
) -> Iterator[Looked]:
    """Every file in its order. Those that hash to what is ``held``, which may grow meanwhile, are not looked at."""
    sizes = [_size(place.path) for place in found]
    meter = Meter(report, "hash", sum(sizes))
    little = sum(sizes) + _OF_ONE * len(found) < _LITTLE
    with Bench(crew[: 1 if little else len(crew)]) as bench:
        together = list(_together(found, sizes))
        for ahead in (together[first : first + _AHEAD] for first in range(0, len(together), _AHEAD)):
            looked = [[Looked(place) for place in some] for some in ahead]
            bench.run([partial(_look, site, manner, one, held, meter) for one in looked])
            for one in looked:
                yield from one


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except (OSError, ValueError):  # hashing it says what is wrong
        return 0


def _together(found: Iterable[Place], sizes: Iterable[int]) -> Iterator[list[Place]]:
    """The files in their order, in lists that are looked at with one call."""
    some: list[Place] = []
    filled = 0
    for place, size in zip(found, sizes, strict=True):
        if some and (filled + size > _BYTES or len(some) == _TOGETHER):
            yield some
            some, filled = [], 0
        some.append(place)
        filled += size
    if some:
        yield some


def _look(
    site: Site, manner: Manner, looked: Sequence[Looked], held: set[str], meter: Meter, worker: Worker,
    stop: threading.Event,
) -> None:  # fmt: skip
    for one in looked:
        tell = meter.of(one)

        def report(progress: Progress, tell: Report = tell) -> None:
            if stop.is_set():
                raise Interrupted("stopped")
            tell(progress)

        one.hash(report)
    todo = [(one, one.sha256) for one in looked if one.sha256 is not None and one.sha256 not in held]
    seen: list[Survey | None] = [None] * len(todo)
    if len(todo) > 1:
        tasks = [_task(site, one.place.at, one.place.root, sha256, manner.given) for one, sha256 in todo]
        try:
            seen = worker.call(
                "filon.case.flows.parse:survey_all", tasks, manner.reader, manner.shown,
                returns=list[Survey | None], report=_unheard,
            )  # fmt: skip
        except WorkerDied:
            if stop.is_set():
                raise
    for (one, _), survey in zip(todo, seen, strict=True):
        one.look(site, manner, worker, stop, survey)
    for one in looked:
        meter.finished(one, one.size)


def _unheard(progress: Progress) -> None:
    """Each is a sign of life."""


def _task(site: Site, path: Path, root: Path | None, sha256: str, given: Given) -> Task:
    return Task(
        item=str(path.absolute()),
        root=str(root.absolute()) if root else None,
        sha256=sha256,
        tmp=str(site.tmp),
        limits=site.settings.limits,
        given=given,
    )


def survey_item(
    worker: Worker, site: Site, path: Path, root: Path | None, sha256: str, manner: Manner,
    stop: threading.Event | None = None,
) -> Survey:  # fmt: skip
    """What lies in one item; a member that ends the process is refused, and the others are looked at.

    EvidenceError where the item cannot be opened, or ends the process as a whole. A worker that died when ``stop`` is
    set was ended by us.
    """
    task = _task(site, path, root, sha256, manner.given)
    ended: dict[int, str] = {}
    while True:
        heard = _Heard()
        try:
            return worker.call(
                "filon.case.flows.parse:survey", task, manner.reader, ended, manner.shown, returns=Survey, report=heard
            )
        except WorkerDied as died:
            if stop is not None and stop.is_set():
                raise
            if heard.member is None or heard.member in ended or len(ended) >= _ENDINGS:
                raise EvidenceError("looking at it ended the parsing process: {why}", why=str(died)) from died
            ended[heard.member] = died.detail


class _Heard:
    """Which member of an archive was looked at last, by its place; None where there was none."""

    def __init__(self) -> None:
        self.member: int | None = None

    def __call__(self, progress: Progress) -> None:
        self.member = progress.done


def places(site: Site, intake: int, paths: Iterable[Path], copy: bool) -> Iterator[Place]:
    """Every file of these paths; with ``copy``, where its copy is going to lie, named and lying as it was given."""
    kept = site.layout.items(intake)
    if copy and kept.exists():
        shutil.rmtree(kept)  # of an add that ended before it was planned
    for number, path in enumerate(paths, 1):
        for file, root in files(site, [path]):
            base = kept / str(number)
            seen_in = root or (file.parent if _has_log(file) else None)
            if not copy:
                yield Place(file, file.absolute(), seen_in.absolute() if seen_in else None, root is None)
            else:
                at = base / (file.relative_to(root) if root else file.name)
                yield Place(file, at, base if seen_in else None, root is None)


def _has_log(file: Path) -> bool:
    """Whether a database has its write-ahead log or journal beside it, without which it is not whole."""
    return any(file.with_name(file.name + tail).is_file() for tail in _LOGS)


def _hash(place: Place, report: Report) -> tuple[str, int]:
    """Hash a file; one that is to be copied is copied, and the copy is hashed."""
    if place.at == place.path.absolute():
        return hash_file(place.path, report)
    _copy(place.path, place.at)
    for tail in _LOGS if place.alone else ():
        beside = place.path.with_name(place.path.name + tail)
        if beside.is_file():
            _copy(beside, place.at.with_name(place.at.name + tail))
    return hash_file(place.at, report)


def _copy(path: Path, to: Path) -> None:
    handle = open_regular(path)  # refuses links, FIFOs and devices
    try:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with to.open("xb") as out:
            shutil.copyfileobj(Stretch(handle, 0, handle.size).open(), out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
    finally:
        handle.close()
    to.chmod(0o400)


def forget(place: Place) -> None:
    """Take away the copy of a file that is not taken in."""
    if place.at != place.path.absolute():
        place.at.unlink(missing_ok=True)


def files(site: Site, paths: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Every file with the folder it was added in, in the order given; inside a folder by name.

    Where the case itself lies in the folder, its own files, keys included, are no evidence.
    """
    own = site.layout.root.resolve()
    for path in paths:
        if path.is_symlink() or not path.is_dir():
            yield path, None
            continue
        holds_case = own.is_relative_to(path.resolve())
        for file in files_under(path):
            if not (holds_case and file.parent.resolve().is_relative_to(own)):
                yield file, path


def spelled(path: Path) -> str:
    """A path as text; bytes of it that are none stand as ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def require_text(path: Path) -> None:
    """EvidenceError for a name that the log, JSON and databases could not hold as it is."""
    if spelled(path) != str(path):
        raise EvidenceError(
            "its name is not text in UTF-8; rename a copy of it, or put it into an archive, and add that"
        )
