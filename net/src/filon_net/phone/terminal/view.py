"""What a phone holds, as the plain values that screens and lines show. Everything here is safe to look at."""

from collections.abc import Callable, Sequence

import msgspec

from filon_net.errors import LogError
from filon_net.log.policy import ALARM_AFTER, accept, vouched_at
from filon_net.phone.connection import milliseconds
from filon_net.phone.engine import log_policy
from filon_net.phone.phone import Phone
from filon_net.phone.state import Contact, ContactState, Item, State
from filon_net.phone.terminal.alarms import Alarm, alarm_of
from filon_net.phone.terminal.evidence import kept_notes
from filon_net.phone.terminal.moments import clock, day, lasts, left, when
from filon_net.words import Words, visible, visible_line

__all__ = ["Chat", "Line", "Status", "View", "fingerprint_of"]

_COUNTED = 100
"""Newest lines of a chat in which unread ones are counted; more is said as 99+."""
LONGEST_SHOWN = 2_000
"""Characters of a message shown in a conversation; the rest is shown when it is opened."""
_MOST_LINES = 40
NAME = 32


class Chat(msgspec.Struct, frozen=True):
    """One row of the list of conversations. ``timer``: seconds, 0 for none."""

    user: bytes
    name: str
    last: str
    when: str
    at: int
    unread: int
    verified: bool
    timer: int
    state: str
    """A word where it is not an open conversation: waiting for the log, blocked, waiting for you."""


class Line(msgspec.Struct, frozen=True):
    """One line of a conversation. ``kind``: day, mine, theirs, gap or note; ``cut``: characters that are not shown."""

    id: bytes
    kind: str
    text: str
    meta: str = ""
    failed: bool = False
    unread: bool = False
    gone_at: int = 0
    cut: int = 0
    at: int = 0


class Status(msgspec.Struct, frozen=True):
    """The line at the bottom. ``log_age``: seconds since enough witnesses vouched, None for never."""

    online: bool
    joined: bool
    log_age: int | None
    vouching: int
    witnesses: int
    undecryptable: int

    @property
    def bad(self) -> bool:
        """Something is as it should not be; the age of the log counts, also where its alarm was acknowledged."""
        silent = self.log_age is None or self.log_age > ALARM_AFTER
        return not self.online or silent or self.undecryptable > 0


