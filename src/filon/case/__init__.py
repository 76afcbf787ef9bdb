"""The door to one case."""

from filon.case.case import Case, create_case, open_case

__all__ = ["Case", "create_case", "open_case"]
