"""The values between phones on the protocol page are what the phone makes, and what a second reading of the page makes too."""

import base64
import hashlib
import re
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from filon_net.crypto import certify, fingerprint
from filon_net.crypto.olm import OlmSas
from filon_net.log import sign_admission
from filon_net.phone import bodies, links
from filon_net.phone.backup import Master, seed_of
from filon_net.phone.bodies import (
    Again,
    Card,
    Copied,
    Hello,
    Introduced,
    Listed,
    Receipts,
    Route,
    Sas,
    Settled,
    Text,
    Timer,
    decode_body,
    encode_body,
    kind_of,
    shaped,
)
from filon_net.phone.comparing import Comparing, _commitment, _Talk
from filon_net.phone.emoji import EMOJI
from filon_net.phone.errors import BadLink
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
from filon_net.phone.people import People
from filon_net.phone.teams import DOMAIN, FIRST, SignedPolicy, TeamPolicy, read_signed
from filon_net.phone.tokens import tokens_of
from filon_net.wire import sign_token
from filon_net.wire.errors import WireError
from log import second_reading as second

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Between phones\n")[1].split("\n## ")[0]
VALUES = PAGE.split("\n### Those between phones\n")[1].split("```text\n")[1].split("```")[0]
SHOWN = dict(line.split(" = ", 1) for line in VALUES.splitlines())
LOG_KEYS = [re.search(f"^{name} = (.*)$", PAGE, re.MULTILINE)[1] for name in ("log key", "witness 1", "witness 2")]

ORIGIN, RELAY_URL, AT = "log.example.org/phones", "wss://relay.example.org", 1_800_000_000_000
ADA, BOB = Master(b"\x03" * 32), Master(b"\x16" * 32)
DEVICE, RELAY, MAILBOX, CAPABILITY, BUNDLE_KEY = (
    b"\x04" * 16,
    b"\x08" * 32,
    second.public(1),
    b"\x17" * 32,
    b"\x0f" * 32,
)
SECRET, ID, TALK, TEAM = (bytes([one]) * 16 for one in (0x18, 0x19, 0x1A, 0x1D))
LEAF = bytes.fromhex(re.search(r"^leaf 0 = (.*)$", PAGE, re.MULTILINE)[1])
ASKS, ASKED = (X25519PrivateKey.from_private_bytes(bytes([one]) * 32) for one in (0x1B, 0x1C))
ROUTE = Route(DEVICE, RELAY, RELAY_URL, MAILBOX, CAPABILITY, BUNDLE_KEY, AT)
CARD = Card("Ada", ADA.name_key, ROUTE, SECRET, b"")
TOKEN = sign_token(second.private(2), b"\x0a" * 16, 500_000, 10_000, 1 << 30)
ADMISSION = sign_admission(second.private(2), ORIGIN, 500_000, b"\x0a" * 16)
RELEASE_KEYS = (second.public(0x14), second.public(0x15))
LEAVE = Leave(
    RELAY_URL,
    RELAY,
    ("https://log.example.org",),
    LOG_KEYS[0],
    tuple(LOG_KEYS[1:]),
    2,
    second.public(2),
    (TOKEN,),
    ADMISSION,
    RELEASE_KEYS,
    2,
)
ADMIN_KEYS = tuple(sorted((second.public(0x1E), second.public(0x1F))))
TEAM_POLICY = TeamPolicy(TEAM, 1, FIRST, "Desk", tuple(sorted((ADA.user, BOB.user))), ADMIN_KEYS, 2, 86_400, False, AT)
SIGNED_POLICY = SignedPolicy(
    TEAM_POLICY.encoded,
    tuple(sorted((second.public(one), second.private(one).sign(DOMAIN + TEAM_POLICY.encoded)) for one in (0x1E, 0x1F))),
)
ADA_PRINT = fingerprint(
    certify(Ed25519PrivateKey.from_private_bytes(ADA.seed), DEVICE, b"\x05" * 32, b"\x06" * 32, 0, 9)
)
BOB_PRINT = b"\x20" * 32


def public_of(key):
    return key.public_key().public_bytes_raw()


class Sheet:
    """Stands for a key of a comparison whose private half is known, and keeps the text it is asked about."""

    public = public_of(ASKS)

    def emoji(self, theirs, info):
        self.info = info
        return indices_of(ASKS, theirs, info)


