"""Making a case, opening one, and checking one that may not open."""

import os
import time
from pathlib import Path
from uuid import uuid4

import msgspec

from filon.case.answers import Verified
from filon.case.case import About, Case
from filon.case.flows import verifying
from filon.case.places import is_case, root_of
from filon.desk import Desk
from filon.errors import CustodyError, StoreError
from filon.evidence.custody import Custody
from filon.model.durable import replace_file
from filon.model.layout import CASE_FORMAT, Layout
from filon.model.progress import Report
from filon.settings import Settings
from filon.store import create_store

__all__ = ["create_case", "open_case", "verify_case"]


def create_case(name: str, settings: Settings) -> Case:
    """Make an empty case: a path, or a bare name in ``settings.home``. StoreError where something is there already."""
    root = root_of(name, settings)
    if root.exists() and any(root.iterdir()):
        raise StoreError(
            "{path} is not empty", hint="choose another name, or open the case that is there", path=str(root)
        )
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.chmod(0o700)
    layout = Layout(root)
    for folder in (layout.temporary, layout.intakes, layout.mappings):
        folder.mkdir(mode=0o700)
    stated = {"format": CASE_FORMAT, "id": str(uuid4()), "name": root.name, "made_at": time.time_ns() // 1000}
    stated["made_by"] = settings.who
    custody = Custody.create(layout, settings.who, stated)
    create_store(root)
    Desk.at(layout.desk).close()
    about = msgspec.convert(stated | {"public_key": custody.public_key}, About)
    replace_file(layout.case, msgspec.json.format(msgspec.json.encode(about)))
    return open_case(str(root), settings)


def open_case(name: str, settings: Settings) -> Case:
    """Open a case. StoreError where there is none, or where a newer filon wrote it."""
    root = root_of(name, settings)
    layout = Layout(root)
    if not is_case(root):
        raise StoreError("there is no case in {path}", hint="`filon new {name}` makes one", path=str(root), name=name)
    _require_writable(root)
    try:
        about = msgspec.json.decode(layout.case.read_bytes(), type=About)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(
            "{path} cannot be read: {why}",
            hint="restore it from a backup of the case; `filon verify` says what else differs",
            path=str(layout.case),
            why=str(error),
        ) from error
    if about.format > CASE_FORMAT:
        raise StoreError(
            "the case was written by a newer filon", hint="open it with the filon that wrote it, or a later one"
        )
    return Case(layout, about, settings)


def verify_case(name: str, settings: Settings, head: str | None, reread: bool, report: Report) -> Verified:
    """Check a case, also one so damaged that it cannot be opened: then its log and files are checked, and the rest is said."""
    if is_case(root := root_of(name, settings)):
        _require_writable(root)  # which is no difference of the case
    try:
        case = open_case(name, settings)
    except (StoreError, CustodyError) as error:
        layout = Layout(root)
        if not layout.case.is_file():
            raise
        return verifying.verify_closed(layout, head, str(error), report)
    with case:
        return case.verify(case.view(), head=head, reread=reread, report=report)


def _require_writable(root: Path) -> None:
    """Reading takes locks inside the case and keeps its temporary files there."""
    if not os.access(root, os.W_OK | os.X_OK):
        raise StoreError(
            "the case in {path} lies where nothing can be written, and reading needs that too",
            hint="copy the whole folder to where you may write, and open the copy; `filon verify` says whether it is whole",
            path=str(root),
        )
