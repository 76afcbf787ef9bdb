"""What a message carries, from the columns of either generation of tables."""

from collections.abc import Collection

from filon.evidence.sqlite import Row
from filon.model.records import Attachment, Place
from filon.readers.whatsapp_android.values import integer, number, text

__all__ = ["Files", "attachment", "contact", "place"]

_FILES = frozenset({"image", "video", "audio", "voice", "file", "sticker"})


class Files:
    """The files that lie beside the database, found by the end of their path."""

    def __init__(self, names: Collection[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for name in names:
            self._by_name.setdefault(name.rpartition("/")[2], []).append(name)

    def member(self, path: str) -> str | None:
        """The one file whose path ends with ``path``, as WhatsApp writes it: ``Media/WhatsApp Images/IMG-….jpg``."""
        found = [name for name in self._by_name.get(path.rpartition("/")[2], ()) if f"/{name}".endswith(f"/{path}")]
        return found[0] if len(found) == 1 else None


def attachment(kind: str, row: Row, files: Files) -> tuple[str, tuple[Attachment, ...]]:
    """The kind of a message, and its file, from a row of ``message_media`` or ``messages``."""
    media_type = text(row, "mime_type") or text(row, "media_mime_type")
    path = text(row, "file_path")
    name = text(row, "media_name") or (path.rpartition("/")[2] if path else None)
    if kind == "audio" and ((media_type or "").startswith("audio/ogg") or (name or "").startswith("PTT-")):
        kind = "voice"
    if kind not in _FILES:
        return kind, ()
    size = integer(row, "file_length") or integer(row, "file_size") or integer(row, "media_size")
    note = "transferred=0" if integer(row, "transferred") == 0 else None
    return kind, (Attachment(kind, name, media_type, size, files.member(path) if path else None, note),)


def contact(row: Row, column: str) -> Attachment | None:
    """A contact that was sent, by the name in its card; None where there is no card."""
    vcard = text(row, column)
    if vcard is None:
        return None
    name = next((line[3:].strip() for line in vcard.splitlines() if line.upper().startswith("FN:")), None)
    if name is None:
        row.refuse(column, "no name")
    return Attachment("contact", name, "text/vcard", len(vcard.encode()))


def place(row: Row) -> Place | None:
    """The position in a row of ``message_location`` or ``messages``."""
    latitude, longitude = number(row, "latitude"), number(row, "longitude")
    if latitude is None or longitude is None or not (latitude or longitude):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    label = [part for part in (text(row, "place_name"), text(row, "place_address")) if part]
    return Place(latitude, longitude, ", ".join(label) or None)
