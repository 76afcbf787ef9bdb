"""Records shown again from the original items, through one limited process where something must be unpacked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from filon.evidence.access import Piece, Wanted, is_packed, piece
from filon.evidence.items import Held
from filon.evidence.worker import Worker
from filon.model.items import Item, Reading
from filon.model.records import Locator
from filon.settings import Limits

__all__ = ["Originals"]


class Originals:
    """The items of one case as they lie. The process starts with the first record that is packed and stays for the next."""

    def __init__(self, limits: Limits, tmp: Path, kept: Callable[[str], Path]) -> None:
        self._limits = limits
        self._tmp = tmp
        self._kept = kept
        self._starter = ThreadPoolExecutor(1)
        self._worker = Worker(limits, self._starter)
        self._lock = Lock()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._worker.close()
        self._starter.shutdown()

    def piece(self, item: Item, path: Path, root: Path | None, reading: Reading, locator: Locator) -> Piece:
        """The bytes at ``locator``; EvidenceError where the item at ``path`` is not there or not what it was."""
        wanted = Wanted(
            item=path.absolute(),
            root=root.absolute() if root else None,
            sha256=item.sha256,
            size=item.size,
            member=reading.member,
            path=locator.path,
            offset=locator.offset,
            length=locator.length,
            kept=self._kept(item.sha256).absolute(),
            tmp=self._tmp.absolute(),
            limits=self._limits,
        )
        with self._lock:
            if is_packed(wanted.item):
                return self._worker.call("filon.evidence.access:piece", wanted, returns=Piece)
            with Held() as held:
                return piece(wanted, held)
