"""``filon-net``: one command for every part of the network; each part is loaded only when it is asked for.

A relay's machine need not hold the phone's libraries in memory, nor a phone the relay's.
"""

import importlib
import importlib.util

import click

from filon_net.errors import FilonNetError

__all__ = ["main"]

_PARTS = {
    "relay": "run or look after a relay",
    "log": "run the transparency log, or look into one",
    "witness": "vouch for a log",
    "operator": "keys, invites and releases of the named operator",
    "phone": "a phone in the terminal",
}


class _Parts(click.Group):
    """The parts that stand, by name; what is in them is not imported to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _PARTS if importlib.util.find_spec(f"filon_net.cli.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"filon_net.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Errors made on purpose are one line and a hint, not a traceback."""
        try:
            return super().invoke(ctx)
        except FilonNetError as error:
            said = click.ClickException(f"{error}\n  {error.hint}" if error.hint else str(error))
            raise said from error


@click.group(cls=_Parts, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="filon-net")
def main() -> None:
    """An encrypted phone network for teams with a named operator."""
