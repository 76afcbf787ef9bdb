"""Entries, and the chain of a user's device lists."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon_net.errors import ChainBroken, LogError, Malformed, NotSigned
from filon_net.log import (
    Admission,
    Release,
    follow_chain,
    follow_chains,
    read_entry,
    require_release,
    sign_entry,
    start_chain,
    user_hash,
)
from filon_net.log.cbor import dump, load
from filon_net.log.entries import FIRST, Devices, Entry, devices_of, release_of, signed_by
from filon_net.log.merkle import leaf_hash
from filon_net.log.tiles import LARGEST_ENTRY
from log.builders import chain_of, device, device_list, digest, private, public

RELEASE = Release("filon-net", "1.4.0", 14, digest("manifest"), 1_800_000_000)
KEYS = [public(name) for name in ("r1", "r2", "r3")]


def test_a_device_list_comes_back_as_it_was_signed():
    first, second = chain_of("ada", 2)
    assert read_entry(first.data) == first
    assert first.leaf == leaf_hash(first.data)
    devices = devices_of(second)
    assert (devices.version, devices.previous, len(devices.devices)) == (2, first.leaf, 2)
    assert devices.master == public("ada")
    assert signed_by(second, public("ada"))
    assert not signed_by(second, public("bob"))
    assert len(first.data) < 400
    most = device_list("ada", 1, devices=32)
    assert len(devices_of(most).devices) == 32
    assert len(most.data) < LARGEST_ENTRY
    assert devices_of(device_list("ada", 1, devices=0)).devices == ()


def test_the_bytes_of_an_entry():
    """Fixed, so that another implementation can be checked against it."""
    entry = device_list("ada", 1)
    body = load(entry.body)
    assert load(entry.data) == (1, 1, entry.body, ((public("ada"), entry.signatures[0][1]),))
    one = device("ada", 0)
    assert body == (digest("user", "ada"), 1, FIRST, public("ada"), ((one.id, one.sign, one.agree, one.seal),))
    assert entry.leaf.hex() == "31eda17ddb5fa29e75df8d2fbc20e58ba6be0e23927a68db37147979a1aa910b"
    private("ada").public_key().verify(entry.signatures[0][1], b"filon-net log entry 1\n1\n" + entry.body)


def test_the_log_names_nobody():
    key = digest("name key")
    assert user_hash(key, "ada").hex() == "8fe3dbd82921f61a09be2d5242b1e1c1c49ce37f84d44e4ddaf351eea2c8e69f"
    assert user_hash(key, "ada") != user_hash(digest("other"), "ada")
    assert user_hash(key, "ada") != user_hash(key, "Ada")
    assert b"ada" not in b"".join(one.data for one in chain_of("ada", 3))
    for bad in (b"", key[:-1], key + b"\x00"):
        with pytest.raises(Malformed):
            user_hash(bad, "ada")
    with pytest.raises(Malformed):
        user_hash(key, "\ud800")


def remade(entry, **changes):
    """An entry with another body, signed by its owner again."""
    return sign_entry(msgspec.structs.replace(devices_of(entry), **changes), private("ada"))


ONE = device("ada", 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": bytes(31)},
        {"version": 0},
        {"version": 2},
        {"previous": bytes([1]) * 32},
        {"previous": b""},
        {"master": bytes(33)},
        {"devices": (ONE, ONE)},
        {"devices": tuple(sorted((device("ada", n) for n in range(2)), key=lambda one: one.id, reverse=True))},
        {"devices": tuple(sorted((device("ada", n) for n in range(33)), key=lambda one: one.id))},
        {"devices": (msgspec.structs.replace(ONE, seal=b""),)},
        {"devices": (msgspec.structs.replace(ONE, id=bytes(17)),)},
    ],
)
def test_device_lists_that_nobody_writes(changes):
    with pytest.raises(Malformed):
        remade(device_list("ada", 1), **changes)


@pytest.mark.parametrize(
    "parts",
    [
        (2, 1, b"x", ((bytes(32), bytes(64)),)),
        (1, 0, b"x", ((bytes(32), bytes(64)),)),
        (1, 256, b"x", ((bytes(32), bytes(64)),)),
        (1, 1, "x", ((bytes(32), bytes(64)),)),
        (1, 1, b"x", ()),
        (1, 1, b"x", ((bytes(31), bytes(64)),)),
        (1, 1, b"x", ((bytes(32), bytes(63)),)),
        (1, 1, b"x", ((bytes(32), bytes(64)), (bytes(32), bytes(64)))),
        (1, 1, b"x", ((b"\x01" * 32, bytes(64)), (bytes(32), bytes(64)))),
        (1, 1, b"x", tuple((bytes([n]) * 32, bytes(64)) for n in range(17))),
        (1, 1, b"x"),
        (1, 1, b"x", ((bytes(32), bytes(64)),), 0),
        (1, 1, b"x" * LARGEST_ENTRY, ((bytes(32), bytes(64)),)),
        b"x",
        7,
    ],
)
def test_what_is_not_an_entry(parts):
    with pytest.raises(Malformed):
        read_entry(dump(parts))


def test_kinds_to_come_are_carried_but_not_let_in():
    later = read_entry(dump((1, 3, b"a broadcast", ((bytes(32), bytes(64)),))))
    assert later.kind == 3
    head = start_chain(digest("user", "ada"), public("ada"))
    assert follow_chain(head, later) == head
    with pytest.raises(Malformed):
        Admission().take(later.data)
    for call in (devices_of, release_of):
        with pytest.raises(Malformed):
            call(later)


def test_a_phone_follows_a_user():
    head = start_chain(digest("user", "ada"), public("ada"))
    entries = [entry for pair in zip(chain_of("ada", 4), chain_of("bob", 4), strict=True) for entry in pair]
    for entry in entries:
        head = follow_chain(head, entry)
    assert (head.version, head.leaf) == (4, entries[-2].leaf)
    assert len(head.devices.devices) == 4


def test_a_phone_follows_many_users():
    names = ("ada", "bob", "cy")
    heads = {digest("user", one): start_chain(digest("user", one), public(one)) for one in names}
    for entry in [
        *chain_of("ada", 2),
        *chain_of("stranger", 2),
        *chain_of("bob", 3),
        sign_entry(RELEASE, private("r1")),
    ]:
        head = follow_chains(heads, entry)
        if head:
            heads[head.user] = head
    assert [heads[digest("user", one)].version for one in names] == [2, 3, 0]
    with pytest.raises(ChainBroken):
        follow_chains(heads, chain_of("cy", 2)[1])


def broken_chains():
    first, second, third = chain_of("ada", 3)
    other = device_list("ada", 2, first.leaf, devices=7)
    return {
        "a version is left out": [first, third],
        "the same version again": [first, second, second],
        "an old version again": [first, second, third, second],
        "two lists of one version": [first, second, other],
        "the hash of another entry": [first, device_list("ada", 2, digest("other"))],
        "a version too many": [first, device_list("ada", 3, first.leaf)],
        "begun again": [first, second, first],
        "another master key": [first, device_list("ada", 2, first.leaf, master=public("eve"), by="eve")],
        "signed by somebody else": [first, device_list("ada", 2, first.leaf, by="eve")],
        "begun by somebody else": [device_list("ada", 1, master=public("eve"), by="eve")],
        "a signature beside the owner's": [sign_entry(devices_of(first), private("ada"), private("eve"))],
        "a changed body": [Entry(1, first.body.replace(ONE.seal, digest("evil")), first.signatures)],
    }


@pytest.mark.parametrize("name", broken_chains())
def test_chains_that_do_not_hold(name):
    head = start_chain(digest("user", "ada"), public("ada"))
    admission = Admission()
    *good, bad = broken_chains()[name]
    for entry in good:
        head = follow_chain(head, read_entry(entry.data))
        admission.take(entry.data)
    with pytest.raises(ChainBroken) as caught:
        follow_chain(head, read_entry(bad.data))
    assert "in person" in caught.value.hint
    if name != "begun by somebody else":  # the log cannot know whose hash it is
        before = admission.head(head.user)
        with pytest.raises(ChainBroken):
            admission.take(bad.data)
        assert admission.head(head.user) == before


def test_the_log_admits_what_continues():
    admission = Admission(tuple(KEYS))
    entries = chain_of("ada", 3)
    for entry in entries:
        assert admission.take(entry.data) == entry
    assert admission.head(digest("user", "ada")) == (3, entries[-1].leaf)
    assert admission.head(digest("user", "nobody")) == (0, FIRST)
    admission.take(sign_entry(RELEASE, private("r2")).data)
    with pytest.raises(NotSigned):
        admission.take(sign_entry(RELEASE, private("eve")).data)


def test_releases_need_enough_of_the_keys():
    made = read_entry(sign_entry(RELEASE, *map(private, ("r1", "r3", "eve"))).data)
    assert require_release(made, KEYS, 2) == RELEASE
    for keys, needed in ((KEYS, 3), ([KEYS[1]], 1), ([KEYS[0], KEYS[1]], 2)):
        with pytest.raises(NotSigned) as caught:
            require_release(made, keys, needed)
        assert caught.value.hint == "do not install it"
    for keys, needed in ((KEYS, 0), (KEYS, 4), ([KEYS[0], KEYS[0]], 2), ([], 0)):
        with pytest.raises(Malformed):
            require_release(made, keys, needed)
    changed = Entry(2, RELEASE.body.replace(b"1.4.0", b"6.6.6"), made.signatures)
    with pytest.raises(NotSigned):
        require_release(changed, KEYS, 1)
    with pytest.raises(NotSigned):  # the signature of another kind of entry
        require_release(Entry(2, RELEASE.body, device_list("r1", 1).signatures), KEYS, 1)


@pytest.mark.parametrize(
    "changes",
    [{"product": ""}, {"product": "a b"}, {"product": "filon\u202enet"}, {"version": "1" * 65}, {"version": "1\n"}, {"serial": -1},
     {"manifest": b""}, {"not_before": 2**63}],
)  # fmt: skip
def test_releases_that_nobody_writes(changes):
    with pytest.raises(Malformed):
        sign_entry(msgspec.structs.replace(RELEASE, **changes), private("r1"))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_leaves_the_same_signed_list(at, change):
    good = device_list("ada", 1)
    data = bytearray(good.data)
    data[at % len(data)] ^= change
    head = start_chain(digest("user", "ada"), public("ada"))
    with contextlib.suppress(LogError):
        assert follow_chain(head, read_entry(bytes(data))) == head, "at most it is of another user or kind"


@given(st.binary(max_size=300))
def test_noise(data):
    for call in (read_entry, lambda data: devices_of(Entry(1, data, ())), lambda data: release_of(Entry(2, data, ()))):
        with pytest.raises(LogError):
            call(data)


def test_a_list_is_typed():
    assert isinstance(devices_of(device_list("ada", 1)), Devices)
