"""The door to one case."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from filon.case.case import Case
    from filon.case.opening import create_case, open_case, verify_case

__all__ = ["Case", "create_case", "open_case", "verify_case"]


def __getattr__(name: str) -> Any:
    """Loaded when asked for: the answers beside it are used by commands that need no engine (PEP 562)."""
    if name in __all__:
        from filon.case import opening

        return getattr(opening, name)
    raise AttributeError(name)
