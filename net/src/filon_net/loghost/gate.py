"""What the log lets in, and how fast: tokens for first lists, chains for later ones, keys for releases, a rate for each user.

A user may put in 8 lists at once and one every three hours after that: enough for a day of trouble with phones, too little
to fill the log. The rates are forgotten when the log is restarted.
"""

from collections.abc import Callable, Iterable

import msgspec

from filon_net.errors import LogBusy, LogError, NotSigned
from filon_net.log import Admission, Entry, check_admission, read_entry
from filon_net.log.entries import DEVICES, devices_of
from filon_net.loghost.spent import SpentTokens

__all__ = ["BURST", "EVERY", "Gate", "Refused", "Ticket", "TooFast"]

BURST = 8
EVERY = 3 * 3600
"""Seconds after which a user may put in one more list."""
_MOST_RATES = 10_000


class TooFast(LogBusy):
    """A user sends lists faster than the log takes them; ``wait`` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__("too many device lists of this user; wait {wait} seconds", wait=wait)
        self.wait = wait


class Refused(NotSigned):
    """A first device list without a good token."""


class Ticket(msgspec.Struct, frozen=True):
    """An entry that may be appended; ``spends`` is the serial of a token to be noted first. ``index`` where it is there already."""

    entry: Entry
    user: bytes | None = None
    spends: bytes | None = None
    index: int | None = None


class Gate:
    """The rules of one log over what it holds. ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        origin: str,
        operators: Iterable[bytes],
        release_keys: Iterable[bytes],
        spent: SpentTokens,
        clock: Callable[[], float],
    ) -> None:
        self._origin = origin
        self._operators = frozenset(operators)
        self._admission = Admission(tuple(release_keys))
        self._spent = spent
        self._clock = clock
        self._newest: dict[bytes, tuple[bytes, int]] = {}
        self._releases: dict[bytes, int] = {}
        self._allowed: dict[bytes, float] = {}

    def note(self, index: int, data: bytes) -> None:
        """Take over an entry that the log holds as number ``index``."""
        try:
            entry = read_entry(data)
            self._admission.note(entry)
        except LogError:  # let in by other rules than today's; nobody's chain
            return
        if entry.kind == DEVICES:
            self._newest[devices_of(entry).user] = (entry.leaf, index)
        else:
            self._releases[entry.leaf] = index

    def check(self, data: bytes, token: bytes | None) -> Ticket:
        """What is to be done with an entry; LogError where it is not let in.

        The newest list of a user, or a release, sent again gets the index it has: the first answer may have been lost.
        """
        entry = read_entry(data)
        if entry.kind != DEVICES:
            known = self._releases.get(entry.leaf)
            return Ticket(entry, index=known) if known is not None else Ticket(self._admission.check(data))
        user = devices_of(entry).user
        leaf, index = self._newest.get(user, (b"", 0))
        if leaf == entry.leaf:
            return Ticket(entry, index=index)
        self._admission.check(data)
        spends = None if leaf else self._require_leave(user, token)
        self._require_rate(user)
        return Ticket(entry, user, spends)

    def _require_leave(self, user: bytes, token: bytes | None) -> bytes | None:
        if token is None:
            raise Refused(
                "the first device list of a user needs the operator's token",
                hint="send it in the header Filon-Net-Admission; the operator's leave holds it",
            )
        serial = check_admission(token, self._operators, self._origin, int(self._clock()) // 3600).serial
        used_for = self._spent.user_of(serial)
        if used_for not in (None, user):
            raise Refused("this admission token was used already", hint="ask the operator for a new one")
        return None if used_for else serial

    def _require_rate(self, user: bytes) -> None:
        """A bucket of BURST that refills by one every EVERY seconds, kept as the time at which it is full again."""
        now = self._clock()
        full = max(self._allowed.get(user, now), now)
        if full - now > (BURST - 1) * EVERY:
            raise TooFast(int(full - now - (BURST - 1) * EVERY) + 1)

    def took(self, ticket: Ticket) -> None:
        """Count an entry that was appended against its user's rate."""
        if ticket.user is None:
            return
        now = self._clock()
        if len(self._allowed) > _MOST_RATES:
            self._allowed = {user: at for user, at in self._allowed.items() if at > now}
        self._allowed[ticket.user] = max(self._allowed.get(ticket.user, now), now) + EVERY
