"""What people pass on by hand: ``filon-net://…`` links, which are also QR codes.

``filon-net://KIND/`` and the unpadded base64url of one canonical array. Kinds: ``invite`` (become contacts), ``device`` (a
further device of the same user), ``verify`` (compare master keys in person), ``leave`` (the operator's leave to join).
A link that invites is a secret until it was answered: whoever has it can answer in the other's place, which is what
verifying in person is for.
"""

import base64
import binascii
import io
from typing import Annotated, TypeVar

import msgspec
import segno

from filon_net.phone.bodies import Id, Name, Note, Route, encode_body, shaped
from filon_net.phone.errors import BadLink
from filon_net.wire.errors import WireError
from filon_net.wire.frames import Key

__all__ = ["DeviceLink", "InviteLink", "Leave", "VerifyLink", "link_of", "png_of", "read_link", "svg_of", "terminal_of"]

SCHEME = "filon-net://"
_LONGEST = 32_768


class InviteLink(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``invite``: who invites, as what name, how to write to them, what they were shown of the log, and what answers it."""

    master: Key
    name_key: Key
    name: Name
    route: Route
    secret: Id
    note: Note


class DeviceLink(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``device``: from a device in use to one that is being made: how to greet it, and what it was shown of the log."""

    master: Key
    route: Route
    secret: Id
    note: Note


class VerifyLink(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``verify``: the shower's own master key, and the one they hold for the person in front of them."""

    mine: Key
    yours: Key


class Leave(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``leave``: the operator's leave. Which relay and log, whom to believe, and tokens to be let in by."""

    relay_url: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    relay: Key
    log_urls: Annotated[
        tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=256)], ...], msgspec.Meta(min_length=1, max_length=8)
    ]
    log_key: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    witness_keys: Annotated[
        tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=512)], ...],
        msgspec.Meta(min_length=1, max_length=32),
    ]
    needed: Annotated[int, msgspec.Meta(ge=1, le=32)]
    operator: Key
    tokens: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=256)], ...], msgspec.Meta(min_length=1, max_length=64)
    ]
    log_token: Annotated[bytes, msgspec.Meta(max_length=512)]
    release_keys: Annotated[tuple[Key, ...], msgspec.Meta(max_length=16)] = ()
    releases_needed: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1


_KINDS: dict[type, str] = {InviteLink: "invite", DeviceLink: "device", VerifyLink: "verify", Leave: "leave"}
L = TypeVar("L")


def link_of(content: InviteLink | DeviceLink | VerifyLink | Leave) -> str:
    """The link as text."""
    data = base64.urlsafe_b64encode(encode_body(content)).decode("ascii").rstrip("=")
    return f"{SCHEME}{_KINDS[type(content)]}/{data}"


def read_link(text: str, shape: type[L]) -> L:
    """The content of a link of this kind. BadLink."""
    kind = _KINDS[shape]
    start = f"{SCHEME}{kind}/"
    joined = "".join(text.split())
    if not joined.startswith(start) or len(joined) > _LONGEST:
        raise BadLink("this is no link of the kind {what}", hint=f"it begins with {start}", what=kind)
    data = joined.removeprefix(start)
    try:
        decoded = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True)
        return shaped(decoded, shape)
    except (binascii.Error, ValueError, WireError) as error:
        raise BadLink("this link is cut off or was changed", hint="copy it again, whole") from error


def terminal_of(link: str) -> str:
    """The QR code as text for a terminal, two rows of modules in one line."""
    out = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()


def svg_of(link: str) -> bytes:
    """The QR code as an SVG picture."""
    out = io.BytesIO()
    segno.make(link, error="l", micro=False).save(out, kind="svg", scale=4, border=4)
    return out.getvalue()


def png_of(link: str) -> bytes:
    """The QR code as a PNG picture."""
    out = io.BytesIO()
    segno.make(link, error="l", micro=False).save(out, kind="png", scale=6, border=4)
    return out.getvalue()
