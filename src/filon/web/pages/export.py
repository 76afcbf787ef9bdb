"""Hits as a table to take away: written in the background, then downloaded with its hash."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import File

from filon.case.answers import Exported
from filon.errors import EvidenceError
from filon.model.progress import Report
from filon.web.pages.job import JobPart, job_part
from filon.web.room import InRoom

__all__ = ["ExportForm", "export", "exported"]


@dataclass(frozen=True)
class ExportForm:
    """What to export, and as what."""

    format: Literal["csv", "xlsx", "jsonl", "parquet"]
    q: str = ""


@post("/exports", sync_to_thread=True, status_code=200)
def export(room: InRoom, data: URLEncodedBody[ExportForm]) -> JobPart:
    """Begin to write every hit of a search."""
    folder = room.drafts.folder("exports")
    out = folder / f"{secrets.token_hex(8)}.{data.format}"

    def write(report: Report) -> Exported:
        return room.case.export(room.view, data.q, data.format, out, report)

    return job_part(room, room.jobs.start("export", write))


@get("/exports/{key:int}", sync_to_thread=True)
def exported(room: InRoom, key: FromPath[int]) -> Response[bytes]:
    """Download what a finished export job wrote."""
    job = room.jobs.status(key)
    result = job.result if job else None
    if not isinstance(result, Exported):
        raise EvidenceError("this export is not finished", hint="wait until it is, or start it again")
    path = Path(result.path)
    return File(
        path,
        filename=f"{room.case.name}-{result.rows}-messages{path.suffix}",
        media_type="application/octet-stream",
        content_disposition_type="attachment",
        headers={"digest": f"sha-256={result.sha256}", "cache-control": "no-store"},
    )
