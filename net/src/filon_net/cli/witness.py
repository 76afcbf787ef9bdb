"""``filon-net witness``: vouch that a log only grew."""

import asyncio
from pathlib import Path

import click

from filon_net.log import read_verifier_key
from filon_net.loghost.folder import make_witness, read_signer
from filon_net.loghost.serving import bind
from filon_net.loghost.witness_program import run_witness

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def command() -> None:
    """Vouch for a log: sign its checkpoints as long as it only grows."""


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--name", required=True, help="Name of the witness, such as witness.example.org/w1.")
def init(folder: Path, name: str) -> None:
    """Make a new witness in FOLDER and print its verifier key."""
    click.echo(make_witness(folder, name).text)


@command.command()
@click.argument("folder", type=_FOLDER)
def key(folder: Path) -> None:
    """Print the verifier key of the witness in FOLDER."""
    click.echo(read_signer(folder / "key").key.text)


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--listen", default="127.0.0.1:8710", show_default=True, help="HOST:PORT to answer on; port 0 takes a free one."
)
@click.option(
    "--log", "logs", multiple=True, metavar="VKEY", help="A log to vouch for, made known if it is not; may be repeated."
)
def run(folder: Path, listen: str, logs: tuple[str, ...]) -> None:
    """Run the witness in FOLDER until it is stopped."""
    keys = [read_verifier_key(one) for one in logs]
    with bind(listen) as where:
        asyncio.run(run_witness(folder, where, keys, say=click.echo))
