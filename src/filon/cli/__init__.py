"""The command line: parse, one call on the case, show."""

from filon.cli.app import main

__all__ = ["main"]
