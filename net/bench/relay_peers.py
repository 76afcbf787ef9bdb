"""Mosquitto and NATS as bare carriers: the same number of connections with passwords, the same bytes, no durability asked for.

The smallest clients that do: MQTT 3.1.1 at QoS 1, and core NATS. One topic a phone, one subscriber each.
"""

import asyncio
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from relay_machine import resident, seconds

from filon_net.wire import BLOB_SIZES

__all__ = ["run_peers"]

_SIZE = BLOB_SIZES[0]
_EACH_PROCESS = 16_000
_WINDOW = 32
_SENDERS = 8


class Mqtt(asyncio.Protocol):
    """One client of Mosquitto."""

    def __init__(self, name: str, seen: Any, topic: str | None) -> None:
        self.name, self.seen, self.topic = name, seen, topic
        self.ready = asyncio.get_running_loop().create_future()
        self.data = b""
        self.sent: dict[int, tuple[int, float]] = {}
        self._next = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        body = _text("MQTT") + b"\x04\xc2\x00\x78" + _text(self.name) + _text("phone") + _text("secret")
        transport.write(b"\x10" + _length(len(body)) + body)

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (found := _packet(self.data)) is not None:
            kind, body, end = found
            self.data = self.data[end:]
            if kind >> 4 == 2:
                if self.topic is None:
                    self.ready.set_result(None)
                else:
                    asked = b"\x00\x01" + _text(self.topic) + b"\x01"
                    self.transport.write(b"\x82" + _length(len(asked)) + asked)
            elif kind >> 4 == 9:
                self.ready.set_result(None)
            elif kind >> 4 == 4:
                self.seen.posted.append((*self.sent.pop(int.from_bytes(body, "big")), time.monotonic()))
            elif kind >> 4 == 3:
                at = 2 + int.from_bytes(body[:2], "big")
                self.seen.delivered.append((int.from_bytes(body[at + 2 : at + 10], "big"), time.monotonic()))
                self.transport.write(b"\x40\x02" + body[at : at + 2])

    def post(self, topic: str, mark: int, payload: bytes) -> None:
        self._next = self._next % 65_535 + 1
        self.sent[self._next] = (mark, time.monotonic())
        body = _text(topic) + self._next.to_bytes(2, "big") + payload
        self.transport.write(b"\x32" + _length(len(body)) + body)


class Nats(asyncio.Protocol):
    """One client of NATS. A PING behind each message stands for the answer that core NATS does not give."""

    def __init__(self, name: str, seen: Any, topic: str | None) -> None:
        self.seen, self.topic = seen, topic
        self.ready = asyncio.get_running_loop().create_future()
        self.data = b""
        self.sent: dict[int, tuple[int, float]] = {}
        self._first = self._next = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        subscribe = f"SUB {self.topic} 1\r\n".encode() if self.topic else b""
        transport.write(b'CONNECT {"verbose":false,"user":"phone","pass":"secret"}\r\n' + subscribe + b"PING\r\n")

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n")) >= 0:
            line = self.data[:end]
            if line.startswith(b"MSG"):
                size = int(line.rsplit(b" ", 1)[1])
                if len(self.data) < end + 4 + size:
                    return
                self.seen.delivered.append((int.from_bytes(self.data[end + 2 : end + 10], "big"), time.monotonic()))
                end += 2 + size
            elif line == b"PING":
                self.transport.write(b"PONG\r\n")
            elif line == b"PONG":
                if not self.ready.done():
                    self.ready.set_result(None)
                else:
                    self._first += 1
                    self.seen.posted.append((*self.sent.pop(self._first), time.monotonic()))
            self.data = self.data[end + 2 :]

    def post(self, topic: str, mark: int, payload: bytes) -> None:
        self._next += 1
        self.sent[self._next] = (mark, time.monotonic())
        self.transport.write(f"PUB {topic} {len(payload)}\r\n".encode() + payload + b"\r\nPING\r\n")


class Seen:
    """What a process saw."""

    def __init__(self) -> None:
        self.posted: list[tuple[int, float, float]] = []
        self.delivered: list[tuple[int, float]] = []


def _text(text: str) -> bytes:
    return len(text).to_bytes(2, "big") + text.encode()


def _length(size: int) -> bytes:
    out = b""
    while True:
        size, low = size >> 7, size & 127
        out += bytes([low | (128 if size else 0)])
        if not size:
            return out


def _packet(data: bytes) -> tuple[int, bytes, int] | None:
    """First byte, body and end of the first whole packet."""
    size = shift = 0
    for at in range(1, min(len(data), 5)):
        size |= (data[at] & 127) << shift
        shift += 7
        if not data[at] & 128:
            end = at + 1 + size
            return (data[0], data[at + 1 : end], end) if len(data) >= end else None
    return None


