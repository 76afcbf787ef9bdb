"""The phone without sockets and clocks: commands, answers of relay and log, and time go in; jobs and events come out.

Times are milliseconds since 1970 (UTC). Every call that changes something is one turn (``books``): when it returns, the
change is on the disk, and only then do ``sender_jobs`` and ``owner_jobs`` show what may leave, ``take_events`` what happened,
and may a delivery be acknowledged.
"""

import contextlib
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from filon_net.errors import ChainBroken
from filon_net.log.follower import ReleaseRule
from filon_net.phone import notices
from filon_net.phone.bodies import LONGEST_NAME, LONGEST_TEXT
from filon_net.phone.books import Books
from filon_net.phone.chats import Chats
from filon_net.phone.comparing import Comparing
from filon_net.phone.errors import CannotSend, NoSuch, PolicyRefused
from filon_net.phone.following import LogLook, LogSeen, log_policy
from filon_net.phone.inbox import Inbox
from filon_net.phone.links import Leave
from filon_net.phone.looks import Looks
from filon_net.phone.mailboxes import Mailboxes, OwnerJob
from filon_net.phone.notices import Event, Told
from filon_net.phone.outbox import Outbox, SenderJob
from filon_net.phone.people import People
from filon_net.phone.rules import Rules
from filon_net.phone.state import Box, Contact, Invite, Item, Settings
from filon_net.phone.store import Store
from filon_net.phone.teams import SignedPolicy, TeamPolicy, Teams
from filon_net.phone.tokens import still_good
from filon_net.phone.upkeep import Upkeep
from filon_net.wire.frames import Claimed, Deliver, Done, Opened, Posted, Refused

__all__ = ["Engine", "LogLook", "LogSeen", "log_policy"]

DAY = 24 * 3_600_000
T = TypeVar("T")


def _require_text(text: str, least: int, most: int) -> None:
    """CannotSend unless a text may travel: an error inside a turn would close the books."""
    if not least <= len(text) <= most or any("\ud800" <= one <= "\udfff" for one in text):
        raise CannotSend(
            "this has {found} characters; {least} to {most} are possible, and no halves of characters",
            hint="write it in parts",
            found=len(text),
            least=least,
            most=most,
        )


