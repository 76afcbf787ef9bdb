"""Admission tokens: the operator's leave to put the first device list of one user into one log.

    [1, SERIAL, NOT_AFTER, ORIGIN, OPERATOR, SIGNATURE]     SERIAL 16, OPERATOR 32, SIGNATURE 64 bytes; NOT_AFTER an hour

in the form of ``cbor``; signed (Ed25519) are ``"filon-net log admission v1" || 0x00 ||`` the first five as an array. It names
no user: whose list it lets in, only the log learns. That it is used once is the log's to keep.

An entry is sent as the body of ``POST <log>/add-entry``; the token of a first list stands in the header
``Filon-Net-Admission`` as base64url without padding. What is answered: see ``loghost``.
"""

import base64
import binascii
import secrets

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.errors import Malformed, NotSigned
from filon_net.log.cbor import dump, load
from filon_net.log.keys import signature_agrees
from filon_net.log.strict import LARGEST

__all__ = ["ADD_ENTRY", "ADMISSION", "AdmissionToken", "check_admission", "header_of", "read_header", "sign_admission"]

ADD_ENTRY = "add-entry"
ADMISSION = "Filon-Net-Admission"
DOMAIN = b"filon-net log admission v1\x00"
_LARGEST = 512


class AdmissionToken(msgspec.Struct, frozen=True):
    """One token; good through the hour ``not_after`` (hours since 1970)."""

    serial: bytes
    not_after: int
    origin: str
    operator: bytes


def sign_admission(operator: Ed25519PrivateKey, origin: str, not_after: int, serial: bytes | None = None) -> bytes:
    """The bytes of a new token for the log of this origin."""
    public = operator.public_key().public_bytes_raw()
    fields = (1, secrets.token_bytes(16) if serial is None else serial, not_after, origin, public)
    data = dump((*fields, operator.sign(DOMAIN + dump(fields))))
    _read(data)
    return data


def _read(data: bytes) -> tuple[AdmissionToken, bytes]:
    if len(data) > _LARGEST:
        raise Malformed("an admission token of {length} bytes is too long", length=len(data))
    match load(data):
        case (1, bytes(serial), int(not_after), str(origin), bytes(public), bytes(signature)) if (
            len(serial) == 16 and not_after <= LARGEST and len(public) == 32 and len(signature) == 64
        ):
            return AdmissionToken(serial, not_after, origin, public), signature
    raise Malformed("this is no admission token", hint="copy it again, whole")


def check_admission(data: bytes, operators: frozenset[bytes], origin: str, hour: int) -> AdmissionToken:
    """The token, signed by one of ``operators`` (public keys) for this log and good at ``hour``; Malformed or NotSigned."""
    token, signature = _read(data)
    fields = (1, token.serial, token.not_after, token.origin, token.operator)
    if token.operator not in operators or not signature_agrees(token.operator, signature, DOMAIN + dump(fields)):
        raise NotSigned("this admission token is not signed by an operator of this log")
    if token.origin != origin:
        raise NotSigned("this admission token is for the log {origin}", origin=token.origin)
    if hour > token.not_after:
        raise NotSigned("this admission token is past its last hour", hint="ask the operator for a new one")
    return token


def header_of(data: bytes) -> str:
    """A token as the header's value."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read_header(text: str) -> bytes:
    """The token in a header's value; Malformed."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("the header with the admission token is not base64url") from error
    if header_of(data) != text:
        raise Malformed("the header with the admission token is base64url in a spelling of its own")
    return data
