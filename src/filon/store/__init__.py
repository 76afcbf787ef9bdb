"""Messages and everything derived from them: one store a case, behind the Protocols of ``filon.store.ports``."""

from pathlib import Path

from filon.errors import StoreError
from filon.model.layout import Layout
from filon.model.progress import Report, silent
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.manifest import Manifest, save
from filon.store.embedded.verify import verify
from filon.store.ports import (
    Addition,
    Backend,
    Bucket,
    Capabilities,
    Compacted,
    Facet,
    Fault,
    Found,
    Index,
    Numbers,
    Order,
    Piece,
    Tables,
    Thread,
)

__all__ = [
    "Addition",
    "Backend",
    "Bucket",
    "Capabilities",
    "Compacted",
    "Facet",
    "Fault",
    "Found",
    "Index",
    "Numbers",
    "Order",
    "Piece",
    "Tables",
    "Thread",
    "create_store",
    "open_store",
    "verify_store",
]


def create_store(root: Path) -> None:
    """Make an empty store in a case folder, which must be there; ``StoreError`` where it holds one already."""
    layout = Layout(root)
    if layout.manifest.exists():
        raise StoreError("{path} holds a store already", path=str(root))
    for folder in (layout.slices, layout.tables, layout.temporary):
        folder.mkdir(mode=0o700, exist_ok=True)
    save(layout, Manifest())


def open_store(root: Path, *, write: bool = False) -> Backend:
    """The store of a case as it stands now. One writer at a time: the caller holds the lock of the case."""
    return EmbeddedBackend(Layout(root), writes=write)


def verify_store(root: Path, report: Report = silent) -> list[Fault]:
    """Every file of the store that is missing, differs or should not be there, even of a store that cannot be opened."""
    return verify(Layout(root), report)