def books_of(master, device_print):
    device = SimpleNamespace(fingerprint=device_print)
    return SimpleNamespace(own=SimpleNamespace(master=master), device=device, tell=lambda _: None)


def compared():
    """What Ada's phone, which asks, works out from Bob's key: the text it is asked about, and the pictures."""
    held = _Talk(BOB.user, True, Sheet(), BOB_PRINT)
    bob = SimpleNamespace(user=BOB.user, master=BOB.public)
    Comparing(books_of(ADA.public, ADA_PRINT), None, None)._show(bob, TALK, held, public_of(ASKED))
    return held.sas.info, held.indices


def safety_code():
    people = People(books_of(ADA.public, ADA_PRINT), None, None)
    return people.safety_code(SimpleNamespace(master=BOB.public)).replace(" ", "")


def indices_of(private, theirs, info):
    """Seven numbers of six bits from X25519 and HKDF, as the page says."""
    agreed = private.exchange(X25519PublicKey.from_public_bytes(theirs))
    bits = int.from_bytes(HKDF(SHA256(), 6, None, info.encode()).derive(agreed), "big")
    return tuple(bits >> 42 - 6 * place & 63 for place in range(7))


BODIES = {
    "card": CARD,
    "text": Text(ID, "hello", 60, True, b""),
    "receipts": Receipts((ID,), (), b""),
    "timer": Timer(60),
    "again": Again(((2, 4), (7, 7))),
    "settled": Settled(((2, 3),)),
    "sas": Sas(0, TALK, _commitment(TALK, public_of(ASKS))),
    "listed": Listed(LEAF),
    "copied": Copied(BOB.user, ID, "hello", 60, AT),
    "introduced": Introduced("Ada", "", ADA.name_key, ADA.public, (ROUTE,), True, False, 0),
    "hello": Hello(SECRET, LEAF, ROUTE),
}
LINKS = {
    "invite link": InviteLink(ADA.public, ADA.name_key, "Ada", ROUTE, SECRET, b""),
    "device link": DeviceLink(ADA.public, ROUTE, SECRET, b""),
    "verify link": VerifyLink(ADA.public, BOB.public),
    "leave link": LEAVE,
    "tokens link": MoreTokens(RELAY, (TOKEN,)),
    "admin link": AdminLink(second.public(0x1E)),
}
MADE = {
    "backup code": ADA.code,
    "route": encode_body(ROUTE).hex(),
    **{name: encode_body(body).hex() for name, body in BODIES.items()},
    **{name: link_of(one) for name, one in LINKS.items()},
    "safety code": safety_code(),
    "sas info sha256": hashlib.sha256(compared()[0].encode()).hexdigest(),
    "sas pictures": " ".join(map(str, compared()[1])),
    "team policy": TEAM_POLICY.encoded.hex(),
    "team policy sha256": hashlib.sha256(TEAM_POLICY.encoded).hexdigest(),
    "signed team policy": SIGNED_POLICY.encoded.hex(),
    "team link": policy_link(SIGNED_POLICY.encoded),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_phone_makes_the_value(name):
    assert MADE[name] == SHOWN[name]


def test_all_of_them_stand_there():
    assert list(SHOWN) == list(MADE)


@pytest.mark.parametrize("name", BODIES)
def test_a_phone_reads_the_body(name):
    assert kind_of(BODIES[name]) == name
    assert decode_body(name, bytes.fromhex(SHOWN[name])) == BODIES[name]


@pytest.mark.parametrize("name", LINKS)
def test_a_phone_reads_the_link(name):
    assert read_link(SHOWN[name], type(LINKS[name])) == LINKS[name]


# From here on: made anew from the page's arrays, by the second reading.

NAME_KEY = bytes.fromhex(re.search(r"^name key = (.*)$", PAGE, re.MULTILINE)[1])
USER = bytes.fromhex(re.search(r"^user = (.*)$", PAGE, re.MULTILINE)[1])
ROUTE_LIST = [1, DEVICE, RELAY, RELAY_URL, MAILBOX, CAPABILITY, BUNDLE_KEY, AT]
SECOND = {
    "route": ROUTE_LIST,
    "card": [1, "Ada", NAME_KEY, ROUTE_LIST, SECRET, b""],
    "text": [1, ID, "hello", 60, True, b""],
    "receipts": [1, [ID], [], b""],
    "timer": [1, 60],
    "again": [1, [[2, 4], [7, 7]]],
    "settled": [1, [[2, 3]]],
    "sas": [1, 0, TALK, hashlib.sha256(b"filon-net sas v1\x00" + TALK + public_of(ASKS)).digest()],
    "listed": [1, LEAF],
    "copied": [1, BOB.user, ID, "hello", 60, AT],
    "introduced": [1, "Ada", "", NAME_KEY, second.public(3), [ROUTE_LIST], True, False, 0],
    "hello": [1, SECRET, LEAF, ROUTE_LIST],
}
SECOND_LINKS = {
    "invite link": [1, second.public(3), NAME_KEY, "Ada", ROUTE_LIST, SECRET, b""],
    "device link": [1, second.public(3), ROUTE_LIST, SECRET, b""],
    "verify link": [1, second.public(3), second.public(0x16)],
    "leave link": [
        1,
        RELAY_URL,
        RELAY,
        ["https://log.example.org"],
        LOG_KEYS[0],
        LOG_KEYS[1:],
        2,
        second.public(2),
        [TOKEN],
        ADMISSION,
        list(RELEASE_KEYS),
        2,
    ],
    "tokens link": [1, RELAY, [TOKEN]],
    "admin link": [1, second.public(0x1E)],
}


@pytest.mark.parametrize("name", SECOND)
def test_bodies_a_second_time(name):
    assert second.cbor(SECOND[name]).hex() == SHOWN[name]
    assert second.uncbor(bytes.fromhex(SHOWN[name])) == SECOND[name]


@pytest.mark.parametrize("name", SECOND_LINKS)
def test_links_a_second_time(name):
    packed = base64.urlsafe_b64encode(second.cbor(SECOND_LINKS[name])).decode().rstrip("=")
    assert SHOWN[name] == f"filon-net://{name.split()[0]}/{packed}"


def test_a_teams_link_a_second_time():
    packed = base64.urlsafe_b64encode(bytes.fromhex(SHOWN["signed team policy"])).decode().rstrip("=")
    assert SHOWN["team link"] == f"filon-net://team/{packed}"
    assert policy_of(SHOWN["team link"]) == SIGNED_POLICY.encoded


def test_tokens_a_second_time():
    """Whoever holds the leave on the page may use the tokens in the link on the page; those of another relay they may not."""
    kept = tokens_of(SHOWN["tokens link"], LEAVE, 500_000 * 3_600_000)
    assert kept == [bytes.fromhex(re.search("^token = (.*)$", PAGE, re.MULTILINE)[1])]
    with pytest.raises(BadLink):
        tokens_of(SHOWN["tokens link"], msgspec.structs.replace(LEAVE, relay=b"\x09" * 32), 500_000 * 3_600_000)
    with pytest.raises(BadLink):
        tokens_of(SHOWN["tokens link"], msgspec.structs.replace(LEAVE, operator=second.public(3)), 500_000 * 3_600_000)
    with pytest.raises(BadLink):
        tokens_of(SHOWN["tokens link"], LEAVE, 500_001 * 3_600_000)


@pytest.mark.parametrize("name", [*LINKS, "team link"])
def test_a_link_has_one_spelling(name):
    """Blanks and line breaks apart, which a message or a mail may put in."""
    shape = type(LINKS[name]) if name in LINKS else None
    read = policy_of if shape is None else lambda text: read_link(text, shape)
    link = SHOWN[name]
    assert read(f"  {link[:30]}\n\t{link[30:]} \r\n") == read(link)
    padding = "=" * (-len(link.rpartition("/")[2]) % 4)
    others = [
        link + (padding or "===="),
        link.replace("filon-net://", "FILON-NET://"),
        link.replace(":", ";"),
        link[:-1],
    ]
    others += [link.replace(one, other) for one, other in ("-+", "_/") if one in link.rpartition("/")[2]]
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if padding and last != link[-1]:  # bits past the last byte
            others.append(link[:-1] + last)
    for other in others:
        try:
            assert read(other) != read(link), other[-20:]
        except BadLink:
            continue


def test_who_somebody_is_a_second_time():
    assert (ADA.user, ADA.name_key) == (USER, NAME_KEY)
    seed = b"\x03" * 32
    number = int.from_bytes(seed + hashlib.sha256(b"filon-net backup 1\x00" + seed).digest()[:3], "big")
    letters = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * place & 31] for place in range(55, -1, -1))
    assert "-".join(letters[at : at + 4] for at in range(0, 56, 4)) == SHOWN["backup code"]
    assert seed_of(SHOWN["backup code"]) == seed


