"""One log as one phone follows it, without sockets, files or clocks.

``update`` fetches the checkpoint, checks policy and consistency, reads every new entry in order, each verified up to the
root, and only then takes all of it over: whatever is refused leaves the follower as it was. Only whole tiles and bundles
are asked for (and the partial ones at the edge, which everybody asks for), so the log does not learn whom a phone knows.

Memory: the newest list of every user (``roll``: 128 MiB at most, 26 MB for 50,000 users with one phone each), the tiles of
one tree (half a megabyte), 16 checkpoints of other phones.
"""

from collections.abc import Iterable

import msgspec

from filon_net.errors import LogDamaged, LogError, Malformed, NotSigned, RolledBack, SplitView
from filon_net.log.chains import Head
from filon_net.log.entries import RELEASE, Entry, Release, read_entry, require_release
from filon_net.log.gossip import Gossip
from filon_net.log.histories import update as newest
from filon_net.log.notices import (
    ChainBrokenAlarm,
    ForeignEntry,
    KeyChange,
    LogAhead,
    LogLate,
    LogSilent,
    NewRelease,
    Notice,
    NotUpdated,
    RolledBackAlarm,
    SplitViewAlarm,
)
from filon_net.log.policy import Accepted, Freshness, Policy, accept, ahead, freshness, vouched_at
from filon_net.log.roll import Roll, Turn
from filon_net.log.tree import Fetch, TileTree

__all__ = ["Follower", "ReleaseRule"]

_MOST_RELEASES = 1024
_MOST_EXPECTED = 64


class ReleaseRule(msgspec.Struct, frozen=True):
    """Which release keys (Ed25519, 32 bytes) a phone knows and how many must sign. Without keys no release is told."""

    keys: tuple[bytes, ...] = ()
    needed: int = 1


class _Saved(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=2):
    """The state on the phone's own disk, the roll beside it; the phone encrypts both with the rest of its store."""

    checkpoint: bytes | None
    read: int
    own: bytes | None
    known: dict[bytes, bytes]
    broken: tuple[bytes, ...]
    expected: tuple[bytes, ...]
    releases: tuple[Release, ...]
    settled: dict[int, bytes]
    waiting: tuple[bytes, ...]
    unreadable: int


