"""The locked phone: a PIN or passphrase opens it."""

import asyncio
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from filon_net.errors import FilonNetError
from filon_net.phone.phone import Phone
from filon_net.phone.terminal.sentences import said_error
from filon_net.words import Words, visible_line

__all__ = ["Lock"]


class Lock(Screen[Phone | None]):
    """Asks for the secret until it opens the phone. Ctrl+Q leaves."""

    def __init__(self, path: Path, words: Words, proxy: str | None = None) -> None:
        super().__init__(id="lock")
        self._path = path
        self._words = words
        self._proxy = proxy

    def compose(self) -> ComposeResult:
        say = self._words.say
        with Vertical(classes="page"):
            yield Static(Content(say("This phone is locked")), classes="heading")
            yield Static(Content(visible_line(str(self._path))), classes="quiet")
            yield Input(password=True, placeholder=say("PIN or passphrase"), id="secret")
            yield Static(Content(say("Enter opens it, Ctrl+Q leaves.")), classes="quiet", id="said")

    def on_mount(self) -> None:
        self.query_one("#secret", Input).focus()

    async def on_input_submitted(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        if not submitted.value:
            return
        said = self.query_one("#said", Static)
        said.set_classes("quiet")
        said.update(Content(self._words.say("Opening …")))
        submitted.input.disabled = True
        self.run_worker(self._open(submitted.value), exclusive=True)

    async def _open(self, secret: str) -> None:
        field, said = self.query_one("#secret", Input), self.query_one("#said", Static)
        try:
            phone = await asyncio.to_thread(Phone.open, self._path, secret, proxy=self._proxy)
        except FilonNetError as error:
            field.value, field.disabled = "", False
            said.set_classes("bad")
            said.update(Content(said_error(error, self._words)))
            field.focus()
            return
        self.dismiss(phone)
