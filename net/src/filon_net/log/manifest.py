"""What a release is made of: the list of a package's files, and the question whether the program that runs is in the log.

The list is text, one line a file, sorted by path: 64 hexadecimal digits of its SHA-256, two spaces, the path below the folder
that holds the package, with ``/``. The manifest of a release is the SHA-256 of that text (UTF-8). Compiled files
(``__pycache__``) do not belong to it. It says nothing of the libraries a program uses, nor of a program that lies about itself.
"""

import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from filon_net.errors import Malformed, NotSigned
from filon_net.log.entries import Release

__all__ = [
    "PRODUCT",
    "files_of_package",
    "files_of_wheel",
    "list_of",
    "manifest_of",
    "own_manifest",
    "require_own_release",
]

PRODUCT = "filon-net"
_PACKAGE = "filon_net"
_NO_WHEEL = (OSError, EOFError, RuntimeError, ValueError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What ``zipfile`` raises for an archive that is cut off, damaged, encrypted or packed in a way it does not know."""


def list_of(files: Mapping[str, bytes]) -> str:
    """The list of files (content by path) as text."""
    if any("\n" in path or "\\" in path for path in files):
        raise Malformed("a file of a release has a line break or a backslash in its name")
    return "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """The SHA-256 of the list of files."""
    return hashlib.sha256(list_of(files).encode()).digest()


def _belongs(path: str) -> bool:
    return path.startswith(f"{_PACKAGE}/") and not path.endswith("/") and "__pycache__" not in path.split("/")


def files_of_package(folder: Path) -> dict[str, bytes]:
    """The files of an installed package, whose own folder is ``folder``; links are read as what they point to."""
    found: Iterable[Path] = folder.rglob("*")
    paths = {f"{_PACKAGE}/{one.relative_to(folder).as_posix()}": one for one in found if one.is_file()}
    return {path: one.read_bytes() for path, one in paths.items() if _belongs(path)}


def files_of_wheel(wheel: Path) -> dict[str, bytes]:
    """The files of the package in a wheel; Malformed where it is none."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            files = {one: archive.read(one) for one in archive.namelist() if _belongs(one)}
    except _NO_WHEEL as error:
        raise Malformed("{wheel} cannot be read as a wheel", wheel=str(wheel)) from error
    if not files:
        raise Malformed("{wheel} holds no package filon_net", wheel=str(wheel))
    return files


def own_manifest() -> bytes:
    """The manifest of the program that runs, as it lies on the disk now."""
    return manifest_of(files_of_package(Path(__file__).parents[1]))


def require_own_release(releases: Sequence[Release], manifest: bytes, now: int, product: str = PRODUCT) -> Release:
    """The newest release with this manifest whose time has come; NotSigned where the log has none.

    ``releases`` are those that enough release keys signed (``Follower.releases``); ``now`` is a POSIX second.
    """
    found = [one for one in releases if one.product == product and one.manifest == manifest]
    if not found:
        raise NotSigned(
            "this program is not among the {count} releases of {product} in the log",
            hint="install a release, and compare its manifest with the operator's by another way before you trust this phone",
            count=len(releases),
            product=product,
        )
    due = [one for one in found if one.not_before <= now]
    if not due:
        raise NotSigned(
            "the release {version} is not yet to be used",
            hint="wait until its time, so that others may look at it first",
            version=found[-1].version,
        )
    return due[-1]
