"""Before anything is taken in: which files there are, whether the case holds them, and who can read them."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from filon.case.answers import Proposal
from filon.case.flows.parse import Task
from filon.case.flows.plan import Found, Plan, PlannedItem, PlannedReading, Survey
from filon.case.flows.site import Site
from filon.errors import EvidenceError, FilonError
from filon.evidence.files import files_under
from filon.evidence.hashing import hash_file
from filon.evidence.reading import Given
from filon.evidence.worker import Worker, WorkerDied
from filon.model.columns import strings
from filon.model.items import Item
from filon.model.progress import Report
from filon.readers import by_name

__all__ = ["Decide", "make_plan", "propose"]

Decide = Callable[[Proposal, Given], Given]
"""Asked once for every source with open questions; answers with what a person stated."""

_ARCHIVE = ("archive", 1)


def propose(site: Site, paths: Iterable[Path], given: Given, report: Report) -> Iterator[Proposal]:
    """What would be done with each source of these paths; nothing is changed."""
    held = {item.sha256: item for item in held_items(site)}
    with Worker(site.settings.limits) as worker:
        for path, root in _files(paths):
            try:
                sha256, size = hash_file(path, report)
                survey = _survey(worker, site, path, root, sha256, given, None)
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
    held = {item.sha256 for item in held_items(site)}
    items_so_far = site.store.tables.table("items", withdrawn=True).num_rows
    readings_so_far = site.store.tables.table("readings", withdrawn=True).num_rows
    planned: list[PlannedItem] = []
    already: list[str] = []
    left_out: list[tuple[str, str]] = []
    for path, root in _files(paths):
        try:
            sha256, size, read_from = _hash(site, path, copy, report)
            if sha256 in held:
                already.append(str(path))
                continue
            survey = _survey(worker, site, read_from, root, sha256, given, reader)
        except EvidenceError as error:
            left_out.append((str(path), str(error)))
            continue
        if not survey.found and survey.members is None and root is None:
            left_out.append((str(path), "no reader recognises it; see `filon readers`, or choose one with --reader"))
            continue
        held.add(sha256)
        first = readings_so_far + 1 + sum(len(item.readings) for item in planned)
        item = PlannedItem(
            number=items_so_far + len(planned) + 1,
            sha256=sha256,
            size=size,
            path=str(path),
            at=str(read_from.absolute()),
            root=str(root.absolute()) if root else None,
            copied=copy,
            members=survey.members,
            skipped=survey.skipped,
            refused=survey.refused,
            readings=tuple(_readings(path, survey, first, given, decide)),
        )
        planned.append(item)
    plan = Plan(intake=intake, who=who, at=at, items=tuple(planned), already=tuple(already), left_out=tuple(left_out))
    if left_out and not planned and not already:
        raise EvidenceError(
            "{path} was not taken: {why}", hint="nothing was changed", path=left_out[0][0], why=left_out[0][1]
        )
    return plan


def held_items(site: Site) -> list[Item]:
    """Items the case holds and that are not withdrawn: what was withdrawn may be added again."""
    gone = {int(e.values["item"]) for e in site.custody.entries() if e.what == "item-withdrawn"}
    bodies = strings(site.store.tables.table("items", withdrawn=True)["body"])
    return [item for body in bodies if (item := msgspec.json.decode(body, type=Item)).number not in gone]


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Every file with the folder it was added in, in the order given; inside a folder by name."""
    for path in paths:
        if path.is_symlink() or not path.is_dir():
            yield path, None
        else:
            yield from ((file, path) for file in files_under(path))


def _hash(site: Site, path: Path, copy: bool, report: Report) -> tuple[str, int, Path]:
    if not copy:
        return (*hash_file(path, report), path)
    site.layout.item("x").parent.mkdir(mode=0o700, exist_ok=True)
    beside = site.tmp / f"copy-{path.name[:50]}"
    hash_file(path, report)  # refuses links, devices and files that change
    shutil.copyfile(path, beside, follow_symlinks=False)
    sha256, size = hash_file(beside)
    kept = site.layout.item(sha256)
    beside.replace(kept)
    kept.chmod(0o400)
    return sha256, size, kept


def _survey(
    worker: Worker, site: Site, path: Path, root: Path | None, sha256: str, given: Given, reader: str | None
) -> Survey:
    task = Task(
        item=str(path.absolute()),
        root=str(root.absolute()) if root else None,
        sha256=sha256,
        tmp=str(site.tmp),
        limits=site.settings.limits,
        given=given,
    )
    try:
        return worker.call("filon.case.flows.parse:survey", task, reader, returns=Survey)
    except WorkerDied as died:
        raise EvidenceError("looking at it ended the parsing process: {why}", why=str(died)) from died


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
        path=str(path),
        member=None,
        size=0,
        format=None,
        title=None,
        confidence=0.0,
        rivals=(),
        questions=(),
        refused=refused,
    )
