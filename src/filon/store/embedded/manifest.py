"""What is visible of a case: slices, table parts, intakes, withdrawn readings. One small file, replaced as a whole.

``manifest.json`` holds ``{"sha256": ..., "body": {...}}``; the hash is of the exact bytes of ``body``, so that an
accidental change of the file itself is noticed before anything it names is believed.
"""

import hashlib
import os
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from filon.errors import StoreError
from filon.model.durable import replace_file
from filon.model.layout import Layout
from filon.store.embedded import files
from filon.store.ports import Compacted

__all__ = ["STORE_FORMAT", "Manifest", "Part", "SliceEntry", "Stamp", "concerns", "load", "save", "stray"]

STORE_FORMAT = 3
"""Version of manifest, slices and parts together. 2: parts and slices may hold several intakes. 3: slices keep numbers,
times and texts around a number as little as they differ; those of format 2 are read as they are."""


class SliceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One time slice. ``first`` and ``last``: smallest and largest time in microseconds, None where it is undated.

    ``intake``: the last that gave rows to it.
    """

    number: int
    intake: int
    rows: int
    first: int | None
    last: int | None
    meta: files.Sealed

    @property
    def dated(self) -> bool:
        return self.last is not None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that one intake, or several one after the other, gave to one table. ``intake``: the last of them."""

    kind: str
    intake: int
    rows: int
    file: files.Sealed


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``generation`` grows by one with every change; ``intakes`` are done and are never done again.

    The parts of one table stand in the order of its rows, and rows are only ever appended: the first rows of a later
    manifest are the rows of an earlier one. ``retired``: slices and parts, by path inside the case, that larger ones have
    replaced and that wait until nobody reads them. ``compacted``: the last replacement, so that it can be logged.
    """

    format: int = STORE_FORMAT
    generation: int = 0
    intakes: tuple[int, ...] = ()
    slices: tuple[SliceEntry, ...] = ()
    parts: tuple[Part, ...] = ()
    withdrawn: tuple[int, ...] = ()
    retired: tuple[str, ...] = ()
    compacted: Compacted | None = None

    @property
    def next_slice(self) -> int:
        return max((entry.number for entry in self.slices), default=0) + 1


class _Envelope(msgspec.Struct):
    sha256: str
    body: msgspec.Raw


class _Version(msgspec.Struct):
    format: int


def load(layout: Layout) -> Manifest:
    """The manifest as it stands; ``StoreError`` where it is missing, damaged or of a newer version."""
    path = layout.manifest
    try:
        data = path.read_bytes()
        envelope = msgspec.json.decode(data, type=_Envelope)
    except FileNotFoundError as error:
        raise StoreError("{path} is missing", hint="is this the folder of a case?", path=str(path)) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(path) from error
    body = bytes(envelope.body)
    if hashlib.sha256(body).hexdigest() != envelope.sha256 or data != _encoded(envelope):
        raise _damaged(path)
    version = msgspec.json.decode(body, type=_Version).format
    if version > STORE_FORMAT:
        raise StoreError(
            "the case was written by a newer filon (store format {found}, this one knows {known})",
            hint="open it with a newer filon",
            found=version,
            known=STORE_FORMAT,
        )
    # An older manifest says the same without what came since; it is written in the present form with its next change.
    return msgspec.structs.replace(msgspec.json.decode(body, type=Manifest), format=STORE_FORMAT)


def save(layout: Layout, manifest: Manifest) -> None:
    """Make a manifest the one that counts. Everything it names must be on disk already."""
    body = msgspec.json.encode(manifest)
    envelope = _Envelope(hashlib.sha256(body).hexdigest(), msgspec.Raw(body))
    replace_file(layout.manifest, _encoded(envelope))


def stray(layout: Layout, manifest: Manifest) -> Iterator[Path]:
    """What lies in the folders of slices and tables but is not named by the manifest: left by an interrupted write."""
    known = {layout.slice(entry.number) for entry in manifest.slices}
    known |= {layout.root / part.file.path for part in manifest.parts}
    known |= {layout.root / path for path in manifest.retired}
    places = [layout.slices, *(sorted(layout.tables.iterdir()) if layout.tables.is_dir() else [])]
    for place in places:
        if place.is_dir():
            yield from (path for path in sorted(place.iterdir()) if path not in known)


def concerns(layout: Layout, manifest: Manifest, where: str) -> bool:
    """Whether a file, by its path inside the case, is named by a manifest, or lies there without being named."""
    path = layout.root / where
    named = path == layout.manifest or any(path.is_relative_to(layout.slice(e.number)) for e in manifest.slices)
    named = named or any(path == layout.root / part.file.path for part in manifest.parts)
    return named or path in set(stray(layout, manifest))


class Stamp:
    """Tells whether the manifest was replaced, without reading it.

    The file that was seen last is kept open, so that the system cannot give its number to another.
    """

    def __init__(self, layout: Layout) -> None:
        self._path = layout.manifest
        self._held: int | None = None
        self._close: Callable[[], object] | None = None

    def changed(self) -> bool:
        """True where the manifest is not the file it was when this was asked last; at first, and where it is gone, too."""
        try:
            now = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return True
        if self._held is not None and os.path.sameopenfile(self._held, now):
            os.close(now)
            return False
        self.forget()
        self._held, self._close = now, weakref.finalize(self, os.close, now)
        return True

    def forget(self) -> None:
        """Let go of the file; the next question is answered with True."""
        if self._close is not None:
            self._close()
        self._held = self._close = None


def _encoded(envelope: _Envelope) -> bytes:
    return msgspec.json.encode(envelope) + b"\n"


def _damaged(path: Path) -> StoreError:
    return StoreError(
        "{path} is damaged", hint="restore it from a backup, or read the items again into a new case", path=str(path)
    )
