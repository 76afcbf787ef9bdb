"""Before anything is taken in: which files there are, whether the case holds them, and who can read them."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from filon.case.answers import Proposal
from filon.case.flows.parse import Task
from filon.case.flows.plan import Found, Plan, PlannedItem, PlannedReading, Survey
from filon.case.site import Site
from filon.errors import EvidenceError, FilonError
from filon.evidence.files import files_under
from filon.evidence.hashing import hash_file
from filon.evidence.reading import Given
from filon.evidence.stretch import Stretch, open_regular
from filon.evidence.worker import Worker, WorkerDied
from filon.model.progress import Progress, Report
from filon.readers import by_name

__all__ = ["Decide", "make_plan", "propose"]

Decide = Callable[[Proposal, Given], Given]
"""Asked once for every source with open questions; answers with what a person stated."""

_ARCHIVE = ("archive", 1)
_ENDINGS = 10
"""Members of one archive that may end the parsing process before the archive is left out."""
_LOGS = ("-wal", "-journal")
"""What SQLite keeps beside a database."""


def propose(site: Site, paths: Iterable[Path], given: Given, report: Report) -> Iterator[Proposal]:
    """What would be done with each source of these paths; nothing is changed."""
    held = site.ledger.held()
    with Worker(site.settings.limits) as worker:
        for path, root in _files(site, paths):
            try:
                _require_text(path)
                sha256, size = hash_file(path, report)
                survey = _survey(worker, site, path, root, sha256, given, None, True)
            except FilonError as error:
                yield _unusable(path, str(error))
                continue
            if sha256 in held:
                yield msgspec.structs.replace(_unusable(path, None), already=True, size=size)
            elif not survey.found:
                refused = "; ".join(f"{r.member}: {r.code}" for r in survey.refused) or None
                yield msgspec.structs.replace(_unusable(path, refused), size=size)
            for found in survey.found if sha256 not in held else ():
                yield _proposal(path, found)


def make_plan(
    site: Site, worker: Worker, who: str, at: int, intake: int, paths: Iterable[Path], given: Given, decide: Decide | None,
    reader: str | None, copy: bool, report: Report,
) -> Plan:  # fmt: skip
    """Number every item and reading these paths bring. EvidenceError where there is nothing in them to take."""
    held = set(site.ledger.held())
    items_so_far = site.store.tables.table("items", withdrawn=True).num_rows
    first = site.store.tables.table("readings", withdrawn=True).num_rows + 1
    planned: list[PlannedItem] = []
    already: list[str] = []
    left_out: list[tuple[str, str]] = []
    for place in _places(site, intake, paths, copy):
        path = place.path
        try:
            _require_text(path)
            sha256, size = _hash(place, report)
            if sha256 in held:
                already.append(str(path))
                _forget(place)
                continue
            survey = _survey(worker, site, place.at, place.root, sha256, given, reader, decide is not None)
        except EvidenceError as error:
            left_out.append((_spelled(path), str(error)))
            _forget(place)
            continue
        if not survey.found and survey.members is None and place.alone:
            left_out.append((str(path), "no reader recognises it; see `filon readers`, or choose one with --reader"))
            continue
        held.add(sha256)
        item = PlannedItem(
            number=items_so_far + len(planned) + 1,
            sha256=sha256,
            size=size,
            path=str(path),
            at=_written(site, place.at),
            root=_written(site, place.root) if place.root else None,
            copied=copy,
            members=survey.members,
            skipped=survey.skipped,
            refused=survey.refused,
            readings=tuple(_readings(path, survey, first, given, decide)),
        )
        planned.append(item)
        first += len(item.readings)
    plan = Plan(intake=intake, who=who, at=at, items=tuple(planned), already=tuple(already), left_out=tuple(left_out))
    if left_out and not planned and not already:
        raise EvidenceError(
            "{path} was not taken: {why}", hint="nothing was changed", path=left_out[0][0], why=left_out[0][1]
        )
    return plan


def _files(site: Site, paths: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
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


def _spelled(path: Path) -> str:
    """A path as text; bytes of it that are none stand as ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _require_text(path: Path) -> None:
    """EvidenceError for a name that the log, JSON and databases could not hold as it is."""
    if _spelled(path) != str(path):
        raise EvidenceError(
            "its name is not text in UTF-8; rename a copy of it, or put it into an archive, and add that"
        )