class Follower:
    """A log as followed by a phone. Made by ``begin`` or ``load``; ``save`` after every ``update`` before acting on it."""

    def __init__(self, policy: Policy, releases: ReleaseRule) -> None:
        self._policy = policy
        self._rule = releases
        self._held: Accepted | None = None
        self._read = 0
        self._roll = Roll()
        self._own: bytes | None = None
        self._expected: tuple[bytes, ...] = ()
        self._releases: tuple[Release, ...] = ()
        self._gossip = Gossip()
        self._told = Freshness.FRESH
        self.unreadable = 0
        """Entries of the log of a form or version that this program cannot read; they change nothing."""

    @classmethod
    def begin(cls, policy: Policy, pinned: bytes | None = None, releases: ReleaseRule = ReleaseRule()) -> "Follower":  # noqa: B008 - frozen
        """Begin to follow. ``pinned`` is a signed, cosigned checkpoint from an invite, which the log must continue.

        Malformed or NotSigned where the policy does not let ``pinned`` pass.
        """
        made = cls(policy, releases)
        made._held = None if pinned is None else accept(pinned, policy)
        return made

    @property
    def checkpoint(self) -> bytes | None:
        """The newest signed note this phone accepted, for invites and other phones; None before the first."""
        return None if self._held is None else self._held.data

    @property
    def size(self) -> int:
        """How many entries of the log were read."""
        return self._read

    def freshness(self, now: int) -> Freshness:
        """How recent the word of the witnesses is at POSIX second ``now``; ALARM where there never was any."""
        return Freshness.ALARM if self._held is None else freshness(self._held, now)

    def vouched_at(self, now: int) -> int | None:
        """The POSIX second at or after which enough witnesses vouched for what was read, as far as ``now`` can tell."""
        return None if self._held is None else vouched_at(self._held, now)

    def own(self, user: bytes, master: bytes) -> None:
        """Say which user this phone's own is; errors as ``know``."""
        self.know(user, master)
        self._own = user

    def expect(self, leaf: bytes) -> None:
        """Say that an entry about the own user with this leaf hash is one's own, before it is sent to the log."""
        self._expected = (*(one for one in self._expected if one != leaf), leaf)[-_MOST_EXPECTED:]

    def know(self, user: bytes, master: bytes) -> None:
        """Follow a user under a master key from an invite or compared in person.

        ChainBroken where the log shows another chain for the user: the user is then not known, and nobody to write to.
        """
        self._roll.know(user, master)

    def head(self, user: bytes) -> Head | None:
        """Where the chain of a known user stands, as signed by the user's master key; None before its first list.

        A user whose chain is ``broken`` keeps the last list that was in order.
        """
        return self._roll.head(user) if user in self._roll.known else None

    def broken(self, user: bytes) -> bool:
        """Whether the log holds an entry in this user's name that does not belong to the user's chain."""
        return user in self._roll.broken

    def releases(self, product: str) -> tuple[Release, ...]:
        """The releases of a product that enough release keys signed, in log order."""
        return tuple(one for one in self._releases if one.product == product)

    def update(self, fetch: Fetch, now: int) -> list[Notice]:
        """Follow the log to its present checkpoint at POSIX second ``now``; what happened, in order.

        Never raises for what the log or the way to it does: that is a notice (NotUpdated or an alarm).
        """
        notices: list[Notice]
        try:
            notices = self._follow(fetch, now)
        except RolledBack as error:
            notices = [RolledBackAlarm(error.shown, error.found)]
        except SplitView as error:
            notices = [SplitViewAlarm(error.ours, error.theirs)]
        except LogError as error:
            notices = [NotUpdated(error)]
        return notices + self._silence(now)

    def _follow(self, fetch: Fetch, now: int) -> list[Notice]:
        found, tree = newest(self._held, self._policy, fetch)
        reading = _Reading(self)
        for index, data in tree.entries(self._read):
            reading.take(index, data)
        gossip = self._gossip.copy()
        held = self._fresher(found, now)
        gossip.settle(held)
        notices = reading.notices + gossip.again(held, tree, now)
        # from here on nothing can be refused
        self._held, self._read, self._gossip = held, tree.size, gossip
        self._roll, self._releases, self._expected = reading.roll, reading.releases, reading.expected
        self.unreadable += reading.unreadable
        return notices

    def _fresher(self, found: Accepted, now: int) -> Accepted:
        """Of two notes of one tree the one vouched for later: a mirror may serve the older."""
        held = self._held
        if held is None or held.checkpoint != found.checkpoint:
            return found
        return found if (vouched_at(found, now) or 0) >= (vouched_at(held, now) or 0) else held

    def _silence(self, now: int) -> list[Notice]:
        """LogLate, LogSilent or LogAhead, once each time it becomes so."""
        state = self.freshness(now)
        before, self._told = self._told, state
        if state is before or state is Freshness.FRESH:
            return []
        if self._held is not None and state is Freshness.FUTURE:
            return [LogAhead(ahead(self._held, now))]
        since = self.vouched_at(now)
        return [LogLate(since)] if state is Freshness.LATE else [LogSilent(since)]

    def compare(self, note: bytes, fetch: Fetch | None = None) -> list[Notice]:
        """Hold what another phone was shown (its signed note) against what this one was.

        Empty where both are one history, or where that cannot be told yet: then it is tried again at the next updates.
        Malformed or NotSigned where the policy does not let the note pass: then the other phone is to be asked, not the log.
        """
        theirs = accept(note, self._policy)
        held = self._held
        if held is None:
            self._gossip.wait(theirs)
            return []
        size = theirs.checkpoint.size
        needs_tiles = size < held.checkpoint.size and not self._gossip.knows(size)
        tree = _tree(held, fetch) if fetch is not None and needs_tiles else None
        return self._gossip.hear(held, theirs, tree)

    def save(self) -> bytes:
        """The state but for the newest lists of all users, which ``pages`` and ``changed_pages`` give."""
        state = _Saved(
            self.checkpoint,
            self._read,
            self._own,
            self._roll.known,
            tuple(sorted(self._roll.broken)),
            self._expected,
            self._releases,
            dict(self._gossip.settled),
            tuple(one.data for one in self._gossip.waiting),
            self.unreadable,
        )
        return msgspec.msgpack.encode(state)

    def pages(self) -> dict[int, bytes]:
        """The newest lists of all users, about 330 bytes each, in at most 256 pages."""
        return self._roll.pages({user[0] for user in self._roll.newest})

    def changed_pages(self) -> dict[int, bytes]:
        """Those of ``pages`` that changed since the last call. To be stored together with ``save``, or not at all."""
        changed, self._roll.changed = self._roll.changed, set()
        return self._roll.pages(changed)

    @classmethod
    def load(
        cls,
        data: bytes,
        pages: Iterable[bytes],
        policy: Policy,
        releases: ReleaseRule = ReleaseRule(),  # noqa: B008 - frozen
    ) -> "Follower":
        """What ``save`` and ``pages`` gave. LogDamaged where it is not that, NotSigned where the policy refuses its checkpoint."""
        newest: dict[bytes, bytes] = {}
        try:
            state = msgspec.msgpack.decode(data, type=_Saved)
            for page in pages:
                newest |= msgspec.msgpack.decode(page, type=dict[bytes, bytes])
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise LogDamaged(
                "what this phone had read of the log cannot be read back",
                hint="begin again with a checkpoint from another phone of yours or of a contact",
            ) from error
        made = cls.begin(policy, state.checkpoint, releases)
        made._read, made._own, made.unreadable = state.read, state.own, state.unreadable
        made._roll = Roll(state.known, newest, state.broken)
        made._expected, made._releases = state.expected, state.releases
        made._gossip.settled.update(state.settled)
        for note in state.waiting:
            made._gossip.wait(accept(note, policy))
        return made


