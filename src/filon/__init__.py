"""filon: a workbench for lawfully obtained chat messages.

import filon
case = filon.open("ops-lille")
case.search(case.view(), "livraison").to_arrow()
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filon.case.notebook import Notebook

__all__ = ["create", "open"]


def open(name: str) -> "Notebook":
    """Open a case by path, or by name in FILON_HOME."""
    from filon.case import open_case
    from filon.case.notebook import Notebook
    from filon.settings import load

    return Notebook(open_case(name, load()))


def create(name: str) -> "Notebook":
    """Make an empty case and open it."""
    from filon.case import create_case
    from filon.case.notebook import Notebook
    from filon.settings import load

    return Notebook(create_case(name, load()))