class Place(msgspec.Struct, frozen=True):
    """One file to take in: as the user called it, where it is read from, and the folder it is seen in."""

    path: Path
    at: Path
    root: Path | None
    alone: bool
    """Given by name, not found in a folder: it must be something a reader knows."""


def _places(site: Site, intake: int, paths: Iterable[Path], copy: bool) -> Iterator[Place]:
    """Every file of these paths; with ``copy``, where its copy is going to lie, named and lying as it was given."""
    kept = site.layout.items(intake)
    if copy and kept.exists():
        shutil.rmtree(kept)  # of an add that ended before it was planned
    for number, path in enumerate(paths, 1):
        for file, root in _files(site, [path]):
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


def _forget(place: Place) -> None:
    """Take away the copy of a file that is not taken in."""
    if place.at != place.path.absolute():
        place.at.unlink(missing_ok=True)


def _written(site: Site, path: Path) -> str:
    """A path in the case relative to it, so that the case can be moved; any other as it is."""
    return str(path.relative_to(site.layout.root) if path.is_relative_to(site.layout.root) else path)


def _survey(
    worker: Worker, site: Site, path: Path, root: Path | None, sha256: str, given: Given, reader: str | None,
    shown: bool,
) -> Survey:  # fmt: skip
    task = Task(
        item=str(path.absolute()),
        root=str(root.absolute()) if root else None,
        sha256=sha256,
        tmp=str(site.tmp),
        limits=site.settings.limits,
        given=given,
    )
    ended: dict[int, str] = {}
    while True:
        heard = _Heard()
        try:
            return worker.call(
                "filon.case.flows.parse:survey", task, reader, ended, shown, returns=Survey, report=heard
            )
        except WorkerDied as died:
            if heard.member is None or heard.member in ended or len(ended) >= _ENDINGS:
                raise EvidenceError("looking at it ended the parsing process: {why}", why=str(died)) from died
            ended[heard.member] = died.detail


class _Heard:
    """Which member of an archive was looked at last, by its place; None where there was none."""

    def __init__(self) -> None:
        self.member: int | None = None

    def __call__(self, progress: Progress) -> None:
        self.member = progress.done


def _readings(path: Path, survey: Survey, first: int, given: Given, decide: Decide | None) -> Iterator[PlannedReading]:
    if survey.members is not None:
        name, version = _ARCHIVE
        yield PlannedReading(number=first, member=None, size=0, format=name, version=version, given=Given())
        first += 1
    for number, found in enumerate(survey.found, first):
        told = given
        if decide is not None and found.questions:
            told = decide(_proposal(path, found), given)
        format_ = by_name(found.formats[0][0]).format
        assumed = tuple(
            f"{q.name}:{q.proposal}"
            for q in found.questions
            if q.proposal is not None and q.name not in ("zone", "mapping") and getattr(told, q.name, None) is None
        )
        yield PlannedReading(
            number=number,
            member=found.member,
            size=found.size,
            format=format_.name,
            version=format_.version,
            given=told,
            assumed=assumed,
        )


def _proposal(path: Path, found: Found) -> Proposal:
    name, confidence = found.formats[0]
    return Proposal(
        path=str(path),
        member=found.member,
        size=found.size,
        format=name,
        title=by_name(name).format.title,
        confidence=confidence,
        rivals=found.formats[1:],
        questions=found.questions,
        mapping=found.mapping,
        preview=found.preview,
    )


def _unusable(path: Path, refused: str | None) -> Proposal:
    return Proposal(
        path=_spelled(path),
        member=None,
        size=0,
        format=None,
        title=None,
        confidence=0.0,
        rivals=(),
        questions=(),
        refused=refused,
    )
