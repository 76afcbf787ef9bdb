"""Serve a case to the browsers of this machine."""

import asyncio
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from filon.case import Case
from filon.errors import FilonError, Unsupported
from filon.web.app import HOSTS, create_app
from filon.web.door import Door

__all__ = ["serve"]

PORTS_TRIED = 50


def tell(line: str) -> None:
    """Say something to the terminal that serves."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def serve(case: Case, host: str = "127.0.0.1", port: int = 8080, say: Callable[[str], None] = tell) -> None:
    """Serve until interrupted. Only this machine is let in; a port in use gives way to the next free one.

    ``say`` is given the link to open. It holds a one-time token: whenever it was used, a fresh link is said.
    """
    if host not in HOSTS:
        raise Unsupported(
            "filon serves to this machine only, not on {host}",
            hint="for another machine, use an SSH tunnel to 127.0.0.1",
            host=host,
        )
    with listen(host, port) as listener:
        bound = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        door = Door(on_token=lambda token: say(f"http://{shown}:{bound}/enter/{token}"))
        app = create_app(case, door=door, cookie=f"filon-{bound}")
        warming = threading.Thread(target=_warm, args=(case,), name="warming", daemon=True)
        warming.start()
        with suppress(KeyboardInterrupt):  # how people end it; the server has closed everything by then
            config = uvicorn.Config(
                app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none"
            )
            asyncio.run(_Server(config, door.token).serve(sockets=[listener]))
        warming.join()  # the end of the process would cut a thread off inside an engine, which complains loudly


class _Server(uvicorn.Server):
    """Says its link once it answers and heeds Ctrl-C: before that, an interrupt would fall into a half-made event loop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _warm(case: Case) -> None:
    """Ask what the first page will ask, so that its answers are there when somebody comes in."""
    with suppress(FilonError):  # whoever opens the page is told what is wrong
        view = case.view()
        case.overview(view)
        for step in ("month", "day"):
            case.activity(view, step=step)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on the port, or on the next free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener
    raise Unsupported(
        "no free port from {port} to {last}",
        hint="stop another server, or give a port with --port",
        port=port,
        last=port + PORTS_TRIED - 1,
    )
