"""What the acts of a hostile relay share: times, a proxy that remembers, and whether a letter was lost."""

from filon_net.wire.frames import (
    Deliver,
    Frame,
    Post,
)
from hostile.proxy import Line, Net, Proxied, Proxy

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def lost(reader: Proxied, writer: Proxied, text: str) -> bool:
    return reader.texts(writer).count(text) != 1


def without_notes(net: Net) -> None:
    """The daily checkpoints, which are letters too, are not due for long: so the letters of an act can be counted."""
    for phone in net.phones:
        for contact in phone.engine.books.contacts.values():
            contact.note_at = net.now + 2 * DAY


class Recording(Proxy):
    """Honest, and remembers."""

    def __init__(self) -> None:
        self.blobs: list[Post] = []
        self.delivered: dict[bytes, list[Deliver]] = {}

    def from_phone(self, line: Line, frame: Frame) -> None:
        if isinstance(frame, Post):
            self.blobs.append(frame)
        super().from_phone(line, frame)

    def from_relay(self, line: Line, frame: Frame) -> None:
        if isinstance(frame, Deliver):
            self.delivered.setdefault(line.mailbox, []).append(frame)
        super().from_relay(line, frame)
