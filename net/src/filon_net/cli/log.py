"""``filon-net log``: make and run a transparency log, and look into one."""

import asyncio
import time
from pathlib import Path

import click

from filon_net.loghost.folder import Rules, make_log, read_signer
from filon_net.loghost.log_program import run_log
from filon_net.loghost.looking import look
from filon_net.loghost.sequencer import HEARTBEAT
from filon_net.loghost.serving import bind
from filon_net.loghost.witnesses import read_witness

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def command() -> None:
    """Run the transparency log, or look into one."""


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--origin", required=True, help="Name of the log: its address without scheme, such as log.example.org/phones."
)
@click.option(
    "--operator", "operators", multiple=True, metavar="HEX", help="Public key that lets users in; may be repeated."
)
@click.option(
    "--release-key",
    "release_keys",
    multiple=True,
    metavar="HEX",
    help="Public key that signs releases; repeatable.",
)
def init(folder: Path, origin: str, operators: tuple[str, ...], release_keys: tuple[str, ...]) -> None:
    """Make a new log in FOLDER and print its verifier key."""
    click.echo(make_log(folder, origin, Rules(operators, release_keys)).text)


@command.command()
@click.argument("folder", type=_FOLDER)
def key(folder: Path) -> None:
    """Print the verifier key of the log in FOLDER."""
    click.echo(read_signer(folder / "private" / "key").key.text)


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--listen", default="127.0.0.1:8700", show_default=True, help="HOST:PORT to answer on; port 0 takes a free one."
)
@click.option("--witness", "witnesses", multiple=True, metavar="URL=VKEY", help="A witness to ask; may be repeated.")
@click.option(
    "--needed",
    type=int,
    help="Witnesses that must sign before phones are shown anything new [default: more than half].",
)
@click.option(
    "--heartbeat",
    type=click.FloatRange(1, 1800),
    default=HEARTBEAT,
    show_default=True,
    help="Most seconds between publications.",
)
def run(folder: Path, listen: str, witnesses: tuple[str, ...], needed: int | None, heartbeat: float) -> None:
    """Run the log in FOLDER until it is stopped."""
    asked = [read_witness(one) for one in witnesses]
    with bind(listen) as where:
        asyncio.run(run_log(folder, where, asked, needed, heartbeat, say=click.echo))


@command.command(name="look")
@click.argument("url")
@click.option("--log", "log_key", required=True, metavar="VKEY", help="The log's verifier key.")
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    required=True,
    metavar="VKEY",
    help="A witness's key; may be repeated.",
)
@click.option("--needed", type=int, default=1, show_default=True)
@click.option("--entries/--no-entries", default=True, help="List the entries.")
def look_into(url: str, log_key: str, witnesses: tuple[str, ...], needed: int, entries: bool) -> None:
    """Read and check the whole log at URL: signatures, witnesses, tiles, chains; tell what is in it."""
    for line in look(url, log_key, witnesses, needed, int(time.time()), entries):
        click.echo(line)
