"""``filon-net log run``: a folder, a socket, a loop."""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from filon_net.errors import LogDamaged, Malformed
from filon_net.loghost.host import LogHost
from filon_net.loghost.log_app import log_app
from filon_net.loghost.sequencer import HEARTBEAT, Sequencer
from filon_net.loghost.serving import serve
from filon_net.loghost.witnesses import AskedWitness

__all__ = ["run_log"]


async def run_log(
    folder: Path,
    where: socket.socket,
    witnesses: Sequence[AskedWitness],
    needed: int | None,
    heartbeat: float = HEARTBEAT,
    *,
    say: Callable[[str], None],
) -> None:
    """Run a log until it is told to stop, or its disk fails. ``needed``: more than half of the witnesses if not given."""
    enough = (len(witnesses) // 2 + 1 if witnesses else 0) if needed is None else needed
    if not 0 <= enough <= len(witnesses):
        raise Malformed("{needed} of {count} witnesses cannot be asked for", needed=enough, count=len(witnesses))
    if len({one.key.public for one in witnesses}) != len(witnesses):
        raise Malformed("two witnesses have one key")
    host = LogHost(folder, time.time)
    sequencer = Sequencer(host, witnesses, enough, heartbeat)
    greeting = f"log {host.origin}: {enough} of {len(witnesses)} witnesses needed"
    running = asyncio.create_task(sequencer.run())
    serving = asyncio.create_task(serve(log_app(folder, sequencer, heartbeat), where, greeting, say))
    try:
        await asyncio.wait((running, serving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        running.cancel()
        serving.cancel()
        ended = await asyncio.gather(running, serving, return_exceptions=True)
        await sequencer.close()
    for one in ended:
        if isinstance(one, OSError):
            raise LogDamaged(
                "the log's disk failed: {what}", hint="look at the disk, then start the log again", what=one.strerror
            ) from one
        if isinstance(one, Exception):
            raise one
