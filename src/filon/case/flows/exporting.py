"""Writing hits to a file that others can read, and noting it in the log.

The file holds what the view may see, with the item's hash and the locator of every row, so that each line leads back
to its source without filon.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from filon.case.answers import Exported
from filon.case.sight import Sight
from filon.case.views import message_views, stamps_of
from filon.errors import EvidenceError
from filon.evidence.hashing import hash_file
from filon.exports import writer
from filon.model import ids
from filon.model.progress import Progress, Report
from filon.model.time import Stamp, to_datetime

__all__ = ["COLUMNS", "batches", "export"]

_ROWS = 4_096
_TEXTS = (
    "id", "sent_at", "sent_local", "sent_shown", "sent_raw", "sent_basis", "received_at", "read_at", "conversation",
    "sender", "sender_name", "recipients", "text", "kind", "state", "direction", "platform", "device", "native_id",
    "reply_to", "forwarded_from", "attachments", "tags", "assumptions", "item", "item_sha256", "member", "locator",
)  # fmt: skip
_NUMBERS = (("conversation_id", pa.int32()), ("sequence", pa.int64()), ("latitude", pa.float64()),
            ("longitude", pa.float64()), ("offset", pa.int64()), ("length", pa.int64()))  # fmt: skip
COLUMNS = pa.schema([*(pa.field(name, pa.string()) for name in _TEXTS), *(pa.field(n, t) for n, t in _NUMBERS)])
"""What an export holds, one row a message. Times are ISO 8601; ``sent_shown`` is in the view's zone."""


def export(sight: Sight, text: str, kind: str, out: Path, report: Report) -> Exported:
    """Write the hits oldest first. The file must not be there yet; one that cannot be finished or logged is taken away."""
    write = writer(kind)
    if out.exists() or out.is_symlink():
        raise EvidenceError(
            "{path} is there already", hint="choose another name; nothing is overwritten", path=str(out)
        )
    try:
        str(out.absolute()).encode()
    except UnicodeEncodeError as error:
        raise EvidenceError(
            "{path} cannot be the name of an export: it is not text in UTF-8, and the custody log notes it",
            hint="choose another name; nothing was written",
            path=str(out),
        ) from error
    try:
        rows = write(out, COLUMNS, batches(sight, text, report))
        sha256, _ = hash_file(out)
        head = _note(sight, text, kind, out, rows, sha256)
    except OSError as error:
        out.unlink(missing_ok=True)
        raise EvidenceError(
            "{path} cannot be written: {reason}",
            hint="the folder must be there, with room on its disk",
            path=str(out),
            reason=error.strerror or str(error),
        ) from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return Exported(path=str(out), rows=rows, sha256=sha256, head=head)


def _note(sight: Sight, text: str, kind: str, out: Path, rows: int, sha256: str) -> str:
    """The head of the log with this export in it."""
    view = sight.view
    values = {"path": str(out.absolute()), "format": kind, "search": text, "scope": view.scope, "zone": view.zone}
    return sight.state.site.custody.append("exported", view.who, values | {"rows": rows, "sha256": sha256})


def batches(sight: Sight, text: str, report: Report) -> Iterator[pa.RecordBatch]:
    """The hits in the columns of an export, oldest first."""
    query, store = sight.bound(text), sight.state.site.store
    total = store.index.count(query, sight.zone)
    done = 0
    for numbers in store.index.ids(query, sight.zone):
        for start in range(0, len(numbers), _ROWS):
            piece = store.tables.messages(numbers[start : start + _ROWS])
            yield pa.RecordBatch.from_pylist(_rows(sight, piece), COLUMNS)
            done += piece.num_rows
            report(Progress("write", done, total, "messages"))


def _rows(sight: Sight, piece: pa.Table) -> list[dict[str, object]]:
    rows = []
    for row, m in zip(piece.to_pylist(), message_views(sight, piece), strict=True):
        reading = sight.readings[ids.reading_of(row["id"])]
        item = sight.items[reading.item]
        times = stamps_of(row)
        sent, place, locator = times.get("sent"), m.place, row["locator"]
        rows.append(
            {
                "id": m.id,
                "sent_at": _iso(sent.at if sent else None, "Z"),
                "sent_local": _iso(sent.local if sent else None, ""),
                "sent_shown": _shown(sent, sight.zone),
                "sent_raw": sent.raw if sent else None,
                "sent_basis": sent.basis if sent else None,
                "received_at": _iso(_at(times.get("received")), "Z"),
                "read_at": _iso(_at(times.get("read")), "Z"),
                "conversation": m.conversation_title,
                "conversation_id": m.conversation,
                "sender": m.sender.label if m.sender else None,
                "sender_name": m.sender.name if m.sender else None,
                "recipients": "; ".join(a.label for a in m.recipients) or None,
                "text": m.text,
                "kind": m.kind,
                "state": m.state,
                "direction": m.direction,
                "platform": m.platform,
                "device": m.device,
                "native_id": m.native_id,
                "reply_to": m.reply_id or m.reply_to,
                "forwarded_from": m.forwarded_from,
                "attachments": "; ".join(f"{a.kind}: {a.name or a.note or ''}" for a in m.attachments) or None,
                "tags": "; ".join(m.tags) or None,
                "assumptions": "; ".join(row["assumptions"] or ()) or None,
                "item": item.path,
                "item_sha256": item.sha256,
                "member": reading.member,
                "locator": locator["path"],
                "offset": locator["offset"],
                "length": locator["length"],
                "sequence": row["sequence"],
                "latitude": place.latitude if place else None,
                "longitude": place.longitude if place else None,
            }
        )
    return rows


def _at(stamp: Stamp | None) -> int | None:
    return stamp.at if stamp else None


def _iso(microseconds: int | None, suffix: str) -> str | None:
    return None if microseconds is None else to_datetime(microseconds).replace(tzinfo=None).isoformat() + suffix


def _shown(stamp: Stamp | None, zone: str) -> str | None:
    """The time in the view's zone with its offset; a wall time as it is, marked."""
    if stamp is None or stamp.order is None:
        return stamp.raw if stamp else None
    if stamp.at is None:
        return f"{_iso(stamp.local, '')} (zone not known)"
    return to_datetime(stamp.at, zone).isoformat(sep=" ")
