"""The two spellings every C2SP text form uses, read so that each value has exactly one spelling.

Base64 is RFC 4648 section 4 with padding and zero spare bits; numbers are ASCII decimal without sign, separator or
leading zero (tlog-checkpoint, tlog-tiles, tlog-witness, tlog-cosignature). Python's own readers take more: ``int``
takes ``" +1_0"`` and the digits of every script, ``b64decode`` skips what it does not know.
"""

import base64
import binascii
import re

from filon_net.errors import Malformed

__all__ = ["HASH_SIZE", "LARGEST", "base64_text", "encoded", "read_base64", "read_hash", "read_number"]

HASH_SIZE = 32
LARGEST = 2**63 - 1
"""The largest tree size, index and POSIX time taken: what a signed 64-bit number holds in every language."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def encoded(text: str, what: str) -> bytes:
    """UTF-8; Malformed for halves of surrogate pairs, which no UTF-8 can hold."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("{what} holds half a character", what=what) from error


def base64_text(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: str, what: str) -> bytes:
    """The bytes of a base64 text; Malformed where it is not the one spelling of them. ``what`` names it in the error."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise Malformed("{what} is not base64: {text}", what=what, text=text) from error
    if base64_text(data) != text:
        raise Malformed("{what} is base64 in a spelling of its own: {text}", what=what, text=text)
    return data


def read_hash(text: str, what: str) -> bytes:
    """The 32 bytes of a SHA-256 in base64."""
    data = read_base64(text, what)
    if len(data) != HASH_SIZE:
        raise Malformed("{what} has {length} bytes, not 32", what=what, length=len(data))
    return data


def read_number(text: str, what: str, largest: int = LARGEST) -> int:
    """A number from 0 to ``largest``."""
    if not _NUMBER.fullmatch(text):
        raise Malformed("{what} is not a plain decimal number: {text}", what=what, text=text)
    number = int(text)
    if number > largest:
        raise Malformed("{what} is {number}, more than {largest}", what=what, number=number, largest=largest)
    return number
