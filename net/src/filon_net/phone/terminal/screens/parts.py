"""What all screens are made of: a page of sentences with the things one can do, and a question."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from filon_net.errors import FilonNetError
from filon_net.phone.notices import Event
from filon_net.phone.phone import Phone
from filon_net.phone.terminal.moments import seconds_of
from filon_net.phone.terminal.sentences import said_error
from filon_net.phone.terminal.view import View
from filon_net.wire.errors import CryptoError, WireError
from filon_net.words import Words

if TYPE_CHECKING:
    from filon_net.phone.terminal.app import TerminalPhone

__all__ = ["Action", "Ask", "Page", "Paragraph", "PhoneScreen", "ask_time"]

T = TypeVar("T")
R = TypeVar("R")


class Action(msgspec.Struct, frozen=True):
    """Something one can do on a page: a key, what it says, what it does."""

    key: str
    label: str
    run: Callable[[], object]


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph of a page; ``look`` is one of heading, quiet, good, bad, code, emoji or empty."""

    text: str
    look: str = ""


class PhoneScreen(Screen[R]):
    """A screen of an open phone."""

    @property
    def own_app(self) -> "TerminalPhone":
        """The app, by its type."""
        return cast("TerminalPhone", self.app)

    @property
    def view(self) -> View:
        """The phone as it is seen."""
        return self.own_app.view

    @property
    def phone(self) -> Phone:
        """The open phone."""
        return self.view.phone

    @property
    def words(self) -> Words:
        """The language."""
        return self.own_app.words

    def take(self, event: Event) -> None:
        """Something happened on the phone."""

    def pulse(self) -> None:
        """A second has passed."""

    def attempt(self, what: Callable[[], T]) -> T | None:
        """Do something with the phone; what it refuses is said, with the next step. None then."""
        try:
            return what()
        except (FilonNetError, WireError, CryptoError) as error:
            self.tell(said_error(error, self.words), bad=True)
            return None

    def tell(self, text: str, bad: bool = False) -> None:
        """A sentence that passes."""
        self.app.notify(text, severity="error" if bad else "information", timeout=12 if bad else 5, markup=False)


class Page(PhoneScreen[R]):
    """Sentences, and below them what one can do: by letter, or by arrows and Enter. Esc goes back, PageUp and PageDown scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "back", "")]

    def title_of(self) -> str:
        """The heading."""
        return ""

    def paragraphs(self) -> Iterable[Paragraph]:
        """The sentences."""
        return ()

    def actions(self) -> list[Action]:
        """What one can do here."""
        return []

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            yield Static(classes="heading", id="heading")
            yield VerticalScroll(id="paragraphs", can_focus=False)
            yield OptionList(id="actions", markup=False)

    def on_mount(self) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        """Show everything anew; the chosen action stays chosen."""
        if not self.is_attached or not self.query("#actions"):
            return
        self.query_one("#heading", Static).update(Content(self.title_of()))
        held = self.query_one("#paragraphs", VerticalScroll)
        held.remove_children()
        held.mount_all(Static(Content(one.text), classes=one.look, markup=False) for one in self.paragraphs())
        choices = self.query_one("#actions", OptionList)
        before = choices.highlighted
        choices.clear_options()
        back = f"{self.words.say('Esc'):<6} {self.words.say('back')}"
        made = [f"{one.key:<6} {one.label}" for one in self.actions()]
        choices.add_options([Option(Content(one)) for one in [*made, back]])
        choices.highlighted = min(before or 0, len(made))
        if not isinstance(self.focused, Input | TextArea):
            choices.focus()

    def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        chosen.stop()
        actions = self.actions()
        if chosen.option_index < len(actions):
            actions[chosen.option_index].run()
        else:
            self.action_back()

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Input | TextArea):
            return
        if event.key in ("pageup", "pagedown"):
            event.stop()
            text = self.query_one("#paragraphs", VerticalScroll)
            text.scroll_page_up() if event.key == "pageup" else text.scroll_page_down()
            return
        for one in self.actions():
            if event.character == one.key:
                event.stop()
                one.run()
                return

    def action_back(self) -> None:
        """Leave the page."""
        self.dismiss()


class Ask(Page[str | None]):
    """A question with one line to answer in; Esc answers None."""

    def __init__(self, title: str, explains: Iterable[str] = (), secret: bool = False, value: str = "") -> None:
        super().__init__()
        self._title = title
        self._explains = list(explains)
        self._secret = secret
        self._value = value

    def title_of(self) -> str:
        return self._title

    def paragraphs(self) -> Iterable[Paragraph]:
        return [Paragraph(one, "quiet") for one in self._explains]

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            yield Static(classes="heading", id="heading")
            yield VerticalScroll(id="paragraphs", can_focus=False)
            yield Input(self._value, password=self._secret, id="answer")
            yield OptionList(id="actions", markup=False)

    def on_mount(self) -> None:
        self.rebuild()
        self.query_one("#answer", Input).focus()

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        self.dismiss(submitted.value)


def ask_time(screen: PhoneScreen[None], title: str, explains: Iterable[str], then: Callable[[int], None]) -> None:
    """Ask for a length of time; ``then`` gets its seconds, and what is none is told."""

    def typed(text: str | None) -> None:
        if text is None:
            return
        seconds = seconds_of(text)
        if seconds is None:
            screen.tell(screen.words.say("Write it as 30s, 5m, 12h, 7d or 4w; a year is the most."), bad=True)
        else:
            then(seconds)

    screen.app.push_screen(Ask(title, explains), typed)
