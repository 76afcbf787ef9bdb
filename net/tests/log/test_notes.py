"""Signed notes and their keys: the published examples, and everything that only looks like one."""

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from filon_net.errors import LogError, Malformed, NotSigned
from filon_net.log.keys import COSIGNATURE, NOTE, Signer, VerifierKey, read_verifier_key
from filon_net.log.notes import (
    LARGEST_NOTE,
    MOST_SIGNATURES,
    Note,
    Signature,
    read_lines,
    read_note,
    sign_note,
    verified,
)

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)


def opened(data, *keys):
    note = read_note(data.encode() if isinstance(data, str) else data)
    return note, verified(note, [read_verifier_key(one) for one in keys])


def test_the_example_of_the_specification():
    """The vector of c2sp.org/signed-note."""
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    line = "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    parsed = read_verifier_key(key)
    assert parsed.name == "example.com/foo"
    assert parsed.kind == NOTE
    assert parsed.public.hex() == "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4"
    assert parsed.key_id.hex() == "530d903a"
    assert parsed.text == key
    note, found = opened("This is an example message.\n\n" + line, key)
    assert list(found) == [parsed]
    assert note.text == "This is an example message.\n"


def test_the_examples_of_go():
    """The vectors of golang.org/x/mod/sumdb/note."""
    note, found = opened(TEXT + "\n" + PETER_LINE + ENOCH_LINE, PETER)
    assert note.text == TEXT
    assert [one.name for one in found] == ["PeterNeumann"]
    assert [one.line for one in note.signatures] == [PETER_LINE, ENOCH_LINE]
    assert note.data == (TEXT + "\n" + PETER_LINE + ENOCH_LINE).encode()
    assert [one.name for one in opened(TEXT + "\n" + PETER_LINE + ENOCH_LINE, PETER, ENOCH)[1]] == [
        "PeterNeumann",
        "EnochRoot",
    ]
    assert opened(TEXT + "\n" + PETER_LINE + ENOCH_LINE)[1] == {}
    again = TEXT + "\n" + PETER_LINE + PETER_LINE + ENOCH_LINE + ENOCH_LINE
    note, found = opened(again, PETER)
    assert [one.line for one in note.signatures] == [PETER_LINE, ENOCH_LINE], "the same line counts once"


def test_signing_gives_the_published_bytes():
    # PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz, without its type byte
    seed = bytes.fromhex("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173")
    peter = Signer.of_seed("PeterNeumann", NOTE, seed)
    assert peter.key.text == PETER
    assert sign_note(TEXT, peter).data == (TEXT + "\n" + PETER_LINE).encode()


@pytest.mark.parametrize(
    "key",
    [
        "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
    ],
)
def test_published_keys(key):
    assert read_verifier_key(key).text == key


def test_no_part_and_no_change_of_a_key_is_a_key():
    for at in range(len(PETER)):
        for end in range(at + 1, len(PETER) + 1):
            if (at, end) != (0, len(PETER)):
                with pytest.raises(Malformed):
                    read_verifier_key(PETER[at:end])
        with pytest.raises(Malformed):
            read_verifier_key(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])
    for key in (
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # wrong length, right id
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown type, right id
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER + "\n",
        "PeterNeumann+c74f20a3+",
        "bananas.sigstore.dev+12344556",
        "rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!",
        "rekor.sigstore.dev+12345678+AwEB",
        "rekor.sigstore.dev+NOT_A_NUMBER+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ):
        with pytest.raises(Malformed):
            read_verifier_key(key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\x00b", "\ud800", "x" * 256])
def test_names_that_no_key_has(name):
    with pytest.raises(Malformed):
        VerifierKey(name, NOTE, bytes(32))


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + PETER_LINE[:-1],
        "\x01" + TEXT + "\n" + PETER_LINE,
        b"\xff" + (TEXT + "\n" + PETER_LINE).encode(),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad\u00a0Name"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad+Name"),
        TEXT + "\n" + PETER_LINE + "Unexpected line.\n",
        TEXT + "\n" + PETER_LINE + "\n",
        TEXT + "\n" + PETER_LINE.replace("—", "-"),
        TEXT + "\n" + PETER_LINE.replace(" ", "  "),
        TEXT + "\n" + PETER_LINE.replace("=\n", "\n"),
        TEXT + "\n" + PETER_LINE.replace("=\n", "= \n"),
        TEXT + "\n" + PETER_LINE.replace("nAM=", "nAN="),  # spare bits set: a second spelling of the same bytes
        TEXT + "\n" + PETER_LINE.replace("/", "_"),
        TEXT + "\n— PeterNeumann x08gow==\n",
        TEXT + "\r\n" + PETER_LINE,
        TEXT.replace("\n", "\r\n") + "\r\n" + PETER_LINE,
        "",
        "\n",
        "\n\n",
        PETER_LINE,
        "\n" + PETER_LINE,
    ],
)
def test_what_is_not_a_note(data):
    with pytest.raises(Malformed):
        opened(data, PETER)


