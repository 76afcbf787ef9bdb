"""The operator's leave to join: where relay and log are, whom to believe, and tokens to be let in by.

``filon-net://leave/`` and the unpadded base64url of the canonical array ``[1, relay address, relay (32), [log address …], log's
verifier key, [witness's verifier key …], witnesses needed, operator (32), [relay token …], log admission token, [release key
(32) …], release keys needed]``. It is a secret until it was used: whoever has it can join in the person's place.
"""

import base64
import binascii
from typing import Annotated

import msgspec

from filon_net.wire import canonical
from filon_net.wire.errors import Malformed
from filon_net.wire.frames import Key

__all__ = ["Leave", "read_leave", "text_of"]

START = "filon-net://leave/"
_LONGEST = 32_768
_Address = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
_KeyText = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
_Token = Annotated[bytes, msgspec.Meta(max_length=256)]


class Leave(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One leave. ``tokens`` make one mailbox each; ``log_token`` admits the first device list."""

    relay_url: _Address
    relay: Key
    log_urls: Annotated[tuple[_Address, ...], msgspec.Meta(min_length=1, max_length=8)]
    log_key: _KeyText
    witness_keys: Annotated[tuple[_KeyText, ...], msgspec.Meta(min_length=1, max_length=32)]
    needed: Annotated[int, msgspec.Meta(ge=1, le=32)]
    operator: Key
    tokens: Annotated[tuple[_Token, ...], msgspec.Meta(min_length=1, max_length=64)]
    log_token: _Token
    release_keys: Annotated[tuple[Key, ...], msgspec.Meta(max_length=16)] = ()
    releases_needed: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1


def text_of(leave: Leave) -> str:
    """The leave as a link. Malformed or TooLarge where ``read_leave`` would refuse it."""
    data = canonical.encode(msgspec.to_builtins(leave, builtin_types=(bytes,)))
    text = START + base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
    read_leave(text)
    return text


def read_leave(text: str) -> Leave:
    """The leave in a link, line breaks and blanks left out. Malformed."""
    joined = "".join(text.split())
    data = joined.removeprefix(START)
    if data == joined or len(joined) > _LONGEST:
        raise Malformed("this is no leave to join", hint=f"it begins with {START}")
    try:
        decoded = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True)
        return msgspec.convert(canonical.decode(decoded), Leave, strict=True, builtin_types=(bytes,))
    except (binascii.Error, ValueError, msgspec.ValidationError) as error:
        raise Malformed("this leave is cut off or was changed", hint="copy it again, whole") from error
