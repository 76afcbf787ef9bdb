"""The values of the log on the protocol page are what the library makes, and what a second reading of the page takes apart."""

import asyncio
import base64
import hashlib
import hmac
import re
from pathlib import Path

import httpx
import pytest
from cryptography.exceptions import InvalidSignature

from filon_net.errors import ChainBroken, NotSigned
from filon_net.log import (
    Device,
    Devices,
    Follower,
    Freshness,
    KeyChange,
    NewRelease,
    Policy,
    Release,
    accept,
    check_admission,
    freshness,
    header_of,
    request,
    sign_admission,
    sign_entry,
    user_hash,
)
from filon_net.log.checkpoints import Checkpoint, sign_checkpoint
from filon_net.log.cosignatures import cosign
from filon_net.log.entries import FIRST
from filon_net.log.follower import ReleaseRule
from filon_net.log.keys import COSIGNATURE, NOTE, Signer
from filon_net.log.manifest import list_of, manifest_of
from filon_net.log.merkle import fold, leaf_hash, nodes_of, prove_consistency
from filon_net.log.notes import LARGEST_NOTE, MOST_SIGNATURES, Note
from filon_net.log.policy import Accepted
from filon_net.log.roll import MOST_KEPT
from filon_net.log.tiles import ENTRIES, LARGEST_ENTRY, Tile, edge_tiles, largest_file, pack_entries, tile_of
from filon_net.loghost.folder import Rules, make_log
from filon_net.loghost.host import LogHost
from filon_net.loghost.log_app import log_app
from filon_net.phone.backup import Master, user_of
from filon_net.phone.bodies import Gossip, encode_body
from log import second_reading as second
from log import second_verifier

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## The log\n")[1].split("\n## ")[0]
BLOCKS = PAGE.split("\n### The log's\n")[1].split("\n## ")[0].split("```text\n")[1:]
SHOWN = dict(line.split(" = ", 1) for line in BLOCKS[0].split("```")[0].splitlines())
NOTE_SHOWN, LIST_SHOWN = (one.split("```")[0] for one in BLOCKS[1:3])

ORIGIN, W1, W2 = "log.example.org/phones", "w1.example.org", "w2.example.net"
LOG, ONE, TWO = (
    Signer.of_seed(name, kind, bytes([seed]) * 32)
    for name, kind, seed in ((ORIGIN, NOTE, 0x11), (W1, COSIGNATURE, 0x12), (W2, COSIGNATURE, 0x13))
)
TIMES = (1_800_000_000, 1_800_000_060)
ADA = Master(b"\x03" * 32)
SEAL = bytes.fromhex(PAGE.split("seal public sha256 = ")[1].split("\n")[0])
DEVICE = Device(b"\x04" * 16, b"\x05" * 32, b"\x06" * 32, SEAL)
FIRST_LIST = sign_entry(Devices(ADA.user, 1, FIRST, ADA.public, (DEVICE,)), ADA.key)
NEXT_LIST = sign_entry(Devices(ADA.user, 2, FIRST_LIST.leaf, ADA.public, ()), ADA.key)
FILES = {"filon_net/__init__.py": b"", "filon_net/wire/a.py": b"x = 1\n"}
RELEASE = sign_entry(
    Release("filon-net", "1.2.0", 12, manifest_of(FILES), 1_800_086_400), *map(second.private, (0x14, 0x15))
)
ENTRIES_MADE = [FIRST_LIST.data, RELEASE.data, NEXT_LIST.data]
LEAVES = [leaf_hash(one) for one in ENTRIES_MADE]
SIGNED = sign_checkpoint(Checkpoint(ORIGIN, 3, fold(LEAVES)), LOG)
COSIGNED = Note(
    SIGNED.text, (*SIGNED.signatures, *(cosign(SIGNED.text, by, at) for by, at in zip((ONE, TWO), TIMES, strict=True)))
)
TOKEN = sign_admission(second.private(2), ORIGIN, 500_000, b"\x0a" * 16)
POLICY = Policy(ORIGIN, (LOG.key,), (ONE.key, TWO.key), 2)

