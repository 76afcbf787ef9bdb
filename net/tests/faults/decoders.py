"""Every decoder that reads what others wrote, with something valid to start from: for hypothesis, and for ``net/bench/fuzz.py``.

A decoder given any bytes either refuses them with an error of ours, or what it gives can be written again and is the same.
"""

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Device
from filon_net.crypto.bundle import check_bundle, read_bundle, write_bundle
from filon_net.crypto.carrier import read_carrier, write_carrier
from filon_net.crypto.envelope import Envelope, read_envelope, write_envelope
from filon_net.crypto.identity import check_certificate, read_certificate
from filon_net.crypto.letter import Letter, read_letter, write_letter
from filon_net.crypto.numbers import read_report
from filon_net.crypto.padding import unpad
from filon_net.crypto.seal import public_of, seal
from filon_net.crypto.sealed_bundle import open_bundle, seal_bundle
from filon_net.errors import FilonNetError
from filon_net.log import accept, read_checkpoint, read_entry, read_lines, read_note, read_verifier_key
from filon_net.log.entries import devices_of, release_of
from filon_net.log.tiles import read_tile_path, split_hashes, unpack_entries
from filon_net.log.tokens import check_admission, header_of, read_header, sign_admission
from filon_net.log.witness import read_request
from filon_net.phone.backup import Master, code_of, seed_of
from filon_net.phone.bodies import (
    _KINDS,
    Again,
    Card,
    Copied,
    Gossip,
    Hello,
    Introduced,
    Keys,
    Listed,
    PolicyBody,
    Receipts,
    Route,
    Sas,
    Settled,
    Text,
    Timer,
    decode_body,
    encode_body,
    kind_of,
)
from filon_net.phone.links import DeviceLink, InviteLink, Leave, VerifyLink, link_of, read_link
from filon_net.phone.teams import read_signed
from filon_net.wire import PhoneEnd, RelayEnd, canonical, check_token, sign_token
from filon_net.wire.errors import CryptoError, WireError
from filon_net.wire.frames import (
    Ack,
    Admit,
    Challenge,
    Claimed,
    Deliver,
    Fetch,
    Opened,
    Post,
    Refused,
    Stock,
    decode_frame,
    encode_frame,
)
from filon_net.wire.tokens import read_token
from log.builders import NOW, MemoryLog, device_list, policy_of, request, some_entries

__all__ = ["DECODERS", "Decoder", "tried"]

REFUSALS = (WireError, CryptoError, FilonNetError)
MILLIS = NOW * 1_000
HOUR = NOW // 3_600
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
ADA = Device.create(Ed25519PrivateKey.from_private_bytes(b"a" * 32), MILLIS)
BOB = Device.create(Ed25519PrivateKey.from_private_bytes(b"b" * 32), MILLIS)
LOG = MemoryLog(some_entries(20))
NOTE = LOG.note(NOW, NOW)
ORIGIN = "log.example.org/phones"
ROUTE = Route(b"d" * 16, b"r" * 32, "wss://relay.example.org", b"m" * 32, b"c" * 32, b"k" * 32, MILLIS)


class Decoder(NamedTuple):
    """``read`` takes any bytes; ``good`` are some it takes gladly."""

    read: Callable[[bytes], object]
    good: list[bytes]


def again(read: Callable[[bytes], Any], write: Callable[[Any], bytes]) -> Callable[[bytes], object]:
    """What is read and written again is what was read."""

    def call(data: bytes) -> object:
        value = read(data)
        assert write(value) == data, "there is a second spelling"
        return value

    return call


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


def ends(data: bytes) -> None:
    """Both ends of a connection, in every state, given one message: never an exception."""
    frames = [b"\x01" + data, data]
    for one in frames:
        relay = RelayEnd(b"r" * 32, b"n" * 32, 0.0)
        relay.receive(one, 1.0)
        relay.receive(one, 1.0)
        phone = PhoneEnd(b"r" * 32, 0.0, KEY)
        phone.receive(encode_frame(Challenge(b"r" * 32, b"n" * 32, 4, 4)), 0.0)
        phone.receive(one, 1.0)
        phone.receive(encode_frame(Opened(1, 1, 1, 1, 1)), 1.0)
        if phone.closed is None:
            phone.receive(one, 1.0)
        sender = PhoneEnd(b"r" * 32, 0.0)
        sender.receive(encode_frame(Challenge(b"r" * 32, b"n" * 32, 4, 4)), 0.0)
        sender.claim(b"m" * 32, b"c" * 32)
        sender.receive(one, 1.0)
        assert relay.queued < 1 << 20
        assert phone.queued < 1 << 20


