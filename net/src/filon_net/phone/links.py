"""What people pass on by hand: ``filon-net://…`` links, which are also QR codes.

``filon-net://KIND/`` and the unpadded base64url of one canonical array. Kinds: ``invite`` (become contacts), ``device`` (a
further device of the same user), ``verify`` (compare master keys in person), ``admin`` (a phone's key as an admin of teams),
``team`` (a team's policy with the signatures it has so far), and from the operator ``leave`` (to join) and ``tokens`` (for
mailboxes to come). A link that invites is a secret until it was answered: whoever has it can answer in the other's place,
which is what verifying in person is for.
"""

import io
from typing import TypeVar

import msgspec
import segno

from filon_net.phone.bodies import Id, Name, Note, Route, shaped
from filon_net.phone.errors import BadLink
from filon_net.wire.errors import WireError
from filon_net.wire.frames import Key
from filon_net.wire.leave import Leave, MoreTokens
from filon_net.wire.links import SCHEME, data_of, kind_of, text_of
from filon_net.wire.links import link_of as written

__all__ = [
    "AdminLink",
    "DeviceLink",
    "InviteLink",
    "Leave",
    "MoreTokens",
    "VerifyLink",
    "link_of",
    "png_of",
    "policy_link",
    "policy_of",
    "read_link",
    "svg_of",
    "terminal_of",
]


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


class AdminLink(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``admin``: the key by which the phone that shows it signs for teams. Whose phone that is must be known by another way."""

    key: Key


_KINDS: dict[type, str] = {
    InviteLink: "invite",
    DeviceLink: "device",
    VerifyLink: "verify",
    AdminLink: "admin",
    Leave: "leave",
    MoreTokens: "tokens",
}
_TEAM = "team"
L = TypeVar("L")


def link_of(content: InviteLink | DeviceLink | VerifyLink | AdminLink | Leave | MoreTokens) -> str:
    """The link as text."""
    return written(_KINDS[type(content)], content)


def read_link(text: str, shape: type[L]) -> L:
    """The content of a link of this kind. BadLink."""
    data = _data(text, _KINDS[shape])
    try:
        return shaped(data, shape)
    except WireError as error:
        raise BadLink("this link is cut off or was changed", hint="copy it again, whole") from error


def policy_link(signed: bytes) -> str:
    """A team's policy with its signatures (``teams.SignedPolicy``) as one line of text."""
    return text_of(_TEAM, signed)


def policy_of(text: str) -> bytes:
    """The signed policy in such a line, not looked at yet. BadLink."""
    return _data(text, _TEAM)


def _data(text: str, kind: str) -> bytes:
    if kind_of(text) != kind:
        raise BadLink(
            "this is no link of the kind {what}",
            hint="it begins with {start}",
            what=kind,
            start=f"{SCHEME}{kind}/",
        )
    try:
        return data_of(text, kind)
    except WireError as error:
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
