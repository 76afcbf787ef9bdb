"""Phones for the bench, many in one process: reads one plan from its input, does it, writes what it saw.

``hold`` joins (or opens) mailboxes, fetches, acknowledges what comes every 50 ms, and stays until a line ``stop`` comes.
``drive`` posts to mailboxes that others hold. Keys and capabilities follow from a number, so that both know them.
"""

import asyncio
import gc
import hashlib
import json
import os
import random
import sys
import time
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from picows import WSListener, WSMsgType, ws_connect

from filon_net.wire import BLOB_SIZES, PhoneEnd, sign_token
from filon_net.wire.frames import Acked, Challenge, Deliver, Done, Opened, Posted, Refused
from filon_net.wire.proofs import mailbox_of

OPERATOR = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bench operator").digest())
LATE = (1 << 32) - 1
QUOTA = (1 << 40, 1 << 50)
AT_ONCE = 64


def key_of(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bench mailbox %d" % number).digest())


def capability_of(number: int) -> bytes:
    return hashlib.sha256(b"bench capability %d" % number).digest()


class Line(WSListener):
    """One connection of a phone, for what the bench needs of it."""

    def __init__(self, relay: bytes, key: Ed25519PrivateKey | None, token: bytes | None) -> None:
        self.end = PhoneEnd(relay, time.monotonic(), key, token)
        self.owner = key is not None
        self.ready = asyncio.get_running_loop().create_future()
        self.granted: asyncio.Future[None] | None = None
        self.got: list[int] = []
        self.sent: dict[int, tuple[int, float]] = {}
        self.lost = False

    def on_ws_connected(self, transport: Any) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        for told in self.end.receive(frame.get_payload_as_bytes(), time.monotonic()):
            if isinstance(told, Posted | Refused) and told.request in self.sent:
                SEEN.answered(*self.sent.pop(told.request), isinstance(told, Posted))
            elif isinstance(told, Deliver):
                SEEN.delivered.append((int.from_bytes(told.blob[:8], "big"), time.monotonic()))
                self.got.append(told.number)
                SEEN.unacked[id(self)] = self
            elif isinstance(told, Opened if self.owner else Challenge):
                self.ready.set_result(None)
            elif isinstance(told, Done) and self.granted is not None:
                self.granted.set_result(None)
            elif isinstance(told, Acked):
                SEEN.acked += told.count
        self.flush()

    def on_ws_disconnected(self, transport: Any) -> None:
        self.lost = True
        SEEN.lost += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before it was ready"))

    def flush(self) -> None:
        for data in self.end.take():
            self.transport.send(WSMsgType.BINARY, data)


class Seen:
    """What happened in this process."""

    def __init__(self) -> None:
        self.posted: list[tuple[int, float, float]] = []
        self.delivered: list[tuple[int, float]] = []
        self.unacked: dict[int, Line] = {}
        self.refused = self.lost = self.acked = self.again = 0

    def answered(self, mark: int, began: float, kept: bool) -> None:
        if kept:
            self.posted.append((mark, began, time.monotonic()))
        else:
            self.refused += 1


SEEN = Seen()


async def connect(plan: dict[str, Any], number: int, key: Any = None, token: bytes | None = None) -> Line:
    port = plan["ports"][number % len(plan["ports"])]
    _, line = await ws_connect(
        lambda: Line(bytes.fromhex(plan["relay"]), key, token),
        f"ws://127.0.0.1:{port}/",
        websocket_handshake_timeout=60,
        read_buffer_init_size=1024,
    )
    await line.ready
    return line


async def joined(plan: dict[str, Any], number: int) -> Line:
    """As a phone does: where the relay does not answer in time, again."""
    while True:
        try:
            return await join(plan, number)
        except ConnectionError:
            SEEN.again += 1
            await asyncio.sleep(random.uniform(0.5, 1.5))


async def join(plan: dict[str, Any], number: int) -> Line:
    token = sign_token(OPERATOR, os.urandom(16), LATE, *QUOTA) if plan["join"] else None
    line = await connect(plan, number, key_of(number), token)
    if plan["join"]:
        line.granted = asyncio.get_running_loop().create_future()
        line.end.grant(hashlib.sha256(capability_of(number)).digest(), 65_535)
        line.flush()
        await line.granted
    line.end.fetch(0, 256)
    line.flush()
    return line


async def hold(plan: dict[str, Any]) -> None:
    began = time.monotonic()
    numbers = iter(range(plan["first"], plan["first"] + plan["count"]))
    lines: list[Line] = []

    async def work() -> None:
        for number in numbers:
            lines.append(await joined(plan, number))  # noqa: PERF401  # seen by keep at once

    keeping = asyncio.create_task(keep(lines))  # those who came first must not fall silent while others join
    await asyncio.gather(*[work() for _ in range(AT_ONCE)])
    gc.collect()
    gc.freeze()  # looking through 16,000 connections for garbage takes this process half a second, in which no phone hears anything
    say(held=len(lines), seconds=time.monotonic() - began, again=SEEN.again)
    SEEN.lost = 0
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    keeping.cancel()
    await asyncio.sleep(0.5)
    say(delivered=SEEN.delivered, acked=SEEN.acked, lost=SEEN.lost)


async def keep(lines: list[Line]) -> None:
    """Acknowledge what was delivered, and let time pass for every phone."""
    turn = 0
    while True:
        await asyncio.sleep(0.05)
        turn += 1
        waiting, SEEN.unacked = SEEN.unacked, {}
        for line in waiting.values():
            for at in range(0, len(line.got), 256):
                line.end.ack(line.got[at : at + 256])
            line.got.clear()
            line.flush()
        now = time.monotonic()
        for line in lines[turn % 100 :: 100]:  # each every five seconds
            line.end.tick(now)
            line.flush()


async def drive(plan: dict[str, Any]) -> None:
    lines = [await connect(plan, at) for at in range(plan["senders"])]
    boxes = [
        (mailbox_of(key_of(number)), capability_of(number))
        for number in range(plan["first"], plan["first"] + plan["count"])
    ]
    filler = [os.urandom(BLOB_SIZES[0] - 8) for _ in range(64)]
    marks = iter(range(plan["mark"], 1 << 62))
    say(ready=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    end = time.monotonic() + plan["seconds"]
    began = time.monotonic()

    def post(line: Line) -> None:
        mark = next(marks)
        box, capability = random.choice(boxes)
        request = line.end.post(box, capability, LATE, mark.to_bytes(8, "big") + random.choice(filler))
        line.sent[request] = (mark, time.monotonic())
        line.flush()

    if plan["rate"]:
        count = 0
        while (now := time.monotonic()) < end:
            while count < (now - began) * plan["rate"]:
                line = lines[count % len(lines)]
                count += 1
                if len(line.sent) < 32:
                    post(line)
                else:
                    SEEN.refused += 1
            await asyncio.sleep(0.002)
    else:
        while time.monotonic() < end:
            for line in lines:
                while len(line.sent) < plan["window"]:
                    post(line)
            await asyncio.sleep(0)
    while any(line.sent and not line.lost for line in lines) and time.monotonic() < end + 20:
        await asyncio.sleep(0.01)
    say(posted=SEEN.posted, refused=SEEN.refused, lost=SEEN.lost, began=began, ended=time.monotonic())


def say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def main() -> None:
    plan = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run({"hold": hold, "drive": drive}[plan["do"]](plan))
    os._exit(0)  # tens of thousands of sockets need no goodbye


if __name__ == "__main__":
    main()
