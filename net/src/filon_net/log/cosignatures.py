"""Cosignatures of witnesses, version 1, Ed25519 (c2sp.org/tlog-cosignature).

A signature line of type 0x04 on a checkpoint whose signature is

    8 bytes   POSIX time in seconds, big-endian, at most 2^63 - 1
    64 bytes  Ed25519 over "cosignature/v1\\n" || "time TIME\\n" || the text of the checkpoint

It says: at that time, the largest consistent tree this witness had seen of the log is this one.
"""

from collections.abc import Sequence

from filon_net.errors import Malformed
from filon_net.log.keys import COSIGNATURE, Signer, VerifierKey, signature_agrees
from filon_net.log.notes import Note, Signature, verified
from filon_net.log.strict import LARGEST

__all__ = ["cosign", "cosigned", "cosigned_at", "with_cosignatures"]

_LENGTH = 8 + 64


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, signer: Signer, time: int) -> Signature:
    """The cosignature of a witness over the text of a checkpoint at POSIX second ``time``."""
    if signer.key.kind != COSIGNATURE or not 0 <= time <= LARGEST:
        raise Malformed("a witness signs with a key of type 4 and a time, not {time}", time=time)
    return Signature(signer.key.name, signer.key.key_id, time.to_bytes(8, "big") + signer.sign(_message(text, time)))


def cosigned_at(signature: bytes) -> int:
    """The time in a cosignature (72 bytes, not checked); Malformed where it is none."""
    time = int.from_bytes(signature[:8], "big")
    if len(signature) != _LENGTH or time > LARGEST:
        raise Malformed("a cosignature has 72 bytes, not {length}, and a time", length=len(signature))
    return time


def cosignature_agrees(key: VerifierKey, signature: bytes, text: str) -> bool:
    """Whether ``signature`` is a cosignature of ``key`` over the text of a checkpoint."""
    if key.kind != COSIGNATURE or len(signature) != _LENGTH:
        return False
    time = cosigned_at(signature)
    return signature_agrees(key.public, signature[8:], _message(text, time))


def cosigned(note: Note, witnesses: Sequence[VerifierKey]) -> dict[VerifierKey, int]:
    """Which of the known witnesses cosigned, and when (the newest time of each). NotSigned where one is false."""
    found = verified(note, witnesses, cosignature_agrees)
    return {key: max(cosigned_at(one.data) for one in signatures) for key, signatures in found.items()}


def with_cosignatures(note: Note, lines: Sequence[Signature], witnesses: Sequence[VerifierKey]) -> Note:
    """The note with the newest cosignature of each known witness, from the note itself and from what witnesses answered.

    Lines of unknown keys are dropped; a false line of a known witness refuses them all (NotSigned). Signatures of the log
    itself stay.
    """
    both = Note(note.text, (*note.signatures, *lines))
    newest: dict[VerifierKey, Signature] = {}
    for key, signatures in verified(both, witnesses, cosignature_agrees).items():
        newest[key] = max(signatures, key=lambda one: cosigned_at(one.data))
    ids = {(key.name, key.key_id) for key in witnesses}
    own = [one for one in note.signatures if (one.name, one.key_id) not in ids]
    return Note(note.text, (*own, *newest.values()))
