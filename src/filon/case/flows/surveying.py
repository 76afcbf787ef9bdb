"""Before anything is taken in: which files there are, whether the case holds them, and who can read them."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from filon.case.answers import Proposal
from filon.case.flows.crew import Crew
from filon.case.flows.looking import Manner, files, forget, look_at, places, require_text, spelled, survey_item
from filon.case.flows.plan import Found, Plan, PlannedItem, PlannedReading, Survey
from filon.case.site import Site
from filon.errors import EvidenceError, FilonError
from filon.evidence.hashing import hash_file
from filon.evidence.reading import Given
from filon.evidence.worker import Worker
from filon.model.progress import Report
from filon.readers import by_name

__all__ = ["Decide", "make_plan", "propose"]

Decide = Callable[[Proposal, Given], Given]
"""Asked once for every source with open questions; answers with what a person stated."""

_ARCHIVE = ("archive", 1)


def propose(site: Site, paths: Iterable[Path], given: Given, report: Report) -> Iterator[Proposal]:
    """What would be done with each source of these paths; nothing is changed."""
    held = site.ledger.held()
    manner = Manner(given=given, reader=None, shown=True)
    with Worker(site.settings.limits) as worker:
        for path, root in files(site, paths):
            try:
                require_text(path)
                sha256, size = hash_file(path, report)
                survey = survey_item(worker, site, path, root, sha256, manner)
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
    site: Site, crew: Crew, who: str, at: int, intake: int, paths: Iterable[Path], given: Given, decide: Decide | None,
    reader: str | None, copy: bool, report: Report,
) -> Plan:  # fmt: skip
    """Number every item and reading these paths bring. EvidenceError where there is nothing in them to take."""
    held = set(site.ledger.held())
    items_so_far = site.store.tables.table("items", withdrawn=True).num_rows
    first = site.store.tables.table("readings", withdrawn=True).num_rows + 1
    planned: list[PlannedItem] = []
    already: list[str] = []
    left_out: list[tuple[str, str]] = []
    manner = Manner(given=given, reader=reader, shown=decide is not None)
    for looked in look_at(site, crew, manner, list(places(site, intake, paths, copy)), held, report):
        place, path, sha256 = looked.place, looked.place.path, looked.sha256
        if sha256 in held:
            already.append(str(path))
            forget(place)
            continue
        try:
            survey = looked.survey()
        except EvidenceError as error:
            left_out.append((spelled(path), str(error)))
            forget(place)
            continue
        if not survey.found and survey.members is None and place.alone:
            left_out.append((str(path), "no reader recognises it; see `filon readers`, or choose one with --reader"))
            continue
        assert sha256 is not None  # it was looked at
        held.add(sha256)
        item = PlannedItem(
            number=items_so_far + len(planned) + 1,
            sha256=sha256,
            size=looked.size,
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


def _written(site: Site, path: Path) -> str:
    """A path in the case relative to it, so that the case can be moved; any other as it is."""
    return str(path.relative_to(site.layout.root) if path.is_relative_to(site.layout.root) else path)


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
            f"{q.name.replace('_', '-')}:{q.proposal}"
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
            # Only what was found out under the same statements holds; many sources of one kind share one text.
            found=sys.intern(found.found) if found.found is not None and told == given else None,
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
        path=spelled(path),
        member=None,
        size=0,
        format=None,
        title=None,
        confidence=0.0,
        rivals=(),
        questions=(),
        refused=refused,
    )
