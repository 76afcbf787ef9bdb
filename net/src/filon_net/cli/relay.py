"""``filon-net relay``: make a relay's folder, run a relay."""

import asyncio
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import click
import uvloop

from filon_net.relay.errors import BadFolder, RelayError
from filon_net.relay.folder import RelayFolder, make_folder
from filon_net.relay.store import Store

__all__ = ["command"]


class _Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT."""

    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            self.fail(f"{value!r} is not HOST:PORT, as in 127.0.0.1:8410", param, ctx)
        return host.strip("[]"), int(port)


@click.group()
def command() -> None:
    """Run or look after a relay."""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--operator", "operators", multiple=True, help="Public key of an operator, 64 hex digits; may be repeated."
)
def init(folder: Path, operators: tuple[str, ...]) -> None:
    """Make the folder of a new relay and say its name."""
    keys = []
    for one in operators:
        try:
            keys.append(bytes.fromhex(one))
        except ValueError:
            keys.append(b"")
        if len(keys[-1]) != 32:
            raise BadFolder("{key} is not a key of 64 hex digits", hint="ask the operator for the public key", key=one)
    made = make_folder(folder, keys)
    click.echo(f"relay {made.name.hex()}")
    if not keys:
        click.echo(f"Nobody can join yet: put an operator's public key into {folder / 'operators'}")


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--listen", type=_Address(), default="127.0.0.1:8410", show_default=True, help="Where phones connect.")
@click.option(
    "--store", "postgres", nargs=2, metavar="postgres URL", help="Keep mailboxes in PostgreSQL, for several processes."
)
@click.option("--metrics", type=_Address(), help="Where /health and /metrics answer; loopback only.")
@click.option("--connections", type=click.IntRange(1), help="Most connections of this process.")
def run(
    folder: Path,
    listen: tuple[str, int],
    postgres: tuple[str, str] | None,
    metrics: tuple[str, int] | None,
    connections: int | None,
) -> None:
    """Run a relay until SIGTERM. TLS is ended by a proxy in front of it."""
    if postgres and postgres[0] != "postgres":
        raise click.BadParameter("the one store to be named is: --store postgres URL", param_hint="--store")
    if metrics and metrics[0] not in ("127.0.0.1", "::1", "localhost"):
        raise click.BadParameter("metrics stay on this machine: 127.0.0.1:PORT", param_hint="--metrics")
    opened = RelayFolder(folder)
    with ExitStack() as stack:
        if not postgres:
            opened.lock()
            stack.callback(opened.unlock)
        served = _run(opened, listen, postgres[1] if postgres else None, metrics, connections or 0)
        stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop)).run(served)


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", "postgres", nargs=2, metavar="postgres URL", required=True)
@click.option("--largest", type=click.IntRange(1), default=1 << 40, help="Leave partitions of more bytes as they are.")
def scrub(folder: Path, postgres: tuple[str, str], largest: int) -> None:
    """Write PostgreSQL's partitions anew, so that erased blobs leave its files; each stops while it is written."""
    from filon_net.relay.postgres import PostgresStore

    store = PostgresStore(postgres[1], RelayFolder(folder).name)
    with closing(store):
        sizes = store.rewrite(largest)
    click.echo(f"{len(sizes)} partitions written anew, {sum(sizes)} bytes before")


async def _run(
    folder: RelayFolder, listen: tuple[str, int], url: str | None, metrics: tuple[str, int] | None, connections: int
) -> None:
    from filon_net.relay.edge import Edge, EdgeLimits, hush

    # threads hand the interpreter to each other for every row otherwise
    sys.setswitchinterval(0.0005)
    hush(asyncio.get_running_loop())
    store = _store(folder, url)
    edge = Edge(folder.name, folder.operators, store, limits=EdgeLimits(connections=connections))
    store.listen(edge.woken)
    try:
        port = await edge.serve(*listen)
        where = await edge.serve_metrics(*metrics) if metrics else None
    except OSError as error:
        store.close()
        raise RelayError(
            "cannot listen: {reason}", hint="choose another port with --listen or --metrics", reason=str(error)
        ) from error
    click.echo(f"listening on {listen[0]}:{port}")
    if metrics:
        click.echo(f"metrics on {metrics[0]}:{where}")
    sys.stdout.flush()
    await edge.run()
    if edge.failed is not None:
        raise edge.failed


def _store(folder: RelayFolder, url: str | None) -> Store:
    if url is None:
        from filon_net.relay.sqlite import SqliteStore

        return SqliteStore(folder.mailboxes)
    from filon_net.relay.postgres import PostgresStore

    return PostgresStore(url, folder.name)