async def _phones(plan: dict[str, Any]) -> None:
    loop, seen = asyncio.get_running_loop(), Seen()
    kind = {"mosquitto": Mqtt, "nats": Nats}[plan["peer"]]

    async def one(name: str, topic: str | None) -> Any:
        _, client = await loop.create_connection(lambda: kind(name, seen, topic), "127.0.0.1", plan["port"])
        await client.ready
        return client

    if plan["do"] == "hold":
        numbers, held = iter(range(plan["first"], plan["first"] + plan["count"])), []

        async def work() -> None:
            held.extend([await one(f"p{number}", f"box.{number}") for number in numbers])

        await asyncio.gather(*[work() for _ in range(64)])
        _say(held=len(held))
        await loop.run_in_executor(None, sys.stdin.readline)
        _say(delivered=seen.delivered)
        return
    senders = [await one(f"s{at}", None) for at in range(_SENDERS)]
    filler = os.urandom(_SIZE - 8)
    mark, began = plan["mark"], time.monotonic()
    end = began + plan["seconds"]
    while (now := time.monotonic()) < end:
        for sender in senders:
            while len(sender.sent) < _WINDOW and (
                not plan["rate"] or mark - plan["mark"] < (now - began) * plan["rate"]
            ):
                sender.post(f"box.{random.randrange(plan['count'])}", mark, mark.to_bytes(8, "big") + filler)
                mark += 1
        await asyncio.sleep(0.002 if plan["rate"] else 0)
    while any(sender.sent for sender in senders) and time.monotonic() < end + 20:
        await asyncio.sleep(0.01)
    _say(posted=seen.posted)


def _say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class _Load:
    def __init__(self, **plan: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.tell(json.dumps(plan))

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _server(peer: str, folder: Path, port: int) -> list[str] | None:
    program = shutil.which("mosquitto" if peer == "mosquitto" else "nats-server")
    if program is None:
        return None
    if peer == "nats":
        return [
            program,
            "-a",
            "127.0.0.1",
            "-p",
            str(port),
            "--user",
            "phone",
            "--pass",
            "secret",
            "-l",
            str(folder / "log"),
        ]
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", folder / "passwords", "phone", "secret"], check=True, capture_output=True
    )
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {folder / 'passwords'}\n"
        "max_inflight_messages 0\nmax_queued_messages 0\nlog_type none\nuser root\n"
    )
    return [program, "-c", str(config)]


def run_peers(
    phones: int, length: float, rate: int, spread: Callable[[list[float]], Any], say: Callable[[str, Any], None]
) -> dict[str, Any]:
    """Idle, at a rate, and at most, for each peer that is installed. One process of a peer: at most 19,000 phones."""
    result: dict[str, Any] = {}
    phones = min(phones, 19_000)
    for peer in ("mosquitto", "nats"):
        folder, port = Path(tempfile.mkdtemp(prefix="filon-peer-")), _free_port()
        command = _server(peer, folder, port)
        if command is None:
            result[peer] = None
            continue
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                result[peer] = _measured(peer, process.pid, port, phones, length, rate, spread)
                say(peer, result[peer])
            finally:
                process.terminate()
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _measured(
    peer: str, pid: int, port: int, phones: int, length: float, rate: int, spread: Callable[[list[float]], Any]
) -> dict[str, Any]:
    time.sleep(1)
    bare = resident(pid)
    plan = {"peer": peer, "port": port, "seconds": length, "count": phones, "do": "drive"}
    holds = [
        _Load(**plan | {"do": "hold", "first": at, "count": min(_EACH_PROCESS, phones - at)})
        for at in range(0, phones, _EACH_PROCESS)
    ]
    for hold in holds:
        hold.hear()
    time.sleep(3)
    told: dict[str, Any] = {"phones": phones, "kb_per_connection": (resident(pid) - bare) / phones / 1_000}
    runs = {}
    for name, asked, mark in (("latency", rate, 0), ("most", 0, 1 << 40)):
        before = seconds(pid)
        runs[name] = _Load(**plan, rate=asked, mark=mark).hear()["posted"]
        told[name] = {
            "per_second": len(runs[name]) / length,
            "cpu_us_per_message": 1e6 * (seconds(pid) - before) / len(runs[name]),
        }
        time.sleep(2)
    arrived: dict[int, float] = {}
    for hold in holds:
        hold.tell("stop")
        arrived.update((mark, at) for mark, at in hold.hear()["delivered"])
    told["latency"]["posted_to_delivered"] = spread(
        [max(0.0, arrived[m] - at) for m, _, at in runs["latency"] if m in arrived]
    )
    told["latency"]["sent_to_delivered"] = spread(
        [arrived[m] - began for m, began, _ in runs["latency"] if m in arrived]
    )
    told["most"]["delivered"] = sum(mark in arrived for mark, *_ in runs["most"])
    return told


if __name__ == "__main__":
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(_phones(json.loads(sys.stdin.readline())))
    sys.stdout.flush()
    os._exit(0)  # tens of thousands of sockets need no goodbye
