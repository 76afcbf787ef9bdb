"""The phone line by line: for screen readers, slow lines and pipes. No colours, no cursor, one fact a line.

Lines that begin with ``/`` are commands, every other line is a message to the open conversation.
"""

from collections.abc import AsyncIterator, Callable

from filon_net.errors import FilonNetError
from filon_net.phone import notices
from filon_net.phone.composing import Composing
from filon_net.phone.connection import milliseconds
from filon_net.phone.emoji import EMOJI
from filon_net.phone.errors import NoSuch
from filon_net.phone.notices import Event
from filon_net.phone.phone import Phone
from filon_net.phone.state import State
from filon_net.phone.terminal.alarms import Alarm
from filon_net.phone.terminal.commands import COMMANDS
from filon_net.phone.terminal.sentences import policy_words, said_error
from filon_net.phone.terminal.team_words import team_name
from filon_net.phone.terminal.typed import number_of
from filon_net.phone.terminal.view import Line, View
from filon_net.wire.errors import CryptoError, WireError
from filon_net.words import Words, visible_line

__all__ = ["PlainPhone"]

_SHOWN = 20
_PREVIEW = 200
"""Characters of a message that is told while another conversation is open."""


class PlainPhone:
    """An open, connected phone; ``put`` takes one line of text without its end."""

    def __init__(
        self, phone: Phone, words: Words, put: Callable[[str], None], clock: Callable[[], int] = milliseconds
    ) -> None:
        self.phone = phone
        self.words = words
        self.view = View(phone, words, clock)
        self.user: bytes | None = None
        self.talk: bytes | None = None
        """The comparison of emoji that waits for yes or no."""
        self.composing: Composing | None = None
        """The team's policy that is being made."""
        self.draft: bytes | None = None
        """The draft that was shown last: what /sign signs."""
        self._put = put
        self._alarms: dict[bytes, str] = {}
        self._told: dict[bytes, State] = {}
        self._relay: bool | None = None

    def put(self, text: str) -> None:
        """Say something; each line of it is one line."""
        for line in text.split("\n"):
            self._put(line)

    def begin(self) -> None:
        """What there is, when the phone was just opened."""
        self.put(self.words.say("filon-net, line by line. /help shows the commands, /quit leaves."))
        self.status()
        self.chats()
        self.tell_alarms()

    # what is said

    def status(self) -> None:
        """Relay, log, unreadable letters."""
        for one in self.view.status_words():
            self.put(f"{one[:1].upper()}{one[1:]}.")

    def chats(self) -> None:
        """The conversations, numbered."""
        say, rows = self.words.say, self.view.chats()
        if not rows:
            self.put(say("Nobody yet. /invite invites somebody, /answer LINK answers an invite."))
        for number, row in enumerate(rows, 1):
            marks = [say("verified") if row.verified else say("not verified")]
            if row.timer:
                marks.append(say("disappearing"))
            if row.unread:
                marks.append(say("unread: {count}", count=row.unread))
            if row.state:
                marks.append(row.state)
            last = row.last or say("no messages yet")
            self.put(f"{number}. {row.name} ({', '.join(marks)}), {row.when}: {last}")

    def open(self, user: bytes, count: int = _SHOWN) -> None:
        """Open a conversation and say its newest lines; they are read then."""
        self.user = user
        self.put(self.words.say("Conversation with {name}.", name=self.view.name(user)))
        lines, _ = self.view.lines(user, count)
        for line in lines:
            self.line(line)
        new = [line.id for line in lines if line.unread]
        if new:
            self.phone.mark_read(user, new)

    def line(self, line: Line) -> None:
        """One line of a conversation, in one line unless the message has more."""
        if line.kind in ("day", "gap", "note"):
            self.put(f"-- {line.text} --")
            return
        who = self.words.say("You") if line.kind == "mine" else self.view.name(self.phone.item(line.id).user)
        text = line.text.replace("\n", "\n    ")
        if line.cut:
            text += " " + self.words.say("[{count} more characters: /whole]", count=self.words.number(line.cut))
        self.put(f"{who}: {text} [{line.meta}]")

    def tell_alarms(self) -> None:
        """Alarms that were not said yet, or say something else now."""
        alarms = self.view.alarms()
        for gone in self._alarms.keys() - {one.id for one in alarms}:
            del self._alarms[gone]
        for one in alarms:
            if self._alarms.get(one.id) != one.title:
                self._alarms[one.id] = one.title
                self.alarm(one)

    def alarm(self, one: Alarm, number: int | None = None) -> None:
        """An alarm, what it means, what to do."""
        head = f"{number}. " if number is not None else ""
        self.put(f"*** {head}{one.said(self.words)} ***")
        if one.more:
            self.put(f"    {one.more}")
        self.put("    " + self.words.say("What to do: {step}", step=one.step))

    # what happens

    def take(self, event: Event) -> None:
        """Say what happened, where it is for a person."""
        if isinstance(event, notices.MessageArrived):
            self._arrived(event.user, event.item)
        elif isinstance(event, notices.ItemChanged | notices.ArrivedCopy):
            self._changed(event.user, event.item)
        elif isinstance(event, notices.NoticeTold):
            self.tell_alarms()
        elif isinstance(event, notices.RelayOnline | notices.RelayOffline):
            online = isinstance(event, notices.RelayOnline)
            if online != self._relay:
                self._relay = online
                self.put(
                    self.words.say("-- relay connected --") if online else self.words.say("-- relay NOT connected --")
                )
        else:
            self._about_people(event)

    def _about_people(self, event: Event) -> None:
        say = self.words.say
        if isinstance(event, notices.Joined):
            self.put(say("-- the log shows this device --"))
        elif isinstance(event, notices.ContactAdded):
            self.put(say("-- {name} is a contact now --", name=self.view.name(event.user)))
        elif isinstance(event, notices.PolicyChanged):
            self.put(say("-- team {name} has a new policy --", name=team_name(self.phone.in_force(event.team).policy)))
            self.put(policy_words(self.phone.in_force(event.team).policy, self.words))
        elif isinstance(event, notices.EmojiReady):
            self.talk = event.talk
            self.put(say("Compare emoji with {name}", name=self.view.name(event.user)) + ":")
            for number, index in enumerate(event.indices, 1):
                picture, word = EMOJI[index]
                self.put(f"  {number}. {say(word)} {picture}")
            self.put(say("Read them to each other by voice. All the same: /yes. Not the same: /no."))
        elif isinstance(event, notices.Verified):
            name = self.view.name(event.user)
            self.put(
                say("-- {name} is verified --", name=name)
                if event.done
                else say("-- {name} is NOT verified --", name=name)
            )

    def _arrived(self, user: bytes, ident: bytes) -> None:
        item = self.phone.engine.books.item(ident)
        if item is None:
            return
        if user == self.user:
            self.line(self.view.line(item))
            self.phone.mark_read(user, [ident])
        else:
            text = visible_line(item.text, _PREVIEW)
            self.put(self.words.say("[new] {name}: {text}", name=self.view.name(user), text=text))

    def _changed(self, user: bytes, ident: bytes) -> None:
        item = self.phone.engine.books.item(ident)
        if item is None or user != self.user:
            return
        if item.state in (State.GAP, State.NOTE):
            self.line(self.view.line(item))
        elif item.mine and item.state in (State.SENT, State.DELIVERED, State.READ, State.NOT_DELIVERED, State.HELD):
            if self._told.get(ident) is item.state:
                return
            self._told[ident] = item.state
            line = self.view.line(item)
            start = line.text.split("\n")[0][:30]
            self.put(f"   ({start}{'…' if start != line.text else ''}: {line.meta})")

    # what the person says

    async def run(self, lines: AsyncIterator[str]) -> None:
        """Do line after line until /quit or the end."""
        async for line in lines:
            if not await self.do(line):
                return

    async def do(self, line: str) -> bool:
        """One line; False where the person leaves."""
        line = line.strip("\r\n")
        if not line.strip():
            return True
        try:
            if not line.startswith("/"):
                self.phone.send(self.opened(), line)
                return True
            name, _, rest = line[1:].partition(" ")
            if name in ("quit", "q"):
                return False
            command = COMMANDS.get(name)
            if command is None:
                self.put(self.words.say("There is no such command. /help shows all."))
            else:
                await command.run(self, rest.strip())
        except (FilonNetError, WireError, CryptoError) as error:
            self.put(said_error(error, self.words))
        return True

    def which(self, rest: str) -> bytes:
        """The contact of this number in the list of conversations, or of this name. NoSuch."""
        rows = self.view.chats()
        number = number_of(rest, len(rows))
        return self.phone.find(rest).user if number is None else rows[number - 1].user

    def opened(self) -> bytes:
        """The open conversation. NoSuch."""
        if self.user is None:
            raise NoSuch("no conversation is open", hint="/list shows them, /open 1 opens the first")
        return self.user
