"""The witness's one address: ``POST /add-checkpoint`` (c2sp.org/tlog-witness).

Answers are those of ``log.witness``; besides, 408 and 413 for a body that is too slow or too long, and 500 where the witness
cannot read or write what it saw: then it signs nothing.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from filon_net.errors import LogDamaged
from filon_net.log import Witness
from filon_net.log.witness import LARGEST_REQUEST
from filon_net.loghost.serving import TooLong, TooSlow, read_body

__all__ = ["witness_app"]

_LOG = logging.getLogger(__name__)


def witness_app(witness: Witness) -> Starlette:
    """The address of a witness; one thread signs."""
    thread = ThreadPoolExecutor(1, "witness")

    async def add_checkpoint(request: Request) -> Response:
        try:
            data = await read_body(request, LARGEST_REQUEST)
        except TooLong as error:
            return PlainTextResponse(f"{error}\n", 413)
        except TooSlow as error:
            return PlainTextResponse(f"{error}\n", 408)
        try:
            answer = await asyncio.get_running_loop().run_in_executor(thread, witness.add_checkpoint, data)
        except (LogDamaged, OSError) as error:
            _LOG.error("%s", error)
            return PlainTextResponse("this witness cannot sign now\n", 500)
        return Response(answer.body, answer.status, {"content-type": answer.content_type})

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
