"""A phone that answers by itself: incoming messages one by one, and a way to write.

A bot is a device like any other: whoever writes to it sees in the log that it is there, and what it stores is its
operator's to answer for. It shows no more than a person would see.

    async def main() -> None:
        async with Phone.open(Path("doubler.phone"), secret) as phone:
            print(await phone.invite())
            bot = Bot(phone)
            async for came in bot.messages(greeting="Send me a number."):
                try:
                    answer = f"{int(came.text):,} doubled is {2 * int(came.text):,}"
                except ValueError:
                    answer = "That is no number."
                bot.send(came.contact.user, answer)
"""

from collections.abc import AsyncIterator

import msgspec

from filon_net.phone.notices import ContactAdded, MessageArrived
from filon_net.phone.phone import Phone
from filon_net.phone.state import Contact, Item

__all__ = ["Bot", "Incoming"]


class Incoming(msgspec.Struct, frozen=True):
    """A message from a contact."""

    contact: Contact
    item: Item

    @property
    def text(self) -> str:
        """What was written."""
        return self.item.text


class Bot:
    """A phone, opened and connected, as a stream of messages."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    async def messages(self, greeting: str = "") -> AsyncIterator[Incoming]:
        """Every message that is not read yet, then every one as it comes; each is marked as read once the caller asks for the
        next. ``greeting`` is written to everybody who becomes a contact."""
        for contact in self.phone.contacts():
            for _, item in self.phone.chat(contact.user, 200):
                if item.state.value == "arrived":
                    yield Incoming(contact, item)
                    self.phone.mark_read(contact.user, [item.id])
        async for event in self.phone.events():
            if isinstance(event, ContactAdded) and greeting:
                self.phone.send(event.user, greeting)
            if isinstance(event, MessageArrived):
                came = self._came(event)
                if came is not None:
                    yield came
                    self.phone.mark_read(event.user, [event.item])

    def _came(self, event: MessageArrived) -> Incoming | None:
        """The message of an event, None where it disappeared or was read at the beginning."""
        item = self.phone.engine.books.item(event.item)
        if item is None or item.state.value != "arrived":
            return None
        return Incoming(self.phone.contact(event.user), item)

    def send(self, user: bytes, text: str) -> Item:
        """Write to a contact. CannotSend, NoSuch."""
        return self.phone.send(user, text)
