"""The values on the protocol page are what this implementation makes, and its tables say what the code says."""

import hashlib
import re
import typing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import certify, fingerprint
from filon_net.crypto.carrier import write_carrier
from filon_net.crypto.envelope import SEALED_SIZES, Envelope, write_envelope
from filon_net.crypto.letter import Letter, write_letter
from filon_net.crypto.numbers import Numbers
from filon_net.crypto.padding import BUCKETS
from filon_net.crypto.published import canonical_json, device_keys, one_time_text
from filon_net.crypto.seal import public_of
from filon_net.crypto.sealed_bundle import seal_bundle
from filon_net.wire.frames import Ack, Code, Fetch, Frame, Ping, Refused, encode_frame
from filon_net.wire.proofs import OPEN, mailbox_of, prove
from filon_net.wire.tokens import sign_token

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
SHOWN = dict(line.split(" = ", 1) for line in PAGE.split("```text\n")[1].split("\n```")[0].splitlines())

MAILBOX, OPERATOR, MASTER = (Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (1, 2, 3))
CERTIFICATE = certify(MASTER, b"\x04" * 16, b"\x05" * 32, b"\x06" * 32, 500_000, 508_760)
LETTER = write_letter(Letter("text", b"\x07" * 16, 1, 1_800_000_000_000, 0, b"hello"))
MADE = {
    "fetch": encode_frame(Fetch(0, 256)),
    "ack": encode_frame(Ack((1, 2, 300))),
    "refused": encode_frame(Refused(None, Code.VERSION, None)),
    "ping": encode_frame(Ping(b"12345678")),
    "mailbox": mailbox_of(MAILBOX),
    "open proof": prove(MAILBOX, OPEN, b"\x08" * 32, b"\x09" * 32),
    "token": sign_token(OPERATOR, b"\x0a" * 16, 500_000, 10_000, 1 << 30),
    "certificate": CERTIFICATE.encoded,
    "fingerprint": fingerprint(CERTIFICATE),
    "letter": LETTER.rstrip(b"\x00"),
    "report": Numbers(9, [(2, 4), (7, 7)]).report(),
}
TEXTS = {
    "device keys text": canonical_json(device_keys(CERTIFICATE)),
    "one-time key text": one_time_text(b"\x0b" * 32, False),
    "fallback key text": one_time_text(b"\x0b" * 32, True),
}
DIGESTS = {
    "carrier sha256": write_carrier(LETTER, CERTIFICATE, CERTIFICATE),
    "envelope sha256": write_envelope(Envelope(CERTIFICATE.encoded, 1, b"\x0c" * 300), 256),
    "seal public sha256": public_of(b"\x0d" * 32),
    "sealed bundle sha256": seal_bundle(b"\x0e" * 1_700, b"\x0f" * 32, mailbox_of(MAILBOX), b"\x10" * 12),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_values(name: str) -> None:
    if name in MADE:
        assert MADE[name].hex() == SHOWN[name]
    elif name in TEXTS:
        assert TEXTS[name].decode("utf-8") == SHOWN[name]
    else:
        assert hashlib.sha256(DIGESTS[name]).hexdigest() == SHOWN[name]


def test_all_values_stand_there() -> None:
    assert set(SHOWN) == MADE.keys() | TEXTS.keys() | DIGESTS.keys()


def test_the_tables() -> None:
    rows = re.findall(r"^\| (\d+) \| (?:relay|phone|either) \| (\w+) \|", PAGE, re.MULTILINE)
    kinds = [(str(kind.__struct_config__.tag), kind.__name__) for kind in typing.get_args(Frame)]
    assert rows == kinds
    for code in Code:
        assert f"{code.value} " in PAGE
    for size in (*SEALED_SIZES, *BUCKETS[1:]):
        assert f"{size:,}" in PAGE
