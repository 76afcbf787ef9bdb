"""Names of archive members: which are refused, and how one is written in ``Reading.member``.

A member is written as its name inside the archive; ``!`` stands between an archive and what lies in it
(``a.zip!dir/b.txt``). In each name ``%`` is written ``%25`` and ``!`` is written ``%21``; the second entry of the
same name gets ``%~2``. So a written member names exactly one entry, whatever the archive calls it.
"""

import re
from collections import Counter

__all__ = ["Namer", "steps_of", "text_of", "why_unsafe"]

_DRIVE = re.compile(r"[A-Za-z]:")
_LONE_BYTE = re.compile("[\udc80-\udcff]")
_SEPARATORS = re.compile(r"[/\\]")


def why_unsafe(name: str) -> str | None:
    """Why a member of this name is refused, or None where it stays inside its archive."""
    if not name:
        return "the name is empty"
    if "\0" in name:
        return "the name holds a NUL character"
    if name[0] in "/\\" or _DRIVE.match(name):
        return "the name is absolute"
    if ".." in _SEPARATORS.split(name):
        return "the name leaves the archive"
    return None


def text_of(raw: bytes, legacy: str | None = None) -> str:
    """A name as text: UTF-8 where it is UTF-8, else ``legacy``, else each byte that is not UTF-8 as ``<ff>``."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if legacy:
            return raw.decode(legacy)
        return _LONE_BYTE.sub(lambda found: f"<{ord(found[0]) & 0xFF:02x}>", raw.decode("utf-8", "surrogateescape"))


class Namer:
    """Writes the names of one archive, so that no two entries are written alike."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._seen: Counter[str] = Counter()

    def write(self, name: str) -> str:
        """The written form of the next entry called ``name``."""
        self._seen[name] += 1
        count = self._seen[name]
        written = name.replace("%", "%25").replace("!", "%21")
        return f"{self._prefix}{written}%~{count}" if count > 1 else self._prefix + written


def steps_of(member: str) -> list[str]:
    """The written names on the way to a member, outermost archive first."""
    return member.split("!")
