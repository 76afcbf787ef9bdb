"""What other phones say they were shown, held against what this phone is shown.

A checkpoint heard from another phone is settled when a tree this phone accepted is as large, or larger, and had that root
at that size. Until then it waits. What waits longer than three hours after its witnesses signed it, while this phone is
still shown less, is an alarm too: the log, or a mirror, holds this phone back.
"""

from collections import OrderedDict

from filon_net.errors import LogError, SplitView
from filon_net.log.histories import require_continues
from filon_net.log.merkle import same_hash
from filon_net.log.notices import Notice, RolledBackAlarm, SplitViewAlarm
from filon_net.log.policy import ALARM_AFTER, Accepted, vouched_at
from filon_net.log.tree import TileTree

__all__ = ["MOST_SETTLED", "MOST_WAITING", "Gossip"]

MOST_WAITING = 16
"""Checkpoints that wait, one per size; beyond them the largest is dropped: a tree reaches the others first."""
MOST_SETTLED = 64
"""Roots known to be of this history, newest use last; others are looked up in the tree again."""


class Gossip:
    """Checkpoints that other phones were shown: ``settled`` roots by size, and signed ones that ``wait``."""

    def __init__(self) -> None:
        self.settled: OrderedDict[int, bytes] = OrderedDict()
        self.waiting: list[Accepted] = []

    def copy(self) -> "Gossip":
        """Another one with the same content."""
        made = Gossip()
        made.settled, made.waiting = self.settled.copy(), list(self.waiting)
        return made

    def settle(self, one: Accepted) -> None:
        """Note a checkpoint of this phone's own history."""
        self.settled[one.checkpoint.size] = one.checkpoint.root
        self.settled.move_to_end(one.checkpoint.size)
        while len(self.settled) > MOST_SETTLED:
            self.settled.popitem(last=False)

    def knows(self, size: int) -> bool:
        """Whether the root of this size is at hand without fetching anything."""
        return size in self.settled

    def hear(self, ours: Accepted, theirs: Accepted, tree: TileTree | None) -> list[Notice]:
        """An accepted checkpoint of another phone: settled, an alarm, or put to wait."""
        size, root = theirs.checkpoint.size, theirs.checkpoint.root
        known = ours.checkpoint.root if size == ours.checkpoint.size else self.settled.get(size)
        if known is not None:
            return [] if same_hash(known, root) else [SplitViewAlarm(ours.data, theirs.data)]
        for other in self.waiting:
            if other.checkpoint.size == size and not same_hash(other.checkpoint.root, root):
                return [SplitViewAlarm(other.data, theirs.data)]
        told = None if tree is None or size > tree.size else self._tell(ours, theirs, tree)
        if told is None:
            self.wait(theirs)
        return told or []

    def wait(self, theirs: Accepted) -> None:
        """Keep an accepted checkpoint of another phone for later."""
        if not any(one.checkpoint.size == theirs.checkpoint.size for one in self.waiting):
            self.waiting = sorted((*self.waiting, theirs), key=lambda one: one.checkpoint.size)[:MOST_WAITING]

    def _tell(self, ours: Accepted, theirs: Accepted, tree: TileTree) -> list[Notice] | None:
        """Whether the tree of ``ours`` began with that of ``theirs``; None where its tiles are not served."""
        try:
            require_continues(theirs, ours, tree)
        except SplitView:
            return [SplitViewAlarm(ours.data, theirs.data)]
        except LogError:  # a mirror that serves nonsense accuses nobody
            return None
        self.settle(theirs)
        return []

    def again(self, ours: Accepted, tree: TileTree, now: int) -> list[Notice]:
        """What waited, after this phone was shown a newer tree at POSIX second ``now``."""
        notices: list[Notice] = []
        left: list[Accepted] = []
        for one in self.waiting:
            if one.checkpoint.size > tree.size:
                since = vouched_at(one, now)
                if since is not None and now - since > ALARM_AFTER:
                    notices.append(RolledBackAlarm(one.data, ours.data))
                else:
                    left.append(one)
                continue
            told = self._tell(ours, one, tree)
            notices += told or []
            if told is None:
                left.append(one)
        self.waiting = left
        return notices
