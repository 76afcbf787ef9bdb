"""The first screen: alarms on top, conversations left, the open one right, the state of the phone below."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from filon_net.phone import notices
from filon_net.phone.bodies import LONGEST_TEXT
from filon_net.phone.notices import Event
from filon_net.phone.terminal.alarms import Alarm, Weight
from filon_net.phone.terminal.moments import lasts
from filon_net.phone.terminal.screens.alarm_list import AlarmList
from filon_net.phone.terminal.screens.contact import ContactPage
from filon_net.phone.terminal.screens.devices import Devices
from filon_net.phone.terminal.screens.invite import Invite, answer
from filon_net.phone.terminal.screens.keys import Keys
from filon_net.phone.terminal.screens.message import MessagePage
from filon_net.phone.terminal.screens.messages import Bubble, Messages, Writing
from filon_net.phone.terminal.screens.parts import PhoneScreen
from filon_net.phone.terminal.screens.settings import SettingsPage, TimerPage
from filon_net.phone.terminal.screens.teams import Teams
from filon_net.phone.terminal.team_words import team_name
from filon_net.phone.terminal.view import Chat, Line

__all__ = ["Chats"]

_PAGE = 60


class Chats(PhoneScreen[None]):
    """Conversations."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 - Textual's own declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", ""),
        ("f1", "page('keys')", ""),
        ("f2", "page('contact')", ""),
        ("f3", "page('timer')", ""),
        ("f8", "page('alarms')", ""),
    ]
    LETTERS: ClassVar[dict[str, str]] = {
        "n": "invite",
        "a": "answer",
        "c": "contact",
        "t": "timer",
        "d": "devices",
        "s": "settings",
        "T": "teams",
        "!": "alarms",
        "?": "keys",
        "k": "acknowledge",
        "q": "quit",
    }

    def __init__(self) -> None:
        super().__init__()
        self.user: bytes | None = None
        self._count = _PAGE
        self._rows: dict[bytes, Chat] = {}
        self._stale: set[bytes] = set()
        self._alarms: list[Alarm] = []
        self._attended = True

    def compose(self) -> ComposeResult:
        yield Vertical(id="banner")
        with Horizontal(id="body"):
            yield OptionList(id="chats", markup=False)
            with Vertical(id="talk"):
                yield Static(id="title", markup=False)
                yield Messages()
                yield Writing(id="writing", show_line_numbers=False, highlight_cursor_line=False)
        yield Static(id="status", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        self.show_alarms()
        self.show_chats()
        self.pulse()
        self.show_talk(to_end=True)
        self.query_one("#chats").focus()

    def on_screen_resume(self) -> None:
        self.show_alarms()
        self.show_chats()
        self.show_talk()

    # what the phone tells

    def take(self, event: Event) -> None:
        if isinstance(event, notices.NoticeTold | notices.NoticeGone):
            self.show_alarms()
        user = getattr(event, "user", None)
        if user is not None:
            self._stale.add(user)
        elif isinstance(event, notices.RelayOnline | notices.RelayOffline | notices.Joined):
            self.pulse()
        if isinstance(event, notices.PolicyChanged):
            name = team_name(self.phone.in_force(event.team).policy)
            self.tell(self.words.say("Team {name} has a new policy: T shows it.", name=name))
            self._stale |= set(self._rows)
        if isinstance(event, notices.MessageArrived) and (user != self.user or not self._attended):
            self.app.bell()
        self.call_later(self._settle)

    def _settle(self) -> None:
        """Show what changed since the last time, once for many events."""
        if not self._stale or not self.is_attached:
            return
        stale, self._stale = self._stale, set()
        self.show_chats(stale)
        if self.user in stale:
            self.show_talk()

    def pulse(self) -> None:
        relay, log, unread = self.view.status_words()
        status = self.view.status()
        line = self.query_one("#status", Static)
        mark = "●" if status.online else "○"
        line.set_class(status.bad, "-bad")
        line.update(Content(f"{mark} {relay} │ {log} │ {unread}"))
        self._say_keys()
        if self.user is not None and self.is_current:
            for bubble in self.query(Bubble):
                if bubble.line.gone_at:
                    self.show_talk()
                    return

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_chats, set())

    def on_app_focus(self) -> None:
        self._attended = True
        self._read()

    def on_app_blur(self) -> None:
        self._attended = False

    # alarms

    def show_alarms(self) -> None:
        """The loudest two as banners; they stay until they are acknowledged."""
        self._alarms = self.view.alarms()
        banner = self.query_one("#banner", Vertical)
        banner.remove_children()
        lines = []
        for one in self._alarms[:2]:
            look = {Weight.ALARM: "-alarm", Weight.WARNING: "-warning", Weight.NOTE: "-note"}[one.weight]
            lines.append(Static(Content(one.said(self.words)), classes=f"alarm {look}", markup=False))
        more = len(self._alarms) - 2
        if self._alarms:
            said = self.words.say("! shows what to do")
            if more > 0:
                said += ", " + self.words.say("and {count} more", count=more)
            lines.append(Static(Content(said), classes="alarm -note", markup=False))
        banner.mount_all(lines)

    # the list

    def show_chats(self, stale: set[bytes] | None = None) -> None:
        """The list, newest first; only those that changed are read anew."""
        contacts = self.phone.engine.books.contacts
        for user in list(self._rows):
            if user not in contacts:
                del self._rows[user]
        for user, contact in contacts.items():
            if stale is None or user in stale or user not in self._rows:
                self._rows[user] = self.view.chat(contact)
        rows = sorted(self._rows.values(), key=lambda one: (-one.at, one.name.casefold()))
        listed = self.query_one("#chats", OptionList)
        chosen = None
        if listed.highlighted is not None:
            chosen = listed.get_option_at_index(listed.highlighted).id
        listed.clear_options()
        if not rows:
            say = self.words.say
            listed.add_option(
                Option(Content(say("Nobody yet.\nn invites somebody,\na answers an invite.")), disabled=True)
            )
            return
        width = max(18, listed.content_size.width - 2) if listed.content_size.width else 24
        listed.add_options([Option(self._row(one, width), id=one.user.hex()) for one in rows])
        ids = [one.user.hex() for one in rows]
        listed.highlighted = ids.index(chosen) if chosen in ids else 0

    def _row(self, row: Chat, width: int) -> Content:
        marks = ("✓" if row.verified else "") + ("◔" if row.timer else "")
        unread = ("99+" if row.unread > 99 else str(row.unread)) if row.unread else ""
        first = _between(f"{row.name} {marks}".rstrip(), row.when, width)
        last = row.state or row.last or self.words.say("no messages yet")
        second = _between(last, f"({unread})" if unread else "", width)
        style = "bold" if row.unread else ""
        return Content.assemble((first, style), "\n", (second, "bold" if row.unread else "$quiet"))

    @on(OptionList.OptionSelected, "#chats")
    def _chosen(self, chosen: OptionList.OptionSelected) -> None:
        if chosen.option_id is not None:
            self.open(bytes.fromhex(chosen.option_id))

    def open(self, user: bytes) -> None:
        """Open a conversation."""
        if user != self.user:
            self.query_one(Messages).clear()
            self.query_one(Writing).text = ""
        self.user, self._count = user, _PAGE
        self.add_class("-talking")
        self.show_talk(to_end=True)
        self.query_one("#writing").focus()

    # the conversation

    def show_talk(self, to_end: bool = False) -> None:
        """The open conversation as the phone holds it now."""
        messages, title = self.query_one(Messages), self.query_one("#title", Static)
        writing = self.query_one(Writing)
        contact = self.phone.engine.books.contacts.get(self.user) if self.user else None
        writing.display = contact is not None
        if contact is None:
            messages.clear()
            title.update(Content(self.words.say("Choose a conversation, ? shows the keys")))
            return
        title.update(self._title())
        lines, before = self.view.lines(contact.user, self._count)
        if before is not None:
            lines.insert(0, Line(b"older", "note", self.words.say("older messages: arrow up")))
        messages.show(lines, self.words.say("… cut: Enter shows all of it"), to_end)
        self._read()

    def _title(self) -> Content:
        assert self.user is not None
        row, say = self.view.chat(self.phone.contact(self.user)), self.words.say
        parts = [(row.name, "bold"), ("  ", "")]
        parts.append((say("✓ verified"), "$success") if row.verified else (say("not verified: F2"), "$quiet"))
        if row.timer:
            time = lasts(row.timer, self.words)
            parts.append((f"  ◔ {say('disappears {time} after reading', time=time)}", "$quiet"))
        if row.state:
            parts.append((f"  {row.state}", "$error bold"))
        return Content.assemble(*parts)

    def _read(self) -> None:
        """What is on the screen of somebody who is there is read."""
        if self.user is None or not self._attended or self.app.screen is not self:
            return
        new = [line.id for line in self.view.lines(self.user, self._count)[0] if line.unread]
        if new:
            user = self.user
            self.attempt(lambda: self.phone.mark_read(user, new))

    @on(Messages.Older)
    def _older(self) -> None:
        self._count += _PAGE
        self.show_talk()

    @on(Writing.Left)
    def _choose_message(self) -> None:
        self.query_one(Messages).choose_last()

    @on(Writing.Sent)
    def _sent(self, sent: Writing.Sent) -> None:
        user, writing = self.user, self.query_one(Writing)
        text = sent.text.strip("\n")
        if user is None:
            return
        if len(text) > LONGEST_TEXT:
            count, most = self.words.number(len(text)), self.words.number(LONGEST_TEXT)
            self.tell(
                self.words.say("This text has {count} characters; a message holds {most}.", count=count, most=most),
                True,
            )
            return
        if self.attempt(lambda: self.phone.send(user, text)) is not None:
            writing.text = ""
            self.show_talk(to_end=True)

    # keys

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Writing):
            return
        if isinstance(self.focused, Bubble) and self._key_on_message(event.key, self.focused.line):
            event.stop()
            return
        page = self.LETTERS.get(event.character or "")
        if page is not None:
            event.stop()
            self.action_page(page)

    def _key_on_message(self, key: str, line: Line) -> bool:
        if key == "enter":
            self.app.push_screen(MessagePage(line.id))
        elif key == "r" and line.failed:
            self.attempt(lambda: self.phone.send_again(line.id))
        else:
            return False
        return True

    def _highlighted(self) -> bytes | None:
        listed = self.query_one("#chats", OptionList)
        if self.focused is listed and listed.highlighted is not None:
            ident = listed.get_option_at_index(listed.highlighted).id
            return bytes.fromhex(ident) if ident else None
        return self.user

    def action_page(self, page: str) -> None:
        """Open a page by its name, or do what the letter says."""
        user = self._highlighted()
        if page == "quit":
            self.app.exit()
        elif page == "answer":
            answer(self)
        elif page == "acknowledge":
            if self._alarms:
                self.app.push_screen(AlarmList())
        elif page in ("contact", "timer"):
            if user is not None:
                self.app.push_screen(ContactPage(user) if page == "contact" else TimerPage(user))
        else:
            made = {
                "invite": Invite,
                "devices": Devices,
                "settings": SettingsPage,
                "teams": Teams,
                "alarms": AlarmList,
                "keys": Keys,
            }
            self.app.push_screen(made[page]())

    def action_leave(self) -> None:
        """From the message to the writing line, from there to the list."""
        if isinstance(self.focused, Bubble):
            self.query_one("#writing").focus()
        else:
            self.remove_class("-talking")
            self.query_one("#chats").focus()

    def on_descendant_focus(self) -> None:
        self._say_keys()

    def _say_keys(self) -> None:
        say = self.words.say
        if isinstance(self.focused, Writing):
            keys = say(
                "Enter send   Ctrl+J new line   ↑ messages   Esc list   F1 keys   F2 contact   F3 timer   F8 alarms"
            )
        elif isinstance(self.focused, Bubble):
            keys = say("Enter whole message   ↑↓ choose   Esc write")
            if self.focused.line.failed:
                keys = say("r send again") + "   " + keys
        else:
            keys = say(
                "Enter open   n invite   a answer   c contact   t timer   d devices   s settings   ! alarms   ? keys   q quit"
            )
        whole = "   ".join(one.replace(" ", "\u00a0") for one in keys.split("   "))
        self.query_one("#keys", Static).update(Content(whole))


def _between(left: str, right: str, width: int) -> str:
    """Left and right on one line of so many cells, the left cut where it is too long."""
    room = width - Content(right).cell_length - 1
    shown = Content(left)
    if shown.cell_length > room:
        shown = shown.truncate(max(1, room), ellipsis=True)
    return shown.plain.rstrip() + " " * max(1, width - shown.cell_length - Content(right).cell_length) + right
