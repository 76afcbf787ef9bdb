"""A program that talks through a phone: one JSON object a line, out and in."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from filon_net.errors import FilonNetError
from filon_net.phone import notices
from filon_net.phone.notices import Event
from filon_net.phone.phone import Phone
from filon_net.phone.state import State

__all__ = ["Pipe", "talk"]


class _Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a program asks: a text to a contact by shown name, or by user in 64 hex digits."""

    to: str
    text: str


class Pipe:
    """A phone between two streams of lines; ``put`` takes one line."""

    def __init__(self, phone: Phone, put: Callable[[str], None]) -> None:
        self._phone = phone
        self._put = put

    def say(self, event: str, **fields: object) -> None:
        """One event out. Only ASCII leaves, so that no line holds a character that acts on a terminal."""
        self._put(json.dumps({"event": event, **fields}))

    def message(self, user: bytes, ident: bytes) -> None:
        """A message out; it counts as read then."""
        item = self._phone.engine.books.item(ident)
        if item is None or item.state is not State.ARRIVED:
            return
        contact = self._phone.contact(user)
        named = {"from": contact.shown, "user": user.hex(), "verified": contact.verified}
        self.say("message", **named, id=ident.hex(), sent_at=item.sent_at, text=item.text)
        self._phone.mark_read(user, [ident])

    def waiting(self) -> None:
        """What came before, and was not read."""
        for contact in self._phone.contacts():
            for _, item in self._phone.chat(contact.user, 200):
                if item.state is State.ARRIVED:
                    self.message(contact.user, item.id)

    def take(self, event: Event) -> None:
        """One event of the phone."""
        if isinstance(event, notices.MessageArrived):
            self.message(event.user, event.item)
        elif isinstance(event, notices.NoticeTold):
            user = getattr(event.told.notice, "user", None)
            self.say("notice", code=event.told.notice.code, id=event.told.id.hex(), user=user.hex() if user else None)
        elif isinstance(event, notices.ItemChanged):
            item = self._phone.engine.books.item(event.item)
            if item is not None and item.mine:
                self.say("state", id=event.item.hex(), state=item.state.value)
        else:
            user = getattr(event, "user", None)
            self.say(type(event).__name__, **({"user": user.hex()} if user else {}))

    def do(self, line: str) -> None:
        """One line in."""
        try:
            asked = msgspec.json.decode(line, type=_Ask)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeEncodeError) as error:
            self.say("refused", why=f"not of the form to, text: {error}")
            return
        try:
            known = {one.user.hex(): one for one in self._phone.contacts()}
            contact = known.get(asked.to) or self._phone.find(asked.to)
            self.say("state", id=self._phone.send(contact.user, asked.text).id.hex(), state="waiting")
        except FilonNetError as error:
            self.say("refused", why=str(error), hint=error.hint)


async def talk(
    path: Path, secret: str, proxy: str | None, lines: AsyncIterator[str], put: Callable[[str], None]
) -> None:
    """Open the phone and carry lines until the program's end of the pipe is closed."""
    async with Phone.open(path, secret, proxy=proxy) as phone:
        pipe = Pipe(phone, put)
        pipe.waiting()

        async def follow() -> None:
            async for event in phone.events():
                pipe.take(event)

        async def listen() -> None:
            async for line in lines:
                if line.strip():
                    pipe.do(line)

        tasks = [asyncio.ensure_future(follow()), asyncio.ensure_future(listen())]
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in rest:
            one.cancel()
        for one in done:
            one.result()