def received(data: bytes) -> None:
    """A device given the inside of a seal: events, never an exception, and nothing read that nobody wrote."""
    device = Device(ADA.account, ADA.certificate, list(ADA._seeds))
    for inside in (data, write_envelope(Envelope(BOB.certificate.encoded, 0, data[:2_000]), 256)):
        blob = seal(inside, public_of(device._seeds[0][0]), device.fingerprint)
        told = [type(one).__name__ for one in device.receive(blob, MILLIS)]
        assert len(told) == 1
        assert told[0] in ("Rejected", "Stranger")
    device.accept(BOB.certificate, MILLIS)
    inside = write_envelope(Envelope(BOB.certificate.encoded, len(data) % 2, data[:2_000] or b"x"), 256)
    told = [
        type(one).__name__
        for one in device.receive(seal(inside, public_of(device._seeds[0][0]), device.fingerprint), MILLIS)
    ]
    assert told in (["Unread"], ["Rejected"])


def body(data: bytes) -> object:
    """The first byte chooses the kind."""
    kind = sorted(_KINDS)[data[0] % len(_KINDS)] if data else "text"
    return again(lambda one: decode_body(kind, one), encode_body)(data[1:])


def body_of(*values: Any) -> list[bytes]:
    kinds = sorted(_KINDS)
    return [bytes([kinds.index(kind_of(one))]) + encode_body(one) for one in values]


def link(data: bytes) -> None:
    words = data.decode("utf-8", "surrogateescape")
    for shape in (InviteLink, DeviceLink, VerifyLink, Leave):
        try:
            value = read_link(words, shape)
        except REFUSALS:
            continue
        assert read_link(link_of(value), shape) == value


def packed_link(data: bytes) -> None:
    """The inside of a link."""
    words = base64.urlsafe_b64encode(data).decode().rstrip("=")
    for shape in ("invite", "device", "verify", "leave"):
        link(f"filon-net://{shape}/{words}".encode())


def backup(data: bytes) -> None:
    seed = seed_of(data.decode("utf-8", "surrogateescape"))
    assert seed_of(code_of(seed)) == seed


def policy(data: bytes) -> None:
    made = read_signed(data)
    made.content.encoded()
    made.signed_by(made.content.admins)


TOKEN = sign_token(KEY, b"s" * 16, HOUR, 10_000, 1 << 30)
ADMISSION = sign_admission(KEY, ORIGIN, HOUR, b"s" * 16)
PADDED = write_letter(Letter("text", b"i" * 16, 1, MILLIS, 0, b"words"))
CARRIER = write_carrier(PADDED, ADA.certificate, BOB.certificate)
FRAMES = [
    encode_frame(one)
    for one in (
        Challenge(b"r" * 32, b"n" * 32, 256, 32),
        Admit(b"m" * 32, b"s" * 64, TOKEN),
        Fetch(0, 256),
        Ack((1, 300)),
        Stock(1, (ADA.bundles(1)[0],), None),
        Post(1, b"m" * 32, b"c" * 32, HOUR, bytes(3_527)),
        Deliver(1, HOUR, HOUR + 9, bytes(3_527)),
        Claimed(1, ADA.bundles(1)[0]),
        Refused(None, 404, None),
    )
]
LINKS = [
    link_of(one)
    for one in (
        InviteLink(b"m" * 32, b"n" * 32, "Ada", ROUTE, b"s" * 16, NOTE),
        DeviceLink(b"m" * 32, ROUTE, b"s" * 16, b""),
        VerifyLink(b"m" * 32, b"y" * 32),
        Leave("ws://r", b"r" * 32, ("http://l",), "log+1+k", ("w+1+k",), 1, b"o" * 32, (TOKEN,), ADMISSION),
    )
]
BODIES = body_of(
    Card("Ada", b"n" * 32, ROUTE, b"a" * 16, NOTE),
    Text(b"i" * 16, "words", 60, True, NOTE),
    Receipts((b"i" * 16,), (b"j" * 16,), b""),
    Gossip(NOTE),
    Timer(60),
    Again(((1, 2), (4, 4))),
    Settled(((1, 2),)),
    Sas(0, b"t" * 16, b"h" * 32),
    Keys(ADA.last_resort(MILLIS)),
    Listed(b"l" * 32),
    PolicyBody(b"policy"),
    Copied(b"u" * 32, b"i" * 16, "words", 0, MILLIS),
    Introduced("Bob", "B", b"n" * 32, b"m" * 32, (ROUTE,), True, False, 0),
    Hello(b"s" * 16, b"l" * 32, ROUTE),
)

