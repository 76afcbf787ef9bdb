"""Table mappings kept in a case by name, to read the next delivery of the same layout by the same rules.

Apart from the case's door, which loads this when it is asked: it brings the readers of every kind of table with it.
"""

import re

import msgspec

from filon.errors import ReadingError
from filon.model.durable import replace_file
from filon.model.layout import Layout
from filon.readers.tables import Mapping, shipped, shipped_names

__all__ = ["named", "names", "save"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PROPOSED = "proposed"
"""What a mapping is called that nobody has named."""


def names(layout: Layout) -> tuple[str, ...]:
    """Names of the mappings this case keeps."""
    if not layout.mappings.is_dir():
        return ()
    return tuple(sorted(path.stem for path in layout.mappings.iterdir() if path.suffix == ".toml"))


def named(layout: Layout, name: str) -> dict[str, object]:
    """The mapping the case keeps under a name, else the one filon brings. ReadingError where there is neither."""
    if name in names(layout):
        return Mapping.from_toml(layout.mapping(name).read_text(encoding="utf-8")).to_dict()
    if name in shipped_names():
        return shipped(name).to_dict()
    raise ReadingError(
        "there is no mapping called {name!r}",
        hint="give a file of TOML, or one of: {known}",
        name=name,
        known=", ".join((*names(layout), *shipped_names())),
    )


def save(layout: Layout, name: str, mapping: dict[str, object]) -> dict[str, object]:
    """Keep a mapping under a name; one that nobody has named takes it. Nothing that is kept is overwritten."""
    if not _NAME.fullmatch(name):
        raise ReadingError(
            "a mapping cannot be called {name!r}", hint="use letters, digits, dots and dashes", name=name
        )
    kept = Mapping.from_dict(mapping)
    if kept.name == _PROPOSED:
        kept = msgspec.structs.replace(kept, name=name)
    if name in names(layout) and named(layout, name) != kept.to_dict():
        raise ReadingError("the case keeps another mapping called {name!r}", hint="choose another name", name=name)
    layout.mappings.mkdir(mode=0o700, exist_ok=True)
    replace_file(layout.mapping(name), kept.to_toml().encode())
    return kept.to_dict()
