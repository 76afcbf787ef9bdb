"""The terminal phone: opens the phone, follows its events, and hands them to the screens."""

import sqlite3
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import BindingType
from textual.css.query import NoMatches

from filon_net.errors import FilonNetError
from filon_net.phone import notices
from filon_net.phone.connection import milliseconds
from filon_net.phone.notices import Event
from filon_net.phone.phone import Phone
from filon_net.phone.terminal.look import CSS, DARK, LIGHT
from filon_net.phone.terminal.screens.chats import Chats
from filon_net.phone.terminal.screens.lock import Lock
from filon_net.phone.terminal.screens.parts import PhoneScreen
from filon_net.phone.terminal.screens.verify import Emoji
from filon_net.phone.terminal.sentences import said_error
from filon_net.phone.terminal.view import View
from filon_net.wire.errors import CryptoError, WireError
from filon_net.words import Words

__all__ = ["TerminalPhone"]

_MOST_COMPARING = 3
"""Comparisons of emoji shown at once: a contact can ask for any number of them."""


class TerminalPhone(App[int]):
    """One phone on a screen. ``phone`` is a path that is still locked, or a phone that is open; it is closed at the end."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+q", "quit", ""), ("ctrl+c", "quit", "")]
    view: View

    def __init__(
        self,
        phone: Path | Phone,
        words: Words,
        *,
        dark: bool = True,
        clock: Callable[[], int] = milliseconds,
        proxy: str | None = None,
    ) -> None:
        super().__init__()
        self.title = "filon-net"
        self.words = words
        self._given = phone
        self._clock = clock
        self._proxy = proxy
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = "filon-dark" if dark else "filon-light"
        self.phone: Phone | None = None
        self.stopped: Exception | None = None
        """Why the phone stopped by itself."""

    def on_mount(self) -> None:
        if isinstance(self._given, Phone):
            self._opened(self._given)
        else:
            self.push_screen(Lock(self._given, self.words, self._proxy), self._opened)

    def _opened(self, phone: Phone | None) -> None:
        if phone is None:
            self.exit(0)
            return
        self.phone = phone
        self.view = View(phone, self.words, self._clock)
        phone.start()
        self.push_screen(Chats())
        self.run_worker(self._follow(phone), exclusive=True, group="events")
        self.set_interval(1.0, self._pulse)

    async def _follow(self, phone: Phone) -> None:
        try:
            async for event in phone.events():
                self._take(event)
        except (FilonNetError, WireError, CryptoError, sqlite3.Error, OSError) as error:
            self.stopped = error
            self.exit(1, message=said_error(error, self.words))

    def _take(self, event: Event) -> None:
        screens = self._shown()
        comparing = [one for one in screens if isinstance(one, Emoji)]
        fresh = isinstance(event, notices.EmojiReady) and all(one.talk != event.talk for one in comparing)
        if isinstance(event, notices.EmojiReady) and fresh and len(comparing) < _MOST_COMPARING:
            self.bell()
            self.push_screen(Emoji(event.user, event.talk, event.indices))
        for screen in screens:
            with suppress(NoMatches):  # a screen that is taken down loses its parts one by one
                screen.take(event)

    def _pulse(self) -> None:
        for screen in self._shown():
            with suppress(NoMatches):
                screen.pulse()

    def _shown(self) -> list[PhoneScreen[Any]]:
        """The screens that can show something: not one that is still being made, or taken down already."""
        return [one for one in self.screen_stack if isinstance(one, PhoneScreen) and one.is_attached and one.children]

    def _fatal_error(self) -> None:
        """A mistake of the program: where it happened, and no values. Textual's own account would print texts and keys."""
        error = self._exception
        said = self.words.say(
            "The program made a mistake and stopped; nothing that was acknowledged is lost. Please pass this on:"
        )
        frames = traceback.extract_tb(error.__traceback__) if error is not None else []
        lines = [f"  {Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
        self.panic(Text("\n".join((said, *lines, f"  {type(error).__name__}"))))

    async def action_quit(self) -> None:
        self.exit(0)

    async def on_unmount(self) -> None:
        if self.phone is not None:
            phone, self.phone = self.phone, None
            await phone.close()
