"""One open case as the modules of this floor share it: handles, and what is derived from one state of the store."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

import msgspec

from filon.case.directory import Directory
from filon.case.site import Site
from filon.desk import Desk
from filon.model.columns import strings
from filon.model.items import Item, Reading

__all__ = ["State"]

_KEPT = 32
"""Things derived from one state of the store under a scope that are kept: four for each of the last scopes used."""
T = TypeVar("T")


class State:
    """Handles of one case, and labels, items and readings as of the store's present generation."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._generation = -1
        self._directory: Directory | None = None
        self._items: dict[int, Item] = {}
        self._readings: dict[int, Reading] = {}
        self._custody_lines: dict[int, int] = {}
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    @cached_property
    def desk(self) -> Desk:
        """People's work. Opened when it is needed, so that a damaged desk does not keep a case from being checked."""
        return Desk.at(self.site.layout.desk)

    def close(self) -> None:
        """Let go of files and databases."""
        if "desk" in self.__dict__:
            self.desk.close()
        self.site.store.close()

    @property
    def directory(self) -> Directory:
        """Labels of accounts and conversations."""
        self._freshen()
        assert self._directory is not None
        return self._directory

    @property
    def items(self) -> dict[int, Item]:
        """Every item by number, withdrawn ones marked with the reason."""
        self._freshen()
        return self._items

    @property
    def readings(self) -> dict[int, Reading]:
        """Every reading by number, those of withdrawn items included."""
        self._freshen()
        return self._readings

    @property
    def custody_lines(self) -> dict[int, int]:
        """By item, the entry of the custody log that took it in."""
        self._freshen()
        return self._custody_lines

    def at_hand(self, item: Item) -> bool:
        """Whether the bytes of an item can be reached now."""
        return self.source_path(item).is_file()

    def source_path(self, item: Item) -> Path:
        """Where the bytes of an item are read from; a copy in the case moves with it."""
        return self.site.layout.root / item.at

    def source_root(self, item: Item) -> Path | None:
        """The folder an item is seen in, if it was added with one."""
        return self.site.layout.root / item.root if item.root else None

    def keep(self, what: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once for a state of the store; of everything asked for, what was used last is kept."""
        key = (self.site.store.generation, what)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("T", self._kept[key])
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _freshen(self) -> None:
        generation = self.site.store.generation
        if generation == self._generation:
            return
        tables = self.site.store.tables
        reasons: dict[int, str] = {}
        lines: dict[int, int] = {}
        for entry in self.site.custody.entries():
            if entry.what == "item-added":
                lines[int(entry.values["item"])] = entry.n
            elif entry.what == "item-withdrawn":
                reasons[int(entry.values["item"])] = str(entry.values["reason"])
        items = (msgspec.json.decode(b, type=Item) for b in strings(tables.table("items", withdrawn=True)["body"]))
        readings = strings(tables.table("readings", withdrawn=True)["body"])
        self._items = {i.number: msgspec.structs.replace(i, withdrawn=reasons.get(i.number)) for i in items}
        self._readings = {r.number: r for r in (msgspec.json.decode(b, type=Reading) for b in readings)}
        self._custody_lines = lines
        self._directory = Directory(tables, frozenset(self._readings) - frozenset(self.site.store.withdrawn))
        self._generation = generation
