"""Two phones on a network of their own: Amina and Bruno join, meet, verify, write; then things go wrong, and are seen."""

import argparse
import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from demo_network import DemoNetwork

from filon_net.phone import EMOJI, Phone, Rules, State
from filon_net.phone.notices import EmojiReady, LogSilent
from filon_net.phone.terminal.plain import PlainPhone
from filon_net.words import words

SECRET = "for a demonstration only"
QUICK = Rules(receipts_from=200, receipts_to=600, log_every=1_000, log_soon=500)
"""Receipts wait minutes and the log is looked at every five minutes in earnest; a demonstration has less time."""
HOUR = 3_600_000
NEEDLE = "The files are in the blue house"


class Person:
    """One phone and what happened on it. ``ahead``: milliseconds its clock was put on."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.ahead = 0
        self.emoji: EmojiReady | None = None
        self.phone: Phone
        self._following: asyncio.Task[None] | None = None

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def make(self, leave: str) -> str:
        self.phone, code = Phone.create(self.path, SECRET, leave, name=self.name, rules=QUICK, now=self.now)
        return code

    def open(self) -> None:
        self.phone = Phone.open(self.path, SECRET, rules=QUICK, now=self.now)

    def start(self, follow: bool = True) -> None:
        self.phone.start()
        self._following = asyncio.create_task(self._follow()) if follow else None

    async def _follow(self) -> None:
        async for event in self.phone.events():
            if isinstance(event, EmojiReady):
                self.emoji = event

    async def close(self) -> None:
        await self.phone.close()
        if self._following is not None:
            await self._following

    @property
    def ready(self) -> bool:
        """Listed in the log, connected, and its keys are at the relay for others to begin with."""
        return self.phone.joined and self.phone.online and self.phone.engine.books.own.boxes[0].bundles > 0

    def texts(self, other: "Person") -> list[str]:
        return [item.text for _, item in self.phone.chat(other.phone.user) if not item.mine]

    def last_state(self, other: "Person") -> State:
        return [item.state for _, item in self.phone.chat(other.phone.user) if item.mine][-1]


class Steps:
    """Numbered steps, each with what was seen."""

    def __init__(self) -> None:
        self._number = 0

    def begin(self, text: str) -> None:
        self._number += 1
        print(f"\n{self._number:2}. {text}", flush=True)

    def seen(self, text: str) -> None:
        print(f"    {text}", flush=True)

    def check(self, right: bool, text: str) -> None:
        if not right:
            raise SystemExit(f"    FAILED: {text}")
        self.seen(text)


async def until(what: Callable[[], object], why: str, seconds: float = 40.0) -> None:
    """Wait until it is so."""
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            raise SystemExit(f"    FAILED: waited {seconds:.0f} s in vain: {why}")
        await asyncio.sleep(0.05)


async def join(network: DemoNetwork, folder: Path, steps: Steps) -> tuple[Person, Person]:
    """Make both phones with the operator's leave."""
    amina, bruno = Person("Amina", folder / "amina.phone"), Person("Bruno", folder / "bruno.phone")
    for one in (amina, bruno):
        code = await asyncio.to_thread(one.make, network.leave())
        one.start()
        await until(lambda one=one: one.ready, "the phone joins")
        steps.seen(f"{one.name} joined: the log shows the phone. Backup code {code[:9]}… is for paper.")
    return amina, bruno


async def meet(amina: Person, bruno: Person) -> str:
    """Amina invites, Bruno answers; the link."""
    link = await amina.phone.invite()
    bruno.phone.answer(link)
    for one, other in ((amina, bruno), (bruno, amina)):
        await until(
            lambda one=one, other=other: any(
                held.user == other.phone.user and held.state.value == "open" for held in one.phone.contacts()
            ),
            "both are contacts",
        )
    return link


