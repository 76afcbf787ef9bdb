"""Checkpoints, cosignatures and what a phone accepts."""

import base64
import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from filon_net.errors import LogError, Malformed, NotSigned
from filon_net.log import Freshness, Policy, accept, freshness, read_note, read_verifier_key
from filon_net.log.checkpoints import Checkpoint, read_checkpoint, require_log_signature, sign_checkpoint
from filon_net.log.cosignatures import cosign, cosigned, cosigned_at, with_cosignatures
from filon_net.log.keys import COSIGNATURE, NOTE, Signer
from filon_net.log.merkle import EMPTY_ROOT
from filon_net.log.notes import Note, Signature
from log.builders import NOW, ORIGIN, MemoryLog, policy_of, public, signer, signer_of_log, some_entries

EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
"""The example of c2sp.org/tlog-checkpoint."""
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

REAL = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501  # a checkpoint as a public log served it, with its own and six other parties' signatures
REAL_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REAL_WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]


def test_the_example_of_the_specification():
    checkpoint = read_checkpoint(EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert checkpoint.root == base64.b64decode(ROOT)
    assert checkpoint.extensions == ()
    assert checkpoint.text == EXAMPLE
    more = read_checkpoint(EXAMPLE + "one more\nanother\n")
    assert more.extensions == ("one more", "another")
    assert more.text == EXAMPLE + "one more\nanother\n"
    assert read_checkpoint("Moon Log + 7\n1\n" + ROOT + "\n").origin == "Moon Log + 7", "an origin has no form"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\nx\n\ny\n",
        f"o\n01\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-34\n{ROOT}\n",
        f"o\n 1\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n1e3\n{ROOT}\n",
        f"o\n0x1\n{ROOT}\n",
        f"o\n٣\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n3438945738945739845734895735\n{ROOT}\n",
        "o\n" + "9" * 100_000 + f"\n{ROOT}\n",
        f"o\nbananas\n{ROOT}\n",
        "o\n1\nYmFuYW5hcw==\n",
        "o\n1\nThisIsn'tBase64\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT[:-2]}3=\n",
        f"o\n1\n{ROOT}=\n",
        f"o\n1\n{ROOT} \n",
        f"o\r\n1\r\n{ROOT}\r\n",
        f"o\n0\n{ROOT}\n",
        f"o\n1\n{ROOT}\n" + "x\n" * 100,
    ],
)
def test_what_is_not_a_checkpoint(text):
    with pytest.raises(Malformed):
        read_checkpoint(text)


def test_what_cannot_be_put_into_one():
    root = bytes(32)
    for parts in (
        ("", 1, root),
        ("o", -1, root),
        ("o", 2**63, root),
        ("o", 1, bytes(31)),
        ("o\n", 1, root),
        ("o", 0, root),
        ("o", 1, root, ("",)),
        ("o", 1, root, ("a\nb",)),
        ("\ud800", 1, root),
    ):
        with pytest.raises(Malformed):
            Checkpoint(*parts)
    assert read_checkpoint(Checkpoint("o", 0, EMPTY_ROOT).text).size == 0


@given(
    st.text(min_size=1, max_size=20),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text()),
)
def test_what_can_be_written_is_read_back(origin, size, root, extensions):
    with contextlib.suppress(LogError):
        made = Checkpoint(origin, size, root, tuple(extensions))
        assert read_checkpoint(made.text) == made


def test_a_real_checkpoint_with_real_cosignatures():
    witnesses = [read_verifier_key(one) for one in REAL_WITNESSES]
    times = cosigned(read_note(REAL.encode()), witnesses)
    assert {key.name: time for key, time in times.items()} == dict.fromkeys(
        ["remora.n621.de", "witness1.smartit.nu/witness1"], 0x6A122120
    )
    origin = "arche2025h1.staging.ct.transparency.dev"
    policy = Policy(origin, (read_verifier_key(REAL_LOG),), tuple(witnesses), 2)
    accepted = accept(REAL.encode(), policy)
    assert accepted.checkpoint.size == 1_432_088_532
    for wrong in (
        REAL.replace("1432088532", "42"),
        REAL.replace("AABqEiEgPlf", "AABqEiEhPlf"),
    ):  # size, one second later
        with pytest.raises(NotSigned):
            accept(wrong.encode(), policy)


