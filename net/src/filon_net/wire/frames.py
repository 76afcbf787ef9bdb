"""Frames between a phone and a relay: their shapes, their limits, their bytes.

A frame is one whole message of the transport (one binary WebSocket message): the version byte ``0x01``, then a
canonical array ``[kind, field, ...]``. Fields stand in the order in which they are declared here; none may be left out
and none added. Numbers count from 0 unless stated; hours are hours since 1970 (UTC), the finest time a relay is told.

A relay is told: mailbox, capability, expiry hour, one opaque sealed blob of one of five lengths. It is never told who
wrote a blob, what kind of message it is, or how long the text inside is.
"""

import enum
import typing
from typing import Annotated, Any, TypeAlias

import msgspec

from filon_net.wire import canonical
from filon_net.wire.errors import Malformed, TooLarge

__all__ = [
    "BLOB_SIZES",
    "DAYS_KEPT",
    "FRAME_SIZE",
    "HOURS_KEPT",
    "VERSION",
    "Ack",
    "Acked",
    "Admit",
    "Challenge",
    "Claim",
    "Claimed",
    "Code",
    "Deliver",
    "Done",
    "Fetch",
    "Frame",
    "Grant",
    "Open",
    "Opened",
    "Ping",
    "Pong",
    "Post",
    "Posted",
    "Refused",
    "Revoke",
    "Stock",
    "decode_frame",
    "encode_frame",
]

VERSION = 1
DAYS_KEPT = 14
HOURS_KEPT = 24 * DAYS_KEPT
"""A relay keeps a blob at most this long, however late the expiry the sender asked for."""
BLOB_SIZES = (3_527, 4_551, 8_647, 25_031, 90_567)
"""The only lengths of a sealed blob, in bytes; ``crypto.envelope`` derives them from the padding buckets."""
FRAME_SIZE = 98_304
"""Longest frame in bytes: the longest blob, or 32 bundles of the longest kind, with room for the head."""

Key: TypeAlias = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature: TypeAlias = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Blob: TypeAlias = Annotated[bytes, msgspec.Meta(min_length=BLOB_SIZES[0], max_length=BLOB_SIZES[-1])]
Bundle: TypeAlias = Annotated[bytes, msgspec.Meta(min_length=1, max_length=2_900)]
Hour: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
Request: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)]
Small: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=65_535)]


class Code(enum.IntEnum):
    """Why something was refused. Codes from 4400 end the connection and are its WebSocket close code."""

    NO_SUCH_DOOR = 404
    """No such mailbox or the capability is not good for it; the two are never told apart."""
    FULL = 413
    """The mailbox is over its quota of messages or bytes."""
    SLOW_DOWN = 429
    """Over a rate; ``retry`` says after how many seconds."""
    TOKEN_SPENT = 409
    """The invite token was used before, or its operator or its hour is not accepted."""
    NOTHING_LEFT = 410
    """No bundle is in stock, not even the last resort."""
    TRY_LATER = 503
    """The relay cannot answer now; nothing was kept."""
    MALFORMED = 4400
    NOT_PROVEN = 4401
    OUT_OF_TURN = 4403
    VERSION = 4406
    TIMED_OUT = 4408
    TOO_LARGE = 4413
    TOO_MANY = 4429
    GOING_AWAY = 4503

    @property
    def closes(self) -> bool:
        """True where the connection ends with this code."""
        return self >= 4400


