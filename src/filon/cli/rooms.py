"""The command that opens the reading room."""

import contextlib
import http.client
import os
import signal
import threading
from urllib.parse import urlsplit

import click

from filon.cli.options import case_argument
from filon.errors import StoreError

__all__ = ["serve"]


@click.command()
@case_argument
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="The next free one if taken."
)
@click.option(
    "--check", is_flag=True, help="Enter by the link, look at the first page, and leave with 0 if it is there."
)
def serve(case: str, port: int, check: bool) -> int:
    """Open the reading room on this machine and print a link that works once.

    \b
    Example:
      filon serve ops-lille
    """
    from filon.case import open_case
    from filon.settings import load
    from filon.web import serve as serve_case

    settings = load()
    opened = open_case(case, settings)
    if not check:
        with contextlib.suppress(KeyboardInterrupt):  # the way to end a server
            serve_case(opened, port=port)
        return 0
    seen: list[str] = []
    visits: list[threading.Thread] = []

    def say(line: str) -> None:
        click.echo(line)
        if not visits:
            visits.append(threading.Thread(target=_visit, args=(line, seen), daemon=True))
            visits[0].start()

    with contextlib.suppress(KeyboardInterrupt):  # sent by the visit, when it has seen the page
        serve_case(opened, port=port, say=say)
    if not seen:
        raise StoreError("the first page of the reading room did not come", hint="run `filon serve` and open the link")
    click.echo(f"The first page is there: {seen[0]}")
    return 0


def _visit(link: str, seen: list[str]) -> None:
    """Go in as a browser would: follow the link, keep the cookie, read the page; then end the server."""
    try:
        place = urlsplit(link)
        connection = http.client.HTTPConnection(place.netloc, timeout=60)
        connection.request("GET", place.path)
        answer = connection.getresponse()
        answer.read()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        connection.request("GET", "/", headers={"Cookie": cookie})
        page = connection.getresponse()
        body = page.read()
        if page.status == 200 and b"<main" in body:
            seen.append(f"{place.scheme}://{place.netloc}/, {len(body)} bytes")
    except OSError as error:
        click.echo(f"filon: the page could not be fetched: {error}", err=True)
    finally:
        os.kill(os.getpid(), signal.SIGINT)
