"""The command line: parse, one call on the case, show."""

import sys

__all__ = ["main"]


def main(arguments: "list[str] | None" = None) -> None:
    """Run one command and leave with its exit code. Ctrl-C is answered from the first moment on."""
    try:
        from filon.cli.app import leave
    except KeyboardInterrupt:
        sys.exit(130)
    leave(arguments)
