"""The command that opens the reading room."""

import click

from filon.cli.options import case_argument

__all__ = ["serve"]


@click.command()
@case_argument
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="The next free one if taken."
)
def serve(case: str, port: int) -> None:
    """Open the reading room on this machine and print a link that works once.

    \b
    Example:
      filon serve ops-lille
    """
    from filon.case import open_case
    from filon.settings import load
    from filon.web import serve as serve_case

    settings = load()
    serve_case(open_case(case, settings), port=port)
