"""The same seizure with phones as people use them: the phone library, a log with three witnesses, a relay process."""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from network import CHEAP, Network
from sockets import AT_ONCE, LogServer, until

from filon_net.phone import ContactState, Phone, Rules
from filon_net.phone.connection import milliseconds
from filon_net.wire import sign_token
from seized.capture import Capture
from seized.haul import Haul, door_name, told_in
from seized.relay_process import RelayProcess, memory_of, started

__all__ = ["NAMES", "RULES", "acquainted", "joined", "seize_from_phones"]

NAMES = ("Ada", "Bob", "Cem", "Dina")
RULES = Rules(receipts_from=50, receipts_to=300, log_soon=100, log_every=500, entry_again=1_000, **AT_ONCE)
WAVE = 48
SETTLE = 3.0


def seize_from_phones(folder: Path, messages: int) -> Haul:
    """Four people, everybody with everybody; the last tenth is written to two who are not there any more."""
    mark = f"mark {os.urandom(8).hex()}"
    operator = Ed25519PrivateKey.generate()
    network = Network(folder)
    network.team.now = int(time.time())
    log = LogServer(network)
    try:
        with started(folder, operator) as relay:
            haul = asyncio.run(_run(folder, relay, operator, network, log, mark, messages))
            relay.stop()
            haul.haystacks["log"] = relay.log
    finally:
        log.stop()
        network.close()
    return haul


async def _run(
    folder: Path,
    relay: RelayProcess,
    operator: Ed25519PrivateKey,
    network: Network,
    log: LogServer,
    mark: str,
    messages: int,
) -> Haul:
    async with Capture(relay.port) as capture:
        phones = [joined(folder, relay, capture, operator, network, log, name, f"{name} {mark}") for name in NAMES]
        await acquainted(phones)
        live, before = messages * 9 // 10, _lines(phones)
        for first in range(0, live, WAVE):
            numbers = range(first, min(live, first + WAVE))
            for number in numbers:
                writer, reader = _pair(phones, number)
                writer.send(reader.user, f"text {mark} number {number} end")
            await until(lambda last=numbers[-1]: _lines(phones) == before + 2 * (last + 1), 150)
        taken = [_known_of(one) for one in phones]
        for one in phones[2:]:
            await one.close()
        for number in range(live, messages):
            writer, reader = phones[number % 2], phones[2 + number // 2 % 2]
            writer.send(reader.user, f"text {mark} number {number} end")
        await until(lambda: not any(one.engine.books.errands for one in phones[:2]), 150)
        await asyncio.sleep(SETTLE)
        haystacks = {
            **relay.files(),
            "memory": memory_of(relay.process.pid),
            "metrics": relay.metrics(),
            **capture.haystacks(),
        }
        for one in phones[:2]:
            await one.close()
        maps = Path(f"/proc/{relay.process.pid}/maps").read_text()
        values = {kind: [value for one in taken for value in one[kind]] for kind in taken[0]}
        prints = [one.engine.books.device.fingerprint for one in phones]
        return Haul(
            mark, haystacks, values, prints, [], [], told_in(capture), maps, [f"{name} {mark}" for name in NAMES]
        )


def joined(
    folder: Path,
    relay: RelayProcess,
    capture: Capture,
    operator: Ed25519PrivateKey,
    network: Network,
    log: LogServer,
    file: str,
    name: str,
    now: Callable[[], int] = milliseconds,
) -> Phone:
    """A new phone on its way to the relay, through the capture."""
    hour = int(time.time() // 3_600) + 24
    tokens = tuple(sign_token(operator, os.urandom(16), hour, 10_000, 1 << 30) for _ in range(2))
    leave = msgspec.structs.replace(
        network.leave(),
        relay=relay.name,
        relay_url=f"ws://127.0.0.1:{capture.port}",
        log_urls=(log.url,),
        tokens=tokens,
    )
    phone, _ = Phone.create(folder / f"{file}.phone", "secret", leave, name=name, effort=CHEAP, rules=RULES, now=now)
    phone.start()
    return phone


async def acquainted(phones: list[Phone]) -> None:
    """Everybody becomes everybody's contact."""
    await until(lambda: all(one.joined and one.online for one in phones), 150)
    for at, one in enumerate(phones):
        for other in phones[at + 1 :]:
            other.answer(await one.invite())
    await until(lambda: all(_knows(one, len(phones) - 1) for one in phones), 150)


def _knows(phone: Phone, number: int) -> bool:
    contacts = [one for one in phone.contacts() if one.state is ContactState.OPEN and one.routes]
    return len(contacts) == number


def _pair(phones: list[Phone], number: int) -> tuple[Phone, Phone]:
    writer = number % len(phones)
    return phones[writer], phones[(writer + 1 + number // len(phones) % (len(phones) - 1)) % len(phones)]


def _lines(phones: list[Phone]) -> int:
    """Lines in all chats: one where a message was written, one where it arrived."""
    return sum(one.engine.books.store.count("item") for one in phones)


def _known_of(phone: Phone) -> dict[str, list[bytes]]:
    books = phone.engine.books
    own, certificate = books.own, books.device.certificate
    given = [(mailbox, one.capability) for contact in books.contacts.values() for mailbox, one in contact.given.items()]
    return {
        "mailbox": [box.mailbox for box in own.boxes],
        "capability": [secret for _, secret in given],
        "capability digest": [hashlib.sha256(secret).digest() for _, secret in given],
        "door": [door_name(*one) for one in given],
        "master public key": [own.master],
        "device id": [certificate.device],
        "device public key": [certificate.ed25519, certificate.curve25519],
        "fingerprint": [books.device.fingerprint],
        "user of the log": [own.user],
        "secret key": [
            own.name_key,
            books.store.key,
            *(secret for box in own.boxes for secret in (box.seed, box.bundle_key)),
            *(seed for seed, _ in books.device._seeds),
        ],
    }
