"""``filon-net witness run``: a folder, a socket, a loop."""

import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from filon_net.errors import Malformed
from filon_net.log import VerifierKey, Witness, WitnessMemory
from filon_net.loghost.folder import known_logs, make_known, read_signer
from filon_net.loghost.serving import serve
from filon_net.loghost.witness_app import witness_app

__all__ = ["run_witness"]


async def run_witness(
    folder: Path, where: socket.socket, logs: Sequence[VerifierKey], say: Callable[[str], None]
) -> None:
    """Run a witness until it is told to stop. ``logs`` are made known first, where they are not."""
    signer = read_signer(folder / "key")
    memory = WitnessMemory(folder / "memory")
    try:
        for log in logs:
            make_known(folder, memory, log)
        known = {log.name: [log] for log in known_logs(folder)}
        if not known:
            raise Malformed("this witness knows no log", hint="name one with --log")
        witness = Witness(signer, known, memory, lambda: int(time.time()))
        await serve(witness_app(witness), where, f"witness {signer.key.text} of {', '.join(known)}", say)
    finally:
        memory.close()
