"""The group of all commands, and the one place where errors become words and exit codes.

Commands are imported when they run: ``filon --help`` and a mistyped option cost no engine.
"""

import contextlib
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple

import click

from filon import errors
from filon.cli.output import complain, uncoloured

__all__ = ["EXITS", "SECTIONS", "filon", "leave", "run"]

EXITS: dict[int, str] = {
    0: "done",
    1: "done, and the answer is no: nothing was found, or a check found differences",
    2: "the command is not written as it should be",
    3: "evidence, or what was said about it, cannot be taken as it is; other files of the same command may have been",
    4: "a search text or a message number cannot be understood",
    5: "the case is missing, busy, damaged or of another version",
    6: "the custody log, a hash or a signature does not agree",
    7: "the desk, the view or the backend does not allow it",
    8: "a file or the machine stands in the way: no right to write, no space left",
    130: "stopped with Ctrl-C; what was finished is kept",
}

_CODES: tuple[tuple[type[errors.FilonError], int], ...] = (
    (errors.NotHeld, 1),
    (errors.QueryError, 4),
    (errors.StoreError, 5),
    (errors.CustodyError, 6),
    (errors.EvidenceError, 3),
    (errors.ReadingError, 3),
    (errors.Interrupted, 130),
    (errors.FilonError, 7),
)


class Place(NamedTuple):
    """Where a command stands, ``module:name``, and the first sentence of its help."""

    command: str
    summary: str


SECTIONS: dict[str, dict[str, Place]] = {
    "Take evidence in": {
        "new": Place("take:new", "Make an empty case."),
        "add": Place("take:add", "Take files, folders and archives into a case."),
        "mapping": Place("mapped:mapping", "Propose what the columns of a table mean."),
        "withdraw": Place("take:withdraw", "Take an item out of every view."),
        "compact": Place("keep:compact", "Merge the small pieces that many adds leave."),
        "readers": Place("look:readers", "List the export formats filon reads."),
    },
    "Find and read": {
        "search": Place("find:search", "Search messages."),
        "read": Place("find:read", "Read a message in its conversation."),
        "raw": Place("find:raw", "Show the record as it stands in the item."),
        "conversations": Place("find:conversations", "List conversations, biggest first."),
        "accounts": Place("find:accounts", "List accounts, busiest first."),
        "serve": Place("rooms:serve", "Open the reading room in the browser."),
    },
    "Work on it": {
        "tag": Place("work:tag", "Put a tag on messages, or list the tags."),
        "note": Place("work:note", "Write a note on a message."),
        "undo": Place("work:undo", "Reverse your last tag, note or saved search."),
    },
    "Account for it": {
        "info": Place("look:info", "Say what a case holds."),
        "defects": Place("look:defects", "List evidence that could not be read as it should."),
        "log": Place("look:log", "Show the custody log, newest entry first."),
        "verify": Place("prove:verify", "Check a case and say exactly what differs."),
        "export": Place("prove:export", "Write the hits of a search to a file."),
    },
    "Try it out": {
        "demo": Place("made:demo", "Make a case of synthetic messages and search it."),
        "synth": Place("made:synth", "Write an export of synthetic messages, and the truth about them."),
    },
}
_PLACES = {name: place for section in SECTIONS.values() for name, place in section.items()}


class _Lazy(click.Group):
    """Knows its commands by place and summary."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _PLACES.get(cmd_name)
        if place is None:
            return None
        module, name = place.command.split(":")
        command: click.Command = getattr(import_module(f"filon.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _PLACES and not args[0].startswith("-"):
            near = get_close_matches(args[0], _PLACES, n=1)
            raise click.UsageError(
                f"There is no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""), ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<13}", place.summary) for name, place in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever reads has seen enough (`filon search ... | head`); what is still in the buffer goes nowhere.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="filon")
@click.pass_context
def filon(ctx: click.Context) -> None:
    """Workbench for lawfully obtained chat messages.

    A case is a folder: exports go in, and every answer leads back to them. CASE is a path, or a bare name that lies in
    FILON_HOME. Where it is left out, FILON_CASE is meant, else the only case there is, else the folder you are in.

    \b
    Example:
      filon new ops-lille
      filon add ops-lille WhatsApp*.zip result.json handles.xlsx --zone Europe/Paris
      filon search ops-lille '"livraison demain"~2 from:dylan'
      filon serve ops-lille
    """
    if uncoloured():
        ctx.color = False


def leave(arguments: "list[str] | None" = None) -> None:
    """Run one command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal's charset cannot hold is shown by number, never a crash
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(lambda: filon.main(arguments, prog_name="filon", standalone_mode=False)))


def run(command: Callable[[], Any]) -> int:
    """The exit code of a command; errors are told on the error stream, with what to do next."""
    try:
        result = command()
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("stopped")
        return 130
    except click.exceptions.NoArgsIsHelpError as help_text:
        help_text.show()
        return help_text.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "filon"
        complain(error.format_message(), hint=f"`{path} --help` shows how it is written")
        return error.exit_code
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except errors.FilonError as error:
        complain(str(error), hint=error.hint, position=getattr(error, "position", None))
        return next(code for kind, code in _CODES if isinstance(error, kind))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}", hint="check that the file or folder is there and may be used")
        return 8
    return result if isinstance(result, int) else 0
