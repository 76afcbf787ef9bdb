"""Additions that are being prepared: files that were uploaded or paths that were typed, before anything is done.

A draft lives in memory and its uploads in the case's ``exchange``; both are gone when the draft is thrown away. Uploads
are streamed to disk and never looked into here.
"""

import re
import secrets
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filon.errors import EvidenceError
from filon.evidence.reading import Given
from filon.model.layout import Layout

__all__ = ["FILES_LIMIT", "UPLOAD_LIMIT", "Draft", "Drafts", "safe_name"]

UPLOAD_LIMIT = 64 << 30
"""Bytes of one uploaded file. Larger evidence is better named by its path than sent through a browser."""
FILES_LIMIT = 1000
DRAFTS_LIMIT = 50
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass
class Draft:
    """One addition in preparation. ``folder`` holds what was uploaded."""

    key: str
    folder: Path
    paths: list[Path] = field(default_factory=list)
    uploads: list[Path] = field(default_factory=list)
    given: Given = field(default_factory=Given)
    mapping_text: str | None = None
    mapping: dict[str, Any] | None = None
    job: int | None = None

    @property
    def sources(self) -> tuple[Path, ...]:
        """Everything that would be added."""
        return (*self.paths, *self.uploads)


class Drafts:
    """The drafts of one case."""

    def __init__(self, root: Path) -> None:
        self._root = Layout(root).exchange
        shutil.rmtree(self._root, ignore_errors=True)  # left by a server that was killed
        self._drafts: dict[str, Draft] = {}
        self._lock = threading.Lock()

    def new(self) -> Draft:
        """An empty draft."""
        key = secrets.token_hex(8)
        draft = Draft(key, self.folder(key))
        with self._lock:
            if len(self._drafts) >= DRAFTS_LIMIT:
                raise EvidenceError("too many additions are being prepared", hint="finish or discard one of them")
            self._drafts[key] = draft
        return draft

    def folder(self, name: str) -> Path:
        """A folder of the case for files on their way in or out."""
        folder = self._root / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def get(self, key: str) -> Draft:
        """A draft by its key; EvidenceError where it is gone."""
        draft = self._drafts.get(key)
        if draft is None:
            raise EvidenceError("this addition is no longer being prepared", hint="choose the files again")
        return draft

    def discard(self, key: str) -> None:
        """Forget a draft and remove what was uploaded for it."""
        with self._lock:
            draft = self._drafts.pop(key, None)
        if draft:
            shutil.rmtree(draft.folder, ignore_errors=True)

    def forget_uploads(self, draft: Draft) -> None:
        """Remove uploaded bytes once the case holds its own copy."""
        shutil.rmtree(draft.folder, ignore_errors=True)


async def receive(draft: Draft, name: str, chunks: AsyncIterator[bytes]) -> Path:
    """Stream one file to the draft's folder; a broken or oversized one leaves nothing behind."""
    if len(draft.uploads) >= FILES_LIMIT:
        raise EvidenceError("more than {limit} files at once", hint="type the path of their folder", limit=FILES_LIMIT)
    folder = draft.folder / f"{len(draft.uploads):04d}"
    folder.mkdir(parents=True, mode=0o700)
    path = folder / safe_name(name)
    size = 0
    complete = False
    try:
        with path.open("xb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > UPLOAD_LIMIT:
                    raise EvidenceError("{name} is too large to upload", hint="type its path instead", name=path.name)
                file.write(chunk)
        complete = True
    finally:
        if not complete:
            shutil.rmtree(folder, ignore_errors=True)
    draft.uploads.append(path)
    return path


def safe_name(name: str) -> str:
    """A file name without folders, control or direction characters, at most 200 bytes; ``file`` if nothing is left."""
    base = UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    stem, dot, suffix = base.rpartition(".")
    short = base.encode("utf-8", "replace")
    if len(short) > 200:
        keep = 199 - len(suffix.encode("utf-8", "replace"))
        base = stem.encode("utf-8", "replace")[: max(keep, 20)].decode("utf-8", "ignore") + dot + suffix[:100]
    return base.encode("utf-8", "replace").decode() or "file"
