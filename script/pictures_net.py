"""Photograph the terminal phone while it talks to real processes: SVG, light and dark, English and French, 100 x 30."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from demo_net import HOUR, Person, meet, until
from demo_network import DemoNetwork
from textual.pilot import Pilot

from filon_net.phone.composing import Composing
from filon_net.phone.terminal.app import TerminalPhone
from filon_net.phone.terminal.screens.chats import Chats
from filon_net.phone.terminal.screens.draft import DraftPage
from filon_net.words import words

SIZE = (100, 30)
LETTERS = {
    "en": (
        ("Bruno", "Good morning. The room is free on Thursday from ten."),
        ("Amina", "Then let us meet there. Please tell nobody who is coming before they are in the room."),
        ("Bruno", "Understood. The list goes by hand."),
        ("Chloé", "I have read the file. Shall I bring it, or send the summary first?"),
        ("Driss", "On my way."),
    ),
    "fr": (
        ("Bruno", "Bonjour. La salle est libre jeudi à partir de dix heures."),
        ("Amina", "Alors retrouvons-nous là-bas. Ne dis à personne qui vient avant qu’ils soient dans la salle."),
        ("Bruno", "Entendu. La liste passe de la main à la main."),
        ("Chloé", "J’ai lu le dossier. Je l’apporte, ou j’envoie d’abord le résumé ?"),
        ("Driss", "J’arrive."),
    ),
}
LAST = {"en": "The side door, not the front.", "fr": "Par la porte de côté, pas devant."}
TEAM = {"en": "Night desk", "fr": "Permanence de nuit"}
Shown = Pilot[int]


class Studio:
    """Amina's phone with three contacts, in one language."""

    def __init__(self, language: str, out: Path, names: list[str]) -> None:
        self.language = language
        self.out = out
        self.names = names
        self.people: dict[str, Person] = {}

    @property
    def amina(self) -> Person:
        return self.people["Amina"]

    async def set_up(self, network: DemoNetwork, folder: Path) -> None:
        for name in ("Amina", "Bruno", "Chloé", "Driss"):
            one = self.people[name] = Person(name, folder / f"{self.language}-{name}.phone")
            await asyncio.to_thread(one.make, network.leave())
            one.start(follow=name != "Amina")  # her screens follow her phone
        for one in self.people.values():
            await until(lambda one=one: one.ready, "the phone joins")
        for name in ("Bruno", "Chloé", "Driss"):
            await meet(self.amina, self.people[name])
        for sender, text in LETTERS[self.language]:
            one = self.people[sender]
            other = self.amina if sender != "Amina" else self.people["Bruno"]
            if sender == "Amina":
                one.phone.set_timer(other.phone.user, 24 * 3_600)
            one.phone.send(other.phone.user, text)
            await until(lambda other=other, one=one, text=text: text in other.texts(one), "the letter arrives")
        amina, bruno = self.amina, self.people["Bruno"]
        await until(lambda: amina.last_state(bruno).value == "delivered", "the receipt comes")

    async def photograph(self, network: DemoNetwork) -> None:
        """Each screen in both themes; the alarm last, because it stays."""
        await self._both("locked", self._locked, lock=True)
        await self._both("verify", self._verify)
        await self._both("team", self._team)
        bruno = self.people["Bruno"]
        self.amina.phone.scanned(bruno.phone.verify_link(self.amina.phone.user))
        await bruno.close()
        self.amina.phone.send(bruno.phone.user, LAST[self.language])
        await until(lambda: self.amina.last_state(bruno).value == "sent", "the relay takes it")
        await self._both("conversation", self._conversation)
        await self._both("contact", self._contact)
        for name in ("witness-2", "witness-3"):
            network.stop(name)
        self.amina.ahead = 3 * HOUR + 5 * 60_000
        await until(self.amina.phone.notices, "the alarm")
        await self._both("alarm", self._conversation)
        await self._both("what-to-do", self._what_to_do)
        for one in (self.amina, self.people["Chloé"], self.people["Driss"]):
            await one.close()

    async def _both(self, name: str, show: Callable[[Shown], Awaitable[None]], lock: bool = False) -> None:
        if self.names and not name.startswith(tuple(self.names)):
            return
        for dark in (True, False):
            given = Path("amina.phone") if lock else self.amina.phone
            app = Photographed(given, words(self.language), dark=dark, clock=self.amina.now)
            async with app.run_test(size=SIZE) as pilot:
                await pilot.pause(0.3)
                await show(pilot)
                await pilot.pause(0.5)
                keep(app, self.out / f"{name}-{'dark' if dark else 'light'}-{self.language}.svg")
        print(f"{name} {self.language}", flush=True)

    async def _locked(self, pilot: Shown) -> None:
        await pilot.pause()

    async def _conversation(self, pilot: Shown) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, Chats)
        screen.open(self.people["Bruno"].phone.user)

    async def _contact(self, pilot: Shown) -> None:
        await self._conversation(pilot)
        await pilot.press("f2")

    async def _verify(self, pilot: Shown) -> None:
        await self._contact(pilot)
        await pilot.pause(0.3)
        bruno = self.people["Bruno"]
        bruno.emoji = None
        await pilot.press("e")
        await until(lambda: bruno.emoji is not None, "Bruno sees emoji")
        await pilot.pause(1.5)

    async def _team(self, pilot: Shown) -> None:
        pilot.app.push_screen(DraftPage(self._drafted()))

    def _drafted(self) -> bytes:
        """Bruno's draft of a change, with his signature, after a policy that is in force."""
        amina, bruno, driss = (self.people[name].phone for name in ("Amina", "Bruno", "Driss"))
        name = TEAM[self.language]
        if not any(one.name == name for one in amina.teams()):
            first = Composing(bruno, name=name)
            first.admin(amina.admin_key())
            for one in (amina, driss):
                first.member(one.user)
            signed = amina.sign_policy(bruno.sign_policy(first.unsigned(bruno.now)))
            for one in (bruno, amina):
                one.take_policy(signed)
            amina.call_admin(bruno.admin_key(), bruno.user)
            amina.engine.take_events()  # no passing sentence over the pictures
        change = Composing(bruno, bruno.teams()[0].team)
        change.member(driss.user, into=False)
        change.keep = 7 * 24 * 3_600
        return bruno.sign_policy(change.unsigned(bruno.now))

    async def _what_to_do(self, pilot: Shown) -> None:
        await pilot.press("f8")


class Photographed(TerminalPhone):
    """The app, as it is, but it leaves the phone open for the next picture, and its events to who follows them."""

    async def on_unmount(self) -> None:
        self.phone = None


def keep(app: TerminalPhone, path: Path) -> None:
    """Write the picture without its window and without fonts from elsewhere: a reader's machine asks nobody."""
    svg = app.export_screenshot(simplify=True)
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace", "font-family: monospace")
    path.write_text("\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n")


async def run(out: Path, names: list[str]) -> None:
    """All pictures of both languages, each on a network of its own."""
    out.mkdir(parents=True, exist_ok=True)
    for language in ("en", "fr"):
        with tempfile.TemporaryDirectory(prefix="filon-pictures-") as folder, DemoNetwork(Path(folder)) as network:
            await asyncio.to_thread(network.start)
            studio = Studio(language, out, names)
            await studio.set_up(network, Path(folder))
            await studio.photograph(network)


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2:]))