class Engine:
    """One open phone."""

    def __init__(
        self, store: Store, leave: Leave, rules: Rules | None = None, draw: random.Random | None = None
    ) -> None:
        self.rules = rules or Rules()
        self.draw = draw = draw or random.SystemRandom()
        self.leave = leave
        self.books = Books(store, log_policy(leave), ReleaseRule(leave.release_keys, leave.releases_needed))
        self.outbox = Outbox(self.books)
        self.teams = Teams(self.books, self.outbox)
        self.people = People(self.books, self.outbox, self.rules)
        self.chats = Chats(self.books, self.outbox, self.teams, self.rules, draw)
        self.comparing = Comparing(self.books, self.outbox, self.people)
        self.mailboxes = Mailboxes(self.books, self.outbox, self.people, self.rules, draw)
        self.upkeep = Upkeep(self.books, self.outbox, self.people, self.rules, draw, self.mailboxes)
        self.inbox = Inbox(
            self.books, self.outbox, self.people, self.chats, self.comparing, self.teams, self.rules, self.upkeep
        )
        self.looks = Looks(self.books, self.outbox, self.people, self.upkeep, self.inbox, self.rules)
        self._pruned = 0
        own, follower = self.books.own, self.books.follower
        with contextlib.suppress(ChainBroken):  # what others write in this user's name must not lock the phone
            follower.own(own.user, own.master)
        self.upkeep.expect()
        self.people.to_know += [(one.user, one.master) for one in self.books.contacts.values()]

    def do(self, now: int, what: Callable[[], T]) -> T:
        """One turn: what ``what`` changes and what follows from it is on the disk when this returns. It raises PhoneError only."""
        with self.books.turn():
            made = what()
            self._after(now)
        return made

    def _after(self, now: int) -> None:
        """What follows from any change, still in its turn."""
        self.mailboxes.take_revoked()
        self.people.send_cards(self.mailboxes.box, now)
        self.outbox.press(now)
        posted, self.outbox.posted = self.outbox.posted, []
        for errand in posted:
            self.chats.posted(errand, now)
        failed, self.outbox.failed = self.outbox.failed, []
        for errand, why in failed:
            self.chats.failed(errand, why, now)

    # commands of the person

    def send(self, user: bytes, text: str, now: int) -> Item:
        """Write a message to a contact. NoSuch, CannotSend."""
        contact = self.books.contact(user)
        _require_text(text, 1, LONGEST_TEXT)
        return self.do(now, lambda: self.chats.send(contact, text, now))

    def send_again(self, ident: bytes, now: int) -> None:
        """Write a message once more that did not arrive. NoSuch, CannotSend."""
        item = self.item(ident)
        self.do(now, lambda: self.chats.send_again(item, now))

    def mark_read(self, user: bytes, idents: list[bytes], now: int) -> None:
        """The person has read these lines of a chat."""
        contact = self.books.contact(user)
        self.do(now, lambda: self.chats.mark_read(contact, idents, now))

    def erase(self, ident: bytes, now: int) -> None:
        """Erase one line of a chat on this phone. NoSuch; CannotSend under a legal hold."""
        item = self.item(ident)
        if self.teams.holds(item.user):
            raise CannotSend("a legal hold of a team lies on this chat: nothing may be erased", hint="ask the admins")
        self.do(now, lambda: self.chats.forget(item, now))

    def set_timer(self, user: bytes, seconds: int, now: int) -> None:
        """Let messages of a chat disappear so many seconds after reading; 0 for never. PolicyRefused."""
        contact = self.books.contact(user)
        self.do(now, lambda: self.chats.set_timer(contact, seconds, now))

    def set_settings(self, settings: Settings, now: int) -> None:
        """Change name and receipts."""
        _require_text(settings.name, 0, LONGEST_NAME)

        def change() -> None:
            renamed = settings.name != self.books.own.settings.name
            self.books.own.settings = settings
            self.books.keep_own()
            if renamed:
                self.people.tell_name(now, self.draw)

        self.do(now, change)

    def invite(self, now: int) -> Invite:
        """A new invite; ``invite_link`` is good once ``granted``."""
        return self.do(now, lambda: self.people.invite(self.mailboxes.box, now))

    def invite_link(self, invite: Invite) -> str:
        """The link of an invite, to be given by hand."""
        box = next((one for one in self.books.own.boxes if one.mailbox == invite.mailbox), None)
        if box is None:
            raise NoSuch("the mailbox of this invite is gone", hint="make a new invite")
        return self.people.link(invite, box)

    def answer(self, link: str, now: int) -> Contact:
        """Take up an invite; the contact opens when the log shows them. BadLink, CannotSend."""
        contact = self.do(now, lambda: self.people.answer(link, now))
        self.looks.soon(0)
        return contact

    def accept_change(self, user: bytes, now: int) -> None:
        """Accept the new devices of a contact: what was held leaves."""
        contact = self.books.contact(user)

        def accept() -> None:
            self.people.accept_change(contact)
            self.chats.release(contact, now)

        self.do(now, accept)

    def scanned(self, link: str, now: int) -> Contact:
        """A contact's verification code was scanned. BadLink where the keys are not those held here."""

        def scan() -> Contact:
            contact = self.people.scanned(link)
            self.chats.release(contact, now)
            return contact

        return self.do(now, scan)

    def compare(self, user: bytes, now: int) -> bytes:
        """Ask a contact to compare emoji; the talk's id."""
        contact = self.books.contact(user)
        return self.do(now, lambda: self.comparing.start(contact, now))

    def confirm(self, talk: bytes, same: bool, now: int) -> None:
        """Whether both screens show the same emoji. NoSuch."""

        def confirm() -> None:
            contact = self.comparing.confirm(talk, same, now)
            if same:
                self.chats.release(contact, now)

        self.do(now, confirm)

    def rename(self, user: bytes, alias: str, now: int) -> None:
        """The name this phone shows for a contact; empty for the one they chose."""
        contact = self.books.contact(user)
        _require_text(alias, 0, LONGEST_NAME)

        def change() -> None:
            self.people.rename(contact, alias)
            self.upkeep.introduce(user, now)

        self.do(now, change)

    def block(self, user: bytes, blocked: bool, now: int) -> None:
        """Block a contact, or take it back."""
        contact = self.books.contact(user)

        def change() -> None:
            if blocked:
                self.people.block(contact)
            else:
                self.people.unblock(contact)
            self.upkeep.introduce(user, now)

        self.do(now, change)

    def acknowledge(self, notice: bytes, now: int) -> None:
        """The person has seen a notice; it goes."""
        if notice not in self.books.notices:
            raise NoSuch("this notice is gone already")
        self.do(now, lambda: self.books.lift_id(notice))

    def open_link(self, now: int) -> str:
        """A link for a further device of this user's, made with the backup code; good for half an hour."""
        return self.do(now, lambda: self.upkeep.open_link(now))

    def revoke_device(self, device: bytes, code: str | None, now: int) -> None:
        """Take a device of this user's off the list in the log. NoSuch, NeedsBackupCode, BadBackupCode."""
        self.do(now, lambda: self.upkeep.revoke_device(device, code, now))

    def renew_certificate(self, code: str | None, now: int) -> None:
        """A year more for this device. NeedsBackupCode, BadBackupCode."""
        self.do(now, lambda: self.upkeep.renew_certificate(code, now))

    def add_tokens(self, tokens: list[bytes], now: int) -> None:
        """More relay tokens from the operator."""
        self.do(now, lambda: self.mailboxes.add_tokens(tokens))

    def rotate_mailbox(self, now: int) -> None:
        """Change the mailbox now; it changes by itself every month. NoSuch without a spare token."""
        if not still_good(self.books.own.tokens, now):
            raise NoSuch("there is no spare token for a mailbox", hint="ask the operator for one")

        def change() -> None:
            self.mailboxes.rotate(now)
            self.mailboxes.tell_own_route(now, self.rules.cards_spread)

        self.do(now, change)

    def admin_key(self, now: int) -> bytes:
        """This phone's key as an admin of teams."""
        return self.do(now, self.teams.admin_key)

    def draft_policy(self, policy: TeamPolicy, now: int) -> bytes:
        """A policy signed by this phone, for the other admins to sign. Malformed where a field breaks its limits; PolicyRefused."""
        return self.sign_policy(SignedPolicy(policy.encoded, ()).encoded, now)

    def sign_policy(self, draft: bytes, now: int) -> bytes:
        """A draft with this phone's signature added. PolicyRefused."""
        return self.do(now, lambda: self.teams.sign(draft))

    def take_policy(self, signed: bytes, now: int) -> bool:
        """Put a policy into force here, joining the team, and pass it on to the members. PolicyRefused."""
        refused: list[PolicyRefused] = []

        def take() -> bool:
            try:
                return self.teams.take(signed, now, join=True)
            except PolicyRefused as error:  # a fork it told of stays told
                refused.append(error)
                return False

        taken = self.do(now, take)
        if refused:
            raise refused[0]
        return taken

    # what is asked

    def item(self, ident: bytes) -> Item:
        """A line of a chat. NoSuch."""
        found = self.books.item(ident)
        if found is None:
            raise NoSuch("this message is not on this phone any more")
        return found

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        return self.books.take_events()

    def notices(self) -> list[Told]:
        """Every notice that nobody has acknowledged, oldest first."""
        return sorted(self.books.notices.values(), key=lambda one: one.at)

    # the relay

    def boxes(self) -> list[Box]:
        """The mailboxes to hold a connection to, each its own."""
        return [one for one in self.books.own.boxes if one.token is not None or one.bundles >= 0 or not one.until]

    def opened(self, mailbox: bytes, answer: Opened, now: int) -> None:
        """A mailbox is open."""

        def change() -> None:
            self.mailboxes.opened(mailbox, answer)
            self.mailboxes.prepare(mailbox, now)
            if mailbox == self.mailboxes.box.mailbox:
                self.books.tell(notices.RelayOnline())

        self.do(now, change)

    def not_opened(self, mailbox: bytes, answer: Refused, now: int) -> None:
        """The relay refused the mailbox."""
        self.do(now, lambda: self.mailboxes.refused(mailbox, answer, now))

    def offline(self, why: str, now: int) -> None:
        """The connection to a mailbox ended."""
        self.do(now, lambda: self.books.tell(notices.RelayOffline(why=why)))

    def delivered(self, deliveries: Sequence[Deliver], now: int) -> None:
        """Blobs of a mailbox; acknowledge them when this has returned."""
        self.do(now, lambda: self.inbox.take(deliveries, now))
        if self.inbox.log_wanted:
            self.looks.soon(now)

    def sender_jobs(self, now: int) -> list[SenderJob]:
        """What is to be posted and claimed now; the same again until it is settled."""
        return list(self.outbox.jobs(now))

    def sender_settled(self, job: SenderJob, answer: Posted | Claimed | Refused, now: int) -> None:
        """What the relay said to a job."""
        self.do(now, lambda: self.outbox.settle(job, answer, now))

    def owner_jobs(self, mailbox: bytes) -> list[OwnerJob]:
        """What is to be asked of the relay as the owner of a mailbox; the same again until it is settled."""
        return list(self.mailboxes.owner_jobs(mailbox))

    def owner_settled(self, mailbox: bytes, job: OwnerJob, answer: Done | Refused, now: int) -> None:
        """What the relay said to a job."""
        self.do(now, lambda: self.mailboxes.settle(mailbox, job, answer))

    # the log

    def log_due(self, now: int) -> bool:
        """Whether to look at the log now."""
        return self.looks.due(now)

    def look(self) -> LogLook:
        """Begin a look at the log. The follower belongs to the look until it is ``seen``."""
        return self.looks.begin()

    def seen(self, seen: LogSeen, now: int) -> None:
        """A look is over."""
        self.do(now, lambda: self.looks.take(seen, now))

    def entry_due(self, now: int) -> bytes | None:
        """A device list to be sent to the log now, or None."""
        return self.looks.entry_due(now)

    def entry_sent(self, now: int, status: int = 200, said: str = "") -> None:
        """It was sent (HTTP ``status``, and what the log said); it is sent again until the log shows it."""
        self.do(now, lambda: self.looks.entry_sent(now, status, said))

    def check_release(self, manifest: bytes, now: int) -> None:
        """Hold the program that runs (SHA-256 of its list of files) against the releases the log shows.

        Where the leave names no release keys there is nothing to hold it against, and nothing is told.
        """
        if self.leave.release_keys:
            self.do(now, lambda: self.looks.check_release(manifest, now))

    # time

    def tick(self, now: int) -> None:
        """Let time pass. Cheap where nothing is due; call it every few seconds."""

        def pass_time() -> None:
            self.chats.tick(now)
            self.upkeep.tick(now)
            for box in self.books.own.boxes:
                self.mailboxes.prepare(box.mailbox, now)
            if now - self._pruned >= DAY:
                self._pruned = now
                self.books.prune_forgotten(now - 40 * DAY)

        self.do(now, pass_time)
