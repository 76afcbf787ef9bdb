"""``filon-net operator``: keys, leave for new people, tokens for those who are in, releases."""

import datetime
import time
from pathlib import Path

import click

from filon_net.log import Release
from filon_net.log.entries import release_of
from filon_net.log.manifest import PRODUCT, files_of_package, files_of_wheel, list_of, manifest_of
from filon_net.operator.folder import (
    Network,
    make_operator,
    open_operator,
    operator_key,
    read_network,
    write_network,
)
from filon_net.operator.leave import MONTH, last_hour, sign_leave, sign_tokens
from filon_net.operator.releases import read_release, sign_release, submit, write_release
from filon_net.wire.links import link_of

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_messages = click.option(
    "--messages", type=click.IntRange(1), default=10_000, show_default=True, help="Quota of a mailbox."
)
_octets = click.option(
    "--bytes", "octets", type=click.IntRange(1), default=1 << 30, show_default=True, help="Quota of a mailbox."
)
_passphrase = click.option(
    "--passphrase", prompt=True, hide_input=True, envvar="FILON_NET_PASSPHRASE", help="Asked for otherwise."
)


@click.group()
def command() -> None:
    """Keys, invites and releases of the named operator."""


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--passphrase", prompt=True, hide_input=True, confirmation_prompt=True, envvar="FILON_NET_PASSPHRASE")
def init(folder: Path, passphrase: str) -> None:
    """Make an operator's key in FOLDER and print its public half."""
    click.echo(make_operator(folder, passphrase).hex())


@command.command()
@click.argument("folder", type=_FOLDER)
def key(folder: Path) -> None:
    """Print the public key in FOLDER."""
    click.echo(operator_key(folder).hex())


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--relay-url", required=True, help="Address of the relay: ws://… or wss://…")
@click.option("--relay", required=True, metavar="HEX", help="The relay's name, 32 bytes.")
@click.option("--log-url", "log_urls", multiple=True, required=True, help="Address of the log or a mirror; repeatable.")
@click.option("--log", "log_key", required=True, metavar="VKEY", help="The log's verifier key.")
@click.option(
    "--witness", "witness_keys", multiple=True, required=True, metavar="VKEY", help="A witness's key; repeatable."
)
@click.option("--needed", type=int, required=True, help="How many witnesses a phone asks for.")
@click.option(
    "--release-key", "release_keys", multiple=True, metavar="HEX", help="A key that signs releases; repeatable."
)
@click.option("--releases-needed", type=int, default=1, show_default=True, help="How many release keys must sign.")
def network(folder: Path, log_urls: tuple[str, ...], **said: str | int | tuple[str, ...]) -> None:
    """Say which network the operator in FOLDER speaks for: it goes into every leave."""
    operator_key(folder)
    write_network(folder, Network(log_urls=log_urls, **said))  # type: ignore[arg-type]  # click gave the types above


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--mailboxes", type=click.IntRange(1, 64), default=4, show_default=True, help="Relay tokens: one for each mailbox."
)
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How long the leave is good.")
@_messages
@_octets
@_passphrase
def invite(folder: Path, mailboxes: int, days: int, messages: int, octets: int, passphrase: str) -> None:
    """Print a leave for one new person: a secret until it is used."""
    known = read_network(folder)
    made = sign_leave(open_operator(folder, passphrase), known, mailboxes, days, messages, octets)
    click.echo(link_of("leave", made))


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--count", type=click.IntRange(1, 64), default=6, show_default=True, help="One for each month of a mailbox."
)
@click.option(
    "--days",
    type=click.IntRange(1, 1_830),
    help="Good for at least so long, and to the end of a block of 30 days; else a month for each token and two more.",
)
@_messages
@_octets
@_passphrase
def tokens(folder: Path, count: int, days: int | None, messages: int, octets: int, passphrase: str) -> None:
    """Print more tokens for a phone that is in already: one line, for one phone.

    A phone takes a new mailbox every month and needs a token for each. The line holds tokens and the relay's name, nothing about
    the person; hand it over as you do a leave.
    """
    known = read_network(folder)
    last = last_hour(MONTH * (count + 2) if days is None else days)
    made = sign_tokens(open_operator(folder, passphrase), known, last, count, messages, octets)
    click.echo(link_of("tokens", made))
    ends = datetime.datetime.fromtimestamp(3600 * last, tz=datetime.UTC)
    noun = "token" if count == 1 else "tokens"
    click.echo(f"{count} {noun} for one phone, good until {ends:%Y-%m-%d %H:%M} UTC", err=True)


@command.command()
@click.argument("wheel", type=_FILE, required=False)
@click.option("--files", is_flag=True, help="Print the list of files instead of its SHA-256.")
def manifest(wheel: Path | None, files: bool) -> None:
    """Print the manifest of WHEEL, or of the program that runs."""
    found = files_of_wheel(wheel) if wheel else files_of_package(Path(__file__).parents[1])
    click.echo(list_of(found) if files else manifest_of(found).hex(), nl=not files)


@command.command()
@click.argument("folder", type=_FOLDER)
@click.argument("file", type=_FILE)
@click.option("--wheel", type=_FILE, help="The wheel that is released; for the first signer.")
@click.option("--version", "number", help="The release's version; for the first signer.")
@click.option("--serial", type=click.IntRange(0), help="Counts the releases; for the first signer.")
@click.option(
    "--wait-hours", type=click.IntRange(0), default=24, show_default=True, help="Hours until phones may use it."
)
@click.option("--product", default=PRODUCT, show_default=True)
@_passphrase
def release(
    folder: Path,
    file: Path,
    wheel: Path | None,
    number: str | None,
    serial: int | None,
    wait_hours: int,
    product: str,
    passphrase: str,
) -> None:
    """Sign a release into FILE; if FILE is there, add a signature to what the others signed, after showing it."""
    before = read_release(file) if file.exists() else None
    if before is not None:
        made = release_of(before)
    elif wheel is not None and number is not None and serial is not None:
        made = Release(
            product, number, serial, manifest_of(files_of_wheel(wheel)), int(time.time()) + 3600 * wait_hours
        )
    else:
        raise click.UsageError("the first signer says --wheel, --version and --serial")
    if before is not None and wheel is not None and manifest_of(files_of_wheel(wheel)) != made.manifest:
        raise click.ClickException("this wheel is not the one the others signed")
    click.echo(f"{made.product} {made.version}, serial {made.serial}, manifest {made.manifest.hex()}")
    signed = sign_release(made, open_operator(folder, passphrase), before)
    write_release(file, signed)
    click.echo(f"{len(signed.signatures)} signatures in {file}")


@command.command(name="submit")
@click.argument("file", type=_FILE)
@click.option("--log-url", required=True, help="Address of the log.")
def submit_release(file: Path, log_url: str) -> None:
    """Send the release in FILE to the log."""
    index, published = submit(log_url, read_release(file))
    click.echo(f"entry {index}" + ("" if published else ", not yet published: send it again to ask"))