MADE = {
    "log key": LOG.key.text,
    "witness 1": ONE.key.text,
    "witness 2": TWO.key.text,
    "name key": ADA.name_key.hex(),
    "user": ADA.user.hex(),
    "first list": FIRST_LIST.data.hex(),
    "leaf 0": LEAVES[0].hex(),
    "manifest": manifest_of(FILES).hex(),
    "release": RELEASE.data.hex(),
    "leaf 1": LEAVES[1].hex(),
    "next list": NEXT_LIST.data.hex(),
    "leaf 2": LEAVES[2].hex(),
    "root of 1": fold(LEAVES[:1]).hex(),
    "root of 3": fold(LEAVES).hex(),
    "proof from 1 to 3": " ".join(one.hex() for one in prove_consistency(1, 3, nodes_of(LEAVES))),
    "tile/0/000.p/3 sha256": hashlib.sha256(b"".join(LEAVES)).hexdigest(),
    "tile/entries/000.p/3 sha256": hashlib.sha256(pack_entries(ENTRIES_MADE)).hexdigest(),
    "checkpoint sha256": hashlib.sha256(COSIGNED.data).hexdigest(),
    "gossip body sha256": hashlib.sha256(encode_body(Gossip(COSIGNED.data))).hexdigest(),
    "admission token": header_of(TOKEN),
    "tile 1,234,067 at level 0": Tile(0, 1_234_067).path,
    "edge of 70,000 entries": " ".join(
        [one.path for one in edge_tiles(70_000)] + [tile_of(ENTRIES, 70_000 // 256, 70_000).path]
    ),
}
FILES_SERVED = {
    "checkpoint": COSIGNED.data,
    "tile/0/000.p/3": b"".join(LEAVES),
    "tile/entries/000.p/3": pack_entries(ENTRIES_MADE),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_library_makes_the_value(name):
    assert MADE[name] == SHOWN[name]


def test_all_of_them_stand_there():
    assert list(SHOWN) == list(MADE)
    assert NOTE_SHOWN.encode() == COSIGNED.data
    assert list_of(FILES) == LIST_SHOWN


# From here on: what the page shows, taken apart by the second reading alone.


def test_keys_read_a_second_time():
    for name, label, kind, seed in (
        (ORIGIN, "log key", 1, 0x11),
        (W1, "witness 1", 4, 0x12),
        (W2, "witness 2", 4, 0x13),
    ):
        assert SHOWN[label] == second.verifier_key(name, kind, second.public(seed))


def test_entries_read_a_second_time():
    kind, body, keys = second.entry(bytes.fromhex(SHOWN["first list"]))
    user, master = bytes.fromhex(SHOWN["user"]), second.public(3)
    assert (kind, keys) == (1, [master])
    assert body == [user, 1, bytes(32), master, [[b"\x04" * 16, b"\x05" * 32, b"\x06" * 32, SEAL]]]
    assert second.leaf(bytes.fromhex(SHOWN["first list"])).hex() == SHOWN["leaf 0"]

    kind, body, keys = second.entry(bytes.fromhex(SHOWN["next list"]))
    assert (kind, keys) == (1, [master])
    assert body == [user, 2, bytes.fromhex(SHOWN["leaf 0"]), master, []]
    assert second.leaf(bytes.fromhex(SHOWN["next list"])).hex() == SHOWN["leaf 2"]

    kind, body, keys = second.entry(bytes.fromhex(SHOWN["release"]))
    assert (kind, keys) == (2, sorted(map(second.public, (0x14, 0x15))))
    assert body == ["filon-net", "1.2.0", 12, bytes.fromhex(SHOWN["manifest"]), 1_800_086_400]
    assert second.leaf(bytes.fromhex(SHOWN["release"])).hex() == SHOWN["leaf 1"]


def test_the_user_and_the_manifest_a_second_time():
    key = hmac.digest(hmac.digest(bytes(32), b"\x03" * 32, "sha256"), b"filon-net name key 1\x01", "sha256")
    assert key.hex() == SHOWN["name key"], "HKDF, written out: extract with zeros, expand one block"
    named = b"filon-net user 1\n" + second.public(3).hex().encode()
    assert hmac.digest(key, named, "sha256").hex() == SHOWN["user"]
    assert user_hash(key, second.public(3).hex()) == user_of(key, second.public(3))
    assert hashlib.sha256(LIST_SHOWN.encode()).hexdigest() == SHOWN["manifest"]
    assert [line.split("  ") for line in LIST_SHOWN.splitlines()] == [
        [hashlib.sha256(data).hexdigest(), path] for path, data in sorted(FILES.items())
    ]


def test_the_tree_and_the_checkpoint_a_second_time():
    entries = [bytes.fromhex(SHOWN[one]) for one in ("first list", "release", "next list")]
    root = second_verifier.root_of(entries)
    assert root.hex() == SHOWN["root of 3"]
    assert second_verifier.root_of(entries[:1]).hex() == SHOWN["root of 1"] == SHOWN["leaf 0"]
    proof = [bytes.fromhex(one) for one in SHOWN["proof from 1 to 3"].split()]
    assert proof == second_verifier.subproof_of(1, entries)
    assert second_verifier.continues(1, 3, second_verifier.root_of(entries[:1]), root, proof)
    keys = (ORIGIN, second.public(0x11)), [(W1, second.public(0x12)), (W2, second.public(0x13))]
    assert second.checkpoint(NOTE_SHOWN, *keys) == (ORIGIN, 3, root, dict(zip((W1, W2), TIMES, strict=True)))
    leaves = b"".join(second.leaf(one) for one in entries)
    assert hashlib.sha256(leaves).hexdigest() == SHOWN["tile/0/000.p/3 sha256"]
    assert hashlib.sha256(second.bundle(entries)).hexdigest() == SHOWN["tile/entries/000.p/3 sha256"]
    assert hashlib.sha256(NOTE_SHOWN.encode()).hexdigest() == SHOWN["checkpoint sha256"]
    assert hashlib.sha256(second.cbor([1, NOTE_SHOWN.encode()])).hexdigest() == SHOWN["gossip body sha256"]


def test_the_second_reading_bites():
    """A letter changed in the note or in an entry is noticed by it."""
    keys = (ORIGIN, second.public(0x11)), [(W1, second.public(0x12)), (W2, second.public(0x13))]
    for bad in (NOTE_SHOWN.replace("\n3\n", "\n4\n"), NOTE_SHOWN.replace(f"{ORIGIN}\n3", "log.example.org/other\n3")):
        with pytest.raises((InvalidSignature, AssertionError)):
            second.checkpoint(bad, *keys)
    data = bytearray(bytes.fromhex(SHOWN["release"]))
    data[20] ^= 1
    with pytest.raises((InvalidSignature, AssertionError, ValueError)):
        second.entry(bytes(data))


def test_paths_a_second_time():
    assert second.tile_path(0, 1_234_067) == SHOWN["tile 1,234,067 at level 0"]
    assert second.edge(70_000) == SHOWN["edge of 70,000 entries"].split()
    for size in (1, 255, 256, 257, 65_536, 65_537, 70_000, 16_777_216 + 5):
        made = [one.path for one in edge_tiles(size)]
        made += [tile_of(ENTRIES, size // 256, size).path] if size % 256 else []
        assert made == second.edge(size)


def test_the_token_a_second_time():
    text = SHOWN["admission token"]
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    fields = second.uncbor(data)
    assert fields[:5] == [1, b"\x0a" * 16, 500_000, ORIGIN, second.public(2)]
    assert second.good(second.public(2), fields[5], b"filon-net log admission v1\x00" + second.cbor(fields[:5]))
    assert check_admission(data, frozenset({second.public(2)}), ORIGIN, 500_000).serial == b"\x0a" * 16


# What the page says a phone does with them.


def followed(*release_keys):
    made = Follower.begin(POLICY, None, ReleaseRule(tuple(map(second.public, release_keys)), 2))
    made.know(ADA.user, ADA.public)
    return made, made.update(FILES_SERVED.__getitem__, TIMES[1])


def test_a_phone_takes_them():
    made, told = followed(0x14, 0x15, 0x16)
    assert [type(one) for one in told] == [KeyChange, NewRelease, KeyChange]
    assert made.head(ADA.user).devices.devices == ()
    assert [one.version for one in made.releases("filon-net")] == ["1.2.0"]
    _, told = followed(0x14, 0x16)
    assert [type(one) for one in told] == [KeyChange, KeyChange], "one of two known keys: no release"


def test_a_log_takes_them_in_their_order(tmp_path):
    rules = Rules((second.public(2).hex(),), (second.public(0x14).hex(),))
    make_log(tmp_path / "log", ORIGIN, rules)
    host = LogHost(tmp_path / "log", lambda: 500_000 * 3_600)
    try:
        for refused, token in ((FIRST_LIST.data, None), (NEXT_LIST.data, TOKEN)):
            with pytest.raises((ChainBroken, NotSigned)):
                host.accept(refused, token)
        for index, (data, token) in enumerate(zip(ENTRIES_MADE, (TOKEN, None, None), strict=True)):
            assert host.accept(data, token) == index
        assert [host.accept(one, None) for one in ENTRIES_MADE[1:]] == [1, 2], "sent again, as the page says"
        with pytest.raises(ChainBroken):
            host.accept(FIRST_LIST.data, TOKEN)
        assert host.integrate()[0].root == fold(LEAVES)
    finally:
        host.close()


def test_the_request_on_the_page_gets_the_answer_on_the_page(tmp_path):
    asked, _, _ = SECTION.split("```http\n")[1].partition("\n\n")
    answered, _, said = SECTION.split("```http\n")[1].split("```")[0].partition("HTTP/1.1 ")[2].partition("\n\n")
    line, *headers = asked.split("\n")
    headers = dict(one.split(": ", 1) for one in headers)
    make_log(tmp_path / "log", ORIGIN, Rules((second.public(2).hex(),), ()))
    host = LogHost(tmp_path / "log", lambda: 500_000 * 3_600)

    class Published:
        """Stands for the sequencer: what is accepted is published at once."""

        async def accept(self, data, token, wait):
            return host.accept(data, token), True

    async def ask():
        transport = httpx.ASGITransport(log_app(tmp_path / "log", Published()))
        async with httpx.AsyncClient(transport=transport, base_url="http://log.example.org") as client:
            return await client.request(*line.split()[:2], headers=headers, content=FIRST_LIST.data)

    try:
        answer = asyncio.run(ask())
    finally:
        host.close()
    assert int(headers["Content-Length"]) == len(FIRST_LIST.data)
    assert headers["Filon-Net-Admission"] == SHOWN["admission token"]
    assert (f"{answer.status_code} {answer.reason_phrase}", answer.text) == (answered.split("\n")[0], said)
    for one in answered.split("\n")[1:]:
        name, value = one.split(": ")
        assert answer.headers[name] == value


def test_a_witness_takes_the_request_that_leads_from_one_entry_to_three():
    lines = request(1, [bytes.fromhex(one) for one in SHOWN["proof from 1 to 3"].split()], NOTE_SHOWN.encode())
    head, _, rest = lines.decode().partition("\n\n")
    assert head.split("\n")[0] == "old 1"
    assert rest == NOTE_SHOWN


def test_freshness_as_the_page_says():
    assert "`needed`-th newest cosignature" in SECTION
    ages = [
        int(one.replace(",", ""))
        for one in re.findall(r"(?:under|up to) ([\d,]+) s", SECTION.split("**Freshness.**")[1])
    ]
    assert ages[:2] == [3_600, 10_800]
    held = accept(COSIGNED.data, POLICY)
    for age, state in ((3_599, "FRESH"), (3_600, "LATE"), (10_800, "LATE"), (10_801, "ALARM")):
        assert freshness(held, TIMES[0] + age) is Freshness[state]
    early = Accepted(held.checkpoint, held.data, held.times, 1)
    assert freshness(early, TIMES[0] - 300) is Freshness.FRESH, "300 s ahead still counts"


def test_limits_as_the_page_says():
    for value in (
        LARGEST_ENTRY,
        LARGEST_NOTE,
        MOST_SIGNATURES,
        largest_file("tile/0/000"),
        largest_file("tile/entries/000"),
    ):
        assert f"{value:,}" in SECTION, value
    assert f"{MOST_KEPT // 2**20} MiB" in SECTION
    assert largest_file("checkpoint") == LARGEST_NOTE