class _Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Root of all frames."""


class Challenge(_Frame, frozen=True, tag=0):
    """Relay, first frame of every connection. ``relay`` is the relay's name (32 bytes, known to the phone before),
    ``nonce`` is fresh; then the most deliveries without acknowledgement and the most posts without an answer."""

    relay: Key
    nonce: Key
    unacked: Small
    unanswered: Small


class Open(_Frame, frozen=True, tag=1):
    """Phone: I own ``mailbox`` (an Ed25519 public key made for this mailbox alone); see ``wire.proofs``."""

    mailbox: Key
    signature: Signature


class Admit(_Frame, frozen=True, tag=2):
    """Phone: make this mailbox, for which I hold an invite token signed by the operator; see ``wire.tokens``."""

    mailbox: Key
    signature: Signature
    token: Annotated[bytes, msgspec.Meta(min_length=1, max_length=256)]


class Opened(_Frame, frozen=True, tag=3):
    """Relay: the mailbox is yours. Blobs waiting, quota in messages and in bytes, hours a blob is kept, bundles left."""

    waiting: Number
    quota_messages: Number
    quota_bytes: Number
    hours_kept: Small
    bundles: Small


class Fetch(_Frame, frozen=True, tag=4):
    """Phone: deliver what is after ``after``, with at most ``window`` deliveries not yet acknowledged."""

    after: Number
    window: Annotated[int, msgspec.Meta(ge=1, le=1024)]


class Deliver(_Frame, frozen=True, tag=5):
    """Relay: one blob. ``number`` counts up inside the mailbox; ``hour`` of arrival; ``expires``: hour it is erased."""

    number: Number
    hour: Hour
    expires: Hour
    blob: Blob


class Ack(_Frame, frozen=True, tag=6):
    """Phone: these are stored on the phone; erase them. Numbers rising, at most 256."""

    numbers: Annotated[tuple[Number, ...], msgspec.Meta(min_length=1, max_length=256)]


class Acked(_Frame, frozen=True, tag=7):
    """Relay: everything of the oldest unanswered Ack is erased and will not be delivered again; ``count`` of them."""

    count: Small


class Grant(_Frame, frozen=True, tag=8):
    """Owner: who shows the 32 bytes whose SHA-256 is ``capability`` may post, at most ``daily`` blobs a day."""

    request: Request
    capability: Key
    daily: Small


class Revoke(_Frame, frozen=True, tag=9):
    """Owner: this capability is good no longer."""

    request: Request
    capability: Key


class Stock(_Frame, frozen=True, tag=10):
    """Owner: bundles to hand out once each, and one to hand out when no other is left (None: keep the old one)."""

    request: Request
    bundles: Annotated[tuple[Bundle, ...], msgspec.Meta(max_length=32)]
    last_resort: Bundle | None


class Done(_Frame, frozen=True, tag=11):
    """Relay: Grant, Revoke or Stock is kept and durable."""

    request: Request


class Post(_Frame, frozen=True, tag=12):
    """Anybody, on a connection without login: put ``blob`` into ``mailbox`` until the hour ``expires``."""

    request: Request
    mailbox: Key
    capability: Key
    expires: Hour
    blob: Blob


class Posted(_Frame, frozen=True, tag=13):
    """Relay: the blob is durable."""

    request: Request


class Claim(_Frame, frozen=True, tag=14):
    """Anybody, on a connection without login: one bundle of the owner of ``mailbox``."""

    request: Request
    mailbox: Key
    capability: Key


class Claimed(_Frame, frozen=True, tag=15):
    """Relay: one bundle, opaque."""

    request: Request
    bundle: Bundle


class Refused(_Frame, frozen=True, tag=16):
    """Relay: no. ``request`` is what it answers, None for the connection as a whole; ``retry`` in seconds or None."""

    request: Request | None
    code: Code
    retry: Small | None


class Ping(_Frame, frozen=True, tag=17):
    """Either end: are you there? Answered by Pong with the same 8 bytes."""

    mark: Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class Pong(_Frame, frozen=True, tag=18):
    """The answer to Ping."""

    mark: Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


Frame: TypeAlias = (
    Challenge
    | Open
    | Admit
    | Opened
    | Fetch
    | Deliver
    | Ack
    | Acked
    | Grant
    | Revoke
    | Stock
    | Done
    | Post
    | Posted
    | Claim
    | Claimed
    | Refused
    | Ping
    | Pong
)


_KINDS: dict[int, type[Any]] = {kind.__struct_config__.tag: kind for kind in typing.get_args(Frame)}


def encode_frame(frame: Frame) -> bytes:
    """The bytes of a frame: version byte, then the canonical array. Malformed where a field breaks its limits."""
    fields: list[Any] = msgspec.to_builtins(frame, builtin_types=(bytes,))
    _shaped(fields)  # a Struct made by hand is not checked by msgspec; nothing is left that the wire does not carry
    return bytes([VERSION]) + canonical.written(fields)


def decode_frame(data: bytes) -> Frame:
    """The frame of one transport message; Malformed or TooLarge. Never raises anything else."""
    if not data or data[0] != VERSION:
        raise Malformed(
            "not a frame of this version",
            hint=f"this end speaks version {VERSION}; the other end must be updated",
        )
    if len(data) > FRAME_SIZE:
        raise TooLarge(f"a frame of {len(data)} bytes; at most {FRAME_SIZE} are allowed")
    return _shaped(canonical.decode(data[1:], size=FRAME_SIZE))


def _shaped(fields: Any) -> Frame:
    """The frame of an array, every limit of a single field and the rules between fields checked."""
    # one shape at a time: the library looks a union up anew on every call, which costs more than all the rest
    tag = fields[0] if isinstance(fields, list) and fields else None
    kind = _KINDS.get(tag) if type(tag) is int else None
    if kind is None:
        raise Malformed("not a known frame")
    try:
        frame: Frame = msgspec.convert(fields, kind, strict=True, builtin_types=(bytes,))
    except (msgspec.ValidationError, OverflowError) as error:
        raise Malformed(f"not a known frame: {error}") from error
    if isinstance(frame, Deliver | Post) and len(frame.blob) not in BLOB_SIZES:
        raise Malformed("a blob whose length is not one of the five")
    if isinstance(frame, Ack) and any(
        later <= earlier for earlier, later in zip(frame.numbers, frame.numbers[1:], strict=False)
    ):
        raise Malformed("acknowledged numbers that do not rise")
    return frame