DECODERS: dict[str, Decoder] = {
    "frames": Decoder(again(decode_frame, encode_frame), FRAMES),
    "ends": Decoder(ends, [one[1:] for one in FRAMES]),
    "canonical": Decoder(
        again(canonical.decode, canonical.encode), [canonical.encode([1, b"x", "y", {"a": [None, True, -5]}])]
    ),
    "token": Decoder(lambda data: (read_token(data), check_token(data, frozenset({PUBLIC}), HOUR)), [TOKEN]),
    "admission": Decoder(lambda data: check_admission(data, frozenset({PUBLIC}), ORIGIN, HOUR), [ADMISSION]),
    "admission header": Decoder(text(lambda one: header_of(read_header(one))), [header_of(ADMISSION).encode()]),
    "certificate": Decoder(lambda data: check_certificate(read_certificate(data), HOUR), [ADA.certificate.encoded]),
    "bundle": Decoder(again(read_bundle, write_bundle), ADA.bundles(1)),
    "bundle checked": Decoder(lambda data: check_bundle(read_bundle(data), HOUR), ADA.bundles(1)),
    "sealed bundle": Decoder(
        lambda data: open_bundle(data, b"k" * 32, b"m" * 32), [seal_bundle(ADA.bundles(1)[0], b"k" * 32, b"m" * 32)]
    ),
    "letter": Decoder(read_letter, [PADDED]),
    "padding": Decoder(unpad, [PADDED]),
    "carrier": Decoder(lambda data: read_carrier(data, ADA.certificate, BOB.certificate), [CARRIER]),
    "envelope": Decoder(read_envelope, [write_envelope(Envelope(ADA.certificate.encoded, 0, b"o" * 300), 256)]),
    "received": Decoder(received, [write_envelope(Envelope(BOB.certificate.encoded, 1, b"o" * 300), 256)]),
    "report": Decoder(read_report, [b"\x82\x05\x81\x82\x01\x02"]),
    "body": Decoder(body, BODIES),
    "policy": Decoder(policy, [canonical.encode([1, b"policy", [[b"k" * 32, b"s" * 64]]])]),
    "link": Decoder(link, [one.encode() for one in LINKS]),
    "packed link": Decoder(packed_link, [base64.urlsafe_b64decode(one.rpartition("/")[2] + "===") for one in LINKS]),
    "backup code": Decoder(backup, [Master(b"s" * 32).code.encode()]),
    "note": Decoder(lambda data: (read_note(data), accept(data, policy_of())), [NOTE]),
    "checkpoint": Decoder(
        text(lambda one: again(read_checkpoint, lambda made: made.text)(one)), [LOG.checkpoint.text.encode()]
    ),  # type: ignore[arg-type]
    "cosignatures": Decoder(text(read_lines), [NOTE.partition(b"\n\n")[2]]),
    "verifier key": Decoder(text(read_verifier_key), [policy_of().witnesses[0].text.encode()]),
    "entry": Decoder(lambda data: devices_of(read_entry(data)), [device_list("ada", 1, devices=3).data]),
    "release": Decoder(lambda data: release_of(read_entry(data)), [device_list("ada", 1).data]),
    "tile": Decoder(lambda data: split_hashes(data, 20), [LOG.files["tile/0/000.p/20"]]),
    "entries": Decoder(lambda data: unpack_entries(data, 20), [LOG.files["tile/entries/000.p/20"]]),
    "tile path": Decoder(text(lambda one: read_tile_path(one).path), [b"tile/0/x001/234.p/5"]),
    "witness request": Decoder(read_request, [request(3, LOG.proof(3), NOTE)]),
}


def tried(name: str, data: bytes) -> bool:
    """Whether the bytes were taken; anything but a refusal of ours comes through."""
    try:
        DECODERS[name].read(data)
    except REFUSALS:
        return False
    return True
