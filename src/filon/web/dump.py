"""Raw bytes to look at: as text where they are text, else as a table of hexadecimal digits."""

from dataclasses import dataclass

__all__ = ["Dump", "dump"]

SHOWN = 16_384
"""Bytes shown; the rest is counted."""
WIDTH = 16


@dataclass(frozen=True)
class Dump:
    """``text`` where the bytes are UTF-8, else None and ``rows`` of (offset, hexadecimal, printable)."""

    text: str | None
    rows: tuple[tuple[str, str, str], ...]
    left_out: int


def dump(data: bytes) -> Dump:
    """At most 16,384 bytes of ``data``."""
    shown = data[:SHOWN]
    left_out = len(data) - len(shown)
    try:
        return Dump(shown.decode("utf-8", "strict" if not left_out else "ignore"), (), left_out)
    except UnicodeDecodeError:
        pass
    rows = tuple(
        (f"{at:06x}", piece.hex(" "), "".join(chr(b) if 32 <= b < 127 else "·" for b in piece))
        for at in range(0, len(shown), WIDTH)
        for piece in (shown[at : at + WIDTH],)
    )
    return Dump(None, rows, left_out)
