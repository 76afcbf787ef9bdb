"""When the log is looked at, and what a look changes on this phone.

``following`` holds what goes to the thread of a look and comes back; here it becomes notices, devices of contacts, letters that
waited for the log, and the time of the next look. ``take``, ``entry_sent`` and ``check_release`` are called inside a turn.
"""

import random

from filon_net.errors import NotSigned
from filon_net.log import Freshness, read_entry
from filon_net.log import notices as log_notices
from filon_net.log.manifest import PRODUCT, require_own_release
from filon_net.phone import notices
from filon_net.phone.books import Books
from filon_net.phone.following import LogLook, LogSeen
from filon_net.phone.inbox import Inbox
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People
from filon_net.phone.rules import Rules
from filon_net.phone.state import ContactState
from filon_net.phone.upkeep import Upkeep

__all__ = ["Looks"]

_TOO_MANY = 429
_WITNESSES = b"witnesses"


class Looks:
    """The looks of one phone at the log, one after another."""

    def __init__(
        self, books: Books, outbox: Outbox, people: People, upkeep: Upkeep, inbox: Inbox, rules: Rules
    ) -> None:
        self._books = books
        self._outbox = outbox
        self._people = people
        self._upkeep = upkeep
        self._inbox = inbox
        self._rules = rules
        self._under_way = False
        self._next = 0

    # when

    def due(self, now: int) -> bool:
        """Whether to look now."""
        wait = self._next - now
        # a clock that was ahead and was put right must not keep the phone from looking
        return not self._under_way and (wait <= 0 or wait > 2 * self._rules.log_every)

    def soon(self, at: int) -> None:
        """Look at this time at the latest."""
        self._next = min(self._next, at)

    def begin(self) -> LogLook:
        """Begin a look. The follower belongs to it until it is taken."""
        self._under_way = True
        self._people.know_all()
        self._upkeep.expect()
        waiting, self._people.to_compare = self._people.to_compare, []
        return LogLook(self._books.follower, waiting)

    def _somebody_waits(self) -> bool:
        own = self._books.own
        asking = any(one.state is ContactState.ASKING for one in self._books.contacts.values())
        return asking or bool(own.entry) or not own.listed or self._inbox.waiting

    def _unhurried(self) -> int:
        return self._rules.log_every + random.SystemRandom().randint(0, self._rules.log_every // 5)

    # what a look gave

    def take(self, seen: LogSeen, now: int) -> None:
        """A look is over: what it gave."""
        self._under_way = False
        self._inbox.log_wanted = False
        self._books.keep_follower()
        self._people.know_all()
        for notice in seen.notices:
            self._tell(notice, None, now)
        for user, compared in seen.compared:
            for notice in compared:
                self._tell(notice, user, now)
        self._lift(now)
        follower = self._books.follower
        self._upkeep.follow(follower.head(self._books.own.user), now)
        for contact in list(self._books.contacts.values()):
            before = contact.state
            self._people.follow(contact, follower.head(contact.user), follower.broken(contact.user), now)
            if before is not contact.state:
                self._upkeep.introduce(contact.user, now)
        self._inbox.look_again(now)
        self._outbox.prune(now)
        self._next = now + (self._rules.log_soon if self._somebody_waits() else self._unhurried())

    def _lift(self, now: int) -> None:
        """The alarm of silence is lifted by word of the witnesses, not by a person who clicks it away."""
        state = self._books.follower.freshness(now // 1_000)
        if state is not Freshness.FUTURE:
            self._books.lift(notices.ClockSkew, _WITNESSES)
        if state in (Freshness.FRESH, Freshness.LATE):
            self._books.lift(notices.LogSilent)
        if state is Freshness.FRESH:
            self._books.lift(notices.LogLate)

    def _tell(self, told: log_notices.Notice, user: bytes | None, now: int) -> None:
        """A notice of the log as a notice of the phone; ``user``: whose checkpoint it was compared with."""
        books = self._books
        if isinstance(told, log_notices.SplitViewAlarm):
            books.notice(notices.SplitView(ours=told.ours, theirs=told.theirs, user=user), now, user or b"")
        elif isinstance(told, log_notices.RolledBackAlarm):
            books.notice(notices.RolledBack(shown=told.shown, found=told.found), now)
        elif isinstance(told, log_notices.ForeignEntry):
            self._upkeep.foreign(told.index, told.leaf, now)
        elif isinstance(told, log_notices.ChainBrokenAlarm):
            if told.user == books.own.user:
                self._upkeep.broken(told.index, read_entry(told.entry).leaf, now)
            else:
                books.notice(notices.BrokenChain(user=told.user, entry=told.index), now, told.user)
        elif isinstance(told, log_notices.NewRelease):
            product, version = told.release.product, told.release.version
            books.notice(notices.NewRelease(product=product, version=version), now, product.encode())
        elif isinstance(told, log_notices.LogLate):
            books.notice(notices.LogLate(since=told.since), now)
        elif isinstance(told, log_notices.LogSilent):
            books.notice(notices.LogSilent(since=told.since), now)
        elif isinstance(told, log_notices.LogAhead):
            books.notice(notices.ClockSkew(who="witnesses", minutes=round(told.seconds / 60)), now, _WITNESSES)

    # what this phone says to the log, and what it looks for there

    def entry_due(self, now: int) -> bytes | None:
        """A device list to be sent now, or None."""
        # not while the log is looked at: the entry must be expected before it can be seen
        return None if self._under_way else self._upkeep.entry_due(now)

    def entry_sent(self, now: int, status: int, said: str) -> None:
        """It was sent: HTTP ``status``, and what the log said."""
        self._upkeep.entry_sent(now, status < 400)
        if 400 <= status < 500 and status != _TOO_MANY:
            self._books.notice(notices.LogRefused(status=status, why=said[:200]), now)
        elif status < 400:
            self._books.lift(notices.LogRefused)
        self.soon(now + self._rules.log_soon)

    def check_release(self, manifest: bytes, now: int) -> None:
        """Tell where the log shows no release with this manifest (SHA-256) whose time has come, or lift that."""
        try:
            require_own_release(self._books.follower.releases(PRODUCT), manifest, now // 1_000)
        except NotSigned as error:
            self._books.notice(notices.OwnReleaseUnknown(manifest=manifest, why=str(error)), now)
        else:
            self._books.lift(notices.OwnReleaseUnknown)
