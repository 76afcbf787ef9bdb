"""A phone without letters: ``wire.PhoneEnd`` over a real socket, and a relay run as a user would run it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import uvloop
from picows import WSListener, WSMsgType, ws_connect

from filon_net.wire import PhoneEnd
from filon_net.wire.frames import Acked, Claimed, Deliver, Done, Opened, Posted, Refused

__all__ = ["Ended", "Line", "Relay", "go", "wait_until"]


PROGRAM = (sys.executable, "-c", "from filon_net.cli import main; main()")


LINES = []
"""Those of the dialogue that runs."""


class Ended(Exception):
    """The connection is over; ``code`` is the close code, None where the socket just broke."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Line(WSListener):
    """One connection of a phone. With ``key`` an owner's, without a sender's."""

    def __init__(self, relay, key=None, token=None):
        self.end = PhoneEnd(relay, time.monotonic(), key, token)
        self.code = None
        self.over = asyncio.get_running_loop().create_future()
        self.opened = asyncio.get_running_loop().create_future()
        self.delivered = asyncio.Queue()
        self.refusal = None
        self._answers = {}
        self._acked = []
        self._owner = key is not None

    @classmethod
    async def connect(cls, port, *args, **keys):
        """A connection on which the phone knows where it is: the mailbox open, or, for a sender, the challenge read."""
        transport, line = await ws_connect(
            lambda: cls(*args, **keys),
            f"ws://127.0.0.1:{port}/",
            websocket_handshake_timeout=20,
            read_buffer_init_size=1024,
        )
        line.transport = transport
        await line.opened
        return line

    def on_ws_connected(self, transport):
        self.transport = transport
        LINES.append(self)

    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.CLOSE:
            self.code = int(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type == WSMsgType.BINARY:
            for told in self.end.receive(frame.get_payload_as_bytes(), time.monotonic()):
                self._told(told)
            self.flush()

    def on_ws_disconnected(self, transport):
        if not self.over.done():
            self.over.set_result(self.code)
        for waiting in [self.opened, *self._answers.values(), *self._acked]:
            if not waiting.done():
                waiting.set_exception(Ended(self.code))
                waiting.exception()  # seen: not everybody waits
        self.delivered.put_nowait(None)

    def _told(self, told):
        if isinstance(told, Opened) or (not self._owner and type(told).__name__ == "Challenge"):
            self.opened.set_result(told)
        elif isinstance(told, Deliver):
            self.delivered.put_nowait(told)
        elif isinstance(told, Acked):
            _settle(self._acked.pop(0), told)
        elif isinstance(told, Refused) and told.request is None:
            self.refusal = told
        elif isinstance(told, Done | Posted | Claimed | Refused):
            _settle(self._answers.pop(told.request), told)

    def flush(self):
        for data in self.end.take():
            self.transport.send(WSMsgType.BINARY, data)

    def ask(self, call, *args):
        """A future of the answer to ``post``, ``claim``, ``grant``, ``revoke`` or ``stock``."""
        self._alive()
        request = getattr(self.end, call)(*args)
        waiting = self._answers[request] = asyncio.get_running_loop().create_future()
        self.flush()
        return waiting

    def ack(self, *numbers):
        """A future of Acked."""
        self._alive()
        self.end.ack(numbers)
        waiting = asyncio.get_running_loop().create_future()
        self._acked.append(waiting)
        self.flush()
        return waiting

    def _alive(self):
        if self.over.done():
            raise Ended(self.code)

    def fetch(self, after=0, window=256):
        self.end.fetch(after, window)
        self.flush()

    async def next(self, seconds=10):
        """The next delivery; Ended where there is none any more."""
        got = await asyncio.wait_for(self.delivered.get(), seconds)
        if got is None:
            raise Ended(self.code)
        return got

    async def close(self):
        self.transport.disconnect()
        await self.over


def _settle(waiting, told):
    if not waiting.done():
        waiting.set_result(told)


def go(dialogue, seconds=90):
    """Run a dialogue on the loop the relay is made for; connections it left open are cut."""

    async def whole():
        try:
            return await asyncio.wait_for(dialogue, seconds)
        finally:
            mine, LINES[:] = list(LINES), []
            for line in mine:
                line.transport.disconnect(False)
            await asyncio.gather(*[line.over for line in mine])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(whole())


class Relay:
    """``filon-net relay run`` as a process of its own."""

    def __init__(self, folder: Path, *, url=None, operators=(), extra=()):
        self.folder = folder
        self.url = url
        self._extra = extra
        self.process = None
        self.port = None
        if not (folder / "name").exists():
            self.command("relay", "init", folder, *[part for key in operators for part in ("--operator", key.hex())])
        self.name = bytes.fromhex((folder / "name").read_text())

    @staticmethod
    def command(*arguments):
        return subprocess.run([*PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True).stdout

    def start(self, port=0):
        store = ["--store", "postgres", self.url] if self.url else []
        with (self.folder / "stderr").open("ab") as errors:
            self.process = subprocess.Popen(
                [
                    *(*PROGRAM, "relay", "run", str(self.folder)),
                    *("--listen", f"127.0.0.1:{port}", "--metrics", "127.0.0.1:0", *store, *self._extra),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "PYTHONWARNINGS": "error"},
            )
        self.port = self._told(r"listening on .*:(\d+)")
        self.metrics_port = self._told(r"metrics on .*:(\d+)")
        return self

    def _told(self, pattern):
        line = self.process.stdout.readline()
        found = re.match(pattern, line)
        assert found, (line, (self.folder / "stderr").read_text())
        return int(found[1])

    def rss(self):
        """Resident bytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", lines)[1]) * 1024

    def kill(self):
        self.process.kill()
        self._ended()

    def stop(self):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self):
        status = self.process.wait(30)
        self.process.stdout.close()
        return status


async def wait_until(true, seconds=10):
    """Wait for something that no message tells."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)
