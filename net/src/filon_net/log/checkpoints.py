"""Checkpoints (c2sp.org/tlog-checkpoint): what a log says its tree is, as the text of a signed note.

ORIGIN            names the log, not empty
SIZE              leaves, decimal
ROOT              base64 of the RFC 6962 root
EXTENSION ...     further lines, not empty, not interpreted
"""

from collections.abc import Sequence

import msgspec

from filon_net.errors import Malformed, NotSigned
from filon_net.log.keys import Signer, VerifierKey
from filon_net.log.merkle import EMPTY_ROOT
from filon_net.log.notes import Note, read_note, read_text, sign_note, verified
from filon_net.log.strict import HASH_SIZE, LARGEST, base64_text, encoded, read_hash, read_number

__all__ = ["Checkpoint", "read_checkpoint", "require_log_signature", "sign_checkpoint"]

_MOST_LINES = 32


class Checkpoint(msgspec.Struct, frozen=True):
    """The tree a log commits to. Malformed where the parts cannot stand in a checkpoint."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST or len(self.root) != HASH_SIZE:
            raise Malformed("a tree of {size} with a root of {length} bytes", size=self.size, length=len(self.root))
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Malformed("an empty tree has one root, not this one: {root}", root=self.root.hex())
        for line in (self.origin, *self.extensions):
            if not line or any(one < " " for one in line):
                raise Malformed("a line of a checkpoint is empty or holds control characters: {line}", line=line)
            encoded(line, "a line of a checkpoint")

    @property
    def text(self) -> str:
        """The text of the note, ended by a newline."""
        return "\n".join((self.origin, str(self.size), base64_text(self.root), *self.extensions, ""))


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in the text of a note; Malformed where it is not one, in its one spelling."""
    lines = read_text(encoded(text, "a checkpoint"), "a checkpoint").split("\n")[:-1]
    if not 3 <= len(lines) <= _MOST_LINES or not all(lines):
        raise Malformed("a checkpoint has 3 to {most} lines, none of them empty", most=_MOST_LINES)
    size = read_number(lines[1], "the size of a tree")
    return Checkpoint(lines[0], size, read_hash(lines[2], "the root of a tree"), tuple(lines[3:]))


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> Note:
    """The signed note of a checkpoint."""
    return sign_note(checkpoint.text, *signers)


def require_log_signature(data: bytes, origin: str, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Note]:
    """The checkpoint and note in ``data``; NotSigned unless one of the log's own keys signed it, for this origin."""
    note = read_note(data)
    checkpoint = read_checkpoint(note.text)
    _require_origin(checkpoint, origin)
    if not verified(note, keys):
        raise NotSigned("no key of the log {origin} signed this checkpoint", origin=origin)
    return checkpoint, note


def _require_origin(checkpoint: Checkpoint, origin: str) -> None:
    """One key may sign for several logs: what it says of one must not pass for another."""
    if checkpoint.origin != origin:
        raise NotSigned("this checkpoint is of {found}, not of {origin}", found=checkpoint.origin, origin=origin)