async def verify(amina: Person, bruno: Person) -> tuple[list[str], list[str]]:
    """Both compare emoji; what each saw."""
    amina.phone.compare(bruno.phone.user)
    await until(lambda: amina.emoji and bruno.emoji, "both see emoji")
    seen = []
    for one in (amina, bruno):
        assert one.emoji is not None
        seen.append([" ".join(EMOJI[index]) for index in one.emoji.indices])
        one.phone.confirm(one.emoji.talk, same=True)
    await until(
        lambda: amina.phone.contact(bruno.phone.user).verified and bruno.phone.contact(amina.phone.user).verified,
        "both are verified",
    )
    return seen[0], seen[1]


async def write(one: Person, other: Person, text: str, steps: Steps) -> None:
    """A letter, until it is known to be delivered."""
    one.phone.send(other.phone.user, text)
    await until(lambda: text in other.texts(one), "the letter arrives")
    steps.seen(f"{other.name} reads: {text!r}")
    await until(lambda: one.last_state(other) in (State.DELIVERED, State.READ), "the receipt arrives")
    steps.seen(f"{one.name} sees: {one.last_state(other).value}")


def held_by_relay(folder: Path) -> bytes:
    """Everything in the relay's folder, as bytes."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def status(person: Person) -> str:
    """The status line of the terminal phone."""
    said = PlainPhone(person.phone, words("en"), print, person.now)
    return "; ".join(said.view.status_words())


def vouching(person: Person) -> int:
    """How many witnesses signed the newest checkpoint the phone has."""
    return PlainPhone(person.phone, words("en"), print, person.now).view.status().vouching


async def scripted(folder: Path) -> None:
    """The whole story, each step checked."""
    steps = Steps()
    with DemoNetwork(folder) as network:
        steps.begin("The operator starts a relay, a log and three witnesses: five processes on loopback")
        await asyncio.to_thread(network.start)
        steps.seen(", ".join(f"{name} on port {port}" for name, port in network.ports.items()))

        steps.begin("Amina and Bruno make their phones with the operator's leave")
        amina, bruno = await join(network, folder, steps)

        steps.begin("Amina invites Bruno: a link or QR code, given by hand")
        link = await meet(amina, bruno)
        steps.seen(f"{link[:60]}… ({len(link)} characters)")
        steps.seen("Both are contacts: the log had shown each of them before anything was sent.")

        steps.begin("They compare seven emoji by voice")
        at_amina, at_bruno = await verify(amina, bruno)
        steps.seen(", ".join(at_amina))
        steps.check(at_amina == at_bruno, "the same on both screens: verified")

        steps.begin("First letters, both ways")
        await write(amina, bruno, "Hello Bruno, does this reach you?", steps)
        await write(bruno, amina, "It does. Nobody in between can read it.", steps)

        steps.begin("Bruno's phone is off; Amina writes; the relay is searched while it holds the letter")
        mailbox = bruno.phone.engine.books.own.boxes[0].mailbox
        await bruno.close()
        amina.phone.send(bruno.phone.user, NEEDLE)
        await until(lambda: amina.last_state(bruno) is State.SENT, "the relay takes it")
        held = await asyncio.to_thread(held_by_relay, folder / "relay")
        key = amina.phone.engine.books.own.master
        needles = {"the text": NEEDLE.encode(), "Amina": b"Amina", "Bruno": b"Bruno", "Amina's public key": key}
        found = [name for name, needle in needles.items() if needle in held]
        sought, seen = ", ".join(needles), ", ".join(found) or "nothing"
        steps.check(not found, f"{len(held):,} bytes at the relay were searched for {sought}; found: {seen}")
        steps.check(mailbox in held, "the search works: the name of Bruno's mailbox is there, as the relay needs it")
        bruno.open()
        bruno.start()
        await until(lambda: NEEDLE in bruno.texts(amina), "Bruno gets the letter")
        steps.seen(f"Bruno's phone is on again and reads: {NEEDLE!r}")

        steps.begin("The heartbeat of the log, as Amina's phone shows it")
        await until(lambda: vouching(amina) == 3, "three witnesses sign")
        steps.seen(status(amina))

        steps.begin("One witness is stopped")
        network.stop("witness-3")
        await until(lambda: vouching(amina) == 2, "a checkpoint with two signatures")
        steps.seen(status(amina))
        steps.check(not amina.phone.notices(), "two of three are enough: no alarm")

        steps.begin("A second one is stopped, and Amina's clock is put on by three hours and a minute")
        network.stop("witness-2")
        await asyncio.sleep(network.heartbeat)
        amina.ahead = 3 * HOUR + 60_000
        await until(lambda: any(isinstance(told.notice, LogSilent) for told in amina.phone.notices()), "the alarm")
        said = PlainPhone(amina.phone, words("en"), steps.seen, amina.now)
        said.tell_alarms()

        steps.begin("Both witnesses are back; Amina sets her clock right and opens her phone again")
        network.start_witness(2)
        network.start_witness(3)
        await amina.close()
        amina.ahead = 0
        amina.open()
        steps.check(bool(amina.phone.notices()), "the alarm is still there: closing the phone does not end it")
        amina.start()
        await until(
            lambda: not amina.phone.notices() and vouching(amina) == 3, "the alarm goes by word of the witnesses"
        )
        steps.seen("the alarm is gone: only the witnesses' word can lift it")
        steps.seen(status(amina))
        await amina.close()
        await bruno.close()
    print("\nEverything was as promised. All processes are ended, the folder is erased.")


async def introduced(network: DemoNetwork, folder: Path) -> tuple[Person, Person]:
    """Two phones whose owners know each other, closed again."""
    await asyncio.to_thread(network.start)
    amina, bruno = await join(network, folder, Steps())
    await meet(amina, bruno)
    await amina.close()
    await bruno.close()
    return amina, bruno


def side_by_side(folder: Path, language: str | None) -> None:
    """Two terminal phones in tmux, or the commands to open them."""
    with DemoNetwork(folder) as network:
        amina, bruno = asyncio.run(introduced(network, folder))
        secret = folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        commands = [
            shlex.join(
                [shutil.which("filon-net") or "filon-net", "phone", "open", str(one.path), "--secret-file", str(secret)]
                + (["--language", language] if language else [])
            )
            for one in (amina, bruno)
        ]
        tmux = shutil.which("tmux")
        if tmux and sys.stdin.isatty() and sys.stdout.isatty():
            socket = f"filon-demo-{os.getpid()}"
            end = ["-L", socket]
            subprocess.run([tmux, *end, "new-session", "-d", commands[0]], check=True)
            try:
                subprocess.run([tmux, *end, "set-option", "-g", "mouse", "on"], check=True)
                subprocess.run([tmux, *end, "split-window", "-h", commands[1]], check=True)
                subprocess.run([tmux, *end, "select-pane", "-L"], check=True)
                subprocess.run([tmux, *end, "attach"], check=False, env={**os.environ, "TMUX": ""})
            finally:
                subprocess.run([tmux, *end, "kill-server"], check=False, stderr=subprocess.DEVNULL)
            return
        print("\nOpen the two phones in two terminals:\n")
        for command in commands:
            print(f"  {command}")
        print("\nCtrl-C here ends the network and erases everything.", flush=True)
        signal.pause()


def main() -> None:
    """Parse, run, clean up; Ctrl-C and SIGTERM end everything that was started."""
    parser = argparse.ArgumentParser(prog="script/demo-net", description=__doc__)
    parser.add_argument("--tui", action="store_true", help="two terminal phones instead of the scripted run")
    parser.add_argument("--language", help="of the terminal phones: en, fr")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="filon-demo-net-") as folder:
            if asked.tui:
                side_by_side(Path(folder), asked.language)
            else:
                asyncio.run(scripted(Path(folder)))
                print(f"It took {time.monotonic() - began:.0f} s.")
    except KeyboardInterrupt:
        print("\nEnded.")
        sys.exit(130)


if __name__ == "__main__":
    main()
