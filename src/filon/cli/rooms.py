"""The command that opens the reading room."""

import contextlib
import http.client
import os
import signal
import threading
from urllib.parse import urlsplit

import click

from filon.cli.options import as_json, case_and, opened, words_argument
from filon.cli.output import print_json, say
from filon.errors import StoreError

__all__ = ["serve"]

_PATIENCE = 60
"""Seconds to wait for the first page."""


@click.command()
@words_argument("[CASE]")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    default=8080,
    show_default=True,
    help="The next free one if taken.",
)
@click.option(
    "--check", is_flag=True, help="Enter by the link, look at the first page, and leave with 0 if it is there."
)
@as_json
def serve(words: tuple[str, ...], port: int, check: bool, json: bool) -> int:
    """Open the reading room in the browser.

    Prints a link for this machine that works once, and a fresh one when it was used. Ctrl-C closes the room.

    \b
    Example:
      filon serve ops-lille
    """
    from filon.web import serve as serve_case

    name, _ = case_and(words)
    case, _ = opened(name)
    case.compact_beside()
    seen: list[str] = []
    visits: list[threading.Thread] = []

    def tell(line: str) -> None:
        print_json({"link": line}) if json else say(line)
        if check and not visits:
            visits.append(threading.Thread(target=_visit, args=(line, seen), daemon=True))
            visits[0].start()

    if not json and not check:
        click.echo("Open the link in a browser; Ctrl-C closes the reading room.", err=True)
    with contextlib.suppress(KeyboardInterrupt):  # the way to end a server, also while it starts
        serve_case(case, port=port, say=tell)
    if not check:
        return 0
    if not seen:
        raise StoreError("the first page of the reading room did not come", hint="run `filon serve` and open the link")
    print_json({"page": seen[0]}) if json else say(f"The first page is there: {seen[0]}")
    return 0


def _visit(link: str, seen: list[str]) -> None:
    """Go in as a browser would: follow the link, keep the cookie, read the page; then end the server."""
    try:
        place = urlsplit(link)
        connection = http.client.HTTPConnection(place.netloc, timeout=_PATIENCE)
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
