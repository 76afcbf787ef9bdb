"""Decoders of what phones and relays say to each other, and of what people hand each other."""

import base64
import contextlib
import unicodedata
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from faults.decoding import ADMISSION, HOUR, KEY, MILLIS, NOTE, PUBLIC, REFUSALS, RELEASE_KEYS, TOKEN, Decoder, again
from filon_net.crypto import Device
from filon_net.crypto.bundle import check_bundle, read_bundle, write_bundle
from filon_net.crypto.carrier import read_carrier, write_carrier
from filon_net.crypto.envelope import Envelope, read_envelope, write_envelope
from filon_net.crypto.identity import check_certificate, read_certificate
from filon_net.crypto.letter import Letter, read_letter, write_letter
from filon_net.crypto.numbers import read_report
from filon_net.crypto.olm import OlmSas
from filon_net.crypto.padding import unpad
from filon_net.crypto.seal import public_of, seal
from filon_net.crypto.sealed_bundle import open_bundle, seal_bundle
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
from filon_net.phone.links import (
    AdminLink,
    DeviceLink,
    InviteLink,
    Leave,
    MoreTokens,
    VerifyLink,
    link_of,
    policy_link,
    policy_of,
    read_link,
)
from filon_net.phone.teams import DOMAIN, SignedPolicy, TeamPolicy, read_signed
from filon_net.wire import PhoneEnd, RelayEnd, canonical, check_token
from filon_net.wire.frames import (
    Ack,
    Acked,
    Admit,
    Challenge,
    Claim,
    Claimed,
    Deliver,
    Done,
    Fetch,
    Grant,
    Open,
    Opened,
    Ping,
    Pong,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
    decode_frame,
    encode_frame,
)
from filon_net.wire.proofs import mailbox_of
from filon_net.wire.tokens import read_token
from filon_net.words.visible import visible, visible_line

__all__ = ["PHONE_DECODERS"]


LINK_SHAPES: tuple[type[Any], ...] = (InviteLink, DeviceLink, VerifyLink, AdminLink, Leave, MoreTokens)
LINK_KINDS = ("invite", "device", "verify", "admin", "leave", "tokens", "team")
ADA = Device.create(Ed25519PrivateKey.from_private_bytes(b"a" * 32), MILLIS)
BOB = Device.create(Ed25519PrivateKey.from_private_bytes(b"b" * 32), MILLIS)
ROUTE = Route(b"d" * 16, b"r" * 32, "wss://relay.example.org", b"m" * 32, b"c" * 32, b"k" * 32, MILLIS)


def shown(data: bytes) -> None:
    """Anything a person is shown: nothing that acts on a terminal, hides or turns the text around is left."""
    words = data.decode("utf-8", "surrogateescape")
    for one in (visible(words).replace("\n", ""), visible_line(words), visible_line(words, 20)):
        assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for letter in one)
        assert not set(one) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
    assert len(visible_line(words, 20)) <= 20


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
    """Every kind, in every text it may be read from: blanks are left out, and then there is one spelling."""
    words = data.decode("utf-8", "surrogateescape")
    joined = "".join(words.split())
    for shape in LINK_SHAPES:
        try:
            value = read_link(words, shape)
        except REFUSALS:
            continue
        assert link_of(value) == joined, "there is a second spelling"
    try:
        signed = policy_of(words)
    except REFUSALS:
        return
    assert policy_link(signed) == joined, "there is a second spelling"
    policy(signed)


def packed_link(data: bytes) -> None:
    """The inside of a link."""
    words = base64.urlsafe_b64encode(data).decode().rstrip("=")
    for kind in LINK_KINDS:
        with contextlib.suppress(*REFUSALS):
            link(f"filon-net://{kind}/{words}".encode())


def backup(data: bytes) -> None:
    seed = seed_of(data.decode("utf-8", "surrogateescape"))
    assert seed_of(code_of(seed)) == seed


def policy(data: bytes) -> None:
    """A team's policy: what travels, and what is signed in it, have one spelling each."""
    made = read_signed(data)
    assert made.encoded == data
    assert made.content.encoded == made.policy
    assert made.signed_by(made.content.admins) <= len(made.content.admins)


