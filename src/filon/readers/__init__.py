"""Every reader there is: the built-in ones in a stated order, and those of other packages by entry point.

A reader is imported when it is asked for, and one that cannot be loaded is a value that says why, so that one broken
plugin never takes the others with it. Other packages offer readers in the entry-point group ``filon.readers``, each
pointing at an object with the shape of ``filon.evidence.reading.Reader``.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from filon.errors import ReadingError
from filon.evidence.reading import Format, Reader
from filon.evidence.source import Source

__all__ = ["BUILT_IN", "GROUP", "Loaded", "all_readers", "by_name", "recognise", "surest"]

GROUP = "filon.readers"
BUILT_IN = (
    "filon.readers.ufdr:READER",
    "filon.readers.rsmf:READER",
    "filon.readers.whatsapp_android:READER",
    "filon.readers.telegram:READER",
    "filon.readers.meta:READER",
    "filon.readers.whatsapp_text:READER",
    "filon.readers.signal_text:READER",
    "filon.readers.irc:READER",
    "filon.readers.tables:READER",
)
"""The most particular first: among equally sure readers the earlier one is proposed."""


class Loaded(msgspec.Struct, frozen=True):
    """One entry of the registry: a reader, or why there is none.

    ``name`` is the format's name where it could be loaded, else how the registry knows it; ``origin`` is its
    ``module:object``.
    """

    reader: Reader | None
    name: str
    origin: str
    error: str | None = None


@cache
def all_readers() -> tuple[Loaded, ...]:
    """Every reader, built-in ones first; a later one that takes a name already in use is kept out, and says so."""
    taken: dict[str, str] = {}
    found = []
    for entry in _entries():
        loaded = _load(entry)
        if loaded.reader is not None:
            if loaded.name in taken:
                error = f"the format name {loaded.name} already belongs to {taken[loaded.name]}"
                loaded = Loaded(None, loaded.name, loaded.origin, error)
            else:
                taken[loaded.name] = loaded.origin
        found.append(loaded)
    return tuple(found)


def by_name(name: str) -> Reader:
    """The reader of the format called ``name``; ReadingError where there is none or it cannot be loaded."""
    for loaded in all_readers():
        if loaded.name == name:
            if loaded.reader is not None:
                return loaded.reader
            raise ReadingError(
                "the reader {name} cannot be loaded: {error}",
                hint="`filon readers` lists all readers and what is wrong with those that do not load",
                name=name,
                error=loaded.error,
            )
    raise ReadingError(
        "there is no reader called {name}", hint="`filon readers` lists the formats that can be read", name=name
    )


def recognise(source: Source) -> list[tuple[float, Reader]]:
    """Who could read ``source``: ``(how sure, reader)``, best first, without those that are sure they cannot."""
    scores = []
    for loaded in all_readers():
        if loaded.reader is not None:
            score = _sniff(loaded, loaded.reader, source)
            if score > 0:
                scores.append((score, loaded.reader))
    return sorted(scores, key=lambda pair: -pair[0])


def surest(source: Source) -> tuple[float, Reader] | None:
    """The first that ``recognise`` gives, without asking those that cannot be surer; None where it gives none."""
    best: tuple[float, Reader] | None = None
    for loaded in all_readers():
        if loaded.reader is None or (best is not None and loaded.reader.format.surest <= best[0]):
            continue
        score = _sniff(loaded, loaded.reader, source)
        if score > (best[0] if best is not None else 0):
            best = score, loaded.reader
    return best


def _entries() -> Iterator[EntryPoint]:
    for value in BUILT_IN:
        yield EntryPoint(value.split(":")[0].rpartition(".")[2], value, GROUP)
    yield from sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))


def _load(entry: EntryPoint) -> Loaded:
    try:
        module = import_module(entry.module)
        reader: Any = getattr(module, entry.attr)
        name = reader.format.name
        complete = isinstance(reader.format, Format) and all(
            callable(getattr(reader, m)) for m in ("sniff", "ask", "read")
        )
    except Exception as error:  # noqa: BLE001 - somebody else's module may fail in any way, and must not take us along
        return Loaded(None, entry.name, entry.value, f"{type(error).__name__}: {error}")
    if not complete:
        return Loaded(None, entry.name, entry.value, "it has not the shape of a reader")
    return Loaded(reader, name, entry.value)


def _sniff(loaded: Loaded, reader: Reader, source: Source) -> float:
    try:
        return reader.sniff(source)
    except Exception as error:
        raise ReadingError(
            "the reader {name} ({origin}) failed while looking at {source}: {error}",
            hint="choose the reader by name, or remove the package that brings this one",
            name=loaded.name,
            origin=loaded.origin,
            source=source.name,
            error=f"{type(error).__name__}: {error}",
        ) from error
