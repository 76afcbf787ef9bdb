"""Verifying a custody log: every line, the chain between them, every signature, and a head kept elsewhere."""

import re

import msgspec

from filon.errors import CustodyError
from filon.evidence.custody import FIRST, Entry, canonical, hash_of, lines_of, signed_text
from filon.evidence.keys import signature_agrees
from filon.model.layout import Layout

__all__ = ["Problem", "verify"]

_HEAD = re.compile(r"(?:[0-9]+:)?[0-9a-f]{64}")


class Problem(msgspec.Struct, frozen=True):
    """One thing that differs. ``line`` counts from 1, None where it is not about one line. ``code`` is one of:

    ``missing``     there is no log, or no public key to check it with
    ``torn``        the last line is incomplete: a crash while writing, or a cut
    ``unreadable``  the line is not an entry
    ``form``        the line says what an entry says, but is not written in the canonical form
    ``number``      lines were removed, repeated or put in another order
    ``chain``       the line does not follow the line before it
    ``hash``        the line was changed after it was written
    ``signature``   the line was not signed by the key of this case
    ``key``         the first line names another key than ``case.json``
    ``head``        the head kept elsewhere is not, or no longer, in the log
    """

    line: int | None
    code: str
    detail: str


def verify(layout: Layout, head: str | None = None) -> list[Problem]:
    """What differs; empty where nothing does. ``head``: ``n:hash`` or ``hash``, as it was once given and kept elsewhere.

    CustodyError where it is neither: what was copied badly says nothing about the log.
    """
    if head is not None and not _HEAD.fullmatch(head.strip().lower()):
        raise CustodyError(
            "{head!r} is not a head of a custody log",
            hint="a head is the number of an entry, a colon and all 64 characters of its hash, as `filon info` shows it",
            head=head,
        )
    try:
        public = _public_key(layout)
        lines = list(lines_of(layout.custody))
    except CustodyError as error:
        return [Problem(None, "missing", str(error))]
    problems: list[Problem] = []
    entries: list[Entry] = []
    prev = FIRST
    for number, line in enumerate(lines, 1):
        found = _read(number, line, problems)
        if found is None:
            prev = ""
            continue
        problems += _differences(number, found, prev, public)
        entries.append(found)
        prev = found.hash
    if not lines:
        problems.append(Problem(None, "missing", "the log is empty"))
    if head is not None:
        problems += _without(head.strip().lower(), entries, len(lines))
    return problems


def _public_key(layout: Layout) -> str:
    try:
        case = msgspec.json.decode(layout.case.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CustodyError("case.json cannot be read: {reason}", reason=str(error)) from error
    public = case.get("public_key")
    if not isinstance(public, str):
        raise CustodyError("case.json names no public key")
    return public


def _read(number: int, line: bytes, problems: list[Problem]) -> Entry | None:
    if not line.endswith(b"\n"):
        problems.append(Problem(number, "torn", f"the last line is incomplete ({len(line)} bytes)"))
        return None
    try:
        found = msgspec.json.decode(line, type=Entry)
        written = canonical(msgspec.to_builtins(found)) + b"\n"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, CustodyError) as error:
        problems.append(Problem(number, "unreadable", str(error)))
        return None
    if written != line:
        problems.append(Problem(number, "form", "the line is not written in the canonical form"))
    return found


def _differences(number: int, entry: Entry, prev: str, public: str) -> list[Problem]:
    found: list[Problem] = []
    if entry.n != number:
        found.append(Problem(number, "number", f"the line calls itself {entry.n}"))
    if entry.prev != prev:
        reason = "the line before cannot be read" if not prev else f"it follows {entry.prev}, the line before is {prev}"
        found.append(Problem(number, "chain", reason))
    computed = hash_of(entry)
    if entry.hash != computed:
        found.append(Problem(number, "hash", f"its content has the hash {computed}, it states {entry.hash}"))
    if not signature_agrees(public, signed_text(entry.hash), entry.sig):
        found.append(Problem(number, "signature", f"not signed by the key of this case, {public}"))
    if number == 1 and entry.values.get("public_key") != public:
        found.append(Problem(1, "key", f"case.json names {public}, the log {entry.values.get('public_key')}"))
    return found


def _without(head: str, entries: list[Entry], lines: int) -> list[Problem]:
    """Why a head kept elsewhere is not found; empty where it is."""
    number, _, digest = head.rpartition(":")
    if any(entry.hash == digest and number in ("", str(entry.n)) for entry in entries):
        return []
    if number.isdecimal() and int(number) > lines:
        return [
            Problem(None, "head", f"the log ends at line {lines}; a head of line {number} was kept: its tail was cut")
        ]
    where = (
        f"line {number} is another than the one whose head was kept" if number else "no line has the head that was kept"
    )
    return [Problem(None, "head", f"{where}: the log was replaced, rewritten or cut (expected {digest})")]