def test_a_policy_a_second_time():
    members, admins = sorted((ADA.user, BOB.user)), sorted((second.public(0x1E), second.public(0x1F)))
    policy = second.cbor([1, TEAM, 1, bytes(32), "Desk", members, admins, 2, 86_400, False, AT])
    assert policy.hex() == SHOWN["team policy"]
    assert hashlib.sha256(policy).hexdigest() == SHOWN["team policy sha256"]
    version, inside, signatures = second.uncbor(bytes.fromhex(SHOWN["signed team policy"]))
    assert (version, inside) == (1, policy)
    assert [key for key, _ in signatures] == admins
    assert all(second.good(key, made, b"filon-net team policy v1\x00" + policy) for key, made in signatures)
    assert read_signed(bytes.fromhex(SHOWN["signed team policy"])).signed_by(ADMIN_KEYS) == 2


def test_the_safety_code_a_second_time():
    joined = b"filon-net safety code v1\x00" + min(ADA.public, BOB.public) + max(ADA.public, BOB.public)
    assert f"{int(hashlib.sha256(joined).hexdigest(), 16) % 10**60:060d}" == SHOWN["safety code"]


def test_pictures_a_second_time():
    """Both sides see the same ones, and the library that phones use makes them by the same rule."""
    ada = [second.public(3), ADA_PRINT, public_of(ASKS)]
    bob = [second.public(0x16), BOB_PRINT, public_of(ASKED)]
    info = "|".join(["filon-net sas v1", TALK.hex(), *(one.hex() for one in ada + bob)])
    assert hashlib.sha256(info.encode()).hexdigest() == SHOWN["sas info sha256"]
    for one, other in ((ASKS, ASKED), (ASKED, ASKS)):
        assert " ".join(map(str, indices_of(one, public_of(other), info))) == SHOWN["sas pictures"]
    library = OlmSas()
    assert library.emoji(public_of(ASKS), info) == indices_of(ASKS, library.public, info)


