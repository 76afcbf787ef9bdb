"""The group of all commands, and the one place where errors become words and exit codes.

0    done
1    done, and the answer is no: nothing found, or a check found differences
2    the command was not written as it should be
3    evidence cannot be taken or read as it is
4    the search text cannot be understood
5    the case is busy, damaged, missing or of another version
6    the custody log does not agree
7    the desk, the view or the backend does not allow it
130  stopped with Ctrl-C; what was finished is kept
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from filon import errors
from filon.cli.output import complain

__all__ = ["EXITS", "main"]

EXITS: tuple[tuple[type[errors.FilonError], int], ...] = (
    (errors.QueryError, 4),
    (errors.StoreError, 5),
    (errors.CustodyError, 6),
    (errors.EvidenceError, 3),
    (errors.ReadingError, 3),
    (errors.Interrupted, 130),
    (errors.FilonError, 7),
)

_COMMANDS = {
    "new": "take:new",
    "add": "take:add",
    "withdraw": "take:withdraw",
    "search": "find:search",
    "read": "find:read",
    "raw": "find:raw",
    "conversations": "find:conversations",
    "tag": "work:tag",
    "note": "work:note",
    "undo": "work:undo",
    "info": "look:info",
    "defects": "look:defects",
    "log": "look:log",
    "readers": "look:readers",
    "export": "prove:export",
    "verify": "prove:verify",
    "serve": "rooms:serve",
    "demo": "made:demo",
    "synth": "made:synth",
}


class _Lazy(click.Group):
    """Commands are imported when they are used: ``filon search`` does not pay for the web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(import_module(f"filon.cli.{module}"), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="filon")
def filon() -> None:
    """Workbench for lawfully obtained chat messages.

    A case is a folder: exports go in, and every answer leads back to them. CASE is a path, or a bare name that lies in
    FILON_HOME.

    \b
    Example:
      filon new ops-lille
      filon add ops-lille WhatsApp*.zip result.json handles.xlsx --zone Europe/Paris
      filon search ops-lille '"livraison demain"~2 from:dylan'
      filon serve ops-lille
    """


def main(arguments: "list[str] | None" = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(lambda: filon.main(arguments, prog_name="filon", standalone_mode=False)))


def run(command: Callable[[], Any]) -> int:
    """The exit code of a command; errors are told on the error stream, with what to do next."""
    try:
        result = command()
    except click.exceptions.Abort:
        complain("stopped")
        return 130
    except KeyboardInterrupt:
        complain("stopped", hint="what was finished is kept; the same command goes on from there")
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except errors.FilonError as error:
        complain(str(error), hint=error.hint, position=getattr(error, "position", None))
        return next(code for kind, code in EXITS if isinstance(error, kind))
    except BrokenPipeError:
        # Whoever reads has seen enough (`filon search ... | head`).
        sys.stdout = None
        return 0
    return result if isinstance(result, int) else 0
