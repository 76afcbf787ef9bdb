"""The three things a device signs about itself, in the exact texts that are signed.

Device keys and one-time keys are signed as Matrix writes them (canonical JSON: sorted keys, no spaces, without the
``signatures`` member), because the browser's library checks them by itself and signs its own that way. The seal key is
signed as a text of four lines, because that library signs texts. User ``@<64 hex>:filon-net``, device ``<32 hex>``.
"""

import json
from typing import Any

from filon_net.crypto.identity import Certificate, fingerprint
from filon_net.crypto.olm import to_base64

__all__ = [
    "canonical_json",
    "device_keys",
    "device_text",
    "one_time_key",
    "one_time_text",
    "seal_text",
    "signed",
    "user_text",
]

SERVER = "filon-net"


def user_text(certificate: Certificate) -> str:
    """The user as Matrix writes one."""
    return f"@{certificate.user.hex()}:{SERVER}"


def device_text(certificate: Certificate) -> str:
    """The device as Matrix writes one."""
    return certificate.device.hex()


def device_keys(certificate: Certificate) -> dict[str, Any]:
    """The device's keys as Matrix publishes them, unsigned."""
    device = device_text(certificate)
    return {
        "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
        "device_id": device,
        "keys": {
            f"curve25519:{device}": to_base64(certificate.curve25519),
            f"ed25519:{device}": to_base64(certificate.ed25519),
        },
        "user_id": user_text(certificate),
    }


def one_time_key(key: bytes, fallback: bool) -> dict[str, Any]:
    """A one-time or fallback key as Matrix publishes it, unsigned."""
    return {"fallback": True, "key": to_base64(key)} if fallback else {"key": to_base64(key)}


def one_time_text(key: bytes, fallback: bool) -> bytes:
    """The signed text of a one-time or fallback key."""
    return canonical_json(one_time_key(key, fallback))


def seal_text(certificate: Certificate, public: bytes, not_after: int) -> bytes:
    """The signed text of a seal key that is good up to and including the hour ``not_after``."""
    lines = ("filon-net seal key v1", fingerprint(certificate).hex(), to_base64(public), str(not_after))
    return "\n".join(lines).encode("ascii")


def signed(value: dict[str, Any], certificate: Certificate, signature: bytes) -> dict[str, Any]:
    """``value`` with the device's signature where Matrix puts it."""
    mark = f"ed25519:{device_text(certificate)}"
    return value | {"signatures": {user_text(certificate): {mark: to_base64(signature)}}}


def canonical_json(value: Any) -> bytes:
    """Matrix's canonical JSON, for values without floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
