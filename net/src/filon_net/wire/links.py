"""What people pass on by hand: ``filon-net://KIND/`` and the unpadded base64url of one canonical array."""

import base64
import binascii
from typing import TypeVar

import msgspec

from filon_net.wire import canonical
from filon_net.wire.errors import Malformed

__all__ = ["LONGEST", "SCHEME", "data_of", "kind_of", "link_of", "read_link", "text_of"]

SCHEME = "filon-net://"
LONGEST = 32_768
"""Characters of a link at most."""
T = TypeVar("T")


def text_of(kind: str, data: bytes) -> str:
    """The link of this kind around these bytes."""
    return f"{SCHEME}{kind}/" + base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def kind_of(text: str) -> str | None:
    """The kind a link says it is of; None for what is no link of ours."""
    scheme, _, rest = "".join(text.split()).partition("://")
    kind, slash, _ = rest.partition("/")
    return kind if f"{scheme}://" == SCHEME and slash and kind.isascii() and kind.isalpha() else None


def data_of(text: str, kind: str) -> bytes:
    """The bytes in a link of this kind, line breaks and blanks left out; each has one spelling. Malformed."""
    joined = "".join(text.split())
    if kind_of(joined) != kind or len(joined) > LONGEST:
        raise Malformed("this is no link of the kind {what}", hint=f"it begins with {SCHEME}{kind}/", what=kind)
    data = joined.removeprefix(f"{SCHEME}{kind}/")
    try:
        made = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("this link is cut off or was changed", hint="copy it again, whole") from error
    if text_of(kind, made) != joined:  # padding, other letters of base64, bits past the last byte
        raise Malformed("this link is cut off or was changed", hint="copy it again, whole")
    return made


def link_of(kind: str, content: msgspec.Struct) -> str:
    """The link of this kind around an array. Malformed or TooLarge where ``read_link`` would refuse it."""
    text = text_of(kind, canonical.encode(msgspec.to_builtins(content, builtin_types=(bytes,))))
    read_link(text, kind, type(content))
    return text


def read_link(text: str, kind: str, shape: type[T]) -> T:
    """The array in a link of this kind. Malformed or TooLarge."""
    try:
        return msgspec.convert(canonical.decode(data_of(text, kind)), shape, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed("this link is cut off or was changed", hint="copy it again, whole") from error
