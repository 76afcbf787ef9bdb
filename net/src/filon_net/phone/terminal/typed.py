"""Numbers as people type them."""

__all__ = ["number_of"]


def number_of(text: str, most: int) -> int | None:
    """A number from 1 to ``most``, None for anything else."""
    text = text.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        return None
    return int(text) if 1 <= int(text) <= most else None
