"""What is visible of a case: slices, table parts, intakes, withdrawn readings. One small file, replaced as a whole.

``manifest.json`` holds ``{"sha256": ..., "body": {...}}``; the hash is of the exact bytes of ``body``, so that an
accidental change of the file itself is noticed before anything it names is believed.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from filon.errors import StoreError
from filon.model.durable import replace_file
from filon.model.layout import Layout
from filon.store.embedded import files

__all__ = ["STORE_FORMAT", "Manifest", "Part", "SliceEntry", "load", "save", "stray"]

STORE_FORMAT = 1
"""Version of manifest, slices and parts together."""


class SliceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One time slice. ``first`` and ``last``: smallest and largest time in microseconds, None where it is undated."""

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
    """The rows one intake gave to one table."""

    kind: str
    intake: int
    rows: int
    file: files.Sealed


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``generation`` grows by one with every change; ``intakes`` are done and are never done again."""

    format: int = STORE_FORMAT
    generation: int = 0
    intakes: tuple[int, ...] = ()
    slices: tuple[SliceEntry, ...] = ()
    parts: tuple[Part, ...] = ()
    withdrawn: tuple[int, ...] = ()

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
    except msgspec.MsgspecError as error:
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
    return msgspec.json.decode(body, type=Manifest)


def save(layout: Layout, manifest: Manifest) -> None:
    """Make a manifest the one that counts. Everything it names must be on disk already."""
    body = msgspec.json.encode(manifest)
    envelope = _Envelope(hashlib.sha256(body).hexdigest(), msgspec.Raw(body))
    replace_file(layout.manifest, _encoded(envelope))


def stray(layout: Layout, manifest: Manifest) -> Iterator[Path]:
    """What lies in the folders of slices and tables but is not named by the manifest: left by an interrupted write."""
    known = {layout.slice(entry.number) for entry in manifest.slices}
    known |= {layout.table(part.kind, part.intake) for part in manifest.parts}
    places = [layout.slices, *(sorted(layout.tables.iterdir()) if layout.tables.is_dir() else [])]
    for place in places:
        if place.is_dir():
            yield from (path for path in sorted(place.iterdir()) if path not in known)


def _encoded(envelope: _Envelope) -> bytes:
    return msgspec.json.encode(envelope) + b"\n"


def _damaged(path: Path) -> StoreError:
    return StoreError(
        "{path} is damaged", hint="restore it from a backup, or read the items again into a new case", path=str(path)
    )
