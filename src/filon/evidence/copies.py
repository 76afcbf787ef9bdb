"""Private copies of evidence, for libraries that need a path, inside the case's own ``tmp``.

A copy is mode 0400, lies under a name made here (only a plain extension is kept), and goes when its owner goes.
"""

import errno
import os
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import BinaryIO

from filon.errors import EvidenceError

__all__ = ["ROOM_LEFT", "is_full", "private_copy", "require_room"]

ROOM_LEFT = 1 << 30
"""Bytes that stay free on the disk of the case, whatever is unpacked."""
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_PIECE = 8 << 20


def is_full(error: OSError) -> bool:
    """Whether an error says that a disk, or what one may use of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def require_room(folder: Path, size: int) -> None:
    """EvidenceError where ``size`` more bytes would leave less than ``ROOM_LEFT`` free."""
    free = shutil.disk_usage(folder).free
    if free - size < ROOM_LEFT:
        raise EvidenceError(
            "unpacking needs {size} bytes in {folder}, where {free} are free and {left} are kept free",
            hint="make room, or move the case to a larger disk, and add the item again",
            size=size,
            folder=str(folder),
            free=free,
            left=ROOM_LEFT,
        )


def private_copy(owner: object, stream: BinaryIO, folder: Path, name: str, size: int) -> Path:
    """Copy ``stream`` (about ``size`` bytes) into ``folder``; the file is removed when ``owner`` goes."""
    require_room(folder, size)
    extension = _EXTENSION.search(name)
    fd, made = tempfile.mkstemp(prefix="copy-", suffix=extension[0] if extension else "", dir=folder)
    path = Path(made)
    weakref.finalize(owner, path.unlink, missing_ok=True)
    with os.fdopen(fd, "wb") as out, stream:
        while piece := stream.read(_PIECE):
            out.write(piece)
        os.fchmod(out.fileno(), 0o400)
    return path
