"""What stands in the body of a letter, by its kind: canonical arrays ``[1, field, ...]`` (``wire.canonical``).

Kinds that begin with ``filon-net.`` belong to ``crypto``; these are ours. A kind that is not known is ignored by the
receiver and counted: a newer phone may say more than an older one understands. Texts are data: whoever shows them makes
control and direction characters harmless.
"""

from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec

from filon_net.crypto.letter import BODY_SIZE, Millis
from filon_net.log.policy import LARGEST_HELD
from filon_net.wire import canonical
from filon_net.wire.errors import Malformed, TooLarge
from filon_net.wire.frames import Key

__all__ = [
    "LONGEST_NAME",
    "LONGEST_TEXT",
    "NOTE_SIZE",
    "Again",
    "Body",
    "Card",
    "Copied",
    "Gossip",
    "Hello",
    "Introduced",
    "Keys",
    "Listed",
    "PolicyBody",
    "Receipts",
    "Route",
    "Sas",
    "Settled",
    "Text",
    "Timer",
    "decode_body",
    "encode_body",
    "kind_of",
]

LONGEST_TEXT = 16_000
"""Characters of one text; more is an attachment."""
LONGEST_NAME = 64
NOTE_SIZE = LARGEST_HELD
MOST_IDS = 200

Id: TypeAlias = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=64)]
Note: TypeAlias = Annotated[bytes, msgspec.Meta(max_length=NOTE_SIZE)]
Seconds: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=31_622_400)]
Ids: TypeAlias = Annotated[tuple[Id, ...], msgspec.Meta(max_length=MOST_IDS)]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]


class _Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Root of all bodies."""


class Route(_Body, frozen=True, tag=1):
    """How to write to one device: its id, the relay's name and address, the mailbox, the capability given to this reader, the key
    its bundles are sealed with (``crypto.sealed_bundle``).

    ``serial`` (milliseconds) rises with every new route of the device: the newest counts.
    """

    device: Id
    relay: Key
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    mailbox: Key
    capability: Key
    bundle_key: Key
    serial: Millis


class Card(_Body, frozen=True, tag=1):
    """Kind ``card``: who I am and how to write to this device. ``answers`` is the secret of the invite it answers, or empty."""

    name: Name
    name_key: Key
    route: Route
    answers: Annotated[bytes, msgspec.Meta(max_length=16)]
    note: Note


class Text(_Body, frozen=True, tag=1):
    """Kind ``text``. ``timer``: seconds after reading when it disappears, 0 never. ``receipts``: the writer sends receipts of
    arrival too, so a missing one means something. ``note``: the writer's newest signed checkpoint, or empty."""

    id: Id
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]
    timer: Seconds
    receipts: bool
    note: Note


class Receipts(_Body, frozen=True, tag=1):
    """Kind ``receipts``: messages that arrived, and those that were read."""

    arrived: Ids
    read: Ids
    note: Note


class Gossip(_Body, frozen=True, tag=1):
    """Kind ``gossip``: the newest checkpoint this phone was shown, as a signed note."""

    note: Note


class Timer(_Body, frozen=True, tag=1):
    """Kind ``timer``: from now on the writer's messages in this chat disappear so many seconds after reading (0: never)."""

    seconds: Seconds


class Again(_Body, frozen=True, tag=1):
    """Kind ``again``: letters with these numbers have not come; please write their messages again."""

    missing: Annotated[tuple[tuple[Number, Number], ...], msgspec.Meta(max_length=64)]


class Settled(_Body, frozen=True, tag=1):
    """Kind ``settled``, the answer to ``again``: what a person has to read of letters with these numbers was written again."""

    missing: Annotated[tuple[tuple[Number, Number], ...], msgspec.Meta(max_length=64)]


class Sas(_Body, frozen=True, tag=1):
    """Kind ``sas``: one step of comparing emoji. 0 commit, 1 answer, 2 reveal, 3 same, 4 stop; ``data``: hash or key."""

    step: Annotated[int, msgspec.Meta(ge=0, le=4)]
    talk: Id
    data: Annotated[bytes, msgspec.Meta(max_length=32)]


class Keys(_Body, frozen=True, tag=1):
    """Kind ``keys``: a bundle (``crypto.bundle``) with the writing device's new seal key; its other key is not used."""

    bundle: Annotated[bytes, msgspec.Meta(max_length=2_900)]


class Listed(_Body, frozen=True, tag=1):
    """Kind ``listed``, between devices of one user: a device list this one has sent to the log (its leaf hash)."""

    leaf: Key


class PolicyBody(_Body, frozen=True, tag=1):
    """Kind ``policy``: a signed policy of a team (``team``)."""

    policy: Annotated[bytes, msgspec.Meta(max_length=32_768)]


class Copied(_Body, frozen=True, tag=1):
    """Kind ``copied``, between devices of one user: a message this user wrote on another device of theirs."""

    user: Key
    id: Id
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]
    timer: Seconds
    sent_at: Millis


class Introduced(_Body, frozen=True, tag=1):
    """Kind ``introduced``, between devices of one user: a contact, how to write to them, and what is set for the chat."""

    name: Name
    alias: Name
    name_key: Key
    master: Key
    routes: Annotated[tuple[Route, ...], msgspec.Meta(max_length=32)]
    verified: bool
    blocked: bool
    timer: Seconds


class Hello(_Body, frozen=True, tag=1):
    """Kind ``hello``, from a device that was just linked: the secret of the link, and how the other devices write to it."""

    secret: Id
    leaf: Key
    route: Route


Body: TypeAlias = (
    Card
    | Text
    | Receipts
    | Gossip
    | Timer
    | Again
    | Settled
    | Sas
    | Keys
    | Listed
    | PolicyBody
    | Copied
    | Introduced
    | Hello
)

_KINDS: dict[str, type[Any]] = {
    "card": Card,
    "text": Text,
    "receipts": Receipts,
    "gossip": Gossip,
    "timer": Timer,
    "again": Again,
    "settled": Settled,
    "sas": Sas,
    "keys": Keys,
    "listed": Listed,
    "policy": PolicyBody,
    "copied": Copied,
    "introduced": Introduced,
    "hello": Hello,
}
_NAMES = {shape: kind for kind, shape in _KINDS.items()}
T = TypeVar("T")


def kind_of(body: Body) -> str:
    """The kind of letter a body travels in."""
    return _NAMES[type(body)]


def encode_body(body: msgspec.Struct) -> bytes:
    """The bytes of a body or of a part of one. Malformed or TooLarge where a field breaks its limits."""
    data = canonical.encode(msgspec.to_builtins(body, builtin_types=(bytes,)))
    shaped(data, type(body))
    return data


def decode_body(kind: str, data: bytes) -> Body | None:
    """The body of a letter of this kind; None where the kind is not known. Malformed or TooLarge."""
    shape = _KINDS.get(kind)
    if shape is None:
        return None
    body: Body = shaped(data, shape)
    return body


def shaped(data: bytes, shape: type[T]) -> T:
    """The value of canonical bytes in this shape. Malformed or TooLarge."""
    if len(data) > BODY_SIZE:
        raise TooLarge("longer than any body")
    try:
        made = msgspec.convert(canonical.decode(data, size=BODY_SIZE), shape, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed(f"not a body of this kind: {error}") from error
    if canonical.written(msgspec.to_builtins(made, builtin_types=(bytes,))) != data:
        raise Malformed("a field is left out")  # where it has a default there would be two spellings
    return made
