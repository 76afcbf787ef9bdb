"""Signed notes (c2sp.org/signed-note): a text, an empty line, signature lines.

    TEXT, one or more lines, may hold empty lines
    (empty line)
    — NAME BASE64(4-byte key id || signature)

UTF-8 without control characters below U+0020 other than the newline. The last empty line parts text and signatures. A
signature whose name and key id are not both known is passed over; one that is known and wrong refuses the whole note.
"""

from collections.abc import Callable, Sequence

import msgspec

from filon_net.errors import Malformed, NotSigned
from filon_net.log.keys import NOTE, Signer, VerifierKey, require_name, signature_agrees
from filon_net.log.strict import base64_text, encoded, read_base64

__all__ = [
    "LARGEST_NOTE",
    "MOST_SIGNATURES",
    "Note",
    "Signature",
    "note_agrees",
    "read_lines",
    "read_note",
    "read_text",
    "sign_note",
    "verified",
]

LARGEST_NOTE = 256 * 1024
MOST_SIGNATURES = 64
"""The specification asks for at least 16; a signature that resists quantum computers takes up to 7 kB of a line."""

_DASH = "\N{EM DASH} "


class Signature(msgspec.Struct, frozen=True):
    """One signature line. ``data`` follows the key id: 64 bytes for Ed25519, 72 for a cosignature."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {base64_text(self.key_id + self.data)}\n"


class Note(msgspec.Struct, frozen=True):
    """A text and its signatures, none of them checked. ``text`` ends in a newline."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def data(self) -> bytes:
        """The note as it is sent and stored."""
        return (self.text + "\n" + "".join(one.line for one in self.signatures)).encode()


def read_text(data: bytes, what: str, largest: int = LARGEST_NOTE) -> str:
    """Lines of text from outside: UTF-8, no control characters, every line ended; Malformed otherwise."""
    if len(data) > largest:
        raise Malformed("{what} has {length} bytes, more than {largest}", what=what, length=len(data), largest=largest)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("{what} is not UTF-8", what=what) from error
    if any(one < " " and one != "\n" for one in text):
        raise Malformed("{what} holds control characters", what=what)
    if not text.endswith("\n"):
        raise Malformed("the last line of {what} does not end", what=what)
    return text


def read_lines(text: str) -> tuple[Signature, ...]:
    """Signature lines, each ended by a newline; the same line twice counts once. Malformed for anything else."""
    lines = text.split("\n")
    if lines.pop():
        raise Malformed("the last signature line does not end")
    if len(lines) > MOST_SIGNATURES:
        raise Malformed("a note has {count} signatures, more than {most}", count=len(lines), most=MOST_SIGNATURES)
    return tuple(dict.fromkeys(_read_line(line) for line in lines))


def _read_line(line: str) -> Signature:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise Malformed("this is not a signature line: {line}", line=line)
    require_name(parts[0])
    data = read_base64(parts[1], "a signature")
    if len(data) <= 4:
        raise Malformed("a signature of {length} bytes is too short", length=len(data))
    return Signature(parts[0], data[:4], data[4:])


def read_note(data: bytes) -> Note:
    """A note from outside, its signatures not yet checked; Malformed where it is not one."""
    text = read_text(data, "a note")
    head, parted, tail = text.rpartition("\n\n")
    if not parted or not tail:
        raise Malformed("a note has a text, an empty line and signatures")
    return Note(head + "\n", read_lines(tail))


def sign_note(text: str, *signers: Signer) -> Note:
    """A note signed by keys of type 0x01; Malformed where the text cannot be that of a note."""
    message = encoded(text, "the text of a note")
    made = [Signature(one.key.name, one.key.key_id, one.sign(message)) for one in signers]
    return read_note(Note(text, tuple(made)).data)


def note_agrees(key: VerifierKey, signature: bytes, text: str) -> bool:
    """Whether ``signature`` is that of a key of type 0x01 over the text."""
    return key.kind == NOTE and signature_agrees(key.public, signature, text.encode())


def verified(
    note: Note, keys: Sequence[VerifierKey], agrees: Callable[[VerifierKey, bytes, str], bool] | None = None
) -> dict[VerifierKey, list[Signature]]:
    """The known keys that signed the note, with their signatures; empty where none did.

    NotSigned where a known key's signature is wrong: somebody changed the note. ``agrees`` checks one signature; without
    it, that of type 0x01.
    """
    known = {(key.name, key.key_id): key for key in keys}
    if len(known) != len(set(keys)):  # 4 bytes can be made to collide; then nobody could say which key is meant
        raise Malformed("two of the known keys have one name and one key id", hint="rename or replace one of them")
    found: dict[VerifierKey, list[Signature]] = {}
    for one in note.signatures:
        key = known.get((one.name, one.key_id))
        if key is None:
            continue
        if not (agrees or note_agrees)(key, one.data, note.text):
            raise NotSigned(
                "the signature of {name} does not belong to this text",
                hint="the note was changed on its way, or it was never signed; fetch it from another place and compare",
                name=one.name,
            )
        found.setdefault(key, []).append(one)
    return found
