"""The mark on a sentence that is worded later: collected for the catalogues, looked up where it is shown."""

__all__ = ["sentence"]


def sentence(message: str) -> str:
    """The same text; says that the catalogues must know it."""
    return message