def _tree(held: Accepted, fetch: Fetch) -> TileTree | None:
    """The tree of a checkpoint, or None where its edge is not served as it must be."""
    try:
        return TileTree(held.checkpoint, fetch)
    except LogError:
        return None


class _Reading:
    """New entries as they are read, beside the state that they will replace."""

    def __init__(self, follower: Follower) -> None:
        self.roll = follower._roll.copy()
        self.releases = follower._releases
        self.expected = follower._expected
        self.unreadable = 0
        self.notices: list[Notice] = []
        self._own = follower._own
        self._rule = follower._rule

    def take(self, index: int, data: bytes) -> None:
        """One more entry, in order. LogBusy where it would be too much to keep."""
        try:
            entry = read_entry(data)
            turn = self.roll.take(entry)
            release = self._release(entry) if entry.kind == RELEASE else None
        except Malformed:
            self.unreadable += 1
            return
        if turn is not None and turn.user in self.roll.known:
            self._tell(index, entry, turn)
        if release is not None:
            self.releases = (*self.releases, release)[-_MOST_RELEASES:]
            self.notices.append(NewRelease(index, release))

    def _release(self, entry: Entry) -> Release | None:
        if not self._rule.keys:
            return None
        try:
            return require_release(entry, self._rule.keys, self._rule.needed)
        except NotSigned:  # by others than those this phone was told of: not a release to it
            return None

    def _tell(self, index: int, entry: Entry, turn: Turn) -> None:
        if turn.user == self._own:
            if entry.leaf not in self.expected:
                self.notices.append(ForeignEntry(turn.user, index, entry.leaf, entry.data))
            self.expected = tuple(one for one in self.expected if one != entry.leaf)
        if turn.broken is not None:
            self.notices.append(ChainBrokenAlarm(turn.user, index, entry.data, turn.broken))
        elif turn.after is not None:
            self.notices.append(KeyChange(turn.user, turn.before, turn.after))
