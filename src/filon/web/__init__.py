"""The reading room: pages over one case, for the browsers of this machine."""

from filon.web.app import ReadingRoom, create_app
from filon.web.serving import serve

__all__ = ["ReadingRoom", "create_app", "serve"]
