"""Phones of a network in memory with somebody in front of them: a ``Phone`` that the terminal shows, pumped by hand."""

import asyncio
from contextlib import asynccontextmanager

from filon_net.phone.phone import Phone
from filon_net.phone.terminal.app import TerminalPhone
from filon_net.phone.terminal.plain import PlainPhone
from filon_net.words import words
from phone.network import Network
from phone.network import Phone as Wired


class Seat(Phone):
    """A library phone whose bytes the network in memory carries, instead of sockets."""

    def __init__(self, wired: Wired, network: Network) -> None:
        super().__init__(wired.engine.books.store, wired.engine.leave, rules=network.rules, now=lambda: network.now)
        self.wired = wired
        wired.cut()
        wired.engine = self.engine
        self.network = network
        self.seen = len(wired.events)

    def start(self) -> None:
        """Sockets are not needed here."""

    async def close(self) -> None:
        """The network closes the file; another screen may still show this phone."""

    @property
    def online(self) -> bool:
        return self.wired.online and any(key for key in self.wired.ends)

    def carried(self) -> None:
        """Hand on what the network took away as events."""
        new, self.seen = self.wired.events[self.seen :], len(self.wired.events)
        self.engine.books.events += new
        self._told.set()


class Table:
    """Seats at one network; ``settle`` carries all bytes, ``rest`` lets the screens draw what came of it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.seats: list[Seat] = []
        self.pilots: list = []

    def seat(self, wired: Wired) -> Seat:
        made = Seat(wired, self.network)
        self.seats.append(made)
        return made

    def settle(self) -> None:
        self.network.settle()
        for seat in self.seats:
            seat.carried()

    def pass_time(self, milliseconds: int) -> None:
        self.network.pass_time(milliseconds)
        self.settle()

    async def rest(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            self.settle()
            for pilot in self.pilots:
                await pilot.pause()
            await asyncio.sleep(0)

    async def until(self, said, pilot, tries: int = 60) -> None:
        """Go on until the screen says so."""
        for _ in range(tries):
            await self.rest(1)
            if said in text_of(pilot.app):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{said!r} is not on the screen:\n{text_of(pilot.app)}")

    @asynccontextmanager
    async def screen(self, seat: Seat, size=(100, 30), language="en", dark=True, passing=False):
        """``passing``: sentences that pass are on the screen too, over what lies below them."""
        app = TerminalPhone(seat, words(language), dark=dark, clock=lambda: self.network.now)
        async with app.run_test(size=size, notifications=passing) as pilot:
            self.pilots.append(pilot)
            await self.rest()
            yield pilot
            self.pilots.remove(pilot)


class Sitting:
    """Somebody with a line terminal."""

    def __init__(self, table, seat, language="en"):
        self.lines = []
        self.table = table
        self.seat = seat
        self.plain = PlainPhone(seat, words(language), self.lines.append, lambda: table.network.now)

    def hear(self):
        self.table.settle()
        for event in self.seat.engine.take_events():
            self.plain.take(event)

    def say(self, *lines):
        for line in lines:
            assert asyncio.run(self.plain.do(line)) is True
            self.hear()

    @property
    def text(self):
        return "\n".join(self.lines)


def text_of(app) -> str:
    """What the screen shows, line by line, without styles."""
    strips = app.screen._compositor.render_strips()
    assert len(strips) == app.size.height
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def type_in(pilot, text: str) -> None:
    """Type a text as a person would."""
    for character in text:
        await pilot.press(character if character != " " else "space")
