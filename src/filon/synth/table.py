"""Rows as an operator would export them: sixteen columns of texts, a device's view of each message."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from filon.synth.copies import ABSENT, Copies, Said
from filon.synth.people import START, person
from filon.synth.rhythm import Times

__all__ = ["COLUMNS", "HEADER", "NUMBERS", "Row", "Table", "clock_text", "instants", "table"]

HEADER = [
    "device",
    "direction",
    "contact",
    "nickname",
    "sent (UTC)",
    "received (UTC)",
    "read (UTC)",
    "burn (UTC)",
    "text",
    "conversation",
    "message id",
    "sequence",
    "status",
    "attachment",
    "latitude",
    "longitude",
]
COLUMNS = tuple(name.replace(" (UTC)", "_utc").replace(" ", "_") for name in HEADER)
NUMBERS = frozenset({"sequence", "latitude", "longitude"})
"""Columns that hold numbers; all others hold text."""

_EXTENSIONS = {"photo": ("IMG", "jpg"), "video": ("VID", "mp4"), "audio": ("AUD", "m4a"), "file": ("DOC", "pdf")}


class Row(msgspec.Struct, omit_defaults=True, gc=False):
    """One row; the names are those of the JSON lines."""

    device: str | None = None
    direction: str | None = None
    contact: str | None = None
    nickname: str | None = None
    sent_utc: str | None = None
    received_utc: str | None = None
    read_utc: str | None = None
    burn_utc: str | None = None
    text: str | None = None
    conversation: str | None = None
    message_id: str | None = None
    sequence: int | None = None
    status: str | None = None
    attachment: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Table:
    """Columns of equal length, by the names of ``COLUMNS``."""

    def __init__(self, columns: "dict[str, list[Any]]") -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns["device"])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, values in the order of ``COLUMNS``."""
        return zip(*self.columns.values(), strict=True)

    def repeat(self, places: "NDArray[np.int64]") -> None:
        """Write these rows twice, one after the other."""
        order = np.sort(np.concatenate([np.arange(len(self)), places])).tolist()
        self.columns = {name: [values[i] for i in order] for name, values in self.columns.items()}


def table(seed: int, spoken: Said, rows: Copies) -> Table:
    """The columns of a block's rows."""
    words = rows.words.table()
    said, places = spoken.utterances, rows.message.tolist()
    uttered = [said[m] for m in places]
    files = _file_names(seed, spoken)
    return Table(
        {
            "device": words[rows.device].tolist(),
            "direction": np.where(rows.out, "out", "in").tolist(),
            "contact": words[rows.contact].tolist(),
            "nickname": words[rows.nickname].tolist(),
            "sent_utc": instants(rows.sent),
            "received_utc": instants(rows.received),
            "read_utc": instants(rows.read),
            "burn_utc": instants(rows.burn),
            "text": [u.text or None for u in uttered],
            "conversation": words[rows.group].tolist(),
            "message_id": [spoken.ids[m] for m in places],
            "sequence": rows.sequence.tolist(),
            "status": np.where(rows.out, "delivered", np.where(rows.read == ABSENT, "received", "read")).tolist(),
            "attachment": [files.get(m) for m in places],
            "latitude": [u.place and u.place[0] for u in uttered],
            "longitude": [u.place and u.place[1] for u in uttered],
        }
    )


def instants(seconds: Times) -> list[str | None]:
    """``2020-04-01T18:03:22Z`` for each time, None where there is none."""
    days, clocks = np.divmod(seconds, 86_400)
    first = int(days[seconds != ABSENT].min(initial=START // 86_400))
    last = int(days.max(initial=first))
    dates = np.datetime_as_string(np.arange(first, last + 1).astype("datetime64[D]")).astype(object)
    texts = dates[np.maximum(days - first, 0)] + _clocks()[clocks]
    texts[seconds == ABSENT] = None
    whole: list[str | None] = texts.tolist()
    return whole


def clock_text(second: int) -> str:
    """``2020-04-01T18:03:22Z`` for one time."""
    return f"{np.datetime64(second, 's')}Z"


@cache
def _clocks() -> "NDArray[np.object_]":
    """``T00:00:00Z`` to ``T23:59:59Z``."""
    return np.array(
        [f"T{h:02d}:{m:02d}:{s:02d}Z" for h in range(24) for m in range(60) for s in range(60)], dtype=object
    )


def _file_names(seed: int, spoken: Said) -> dict[int, str]:
    """Names of attachments by message, with the local time of the sender's phone as phones write them."""
    named = {}
    for place, utterance in enumerate(spoken.utterances):
        if utterance.attachment is not None:
            members = spoken.speeches[int(spoken.stretch[place])].stretch.conversation.members
            hours = person(seed, members[utterance.speaker]).hours
            prefix, extension = _EXTENSIONS[utterance.attachment]
            local = str(np.datetime64(int(spoken.times[place]) + 3_600 * hours, "s"))
            named[place] = f"{prefix}_{local.replace('-', '').replace(':', '').replace('T', '_')}.{extension}"
    return named