def test_the_time_in_a_cosignature():
    """Published by transparency-dev/formats."""
    line = "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="
    assert cosigned_at(base64.b64decode(line)[4:]) == 1_727_964_367
    plain = "eQjRQm6eSKzFoiYalgwCPXu2y3ijtg68is9M46JKxuZB+dRfTmeQeDBoXnvxZx2ugnkyV+MUMLXpWs1hPb/W/4xkNQY="
    with pytest.raises(Malformed):
        cosigned_at(base64.b64decode(plain)[4:])
    with pytest.raises(Malformed):
        cosigned_at(b"\x80" + bytes(71))


def test_what_a_witness_signs():
    """The message is that of the specification, byte for byte."""
    made = cosign(EXAMPLE, signer("w", COSIGNATURE), 1_679_315_147)
    message = b"cosignature/v1\ntime 1679315147\n" + EXAMPLE.encode()
    Ed25519PublicKey.from_public_bytes(public("w")).verify(made.data[8:], message)
    assert made.data[:8] == (1_679_315_147).to_bytes(8, "big")
    for kind, time in ((NOTE, 1), (COSIGNATURE, -1), (COSIGNATURE, 2**63)):
        with pytest.raises(Malformed):
            cosign(EXAMPLE, signer("w", kind), time)


def test_cosignatures_cover_extensions_and_time():
    log = signer_of_log()
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32), ("Extendo",)), log)
    made = cosign(note.text, signer("w1", COSIGNATURE), NOW)
    keys = [signer("w1", COSIGNATURE).key]
    assert cosigned(Note(note.text, (made,)), keys) == {keys[0]: NOW}
    later = Signature(made.name, made.key_id, (NOW + 1).to_bytes(8, "big") + made.data[8:])
    for bad in (Note(note.text.replace("Extendo", "Extend@"), (made,)), Note(note.text, (later,))):
        with pytest.raises(NotSigned):
            cosigned(bad, keys)


def test_times_at_the_edge():
    key = signer("w1", COSIGNATURE)
    for time in (0, 2**63 - 1):
        made = cosign(EXAMPLE, key, time)
        assert cosigned_at(made.data) == time
        assert cosigned(Note(EXAMPLE, (made,)), [key.key]) == {key.key: time}


def test_a_signature_of_another_kind_or_length_is_no_cosignature():
    witness, plain = signer("w1", COSIGNATURE), signer("w1", NOTE)
    data = cosign(EXAMPLE, witness, NOW).data
    for key, made in (
        (plain.key, data),  # right in every byte, under the id of the other type
        (witness.key, data[8:]),
        (witness.key, data + b"\x00"),
        (witness.key, plain.sign(EXAMPLE.encode())),
    ):
        with pytest.raises(NotSigned):
            cosigned(Note(EXAMPLE, (Signature("w1", key.key_id, made),)), [key])


def test_the_newest_cosignature_of_each_witness_is_kept():
    log = MemoryLog(some_entries(3))
    note = read_note(log.note(NOW, NOW))
    w1, w2, stranger = (cosign(note.text, signer(name, COSIGNATURE), NOW + 9) for name in ("w1", "w2", "stranger"))
    old = cosign(note.text, signer("w2", COSIGNATURE), NOW - 9)
    keys = policy_of().witnesses
    made = with_cosignatures(note, [w1, stranger, old], keys)
    assert cosigned(made, keys) == {keys[0]: NOW + 9, keys[1]: NOW}
    assert len(made.signatures) == 3, "the log's own, and one of each witness"
    assert accept(made.data, policy_of()).times == {"w1": NOW + 9, "w2": NOW}
    false = Signature("w2", w2.key_id, w1.data)
    with pytest.raises(NotSigned):
        with_cosignatures(note, [false], keys)


def test_a_phone_asks_for_the_log_and_enough_witnesses():
    log = MemoryLog(some_entries(5))
    policy = policy_of(needed=2)
    assert accept(log.note(NOW, NOW), policy).checkpoint == log.checkpoint
    one_twice = read_note(log.note(NOW))
    twice = Note(one_twice.text, (*one_twice.signatures, cosign(one_twice.text, signer("w1", COSIGNATURE), NOW + 1)))
    strangers = log.note(NOW, NOW, witnesses=("w1", "w9"))
    for data in (log.note(), log.note(NOW), twice.data, strangers):
        with pytest.raises(NotSigned) as caught:
            accept(data, policy)
        assert "of 2 witnesses" in str(caught.value)
    with pytest.raises(NotSigned):
        accept(log.note(NOW, NOW, by="somebody else"), policy)
    with pytest.raises(NotSigned):
        accept(MemoryLog(some_entries(5), origin="log.example.org/other").note(NOW, NOW), policy)