class View:
    """A phone seen in a language. ``clock`` gives milliseconds since 1970, and is the one the phone goes by."""

    def __init__(self, phone: Phone, words: Words, clock: Callable[[], int] = milliseconds) -> None:
        self.phone = phone
        self.words = words
        self._clock = clock

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._clock()

    # contacts

    def name(self, user: bytes) -> str:
        """The name of a contact, safe to show; with the beginning of its number where it has none or shares it."""
        contact = self.phone.engine.books.contacts.get(user)
        if contact is None:
            return self.words.say("somebody") + f" {user.hex()[:6]}"
        return self.name_of(contact)

    def name_of(self, contact: Contact) -> str:
        """The same of a contact at hand."""
        name = visible_line(" ".join(contact.shown.split()), NAME)
        alike = [
            one for one in self.phone.engine.books.contacts.values() if one.shown.casefold() == contact.shown.casefold()
        ]
        return name if name and len(alike) == 1 else f"{name} {contact.user.hex()[:6]}".strip()

    def chats(self) -> list[Chat]:
        """The conversations, newest first."""
        return sorted((self.chat(one) for one in self.phone.contacts()), key=lambda one: (-one.at, one.name.casefold()))

    def chat(self, contact: Contact) -> Chat:
        """One row of the list."""
        rows = [item for _, item in self.phone.chat(contact.user, _COUNTED)]
        last = rows[-1] if rows else None
        unread = sum(one.state is State.ARRIVED for one in rows)
        at = last.arrived_at if last else contact.since
        return Chat(
            contact.user,
            self.name_of(contact),
            "" if last is None else self._last(last),
            when(at, self.now, self.words),
            at,
            unread,
            contact.verified,
            self.phone.timer(contact.user),
            self._standing(contact),
        )

    def _standing(self, contact: Contact) -> str:
        if contact.broken:
            return self.words.say("false entry in the log")
        if contact.held:
            return self.words.say("keys changed: messages wait")
        if contact.state is ContactState.ASKING:
            return self.words.say("waiting for the log")
        return self.words.say("blocked") if contact.state is ContactState.BLOCKED else ""

    def _last(self, item: Item) -> str:
        if item.state is State.GAP:
            return self._gap(item)
        if item.state is State.NOTE:
            return self._note(item)
        mine = self.words.say("You: ") if item.mine else ""
        return mine + visible_line(" ".join(item.text[:400].split()), 120)

    # a conversation

    def lines(self, user: bytes, count: int = 60, before: int | None = None) -> tuple[list[Line], int | None]:
        """The newest lines of a chat with day lines between, oldest first; and the place to page back from, None at the top."""
        rows = self.phone.chat(user, count, before)
        now, shown = self.now, list[Line]()
        today = ""
        for _, item in rows:
            this = day(item.arrived_at, now, self.words)
            if this != today:
                today = this
                shown.append(Line(b"day " + this.encode(), "day", this))
            shown.append(self.line(item))
        return shown, rows[0][0] if len(rows) == count else None

    def line(self, item: Item, whole: bool = False) -> Line:
        """One message, gap or note."""
        if item.state is State.GAP:
            return Line(item.id, "gap", self._gap(item), at=item.arrived_at)
        if item.state is State.NOTE:
            return Line(item.id, "note", self._note(item), clock(item.arrived_at), at=item.arrived_at)
        text, cut = (visible(item.text), 0) if whole else _cut(item.text)
        failed = item.state is State.NOT_DELIVERED
        parts = [clock(item.sent_at), *self._states(item)]
        if item.gone_at:
            parts.append(self.words.say("gone in {time}", time=left(item.gone_at, self.now, self.words)))
        elif item.timer:
            parts.append(self.words.say("disappears {time} after reading", time=lasts(item.timer, self.words)))
        return Line(
            item.id,
            "mine" if item.mine else "theirs",
            text,
            " · ".join(parts),
            failed,
            item.state is State.ARRIVED,
            item.gone_at,
            cut,
            item.arrived_at,
        )

    def _states(self, item: Item) -> list[str]:
        if not item.mine:
            return [self.words.say("came late")] if item.late else []
        said = {
            State.WAITING: "waiting",
            State.HELD: "held until you accept their new keys",
            State.SENT: "handed to relay",
            State.DELIVERED: "delivered",
            State.READ: "read",
            State.NOT_DELIVERED: "NOT DELIVERED",
        }
        return [self.words.say(said[item.state])] if item.state in said else []

    def _gap(self, item: Item) -> str:
        count = item.missing[2] - item.missing[1] + 1 if item.missing else 1
        return self.words.many("{count} message is missing here", "{count} messages are missing here", count)

    def _note(self, item: Item) -> str:
        word, _, value = item.text.partition(" ")
        if word in ("timer-mine", "timer-theirs") and value.isdecimal():
            seconds = int(value)
            return self._timer_note(word == "timer-mine", seconds, self.name(item.user))
        return visible_line(item.text, 80)

    def _timer_note(self, mine: bool, seconds: int, name: str) -> str:
        time = lasts(seconds, self.words)
        if mine:
            return (
                self.words.say("Your messages disappear {time} after reading", time=time)
                if seconds
                else self.words.say("Your messages do not disappear any more")
            )
        if seconds:
            return self.words.say("Messages of {name} disappear {time} after reading", name=name, time=time)
        return self.words.say("Messages of {name} do not disappear any more", name=name)

    # the phone

    def alarms(self) -> list[Alarm]:
        """Every notice nobody has acknowledged: the loudest first, then the newest."""
        path = self.phone.engine.books.store.path
        made = [
            alarm_of(told, self.name, self.now, self.words, tuple(kept_notes(told, path)))
            for told in self.phone.notices()
        ]
        return sorted(made, key=lambda one: (-one.weight, -one.at))

    def status(self) -> Status:
        """How the phone stands."""
        books, leave = self.phone.engine.books, self.phone.engine.leave
        policy, age, vouching = log_policy(leave), None, 0
        note = books.follower.checkpoint
        if note is not None:
            try:
                accepted = accept(note, policy)
            except LogError:  # it was accepted when it came; a policy that changed since shows it as never seen
                accepted = None
            if accepted is not None:
                since = vouched_at(accepted, self.now // 1_000)
                age = None if since is None else max(0, self.now // 1_000 - since)
                vouching = len(accepted.times)
        total = sum(talk.undecryptable for talk in books.device.talks.values())
        return Status(self.phone.online, self.phone.joined, age, vouching, len(policy.witnesses), total)

    def status_words(self) -> tuple[str, str, str]:
        """Relay, log and undecryptable letters, each as a few words."""
        now = self.status()
        say = self.words.say
        relay = say("relay connected") if now.online else say("relay NOT connected")
        if not now.joined:
            relay += ", " + say("waiting to be listed in the log")
        if now.log_age is None:
            log = say("log never seen")
        else:
            log = say(
                "log {age} old, {count} of {all} witnesses",
                age=lasts(now.log_age, self.words),
                count=now.vouching,
                all=now.witnesses,
            )
        return relay, log, say("unreadable: {count}", count=now.undecryptable)


def _cut(text: str) -> tuple[str, int]:
    """The beginning of a long message, and how many characters are not shown."""
    head = text[:LONGEST_SHOWN]
    lines = head.split("\n")
    if len(lines) > _MOST_LINES:
        head = "\n".join(lines[:_MOST_LINES])
    return visible(head), len(text) - len(head)


def fingerprint_of(key: bytes) -> Sequence[str]:
    """A key of 32 bytes as sixteen groups of four hex digits."""
    digits = key.hex()
    return [digits[at : at + 4] for at in range(0, len(digits), 4)]
