"""The Merkle tree of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1): hashes and proofs over SHA-256.

    leaf    SHA-256(0x00 || entry)
    node    SHA-256(0x01 || left || right)
    tree    of n leaves: the left half holds the largest power of two below n; the empty tree is SHA-256("")

Proofs are made by the recursive definitions of RFC 6962 (sections 2.1.1 and 2.1.2) over a ``Nodes`` function, and
checked by the loops of RFC 9162 (sections 2.1.3.2 and 2.1.4.2). A proof is a sequence of 32-byte hashes, lowest first.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

from filon_net.errors import ProofFailed
from filon_net.log.strict import HASH_SIZE, LARGEST

__all__ = [
    "EMPTY_ROOT",
    "Nodes",
    "check_consistency",
    "check_inclusion",
    "fold",
    "leaf_hash",
    "node_hash",
    "nodes_of",
    "prove_consistency",
    "prove_inclusion",
    "same_hash",
    "tree_root",
]

Nodes = Callable[[int, int], bytes]
"""``nodes(level, index)``: the hash of the complete subtree over leaves ``index * 2**level`` to the next index, less one."""

EMPTY_ROOT = hashlib.sha256(b"").digest()
_LONGEST_PROOF = 63


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def same_hash(one: bytes, other: bytes) -> bool:
    """Whether two hashes are equal, both being of full length."""
    return len(one) == len(other) == HASH_SIZE and hmac.compare_digest(one, other)


def fold(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes (or over complete subtrees of one height) in order; never holds more than 63 hashes."""
    peaks: list[bytes] = []
    for count, one in enumerate(hashes, 1):
        peaks.append(one)
        # as many merges as the count has low zero bits: each completes a subtree
        for _ in range((count & -count).bit_length() - 1):
            right = peaks.pop()
            peaks.append(node_hash(peaks.pop(), right))
    if not peaks:
        return EMPTY_ROOT
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """The ``Nodes`` of a tree held as a list of leaf hashes: for small trees and tests."""

    def nodes(level: int, index: int) -> bytes:
        return fold(leaves[index << level : (index + 1) << level])

    return nodes


def _split(count: int) -> int:
    """The largest power of two below ``count`` (which is 2 or more)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, end: int, nodes: Nodes) -> bytes:
    """MTH(D[start:end]); ``start`` is a multiple of the power of two that the range fits in."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_root(start, middle, nodes), _range_root(middle, end, nodes))


def tree_root(size: int, nodes: Nodes) -> bytes:
    """The root of the first ``size`` leaves."""
    return _range_root(0, size, nodes) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The path from leaf ``index`` to the root of ``size`` leaves; ProofFailed where there is no such leaf."""
    if not 0 <= index < size <= LARGEST:
        raise ProofFailed("there is no leaf {index} in a tree of {size}", index=index, size=size)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, nodes))
            end = middle
        else:
            path.append(_range_root(start, middle, nodes))
            start = middle
    return path[::-1]


def prove_consistency(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """What shows that the first ``old`` leaves are the same in both trees; empty for ``old`` 0 or ``size``."""
    if not 0 <= old <= size <= LARGEST:
        raise ProofFailed("a tree of {size} cannot continue one of {old}", old=old, size=size)
    if old in (0, size):
        return []
    path: list[bytes] = []
    start, end = 0, size
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, nodes))
            end = middle
        else:
            path.append(_range_root(start, middle, nodes))
            start = middle
    if start:  # else the old root itself is the last hash, and the checker has it already
        path.append(_range_root(start, end, nodes))
    return path[::-1]


def _require_hashes(proof: Sequence[bytes], *roots: bytes) -> None:
    if len(proof) > _LONGEST_PROOF or any(len(one) != HASH_SIZE for one in (*proof, *roots)):
        raise ProofFailed(
            "a proof is at most {most} hashes of 32 bytes, not this one of {length}",
            most=_LONGEST_PROOF,
            length=len(proof),
        )


def check_inclusion(index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """ProofFailed unless leaf hash ``leaf`` is number ``index`` of the ``size`` leaves under ``root``."""
    _require_hashes(proof, leaf, root)
    if not 0 <= index < size <= LARGEST:
        raise ProofFailed("there is no leaf {index} in a tree of {size}", index=index, size=size)
    at, last, running = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise ProofFailed("the proof for leaf {index} of {size} is too long", index=index, size=size)
        if at & 1 or at == last:
            running = node_hash(one, running)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            running = node_hash(running, one)
        at, last = at >> 1, last >> 1
    if last or not same_hash(running, root):
        raise ProofFailed("the proof does not lead from leaf {index} of {size} to the root", index=index, size=size)


def check_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """ProofFailed unless the tree of ``size`` leaves under ``root`` begins with the ``old`` leaves under ``old_root``."""
    _require_hashes(proof, old_root, root)
    if not 0 <= old <= size <= LARGEST:
        raise ProofFailed("a tree of {size} cannot continue one of {old}", old=old, size=size)
    if old in (0, size):
        same = same_hash(old_root, root) if old == size else same_hash(old_root, EMPTY_ROOT)
        if proof or not same:
            raise ProofFailed("the trees of {old} and {size} do not agree", old=old, size=size)
        return
    # a complete old tree is itself the first hash, and is not sent
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        raise ProofFailed("the proof from {old} to {size} is too short", old=old, size=size)
    before = after = path[0]
    for one in path[1:]:
        if last == 0:
            raise ProofFailed("the proof from {old} to {size} is too long", old=old, size=size)
        if at & 1 or at == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, one)
        at, last = at >> 1, last >> 1
    if last or not same_hash(before, old_root) or not same_hash(after, root):
        raise ProofFailed("the proof does not lead from the tree of {old} to that of {size}", old=old, size=size)