def test_one_origin_is_not_another():
    data = MemoryLog(some_entries(1)).note()
    with pytest.raises(NotSigned):
        require_log_signature(data, "log.example.org", [signer_of_log().key])


def some_witnesses(count):
    return tuple(signer(f"many{number}", COSIGNATURE).key for number in range(count))


TWINS = tuple(Signer.of_seed(name, COSIGNATURE, b"1" * 32).key for name in ("w8", "w9"))
NAMESAKES = tuple(Signer.of_seed("w8", COSIGNATURE, seed * 32).key for seed in (b"1", b"2"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"log_keys": ()}, "a log is known by keys of type 1"),
        ({"log_keys": (TWINS[0],)}, "a log is known by keys of type 1"),
        ({"witnesses": (signer("w7", NOTE).key, *TWINS[:1])}, "keys of type 4"),
        ({"witnesses": some_witnesses(33)}, "at most 32"),
        ({"witnesses": TWINS}, "one key"),
        ({"witnesses": NAMESAKES}, "one name"),
        ({"witnesses": (*some_witnesses(2), signer("log", COSIGNATURE).key)}, "one key"),  # the log as its own witness
        ({"needed": 0}, "0 of 3"),
        ({"needed": -1}, "-1 of 3"),
        ({"needed": 4}, "4 of 3"),
        ({"witnesses": (), "needed": 0}, "0 of 0"),
    ],
)
def test_rules_that_would_not_mean_what_they_say(changes, words):
    good = policy_of()
    parts = {"origin": ORIGIN, "log_keys": good.log_keys, "witnesses": good.witnesses, "needed": 2}
    with pytest.raises(Malformed) as caught:
        Policy(**parts | changes)
    assert words in str(caught.value)


def test_rules_at_the_edge():
    keys = policy_of().log_keys
    for count, needed in ((1, 1), (3, 1), (3, 3), (32, 32)):
        assert Policy(ORIGIN, keys, some_witnesses(count), needed).needed == needed
    two = Policy(ORIGIN, (*keys, Signer.of_seed(ORIGIN, NOTE, b"2" * 32).key), some_witnesses(3), 2)
    assert len(two.log_keys) == 2, "a log that changes its key has two of one name for a while"


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((0, 0), Freshness.FRESH),
        ((3599, 3599), Freshness.FRESH),
        ((0, 3600), Freshness.LATE),
        ((3600, 3600), Freshness.LATE),
        ((10_800, 10_800), Freshness.LATE),
        ((0, 10_801), Freshness.ALARM),
        ((10_801, 10_801, 0), Freshness.ALARM),
        ((10_801, 5, 0), Freshness.FRESH),
        ((5, 5_000, 50_000), Freshness.LATE),
        ((-300, -300), Freshness.FRESH),
        ((-301, -301), Freshness.FUTURE),
        ((-301, 5), Freshness.ALARM),
        ((-301, -(10**9), 20_000), Freshness.FUTURE),
        ((-(10**9), 10, 10), Freshness.FRESH),
    ],
)
def test_heartbeat(ages, expected):
    accepted = accept(MemoryLog(some_entries(2)).note(*(NOW - age for age in ages)), policy_of(needed=2))
    assert freshness(accepted, NOW) is expected


@given(st.lists(st.integers(0, 20_000), min_size=2, max_size=3), st.integers(0, 20_000))
def test_fewer_than_needed_cannot_make_it_fresher_or_staler(ages, lie):
    """Whatever one of three witnesses says, the verdict lies within what the two others say."""
    log = MemoryLog(some_entries(1))
    policy = policy_of(needed=2)
    honest = accept(log.note(NOW - ages[0], NOW - ages[1]), policy)
    lied = accept(log.note(NOW - ages[0], NOW - ages[1], NOW - lie), policy)
    order = [Freshness.FRESH, Freshness.LATE, Freshness.ALARM]
    best = freshness(accept(log.note(NOW - min(ages[:2]), NOW - min(ages[:2])), policy), NOW)
    worst = freshness(honest, NOW)
    assert order.index(best) <= order.index(freshness(lied, NOW)) <= order.index(worst)
