"""Add evidence: choose files or type a path, see what they are, answer what is asked, watch, and read the account."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from litestar import Request, delete, get, post, put
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec.structs import replace

from filon.case.answers import Added, Proposal
from filon.errors import EvidenceError, ReadingError
from filon.model.progress import Report
from filon.model.time import zone_named
from filon.web.answer import Page
from filon.web.drafts import UPLOAD_LIMIT, Draft, receive
from filon.web.pages.job import JobPart, job_part
from filon.web.room import InRoom, Room

__all__ = ["AddPage", "AnswerForm", "DraftPage", "add", "answer", "begin", "discard", "draft_page", "prepare", "upload"]


@dataclass(frozen=True)
class PathsForm:
    """Paths on this machine, one a line."""

    paths: str = ""


@dataclass(frozen=True)
class AnswerForm:
    """What a person states about the files. Empty: not stated."""

    zone: str = ""
    date_order: str = ""
    owner: str = ""
    mapping: str = ""


@dataclass(frozen=True)
class AddPage(Page):
    """The first step: choose."""

    template: ClassVar[str] = "add.html"
    active: ClassVar[str] = "add"


@dataclass(frozen=True)
class DraftPage(Page):
    """The second step: what each file was recognised as, and what is still to be told."""

    template: ClassVar[str] = "draft.html"
    active: ClassVar[str] = "add"

    key: str
    proposals: tuple[Proposal, ...]
    given: AnswerForm
    mapping: str | None
    """Columns of a table as TOML: as stated, else as proposed; None where no table is among the files."""
    open_questions: int
    """Questions that have neither an answer nor a proposal."""
    job: int | None
    """Id of the job that adds them, once begun."""


@dataclass(frozen=True)
class DraftPart(DraftPage):
    """The same for a part of the page."""

    block: ClassVar[str | None] = "draft"


@get("/add", sync_to_thread=False)
def add() -> AddPage:
    """Choose files or type paths."""
    return AddPage()


@post("/add", sync_to_thread=True, status_code=200)
def prepare(room: InRoom, data: URLEncodedBody[PathsForm]) -> dict[str, str]:
    """Begin a draft; paths must exist on the machine that runs filon."""
    paths = [Path(line.strip()).expanduser() for line in data.paths.splitlines() if line.strip()]
    for path in paths:
        if not path.exists():
            raise EvidenceError(
                "there is nothing at {path}",
                hint="check the spelling; the path is one of the machine that runs filon",
                path=str(path),
            )
    draft = room.drafts.new()
    draft.paths.extend(paths)
    return {"key": draft.key}


@put("/add/{key:str}/files", status_code=200, request_max_body_size=UPLOAD_LIMIT)
async def upload(
    request: Request[Any, Any, Any], room: InRoom, key: FromPath[str], name: FromQuery[str]
) -> dict[str, str]:
    """Stream one file into a draft; the body is the file."""
    draft = room.drafts.get(key)
    if draft.paths or draft.job:
        raise EvidenceError("this addition takes no uploads", hint="begin another one for the uploaded files")
    path = await receive(draft, unquote(name), request.stream())
    return {"name": path.name}


@get("/add/{key:str}", sync_to_thread=True)
def draft_page(room: InRoom, key: FromPath[str]) -> DraftPage:
    """What the files were recognised as."""
    return _propose(DraftPage, room, room.drafts.get(key))


@post("/add/{key:str}/answers", sync_to_thread=True, status_code=200)
def answer(room: InRoom, key: FromPath[str], data: URLEncodedBody[AnswerForm]) -> DraftPage:
    """Take what was stated and propose again, the preview of a table with it."""
    draft = room.drafts.get(key)
    _state(draft, data)
    return _propose(DraftPart, room, draft)


@post("/add/{key:str}/begin", sync_to_thread=True, status_code=200)
def begin(room: InRoom, key: FromPath[str], data: URLEncodedBody[AnswerForm]) -> JobPart:
    """Add, in the background. Uploaded bytes are taken into the case; files named by path stay where they are."""
    draft = room.drafts.get(key)
    if draft.job is None:
        _state(draft, data)
        draft.job = room.jobs.start("add", lambda report: _add(room, draft, report))
    return job_part(room, draft.job)


@delete("/add/{key:str}", sync_to_thread=True, status_code=200)
def discard(room: InRoom, key: FromPath[str]) -> AddPage:
    """Throw a draft away, and what was uploaded for it."""
    room.drafts.discard(key)
    return AddPage()


def _state(draft: Draft, data: AnswerForm) -> None:
    if data.zone:
        zone_named(data.zone)
    try:
        mapping = tomllib.loads(data.mapping) if data.mapping.strip() else None
    except tomllib.TOMLDecodeError as error:
        raise ReadingError(
            "the columns are not valid TOML: {error}", hint="correct the line it names", error=str(error)
        ) from error
    draft.mapping_text = data.mapping or None
    draft.given = replace(
        draft.given,
        zone=data.zone or None,
        date_order=data.date_order or None,
        owner=data.owner or None,
        mapping=mapping,
    )


def _propose(kind: type[DraftPage], room: Room, draft: Draft) -> DraftPage:
    proposals = tuple(room.case.propose(room.view, draft.sources, draft.given))
    given = AnswerForm(
        draft.given.zone or "", draft.given.date_order or "", draft.given.owner or "", draft.mapping_text or ""
    )
    left = {q.name for p in proposals for q in p.questions if q.proposal is None and not getattr(given, q.name, "")}
    proposed = next((p.mapping for p in proposals if p.mapping), "" if "mapping" in left else None)
    return kind(draft.key, proposals, given, draft.mapping_text or proposed, len(left), draft.job)


def _add(room: Room, draft: Draft, report: Report) -> Added:
    added = room.case.add(room.view, draft.sources, given=draft.given, copy=bool(draft.uploads), report=report)
    room.drafts.forget_uploads(draft)
    return added
