"""Is every file of the store as it was written? And what do its tables say, however they are stored?"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from filon.errors import StoreError
from filon.model.columns import TABLES
from filon.model.layout import Layout
from filon.model.progress import Progress, Report
from filon.store.embedded import files
from filon.store.embedded.build import SliceMeta
from filon.store.embedded.manifest import Manifest, load, stray
from filon.store.embedded.parts import read_parts
from filon.store.embedded.slices import Slice
from filon.store.ports import Fault

__all__ = ["table_digests", "verify"]

_ROWS = 1 << 14


def verify(layout: Layout, report: Report) -> list[Fault]:
    """Compare every file with the size and hash that the manifest, or the slice it names, recorded for it."""
    name = layout.manifest.relative_to(layout.root).as_posix()
    try:
        manifest = load(layout)
    except StoreError as error:
        return [Fault(name, str(error))]
    faults = [
        Fault(path.relative_to(layout.root).as_posix(), "is not named by the manifest")
        for path in stray(layout, manifest)
    ]
    sealed = list(_sealed(layout, manifest, faults))
    total = sum(file.size for _, file in sealed)
    done = 0
    for folder, file in sealed:
        what = _difference(folder, file)
        if what is not None:
            faults.append(Fault((folder / file.path).relative_to(layout.root).as_posix(), what))
        done += file.size
        report(Progress("verify", done, total, "bytes", file.path))
    return sorted(faults, key=lambda fault: fault.where)


def _sealed(layout: Layout, manifest: Manifest, faults: list[Fault]) -> Iterator[tuple[Path, files.Sealed]]:
    """Every file there should be, with the folder its path is relative to; what else lies in a slice is a fault."""
    for part in manifest.parts:
        yield layout.root, part.file
    for entry in manifest.slices:
        yield layout.root, entry.meta
        folder = layout.slice(entry.number)
        try:
            meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=SliceMeta)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            continue  # its own hash is compared too, and says so
        for file in meta.files:
            yield folder, file
        known = {"meta.json", *(file.path for file in meta.files)}
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        alien = (folder / path for path in sorted(found - known))
        faults += [Fault(path.relative_to(layout.root).as_posix(), "does not belong to its slice") for path in alien]


def _difference(folder: Path, file: files.Sealed) -> str | None:
    path = folder / file.path
    if not path.is_file() or path.is_symlink():
        return "is missing"
    try:
        found = files.seal(folder, path)
    except StoreError as error:
        return str(error)
    if found.size != file.size:
        return f"has {found.size} bytes instead of {file.size}"
    if found.sha256 != file.sha256:
        return f"has SHA-256 {found.sha256} instead of {file.sha256}"
    return None


def table_digests(layout: Layout, manifest: Manifest) -> dict[str, str]:
    """One SHA-256 a table: over the SHA-256 of every row, written as JSON with sorted keys.

    Messages stand in the order of their numbers, rows of other tables in the order of their intakes. Memory: 40 bytes
    a message.
    """
    slices = [Slice(layout.slice(entry.number), entry) for entry in manifest.slices]
    rows = [_message_digests(part) for part in slices]
    ids = np.concatenate([np.zeros(0, np.int64), *(part.ids[:] for part in slices)])
    hashes = np.concatenate([np.zeros((0, 32), np.uint8), *rows])
    digests = {"messages": hashlib.sha256(hashes[np.argsort(ids)].tobytes()).hexdigest()}
    for kind in sorted(TABLES):
        table = read_parts(layout, manifest, kind, withdrawn=True)
        digests[kind] = hashlib.sha256(b"".join(_row_digests(table))).hexdigest()
    return digests


def _message_digests(part: Slice) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    found = bytearray()
    for start in range(0, part.rows, _ROWS):
        rows = part.take(np.arange(start, min(part.rows, start + _ROWS)))
        found += b"".join(_row_digests(rows))
    return np.frombuffer(bytes(found), np.uint8).reshape(-1, 32)


def _row_digests(table: pa.Table) -> Iterator[bytes]:
    encode = msgspec.json.Encoder(order="deterministic").encode
    for batch in table.to_batches(max_chunksize=_ROWS):
        for row in batch.to_pylist():
            yield hashlib.sha256(encode(row)).digest()
