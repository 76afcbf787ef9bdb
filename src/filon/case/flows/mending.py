"""Values that no store can hold, made storable."""

from typing import Any, TypeVar, cast

import msgspec

__all__ = ["mend"]

_T = TypeVar("_T")


def mend(value: _T) -> _T:
    """The same value with lone surrogates, which no store can hold, written out as ``\\ud83d``."""
    mended: Any = value
    if isinstance(value, str):
        mended = value.encode("utf-8", "backslashreplace").decode("utf-8")
    elif isinstance(value, tuple):
        mended = tuple(mend(part) for part in value)
    elif isinstance(value, dict):
        mended = {key: mend(part) for key, part in value.items()}
    elif isinstance(value, msgspec.Struct):
        mended = type(value)(**{name: mend(getattr(value, name)) for name in value.__struct_fields__})
    return cast("_T", mended)
