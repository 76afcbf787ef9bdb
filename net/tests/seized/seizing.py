"""One seizure: a relay as its operator runs it, people who write a thousand marked messages, and everything taken."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seized.capture import Capture
from seized.haul import Haul, door_name, told_in
from seized.relay_process import memory_of, started
from seized.talkers import talk

__all__ = ["PEOPLE", "seize"]

PEOPLE = 6
SETTLE = 3.0
"""Seconds after which a relay has helped erased bytes out of its files."""


def seize(
    folder: Path,
    messages: int,
    *more: str,
    others: Callable[[], dict[str, bytes]] = dict,
) -> Haul:
    """Run, talk, and take: files, memory, log, metrics and traffic. ``others`` gives further haystacks."""
    mark = f"mark {os.urandom(8).hex()}"
    operator = Ed25519PrivateKey.generate()
    with started(folder, operator, *more) as relay:

        async def run() -> Haul:
            async with Capture(relay.port) as capture:
                talkers, read, waiting = await talk(capture.port, relay.name, operator, mark, PEOPLE, messages)
                await asyncio.sleep(SETTLE)
                haystacks = {
                    **relay.files(),
                    **others(),
                    "memory": memory_of(relay.process.pid),
                    "metrics": relay.metrics(),
                    **capture.haystacks(),
                }
                for one in talkers:
                    await one.sender.close()
                maps = Path(f"/proc/{relay.process.pid}/maps").read_text()
                capabilities = [(one.mailbox, secret) for one in talkers for secret in one.capabilities.values()]
                certificates = [one.device.certificate for one in talkers]
                values = {
                    "mailbox": [one.mailbox for one in talkers],
                    "capability": [secret for _, secret in capabilities],
                    "capability digest": [hashlib.sha256(secret).digest() for _, secret in capabilities],
                    "door": [door_name(*one) for one in capabilities],
                    "master public key": [one.user for one in certificates],
                    "device id": [one.device for one in certificates],
                    "device public key": [key for one in certificates for key in (one.ed25519, one.curve25519)],
                    "fingerprint": [one.device.fingerprint for one in talkers],
                    "user of the log": [one.user for one in talkers],
                    "secret key": [secret for one in talkers for secret in one.secrets()],
                    "blob that waits": [one[-64:] for one in waiting],
                    "blob that was read": [one[-64:] for one in read],
                }
                told = told_in(capture)
                seeds = [seed for one in talkers for seed, _ in one.device._seeds]
                fingerprints = [one.device.fingerprint for one in talkers]
                names = [one.name for one in talkers]
                keys = {one.mailbox: one.bundle_key for one in talkers}
                return Haul(mark, haystacks, values, fingerprints, read, waiting, told, maps, names, seeds, keys)

        haul = asyncio.run(run())
        relay.stop()
        haul.haystacks["log"] = relay.log
    return haul
