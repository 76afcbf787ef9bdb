"""Work in the background: how far it is, how fast, how long still; and what came of it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import get, post
from litestar.params import FromPath

from filon.case.answers import Added, Exported
from filon.errors import EvidenceError
from filon.web.answer import Page
from filon.web.room import InRoom, Room

__all__ = ["JobPart", "job", "job_part", "stop_job"]


@dataclass(frozen=True)
class JobPart(Page):
    """A job as it stands. While it runs, the part asks for itself again."""

    template: ClassVar[str] = "job.html"
    block: ClassVar[str | None] = "job"

    id: int
    kind: str
    state: str
    """running, done, failed or stopped."""
    progress: Any
    """Stage, done, total, unit, item; None before the first report."""
    rate: float | None
    """Units a second."""
    eta_seconds: float | None
    """Until the present stage is done."""
    memory: int | None
    """Bytes of this process and all it started."""
    added: Added | None
    exported: Exported | None
    problem: str | None
    hint: str | None


@get("/jobs/{key:int}", sync_to_thread=True)
def job(room: InRoom, key: FromPath[int]) -> JobPart:
    """A job by its id."""
    return job_part(room, key)


@post("/jobs/{key:int}/stop", sync_to_thread=True, status_code=200)
def stop_job(room: InRoom, key: FromPath[int]) -> JobPart:
    """Stop a job; what is finished is kept."""
    room.jobs.stop(key)
    return job_part(room, key)


def job_part(room: Room, key: int) -> JobPart:
    """The context of a job."""
    at = room.jobs.status(key)
    if at is None:
        raise EvidenceError(
            "there is no job {key} in this process", hint="look at the items: what was finished is kept", key=key
        )
    return JobPart(
        id=at.id,
        kind=at.kind,
        state=at.state,
        progress=at.progress,
        rate=at.rate,
        eta_seconds=at.eta_seconds,
        memory=at.memory,
        added=at.result if isinstance(at.result, Added) else None,
        exported=at.result if isinstance(at.result, Exported) else None,
        problem=at.error,
        hint=at.hint,
    )
