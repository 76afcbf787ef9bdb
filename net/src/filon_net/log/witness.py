"""The witness's answer to ``add-checkpoint`` (c2sp.org/tlog-witness), without the HTTP around it.

    old SIZE                     what the asker believes the witness saw last
    BASE64 ...                   the consistency proof, at most 63 lines
    (empty line)
    CHECKPOINT                   a signed note

    200  the cosignature line
    400  malformed, or the old size is larger than the checkpoint
    403  no trusted key of the log signed it
    404  the origin is not known
    409  the witness saw another size last (its size is the body) or another root of this size
    422  the consistency proof does not hold

The witness knows one tree per origin, the largest it signed, and never signs another root for a size: it goes forward from
it by proof only, and the new one is on the disk before the answer leaves (``memory``).
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from filon_net.errors import Malformed, NotSigned, ProofFailed
from filon_net.log.checkpoints import Checkpoint, read_checkpoint
from filon_net.log.cosignatures import cosign
from filon_net.log.keys import COSIGNATURE, Signer, VerifierKey
from filon_net.log.memory import Seen, WitnessMemory
from filon_net.log.merkle import check_consistency, same_hash
from filon_net.log.notes import LARGEST_NOTE, Note, read_note, read_text, verified
from filon_net.log.strict import base64_text, read_hash, read_number

__all__ = ["LARGEST_REQUEST", "AddCheckpoint", "Answer", "Witness", "read_request", "request"]

_MOST_HASHES = 63
LARGEST_REQUEST = LARGEST_NOTE + 4096


class AddCheckpoint(msgspec.Struct, frozen=True):
    """One request: ``old`` size, ``proof`` from it, and the note of the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note


class Answer(msgspec.Struct, frozen=True):
    """What the witness says: HTTP status, content type and body."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


def request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """The body of a request."""
    return "".join((f"old {old}\n", *(base64_text(one) + "\n" for one in proof), "\n")).encode() + note


def read_request(data: bytes) -> AddCheckpoint:
    """A request from outside; Malformed where it has not the form."""
    text = read_text(data, "a request", LARGEST_REQUEST)
    head, _, note = text.partition("\n\n")
    first, *hashes = head.split("\n")
    if not first.startswith("old ") or len(hashes) > _MOST_HASHES:
        raise Malformed("a request begins with an old size and at most {most} hashes", most=_MOST_HASHES)
    old = read_number(first.removeprefix("old "), "the old size")
    proof = tuple(read_hash(one, "a line of the proof") for one in hashes)
    return AddCheckpoint(old, proof, read_note(note.encode()))


class Witness:
    """A witness with its key, the logs it watches (their keys by origin), its memory and its clock (POSIX seconds)."""

    def __init__(
        self,
        signer: Signer,
        logs: Mapping[str, Sequence[VerifierKey]],
        memory: WitnessMemory,
        clock: Callable[[], int],
    ) -> None:
        if signer.key.kind != COSIGNATURE:
            raise Malformed("a witness signs with a key of type 4")
        self._signer = signer
        self._logs = logs
        self._memory = memory
        self._clock = clock

    def add_checkpoint(self, data: bytes) -> Answer:
        """The answer to one request. LogDamaged (say 500, sign nothing) where the witness's own memory is not readable."""
        try:
            asked = read_request(data)
            checkpoint = read_checkpoint(asked.note.text)
        except Malformed as error:
            return Answer(400, f"{error}\n")
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return Answer(404, "this log is not known here\n")
        try:
            if not verified(asked.note, keys):
                return Answer(403, "no trusted key of this log signed the checkpoint\n")
        except NotSigned as error:
            return Answer(403, f"{error}\n")
        if asked.old > checkpoint.size:
            return Answer(400, "the old size is larger than the checkpoint\n")
        with self._memory.held(checkpoint.origin) as seen:
            refused = _refusal(asked, checkpoint, seen)
            if refused is not None:
                return refused
            if seen.size != checkpoint.size:
                self._memory.remember(checkpoint.origin, Seen(checkpoint.size, checkpoint.root))
            # before anybody else has a turn: at this second it is the largest tree seen
            return Answer(200, cosign(checkpoint.text, self._signer, self._clock()).line)


def _refusal(asked: AddCheckpoint, checkpoint: Checkpoint, seen: Seen) -> Answer | None:
    """Why this checkpoint is not signed, or None."""
    if asked.old != seen.size or not _agrees_with_seen(checkpoint, seen):
        return Answer(409, f"{seen.size}\n", "text/x.tlog.size")
    try:
        check_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, asked.proof)
    except ProofFailed as error:
        return Answer(422, f"{error}\n")
    return None


def _agrees_with_seen(checkpoint: Checkpoint, seen: Seen) -> bool:
    """Whether the checkpoint, if of the size seen last, has the root seen last."""
    return checkpoint.size != seen.size or same_hash(checkpoint.root, seen.root)