# What the page says of fields and limits.


def test_the_sixty_four_pictures_stand_there_in_order():
    listed = SECTION.split("64 pictures, in order:")[1].split("\n\n")[0]
    assert [one.strip(" .\n") for one in re.sub(r"\s+", " ", listed).split(",")] == [name for _, name in EMOJI]


def limits_of(shape):
    """Every limit a field of this shape has, as the page writes numbers."""
    for field in msgspec.inspect.type_info(shape).fields:
        yield from _limits(field.type)


def _limits(kind):
    for name in ("max_length", "le"):
        limit = getattr(kind, name, None)
        if limit:
            yield limit
    for inner in (getattr(kind, "item_type", None), *getattr(kind, "item_types", ())):
        if inner is not None:
            yield from _limits(inner)


@pytest.mark.parametrize("shape", [*bodies._KINDS.values(), Route, *links._KINDS, TeamPolicy, SignedPolicy])
def test_every_limit_stands_on_the_page(shape):
    missing = [one for one in limits_of(shape) if not re.search(rf"(?<![\d,]){one:,}(?!\d|,\d)", SECTION)]
    assert not missing


@pytest.mark.parametrize("name", [*BODIES, "leave", "team policy"])
def test_no_field_may_be_left_out_or_added(name):
    shape = {"leave": Leave, "team policy": TeamPolicy}.get(name) or type(BODIES[name])
    whole = second.uncbor(encode_body({"leave": LEAVE, "team policy": TEAM_POLICY}.get(name) or BODIES[name]))
    assert shaped(second.cbor(whole), shape) is not None
    for changed in (whole[:-1], [*whole, 0], [2, *whole[1:]]):
        with pytest.raises(WireError):
            shaped(second.cbor(changed), shape)
