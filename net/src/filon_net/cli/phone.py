"""``filon-net phone``: make a phone, open it on the screen or line by line, let a program talk through it."""

import asyncio
import contextlib
import math
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from filon_net.errors import FilonNetError
from filon_net.words import LANGUAGES, Words, words

if TYPE_CHECKING:
    from filon_net.phone.phone import Phone
    from filon_net.phone.terminal.plain import PlainPhone

__all__ = ["command"]

_language = click.option(
    "--language", type=click.Choice(sorted(LANGUAGES)), help="Language; else FILON_LANGUAGE or LANG."
)
_secret = click.option(
    "--secret-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="Read PIN or passphrase from the first line of this file.",
)
_proxy = click.option("--proxy", help="SOCKS or HTTP proxy for everything, as in socks5://127.0.0.1:9050.")


@click.group()
def command() -> None:
    """A phone in the terminal."""


@command.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--leave", help="The operator's leave (filon-net://leave/…); asked for where it is not given.")
@click.option("--name", help="The name your contacts see.")
@click.option("--restore", is_flag=True, help="Ask for a backup code: a new or further device of the same person.")
@click.option("--link", help="From a device in use: it hands over your contacts.")
@click.option("--keep-master", is_flag=True, help="Keep the master key on this phone: handy, and lost with it.")
@click.option(
    "--code-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the backup code here, not on the screen.",
)
@_secret
@_language
def new(
    path: Path,
    leave: str | None,
    name: str | None,
    restore: bool,
    link: str | None,
    keep_master: bool,
    code_file: Path | None,
    secret_file: Path | None,
    language: str | None,
) -> None:
    """Make a phone in the file PATH."""
    from filon_net.phone.phone import Phone

    said = words(language)
    leave = leave or click.prompt(said.say("The operator's leave, a link"))
    code = click.prompt(said.say("Backup code"), hide_input=True) if restore else None
    if name is None:
        name = "" if restore else click.prompt(said.say("Name your contacts see"))
    secret = _first_line(secret_file) if secret_file else _choose_secret(said)
    with _worded(said):
        phone, made = Phone.create(path, secret, leave, name=name or "", code=code, link=link, keep_master=keep_master)
        asyncio.run(phone.close())
    if not restore:
        _show_code(made, code_file, said)
    click.echo(said.say("Open it with: filon-net phone open {path}", path=path))


def _choose_secret(said: Words) -> str:
    """Ask twice, and say what guessing costs before it is taken."""
    click.echo(said.say("A PIN stops a finder, only a passphrase stops a laboratory."))
    while True:
        secret = str(
            click.prompt(said.say("PIN or passphrase"), hide_input=True, confirmation_prompt=said.say("Once more"))
        )
        click.echo(guessing(secret, said))
        if click.confirm(said.say("Take it?"), default=True):
            return secret


def guessing(secret: str, said: Words) -> str:
    """What finding this secret costs somebody who copied the disk, measured on this machine."""
    from filon_net.crypto import guessing_cost

    bits = bits_of(secret)
    cost = guessing_cost(bits)
    measured = said.say(
        "Measured here: {milliseconds} ms and {mebibytes} MiB for each guess.",
        milliseconds=said.number(round(cost.seconds_per_guess * 1_000)),
        mebibytes=cost.kibibytes // 1_024,
    )
    one, hundred = spell(cost.seconds, said), spell(cost.seconds / 100, said)
    found = said.say(
        "Counted as {bits} bits, it is found after {one} on one core like this, {hundred} on a hundred.",
        bits=round(bits),
        one=one,
        hundred=hundred,
    )
    if secret.isdecimal() or bits < 50:
        verdict = said.say("This stops a finder, not a laboratory.")
    else:
        verdict = said.say(
            "If it was drawn at random, a laboratory does not find it; if it is a phrase from a book or a song, it does."
        )
    return f"{measured}\n{found}\n{verdict}"


def bits_of(secret: str) -> float:
    """A generous count: digits 3.3 bits each, words of a list 12.9 each, other characters at most 4 each."""
    if secret.isdecimal():
        return len(secret) * math.log2(10)
    parts = secret.split()
    if len(parts) >= 3 and all(part.isalpha() for part in parts):
        return len(parts) * math.log2(7_776)
    return 4.0 * len(set(secret)) if len(secret) < 40 else 4.0 * len(secret) / 2


