"""From an entry that comes in to a checkpoint that witnesses signed: one task, one thread for the disk.

About once a second what waits is put under a checkpoint; the witnesses are asked side by side, and once ``needed`` of them
signed (and the others had half a second more) it is published. Before that phones are served the one before, which they
accept. Every ten minutes the same is done with nothing new: the witnesses' new times are the heartbeat.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import httpx

from filon_net.errors import LogError
from filon_net.log import read_note, with_cosignatures
from filon_net.log.checkpoints import Checkpoint
from filon_net.log.cosignatures import cosigned
from filon_net.log.notes import Note
from filon_net.loghost.host import LogHost
from filon_net.loghost.witnesses import AskedWitness

__all__ = ["HEARTBEAT", "Sequencer"]

_LOG = logging.getLogger(__name__)

HEARTBEAT = 600.0
"""Seconds between publications when nothing is new; phones call a log late after an hour."""
INTERVAL = 1.0
GRACE = 0.5
_ASK_FOR = 8.0
_AGAIN = 5.0
"""Seconds until the witnesses are asked again when too few signed."""
P = ParamSpec("P")
T = TypeVar("T")


class Sequencer:
    """Runs one log. ``accept`` from any task of the loop; ``run`` as one task."""

    def __init__(
        self, host: LogHost, witnesses: Sequence[AskedWitness], needed: int, heartbeat: float = HEARTBEAT
    ) -> None:
        self._host = host
        self._witnesses = witnesses
        self._needed = needed
        self._heartbeat = heartbeat
        self._thread = ThreadPoolExecutor(1, "log")
        self._new = asyncio.Event()
        self._published = asyncio.Condition()
        self.size = -1
        """Entries under the published checkpoint; -1 before the first publication."""
        self.published_at = 0.0
        """Monotonic seconds."""

    async def _disk(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: call(*args, **kwargs))

    async def accept(self, data: bytes, token: bytes | None, wait: float) -> tuple[int, bool]:
        """The index of an entry, and whether it is published within ``wait`` seconds. LogError where it is not let in."""
        index = await self._disk(self._host.accept, data, token)
        self._new.set()
        try:
            async with asyncio.timeout(wait), self._published:
                await self._published.wait_for(lambda: self.size > index)
        except TimeoutError:
            return index, False
        return index, True

    async def run(self) -> None:
        """Integrate, ask, publish, until cancelled. An OSError or LogDamaged of the log's own disk ends it."""
        async with httpx.AsyncClient(timeout=_ASK_FOR, trust_env=False, follow_redirects=False) as client:
            while True:
                began = time.monotonic()
                self._new.clear()
                done = await self._publish(client)
                if self._host.waiting:
                    self._new.set()
                await asyncio.sleep(INTERVAL if done else _AGAIN)
                left = self._heartbeat - (time.monotonic() - began)
                if done and left > 0:
                    try:
                        await asyncio.wait_for(self._new.wait(), left)
                    except TimeoutError:
                        await self._disk(self._host.tidy)

    async def _publish(self, client: httpx.AsyncClient) -> bool:
        """One round; whether enough witnesses signed."""
        checkpoint, signed = await self._disk(self._host.integrate)
        note = await self._cosigned(client, checkpoint, read_note(signed))
        keys = [one.key for one in self._witnesses]
        if len(cosigned(note, keys)) < self._needed:
            return False
        await self._disk(self._host.publish, note.data)
        async with self._published:
            self.size, self.published_at = checkpoint.size, time.monotonic()
            self._published.notify_all()
        return True

    async def _cosigned(self, client: httpx.AsyncClient, checkpoint: Checkpoint, note: Note) -> Note:
        """The note with the cosignatures that came in time."""
        asked = note.data

        async def prove(old: int) -> list[bytes]:
            return await self._disk(self._host.prove, old)

        waiting = {asyncio.create_task(one.cosign(client, checkpoint, asked, prove)): one for one in self._witnesses}
        until = time.monotonic() + _ASK_FOR
        count = 0
        while waiting:
            done, _ = await asyncio.wait(
                waiting, timeout=max(0.0, until - time.monotonic()), return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                break
            for task in done:
                witness = waiting.pop(task)
                try:
                    note = with_cosignatures(note, task.result(), [witness.key])
                    count += bool(cosigned(note, [witness.key]))
                except LogError as error:
                    _LOG.warning("witness %s: %s", witness.key.name, error)
            if count >= self._needed:
                until = min(until, time.monotonic() + GRACE)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return note

    async def close(self) -> None:
        """Wait for the disk and let go of the folder."""
        await self._disk(self._host.close)
        self._thread.shutdown()