PADDED = write_letter(Letter("text", b"i" * 16, 1, MILLIS, 0, b"words"))
CARRIER = write_carrier(PADDED, ADA.certificate, BOB.certificate)
FRAMES = [
    encode_frame(one)
    for one in (
        Challenge(b"r" * 32, b"n" * 32, 256, 32),
        Open(b"m" * 32, b"s" * 64),
        Admit(b"m" * 32, b"s" * 64, TOKEN),
        Opened(1, 10_000, 1 << 30, 336, 9),
        Fetch(0, 256),
        Deliver(1, HOUR, HOUR + 9, bytes(3_527)),
        Ack((1, 300)),
        Acked(2),
        Grant(1, b"c" * 32, 2_000),
        Revoke(2, b"c" * 32),
        Stock(1, (ADA.bundles(1)[0],), None),
        Done(1),
        Post(1, b"m" * 32, b"c" * 32, HOUR, bytes(3_527)),
        Posted(1),
        Claim(1, b"m" * 32, b"c" * 32),
        Claimed(1, ADA.bundles(1)[0]),
        Refused(None, 404, None),
        Refused(7, 429, 60),
        Ping(b"12345678"),
        Pong(b"12345678"),
    )
]
ADMINS = sorted((Ed25519PrivateKey.from_private_bytes(bytes([one]) * 32) for one in (1, 2)), key=mailbox_of)
TEAM = TeamPolicy(
    b"t" * 16, 1, bytes(32), "Desk", (b"a" * 32, b"b" * 32), tuple(map(mailbox_of, ADMINS)), 2, 60, True, MILLIS
)
POLICIES = [
    SignedPolicy(
        one.encoded, tuple((mailbox_of(key), key.sign(DOMAIN + one.encoded)) for key in ADMINS[:signers])
    ).encoded
    for one in (TEAM, msgspec.structs.replace(TEAM, version=2, previous=b"p" * 32, hold=False, members=()))
    for signers in (2, 1, 0)
]
LINKS = [
    link_of(one)
    for one in (
        InviteLink(b"m" * 32, b"n" * 32, "Ada", ROUTE, b"s" * 16, NOTE),
        DeviceLink(b"m" * 32, ROUTE, b"s" * 16, b""),
        VerifyLink(b"m" * 32, b"y" * 32),
        Leave(
            "ws://r",
            b"r" * 32,
            ("http://l",),
            "log+1+k",
            ("w+1+k",),
            1,
            b"o" * 32,
            (TOKEN,),
            ADMISSION,
            RELEASE_KEYS,
            2,
        ),
        AdminLink(b"a" * 32),
        MoreTokens(b"r" * 32, (TOKEN,)),
    )
] + [policy_link(one) for one in POLICIES[:2]]
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

PHONE_DECODERS: dict[str, Decoder] = {
    "frames": Decoder(again(decode_frame, encode_frame), FRAMES),
    "ends": Decoder(ends, [one[1:] for one in FRAMES]),
    "canonical": Decoder(
        again(canonical.decode, canonical.encode), [canonical.encode([1, b"x", "y", {"a": [None, True, -5]}])]
    ),
    "token": Decoder(lambda data: (read_token(data), check_token(data, frozenset({PUBLIC}), HOUR)), [TOKEN]),
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
    "policy": Decoder(policy, POLICIES),
    "link": Decoder(link, [one.encode() for one in LINKS]),
    "packed link": Decoder(packed_link, [base64.urlsafe_b64decode(one.rpartition("/")[2] + "===") for one in LINKS]),
    "backup code": Decoder(backup, [Master(b"s" * 32).code.encode()]),
    "key of a comparison": Decoder(lambda data: OlmSas().emoji(data, "info"), [OlmSas().public, b"\x09" + bytes(31)]),
    "what is shown": Decoder(
        shown,
        [
            one.encode()
            for one in ("words", "\x1b[2J\u202eabc\u2066", "e" + "\u0301" * 9, "\ue000\u200d👩\u200d🚀", "a\r\nb\tc")
        ],
    ),
}
