"""What a slice amounts to: a row for every reading, conversation and sender in it. Lists and totals add these up.

Written when a slice is built, so that the first page of a case of any size reads thousands of rows instead of millions.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.store.embedded.columns import MARKS, NONE, UNDATED, Ints

__all__ = ["SUMMARY", "summarised"]

SUMMARY = pa.schema(
    {
        "reading": pa.int32(),
        "conversation": pa.int32(),
        "sender": pa.int32(),
        "messages": pa.int64(),
        "undated": pa.int64(),
        "walls": pa.int64(),
        "attachments": pa.int64(),
        "first": pa.int64(),
        "last": pa.int64(),
    }
)
"""``walls``: messages whose time stands without a zone; ``first`` and ``last``: of those with a time, microseconds. A
conversation or sender that the source does not say is null."""


def summarised(columns: "dict[str, Ints]", groups: pa.Table, carriers: Ints, rows: Ints | None = None) -> pa.Table:
    """Rows of a slice added up. ``columns``: its integer columns by name; ``carriers``: the row of each of its attachments;
    ``rows``: those that count, None for all."""
    readings, marks = groups["reading"].to_numpy(), groups["marks"].to_numpy()
    attachments = np.bincount(carriers, minlength=len(columns["group"]))
    chosen: Any = slice(None) if rows is None else rows
    group, time = columns["group"][chosen], columns["time"][chosen]
    undated = time == UNDATED
    whole: dict[str, Any] = {
        "reading": readings[group],
        "conversation": _nullable(columns["conversation"][chosen]),
        "sender": _nullable(columns["sender"][chosen]),
        "undated": undated.astype(np.int64),
        "walls": (marks[group] >> MARKS.index("wall") & 1).astype(np.int64),
        "attachments": attachments[chosen].astype(np.int64),
        "time": pa.array(time, mask=undated),
    }
    sums: list[Any] = [(name, "sum") for name in ("undated", "walls", "attachments")]
    added = pa.table(whole).group_by(["reading", "conversation", "sender"], use_threads=False)
    found = added.aggregate([([], "count_all"), *sums, ("time", "min"), ("time", "max")])
    names = {"messages": "count_all", "first": "time_min", "last": "time_max"} | {
        name: f"{name}_sum" for name, _ in sums
    }
    made = {name: found[names.get(name, name)] for name in SUMMARY.names}
    return pa.table(made).cast(SUMMARY).combine_chunks()


def _nullable(values: Ints) -> Any:
    missing: npt.NDArray[np.bool_] = values == NONE
    return pa.array(values, pa.int32(), mask=missing)
