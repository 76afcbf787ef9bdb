"""Who looks, at what they may see, in which zone: the value every call on a case takes."""

import msgspec

__all__ = ["View"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen view of a case.

    ``scope`` is a search text that bounds what may be seen (None: everything); the case joins it to every query
    before a backend sees it, so hits, counts, facets and exports obey it alike. ``zone`` is the display zone.
    """

    who: str
    scope: str | None = None
    zone: str = "UTC"
    language: str = "en"