def test_a_text_may_hold_empty_lines_and_end_in_one():
    signer = Signer("a", NOTE, Ed25519PrivateKey.generate())
    for text in ("one\n\ntwo\n", "one\n\n", "\n", "\n\n\n", "— looks like a signature\n"):
        note = sign_note(text, signer)
        assert read_note(note.data).text == text
        assert list(verified(read_note(note.data), [signer.key])) == [signer.key]
    for text in ("", "no end", "a\tb\n", "\ud800\n"):
        with pytest.raises(Malformed):
            sign_note(text, signer)
    with pytest.raises(Malformed):
        sign_note("nobody signs\n")


def test_a_known_key_with_a_wrong_signature_refuses_the_note():
    changed = TEXT.replace("don't", "do") + "\n" + PETER_LINE + ENOCH_LINE
    for keys in ([PETER], [PETER, ENOCH]):
        with pytest.raises(NotSigned) as caught:
            opened(changed, *keys)
        assert caught.value.hint
    with pytest.raises(NotSigned):
        opened(TEXT + "\n" + PETER_LINE[:60] + "ABCD" + PETER_LINE[60:], PETER)
    # an unknown name or id is passed over, whatever it says
    assert opened(TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "CarmenSandiego"), PETER)[1] == {}
    assert opened(TEXT + "\n" + PETER_LINE.replace("x08g", "xxxx"), PETER)[1] == {}


def test_the_two_types_of_a_key_never_stand_for_each_other():
    private = Ed25519PrivateKey.generate()
    note = sign_note(TEXT, Signer("w", NOTE, private))
    assert verified(note, [Signer("w", COSIGNATURE, private).key]) == {}


def test_the_poem_of_the_specification():
    """A note whose text holds an empty line and letters beyond ASCII."""
    poem = (
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
        "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3Z"
        "ekRwNtIc=\n"
    )
    note = read_note(poem.encode())
    assert note.text.endswith("di sole:\n\ned è subito sera.\n")
    assert (note.signatures[0].name, note.signatures[0].key_id.hex()) == ("quasimodo.example/salvatore", "367ba04b")
    assert note.data.decode() == poem


def test_keys_that_cannot_be_told_apart(monkeypatch):
    """32 bits can be searched for a second key of the same id; here the id is made to collide."""
    note = sign_note(TEXT, Signer.of_seed("a", NOTE, b"1" * 32))
    one, other = (Signer.of_seed("a", NOTE, seed * 32).key for seed in (b"1", b"2"))
    assert list(verified(note, [one, one, other])) == [one]
    monkeypatch.setattr(VerifierKey, "key_id", one.key_id)
    with pytest.raises(Malformed):
        verified(note, [one, other])


def test_a_cosignature_key_signs_no_note():
    key = Signer.of_seed("w", COSIGNATURE, b"1" * 32)
    made = Signature(
        "w", key.key.key_id, key.sign(TEXT.encode())
    )  # right in every byte, under the id of the other type
    with pytest.raises(NotSigned):
        verified(read_note(Note(TEXT, (made,)).data), [key.key])


def test_answers_of_witnesses_are_lines():
    assert read_lines("") == ()
    assert [one.line for one in read_lines(PETER_LINE + ENOCH_LINE + PETER_LINE)] == [PETER_LINE, ENOCH_LINE]
    for text in (PETER_LINE[:-1], PETER_LINE + "\n", "\n", "x", PETER_LINE + "x", PETER_LINE + ENOCH_LINE[:-1]):
        with pytest.raises(Malformed):
            read_lines(text)


def test_limits():
    signers = [Signer.of_seed(f"s{number}", NOTE, bytes([number]) * 32) for number in range(MOST_SIGNATURES + 1)]
    assert len(sign_note(TEXT, *signers[:-1]).signatures) == MOST_SIGNATURES >= 16
    with pytest.raises(Malformed):
        sign_note(TEXT, *signers)
    with pytest.raises(Malformed):
        read_note(b"a" * LARGEST_NOTE + b"\n\n" + PETER_LINE.encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_noise_is_refused_in_our_own_words(data):
    for call in (read_note, lambda data: read_lines(data.decode("utf-8", "replace"))):
        with contextlib.suppress(LogError):
            call(data)


@given(st.integers(0, len((TEXT + "\n" + PETER_LINE).encode()) - 1), st.integers(1, 255))
def test_no_changed_byte_leaves_a_signed_note(at, change):
    data = bytearray((TEXT + "\n" + PETER_LINE).encode())
    data[at] ^= change
    with contextlib.suppress(LogError):
        assert opened(bytes(data), PETER)[1] == {}
