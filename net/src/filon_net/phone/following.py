"""Looking at the log: what one look is told, and what it gives back, so that it can run in a thread of its own."""

import msgspec

from filon_net.errors import LogError
from filon_net.log import notices as log_notices
from filon_net.log.follower import Follower
from filon_net.log.keys import read_verifier_key
from filon_net.log.policy import Policy
from filon_net.log.tree import Fetch
from filon_net.phone.links import Leave

__all__ = ["LogLook", "LogSeen", "log_policy"]


def log_policy(leave: Leave) -> Policy:
    """The log a leave names. Malformed where its keys are none."""
    key = read_verifier_key(leave.log_key)
    witnesses = tuple(read_verifier_key(one) for one in leave.witness_keys)
    return Policy(key.name, (key,), witnesses, leave.needed)


class LogSeen(msgspec.Struct, frozen=True):
    """What a look at the log gave: notices of following, and of holding other phones' checkpoints against it."""

    notices: list[log_notices.Notice]
    compared: list[tuple[bytes | None, list[log_notices.Notice]]]


class LogLook(msgspec.Struct, frozen=True):
    """One look at the log, to be run in another thread: it touches nothing but the follower until it is ``seen``."""

    follower: Follower
    compare: list[tuple[bytes | None, bytes]]

    def run(self, fetch: Fetch, now: int) -> LogSeen:
        """Fetch and check; ``now`` in milliseconds."""
        told = self.follower.update(fetch, now // 1_000)
        compared = []
        for user, note in self.compare:
            try:
                compared.append((user, self.follower.compare(note, fetch)))
            except LogError:  # the other phone's note is not one of this log: it accuses nobody
                continue
        return LogSeen(told, compared)
