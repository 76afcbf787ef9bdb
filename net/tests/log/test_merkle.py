"""The tree and its proofs: published vectors, a second verifier, and proofs that were tampered with."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon_net.errors import ProofFailed
from filon_net.log.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    fold,
    leaf_hash,
    nodes_of,
    prove_consistency,
    prove_inclusion,
    tree_root,
)
from log import second_verifier as second
from log.vectors import ARGON_CONSISTENCY, ARGON_LEAF, ARGON_PROOF, LEAVES, ROOTS


def h(*texts):
    return [bytes.fromhex(one) for one in texts]


INCLUSION = [  # leaf counted from 0, size, proof: the vectors of the certificate-transparency reference verifier
    (0, 1, []),
    (
        0,
        8,
        h(
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        5,
        8,
        h(
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (2, 3, h("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")),
    (
        1,
        5,
        h(
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, INCLUSION[1][2]),
    (
        6,
        8,
        h(
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (
        2,
        5,
        h(
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
    (
        6,
        7,
        h(
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
]
NODES = nodes_of([leaf_hash(one) for one in LEAVES])


def included(index, size, leaf, root, proof):
    """What the library says; the second verifier must say the same."""
    try:
        check_inclusion(index, size, leaf, root, proof)
    except ProofFailed:
        said = False
    else:
        said = True
    assert said == second.holds_leaf(index, size, leaf, root, proof)
    return said


def consistent(old, size, old_root, root, proof):
    try:
        check_consistency(old, size, old_root, root, proof)
    except ProofFailed:
        said = False
    else:
        said = True
    assert said == second.continues(old, size, old_root, root, proof)
    return said


def test_published_roots():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_root(0, NODES) == fold([]) == EMPTY_ROOT
    for size, root in enumerate(ROOTS, 1):
        assert tree_root(size, NODES) == root == fold([leaf_hash(one) for one in LEAVES[:size]])
        assert second.root_of(LEAVES[:size]) == root


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_published_inclusion(index, size, proof):
    leaf, root = leaf_hash(LEAVES[index]), ROOTS[size - 1]
    assert prove_inclusion(index, size, NODES) == proof
    assert included(index, size, leaf, root, proof)
    wrong = [
        (index - 1, size, leaf, root, proof),
        (index + 1, size, leaf, root, proof),
        (index ^ 2, size, leaf, root, proof),
        (index, size * 2, leaf, root, proof),
        (index, size // 2, leaf, root, proof),
        (index, size, b"WrongLeaf", root, proof),
        (index, size, leaf, EMPTY_ROOT, proof),
        (index, size, leaf, root, [*proof, b""]),
        (index, size, leaf, root, [*proof, root]),
        (index, size, leaf, root, [b"", *proof]),
        (index, size, leaf, root, [root, *proof]),
    ]
    wrong += [(index, size, leaf, root, flipped(proof, number)) for number in range(len(proof))]
    wrong += [(index, size, leaf, root, proof[:-1])] if proof else []
    assert not any(included(*one) for one in wrong)


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCY)
def test_published_consistency(old, size, proof):
    old_root, root = ROOTS[old - 1], ROOTS[size - 1]
    assert prove_consistency(old, size, NODES) == proof
    assert consistent(old, size, old_root, root, proof)
    if not proof:
        assert not consistent(old, size, old_root, root, [EMPTY_ROOT])
        assert not consistent(old, size, old_root, EMPTY_ROOT, [])
        return
    wrong = [
        (old - 1, size, old_root, root, proof),
        (old + 1, size, old_root, root, proof),
        (old ^ 2, size, old_root, root, proof),
        (old, size * 2, old_root, root, proof),
        (old, size // 2, old_root, root, proof),
        (old, size, b"WrongRoot", root, proof),
        (old, size, old_root, b"WrongRoot", proof),
        (old, size, root, old_root, proof),
        (old, size, old_root, root, []),
        (old, size, old_root, root, [*proof, b""]),
        (old, size, old_root, root, [*proof, old_root]),
        (old, size, old_root, root, [*proof, root]),
        (old, size, old_root, root, [b"", *proof]),
        (old, size, old_root, root, [old_root, *proof]),
        (old, size, old_root, root, [root, *proof]),
        (old, size, old_root, root, [proof[0], *proof]),
        (old, size, old_root, root, proof[:-1]),
    ]
    wrong += [(old, size, old_root, root, flipped(proof, number)) for number in range(len(proof))]
    assert not any(consistent(*one) for one in wrong)


def test_trees_that_need_no_proof():
    one, other = ROOTS[0], ROOTS[1]
    assert consistent(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert consistent(0, 1, EMPTY_ROOT, one, [])
    assert not consistent(0, 1, one, one, []), "an empty tree has one root"
    assert not consistent(0, 1, EMPTY_ROOT, one, [one])
    assert not consistent(1, 1, one, other, [])
    assert not consistent(2, 1, other, one, []), "a log never shrinks"
    assert not consistent(1, 2, one, other, [])


def flipped(proof, number):
    made = list(proof)
    made[number] = bytes([made[number][0] ^ 16]) + made[number][1:]
    return made


def test_proofs_of_a_real_certificate_log():
    root = base64.b64decode("dwlueapdd7LaOEnX2W2Wp9v2XE+KzejHRQGHwEx0oaM=")
    old_root = base64.b64decode("AuIZ5V6sDUj1vn3Y1K85oOaQ7y+FJJKtyRTl1edIKBQ=")
    size = 961_984_013
    assert included(10_000, size, leaf_hash(ARGON_LEAF), root, ARGON_PROOF)
    assert not included(10_001, size, leaf_hash(ARGON_LEAF), root, ARGON_PROOF)
    assert not included(10_000, size, leaf_hash(ARGON_LEAF + b"\x00"), root, ARGON_PROOF)
    assert consistent(3_654_490, size, old_root, root, ARGON_CONSISTENCY)
    assert not consistent(3_654_491, size, old_root, root, ARGON_CONSISTENCY)
    assert not consistent(3_654_490, size, old_root, root, ARGON_CONSISTENCY[:-1])


def test_every_proof_of_every_small_tree():
    entries = [bytes([number]) for number in range(20)]
    leaves = [leaf_hash(one) for one in entries]
    for size in range(len(entries) + 1):
        nodes, root = nodes_of(leaves[:size]), second.root_of(entries[:size])
        assert tree_root(size, nodes) == fold(leaves[:size]) == root
        for index in range(size):
            proof = prove_inclusion(index, size, nodes)
            assert proof == second.path_of(index, entries[:size])
            assert included(index, size, leaves[index], root, proof)
        for old in range(size + 1):
            proof = prove_consistency(old, size, nodes)
            assert proof == (second.subproof_of(old, entries[:size]) if old else [])
            assert consistent(old, size, second.root_of(entries[:old]), root, proof)


@st.composite
def a_tree(draw):
    size = draw(st.integers(1, 300))
    salt = draw(st.binary(max_size=4))
    return [salt + number.to_bytes(2, "big") for number in range(size)]


@st.composite
def changed(draw, proof, spare):
    """A proof with something done to it."""
    made = list(proof)
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(["drop", "add", "flip", "swap", "double", "cut"]))
        at = draw(st.integers(0, max(0, len(made) - 1)))
        if what == "add":
            made.insert(at, draw(st.sampled_from(spare)))
        elif not made:
            continue
        elif what == "drop":
            del made[at]
        elif what == "flip":
            made[at] = bytes([made[at][0] ^ 1 << draw(st.integers(0, 7))]) + made[at][1:] if made[at] else b"x"
        elif what == "swap":
            made[at], made[-1] = made[-1], made[at]
        elif what == "double":
            made.insert(at, made[at])
        else:
            made[at] = made[at][:-1]
    return made


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_two_verifiers_agree_on_leaves(data):
    entries = data.draw(a_tree())
    index = data.draw(st.integers(0, len(entries) - 1))
    leaves = [leaf_hash(one) for one in entries]
    root = second.root_of(entries)
    proof = prove_inclusion(index, len(entries), nodes_of(leaves))
    assert included(index, len(entries), leaves[index], root, proof)
    bad = data.draw(changed(proof, [root, leaves[index], leaves[0]]))
    assert included(index, len(entries), leaves[index], root, bad) == (bad == proof)
    elsewhere = data.draw(st.integers(-1, len(entries) + 1))
    assert included(elsewhere, len(entries), leaves[index], root, proof) == (elsewhere == index)
    # a proof may hold for another size only where both trees put the leaf on the same path to the same root
    included(index, data.draw(st.integers(0, 600)), leaves[index], root, proof)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_two_verifiers_agree_on_growth(data):
    entries = data.draw(a_tree())
    size = len(entries)
    old = data.draw(st.integers(1, size))
    old_root, root = second.root_of(entries[:old]), second.root_of(entries)
    proof = prove_consistency(old, size, nodes_of([leaf_hash(one) for one in entries]))
    assert consistent(old, size, old_root, root, proof)
    bad = data.draw(changed(proof, [root, old_root]))
    assert consistent(old, size, old_root, root, bad) == (bad == proof)
    consistent(data.draw(st.integers(-1, size + 1)), size, old_root, root, proof)
    consistent(old, data.draw(st.integers(0, 600)), old_root, root, proof)
    # a history of which one old entry was changed is never a continuation
    at = data.draw(st.integers(0, old - 1))
    forged = [*entries[:at], b"forged", *entries[at + 1 :]]
    if old < size:
        other = prove_consistency(old, size, nodes_of([leaf_hash(one) for one in forged]))
        assert not consistent(old, size, old_root, second.root_of(forged), other)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64), st.integers(0, 2**64), st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_noise_is_refused_at_any_size(one, other, proof):
    root = b"r" * 32
    if other < 2**63:
        assert not included(one, other, b"l" * 32, root, proof) or other == 1
        if one != other:
            assert not consistent(one, other, b"o" * 32, root, proof)
    else:
        with pytest.raises(ProofFailed):
            check_inclusion(one, other, b"l" * 32, root, proof)


def test_no_proof_beyond_the_tree():
    for index, size in ((0, 0), (-1, 4), (4, 4), (0, 2**63)):
        with pytest.raises(ProofFailed):
            prove_inclusion(index, size, NODES)
    for old, size in ((-1, 4), (5, 4), (1, 2**63)):
        with pytest.raises(ProofFailed):
            prove_consistency(old, size, NODES)
