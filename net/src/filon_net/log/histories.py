"""A phone follows the log: newer checkpoints must continue the one it holds, and two phones compare what they were shown.

A log (or whoever sits before it) can cheat in two ways that no signature shows: show this phone less than before, or show
two phones two histories. The first is seen by holding on to the newest checkpoint, the second by consistency between
checkpoints of one phone and, inside messages the log cannot read, between phones.
"""

from filon_net.errors import LogError, RolledBack, SplitView
from filon_net.log.merkle import same_hash
from filon_net.log.policy import Accepted, Policy, accept
from filon_net.log.tiles import CHECKPOINT_PATH
from filon_net.log.tree import Fetch, TileTree, fetch_file

__all__ = ["compare", "require_continues", "update"]

_TALK = "keep both checkpoints and show them to your operator and to the witnesses: together they prove it"


def update(held: Accepted | None, policy: Policy, fetch: Fetch) -> tuple[Accepted, TileTree]:
    """The log's present checkpoint and its tree, after checking that it continues ``held`` (None: the first time).

    The caller stores what comes back, before it acts on it, as the next ``held``. Malformed, NotSigned, NotServed or
    ProofFailed where what was fetched cannot be believed; RolledBack where it is older than ``held``; SplitView where it
    is another history.
    """
    found = accept(fetch_file(fetch, CHECKPOINT_PATH), policy)
    if held is not None:
        _require_no_less(held, found)
    tree = TileTree(found.checkpoint, fetch)
    if held is not None:
        require_continues(held, found, tree)
    return found, tree


def _require_no_less(held: Accepted, found: Accepted) -> None:
    if found.checkpoint.size < held.checkpoint.size:
        raise RolledBack(
            "the log shows {size} entries; it had shown {before} before",
            hint="an old mirror, or somebody hides the newest entries; try another mirror",
            shown=held.data,
            found=found.data,
            size=found.checkpoint.size,
            before=held.checkpoint.size,
        )


def require_continues(older: Accepted, newer: Accepted, tree: TileTree) -> None:
    """SplitView unless the tree of ``newer`` begins with that of ``older``.

    The old root is worked out from tiles that lead to the new root: tiles that cannot be fetched or do not lead there are
    NotServed, ProofFailed or Malformed, and say nothing about the log's honesty.
    """
    if not same_hash(tree.root_at(older.checkpoint.size), older.checkpoint.root):
        raise SplitView(
            "the log shows two histories: its {newer} entries do not begin with the {older} it had shown",
            hint=_TALK,
            ours=older.data,
            theirs=newer.data,
            newer=newer.checkpoint.size,
            older=older.checkpoint.size,
        )


def compare(ours: Accepted, theirs: bytes, policy: Policy, fetch: Fetch | None = None) -> bool | None:
    """Whether another phone was shown the same history; ``theirs`` is the signed note of its newest checkpoint.

    True where both belong to one history; None where that cannot be told without tiles (the sizes differ and ``fetch`` is
    not given or does not serve them). SplitView, with both notes, where they do not. Malformed or NotSigned where ``theirs``
    is not a checkpoint the policy lets pass: then the other phone, not the log, is to be asked.
    """
    other = accept(theirs, policy)
    older, newer = sorted((ours, other), key=lambda one: one.checkpoint.size)
    if older.checkpoint.size == newer.checkpoint.size:
        _require_same_root(ours, other)
        return True
    if fetch is None:
        return None
    try:
        tree = TileTree(newer.checkpoint, fetch)
        require_continues(older, newer, tree)
    except SplitView:
        raise SplitView(
            "another phone was shown another history than this one", hint=_TALK, ours=ours.data, theirs=theirs
        ) from None
    except LogError:  # a mirror that serves nonsense accuses nobody
        return None
    return True


def _require_same_root(ours: Accepted, other: Accepted) -> None:
    if not same_hash(ours.checkpoint.root, other.checkpoint.root):
        raise SplitView(
            "the log signed two different trees of {size} entries",
            hint=_TALK,
            ours=ours.data,
            theirs=other.data,
            size=ours.checkpoint.size,
        )
