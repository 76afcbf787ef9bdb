"""A QR code in a terminal: two rows of modules in one line of half blocks."""

from pathlib import Path

import segno

from filon_net.phone.links import png_of

__all__ = ["drawn", "needs", "save_picture"]

_BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def drawn(link: str, columns: int, rows: int, border: int = 2) -> list[str] | None:
    """The lines of the code, blocks for its dark modules: to be shown dark on light. None where it does not fit."""
    code = segno.make(link, error="l", micro=False)
    modules = [tuple(row) for row in code.matrix_iter(border=border)]
    if len(modules[0]) > columns or (len(modules) + 1) // 2 > rows:
        return None
    if len(modules) % 2:
        modules.append((0,) * len(modules[0]))
    return [
        "".join(_BLOCKS[bool(top), bool(bottom)] for top, bottom in zip(upper, lower, strict=True))
        for upper, lower in zip(modules[::2], modules[1::2], strict=True)
    ]


def needs(link: str, border: int = 1) -> tuple[int, int]:
    """Columns and lines that ``drawn`` needs for this link."""
    wide, high = segno.make(link, error="l", micro=False).symbol_size(border=border)
    return int(wide), int(high + 1) // 2


def save_picture(link: str, beside: Path, kind: str) -> Path:
    """The code as a picture beside the phone's file, for its owner's eyes: ``ada.phone`` → ``ada.phone.invite.png``."""
    path = beside.with_name(f"{beside.name}.{kind}.png")
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(png_of(link))
    return path
