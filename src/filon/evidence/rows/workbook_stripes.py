"""Sheets of workbooks cut into many rows at once; the same rows as ``filon.evidence.rows.workbook`` cuts one by one.

Calamine gives every row of a sheet as many cells as the widest has, so that all of them are alike, or none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from filon.evidence.rows.row import Broken, Cell, Row
from filon.evidence.rows.stripe import Stripe, single_rows
from filon.evidence.rows.workbook import WorkbookSheet, cell_of

__all__ = ["workbook_stripes"]

_ROWS = 16_384
_TIMES = frozenset({datetime, type(None)})


def workbook_stripes(sheet: WorkbookSheet, width: int) -> Iterator[Stripe]:
    """Stripes of ``width`` columns."""
    found = sheet.values()
    if isinstance(found, Broken):
        yield single_rows([found])
        return
    number = 0
    while rows := list(islice(found, _ROWS)):
        if len(rows[0]) == width:
            yield _stripe(sheet, rows, number)
        else:
            yield single_rows([sheet.row(number + place, values) for place, values in enumerate(rows, 1)])
        number += len(rows)


def _stripe(sheet: WorkbookSheet, rows: list[Sequence[object]], number: int) -> Stripe:
    count = len(rows)
    numbers = np.arange(number + 1, number + count + 1, dtype=np.int64)

    def row(place: int) -> Row:
        return sheet.row(number + 1 + place, rows[place])

    return Stripe(
        columns=[_column(values) for values in zip(*rows, strict=True)],
        names=None,
        numbers=numbers,
        offsets=np.zeros(count, np.int64),
        lengths=np.zeros(count, np.int64),
        paths=pa.array([f"{sheet.name}!{place}" for place in numbers.tolist()], pa.string()),
        last=number + count,
        others=[],
        row=row,
    )


def _column(values: tuple[object, ...]) -> "Sequence[Cell] | pa.Array[Any]":
    kinds = set(map(type, values))
    if kinds == {str}:
        return values  # type: ignore[return-value]  # all of them are text
    cells = [cell_of(value) for value in values]
    if datetime in kinds and _TIMES.issuperset(map(type, cells)):
        return pa.array(cells, pa.timestamp("us"))
    return cells
