"""One open case as the modules of this floor share it: handles, and what is derived from one state of the store."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

from filon.case.directory import Directory
from filon.case.originals import Originals
from filon.case.site import Site
from filon.desk import Desk
from filon.errors import DeskError
from filon.model.items import Item, Reading

__all__ = ["State"]

_KEPT = 32
"""Things derived from one state of the store under a scope that are kept: four for each of the last scopes used."""
T = TypeVar("T")


class State:
    """Handles of one case, and labels, items and readings as of the store's present generation."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.originals = Originals(site.settings.limits, site.tmp, site.layout.access)
        self._directory: tuple[int, Directory | None] = (-1, None)
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    @cached_property
    def desk(self) -> Desk:
        """People's work. Opened when it is needed, so that a damaged desk does not keep a case from being checked.

        DeskError where it is gone: an empty one in its place would look as if nobody had ever worked on the case.
        """
        if not self.site.layout.desk.exists():
            raise DeskError(
                "{path} is missing: tags, notes and saved searches are in it",
                hint="restore it from a backup of the case; an empty file of that name begins a new desk",
                path=str(self.site.layout.desk),
            )
        return Desk.at(self.site.layout.desk)

    def close(self) -> None:
        """Let go of files and databases."""
        if "desk" in self.__dict__:
            self.desk.close()
        self.originals.close()
        self.site.store.close()

    @property
    def directory(self) -> Directory:
        """Labels of accounts and conversations."""
        store = self.site.store
        generation, directory = self._directory
        if directory is None or store.generation != generation:
            generation = store.generation
            directory = Directory(store.tables, frozenset(self.readings) - frozenset(store.withdrawn))
            self._directory = generation, directory
        return directory

    @property
    def items(self) -> dict[int, Item]:
        """Every item by number, withdrawn ones marked with the reason."""
        return self.site.ledger.freshen().items

    @property
    def readings(self) -> dict[int, Reading]:
        """Every reading by number, those of withdrawn items included."""
        return self.site.ledger.freshen().readings

    @property
    def custody_lines(self) -> dict[int, int]:
        """By item, the entry of the custody log that took it in."""
        return self.site.ledger.freshen().lines

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