def spell(seconds: float, said: Words) -> str:
    """A length of time that may be longer than the world is old."""
    from filon_net.phone.terminal.moments import lasts

    years = seconds / 31_557_600
    if years < 2:
        return lasts(max(1, int(seconds)), said)
    if years < 1e6:
        return said.say("{count} years", count=said.number(int(years)))
    return said.say("10^{power} years", power=int(math.log10(years)))


def _show_code(code: str, code_file: Path | None, said: Words) -> None:
    if code_file is not None:
        code_file.touch(mode=0o600)
        code_file.write_text(code + "\n")
        click.echo(said.say("The backup code is in {path}.", path=code_file))
        return
    click.echo(said.say("Write this backup code on paper. It is shown once; who has it is you:"))
    groups = code.split("-")
    for at in range(0, len(groups), 7):
        click.echo("    " + "-".join(groups[at : at + 7]))


@command.command(name="open")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--plain", is_flag=True, help="Line by line, for screen readers; chosen by itself where the output is no terminal."
)
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True, envvar="FILON_THEME")
@_secret
@_proxy
@_language
def open_(
    path: Path, plain: bool, theme: str, secret_file: Path | None, proxy: str | None, language: str | None
) -> None:
    """Open the phone in the file PATH."""
    said = words(language)
    if plain or not (sys.stdin.isatty() and sys.stdout.isatty()):
        with _worded(said):
            asyncio.run(_plain(path, _secret_for(secret_file, said), proxy, said))
        return
    from filon_net.phone.phone import Phone
    from filon_net.phone.proxies import require_proxy
    from filon_net.phone.terminal.app import TerminalPhone

    with _worded(said):
        require_proxy(proxy)
        given = Phone.open(path, _first_line(secret_file), proxy=proxy) if secret_file else path
    app = TerminalPhone(given, said, dark=theme == "dark", proxy=proxy)
    app.run()
    sys.exit(app.return_code)


async def _plain(path: Path, secret: str, proxy: str | None, said: Words) -> None:
    from filon_net.phone.phone import Phone
    from filon_net.phone.terminal.plain import PlainPhone

    async with Phone.open(path, secret, proxy=proxy) as phone:
        shown = PlainPhone(phone, said, click.echo)
        shown.begin()
        following = asyncio.ensure_future(_follow(phone, shown))
        typing = asyncio.ensure_future(shown.run(_lines()))
        done, rest = await asyncio.wait((following, typing), return_when=asyncio.FIRST_COMPLETED)
        for one in rest:
            one.cancel()
        for one in done:
            one.result()


async def _follow(phone: "Phone", shown: "PlainPhone") -> None:
    async for event in phone.events():
        shown.take(event)


async def _lines() -> AsyncIterator[str]:
    """Lines of the standard input, read without a thread that would outlive the phone."""
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode("utf-8", "replace")


@command.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@_secret
@_proxy
@_language
def bot(path: Path, secret_file: Path | None, proxy: str | None, language: str | None) -> None:
    """Let a program talk through the phone in PATH: JSON lines out and in.

    Out: {"event": "message", "from": NAME, "user": HEX, "id": HEX, "sent_at": MS, "text": TEXT}, and other events by name.
    In: {"to": NAME or HEX, "text": TEXT}. A message counts as read when it was written out.
    """
    from filon_net.phone.terminal.pipe import talk

    said = words(language)
    with _worded(said):
        asyncio.run(talk(path, _secret_for(secret_file, said), proxy, _lines(), click.echo))


def _secret_for(secret_file: Path | None, said: Words) -> str:
    if secret_file is not None:
        return _first_line(secret_file)
    return str(click.prompt(said.say("PIN or passphrase"), hide_input=True, err=True))


def _first_line(path: Path) -> str:
    text = sys.stdin.readline() if str(path) == "-" else path.read_text(encoding="utf-8")
    return text.split("\n", 1)[0].rstrip("\r")


@contextlib.contextmanager
def _worded(said: Words) -> Iterator[None]:
    """Errors in the language of the person, with the next step."""
    try:
        yield
    except FilonNetError as error:
        from filon_net.phone.terminal.sentences import said_error

        raise click.ClickException(said_error(error, said)) from error
