"""The log's addresses.

    GET  /checkpoint, /tile/...     the files of c2sp.org/tlog-tiles; nothing else of the folder
    POST /add-entry                 the bytes of an entry; a first list with the header Filon-Net-Admission (``log.tokens``)
    GET  /health                    200 where a checkpoint was published within twice the heartbeat, else 503

``add-entry`` answers, as plain text:

    200  INDEX: in the tree, published, signed by enough witnesses; also for the newest list of a user sent again
    202  INDEX: on the disk, to be published; sending it again asks again
    400  not an entry
    403  not let in: no good token, no known release key
    409  does not follow from the user's newest list: read the log again
    408, 413  the body came too slowly, is too long
    429  this user sends too often, with Retry-After
    503  the log cannot take it now
"""

import asyncio
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from filon_net.errors import ChainBroken, FilonNetError, LogBusy, LogDamaged, LogError, Malformed, NotSigned
from filon_net.log.tiles import CHECKPOINT_PATH, LARGEST_ENTRY, read_tile_path
from filon_net.log.tokens import ADD_ENTRY, ADMISSION, read_header
from filon_net.loghost.gate import TooFast
from filon_net.loghost.sequencer import HEARTBEAT, Sequencer
from filon_net.loghost.serving import TooLong, TooSlow, read_body

__all__ = ["log_app"]

WAIT = 10.0
"""Seconds an answer to ``add-entry`` waits for the witnesses."""
_EVERYBODY = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
_FOR_EVER = {**_EVERYBODY, "Cache-Control": "public, max-age=31536000, immutable"}
_NOW = {**_EVERYBODY, "Cache-Control": "no-cache"}
_STATUS: tuple[tuple[type[FilonNetError], int], ...] = (
    (TooLong, 413),
    (TooSlow, 408),
    (TooFast, 429),
    (Malformed, 400),
    (NotSigned, 403),
    (ChainBroken, 409),
    (LogBusy, 503),
    (LogDamaged, 503),
)


def refusal(error: LogError) -> Response:
    """An error as an answer."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    text = f"{error}\n{error.hint}\n" if error.hint else f"{error}\n"
    headers = {"Retry-After": str(error.wait)} if isinstance(error, TooFast) else {}
    return PlainTextResponse(text, status, {**_NOW, **headers})


def log_app(folder: Path, sequencer: Sequencer, heartbeat: float = HEARTBEAT) -> Starlette:
    """The addresses of a log that lies in ``folder`` and is run by ``sequencer``."""

    async def checkpoint(request: Request) -> Response:
        return await _file(folder / CHECKPOINT_PATH, "text/plain; charset=utf-8", _NOW)

    async def tile(request: Request) -> Response:
        try:
            path = read_tile_path(f"tile/{request.path_params['path']}").path
        except Malformed:
            return PlainTextResponse("there is no such file\n", 404, _NOW)
        return await _file(folder / path, "application/octet-stream", _FOR_EVER)

    async def add_entry(request: Request) -> Response:
        try:
            header = request.headers.get(ADMISSION)
            token = None if header is None else read_header(header)
            data = await read_body(request, LARGEST_ENTRY)
            index, published = await sequencer.accept(data, token, WAIT)
        except LogError as error:
            return refusal(error)
        except OSError:  # the disk said no: nothing was acknowledged
            return PlainTextResponse("the log cannot write now\n", 503, _NOW)
        return PlainTextResponse(f"{index}\n", 200 if published else 202, _NOW)

    async def health(request: Request) -> Response:
        well = sequencer.size >= 0 and time.monotonic() - sequencer.published_at < 2 * heartbeat
        return PlainTextResponse(
            "well\n" if well else "no checkpoint was published lately\n", 200 if well else 503, _NOW
        )

    return Starlette(
        routes=[
            Route("/checkpoint", checkpoint),
            Route("/tile/{path:path}", tile),
            Route(f"/{ADD_ENTRY}", add_entry, methods=["POST"]),
            Route("/health", health),
        ]
    )


async def _file(path: Path, kind: str, headers: dict[str, str]) -> Response:
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return PlainTextResponse("there is no such file\n", 404, _NOW)
    return Response(data, headers=headers, media_type=kind)
