"""A second reading of RFC 6962, written from the recursive definitions of section 2.1 and from nothing else.

The library checks proofs with the loops of RFC 9162. Here a proof is unfolded from its far end along the halves of the tree,
with Python lists of leaves where those are known. It is slow, plain, and shares no code with the library.
"""

from hashlib import sha256


def halves(count):
    """The size of the left half: the largest power of two below the count."""
    left = 1
    while left * 2 < count:
        left *= 2
    return left


def root_of(entries):
    """MTH of a list of entries, by definition."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    left = halves(len(entries))
    return sha256(b"\x01" + root_of(entries[:left]) + root_of(entries[left:])).digest()


def path_of(index, entries):
    """PATH(m, D[n]), by definition."""
    if len(entries) == 1:
        return []
    left = halves(len(entries))
    if index < left:
        return [*path_of(index, entries[:left]), root_of(entries[left:])]
    return [*path_of(index - left, entries[left:]), root_of(entries[:left])]


def subproof_of(old, entries, known=True):
    """SUBPROOF(m, D[n], b), by definition."""
    if old == len(entries):
        return [] if known else [root_of(entries)]
    left = halves(len(entries))
    if old <= left:
        return [*subproof_of(old, entries[:left], known), root_of(entries[left:])]
    return [*subproof_of(old - left, entries[left:], False), root_of(entries[:left])]


class Wrong(Exception):
    """The proof has the wrong length."""


def _take(rest):
    if not rest:
        raise Wrong
    one = rest.pop()
    if len(one) != 32:
        raise Wrong
    return one


def _node(left, right):
    return sha256(b"\x01" + left + right).digest()


def holds_leaf(index, size, leaf, root, proof):
    """Whether an inclusion proof holds."""

    def climb(at, count):
        if count == 1:
            return leaf
        left = halves(count)
        beside = _take(rest)
        if at < left:
            return _node(climb(at, left), beside)
        return _node(beside, climb(at - left, count - left))

    rest = list(proof)
    if not 0 <= index < size or len(leaf) != 32:
        return False
    try:
        return climb(index, size) == root and not rest
    except Wrong:
        return False


def continues(old, size, old_root, root, proof):
    """Whether a consistency proof holds."""

    def climb(at, count, known):
        """The old and the new root of a subtree of ``count`` leaves, ``at`` of which are old."""
        if at == count:
            one = old_root if known else _take(rest)
            return one, one
        left = halves(count)
        beside = _take(rest)
        if at <= left:
            before, after = climb(at, left, known)
            return before, _node(after, beside)
        before, after = climb(at - left, count - left, False)
        return _node(beside, before), _node(beside, after)

    rest = list(proof)
    if not 0 <= old <= size or len(root) != 32:
        return False
    if old == 0:
        return not rest and old_root == sha256(b"").digest()
    try:
        before, after = climb(old, size, True)
    except Wrong:
        return False
    return not rest and before == old_root and after == root
