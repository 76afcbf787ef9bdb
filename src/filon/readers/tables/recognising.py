"""How much a file looks like a table of messages, from its head alone."""

import csv
import io

from filon.evidence.elements import Element, elements
from filon.evidence.json_values import decode
from filon.evidence.lines import BOM
from filon.evidence.rows import Row, kind_of, written_of
from filon.evidence.rows.document import path_of
from filon.evidence.rows.jsonlines import flatten
from filon.readers.tables.header import best_header, heading, names_of, role_scores

__all__ = ["likeness"]

_BY_SIGNATURE = 0.5
"""A workbook or Parquet file: a table, but of what only its inside tells."""
_ROWS = 60
_ESSENTIAL = ({"text"}, {"sent", "day", "clock"}, {"sender", "contact", "direction"})


def likeness(head: bytes, name: str) -> float:
    """0 to 1. More than 0.6 only where columns say text, time and who."""
    kind = kind_of(head, name)
    if kind is None:
        return 0.0
    if kind in {"workbook", "parquet"}:
        return _BY_SIGNATURE
    if kind == "json-lines":
        line = head.removeprefix(BOM).lstrip().split(b"\n", 1)[0].strip()
        return _by_names(list(flatten(decode(line)[0])))
    return _of_document(head) if kind == "json" else _of_delimited(head)


def _of_document(head: bytes) -> float:
    found = next(elements(io.BytesIO(head), [path_of(head)]), None)
    return (
        _by_names(list(flatten(found.value))) if isinstance(found, Element) and isinstance(found.value, dict) else 0.0
    )


def _of_delimited(head: bytes) -> float:
    written = written_of(head)
    if written.width is None:
        return 0.0
    text = head.decode(written.charset or "utf-8", "replace").lstrip("\ufeff")
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="")
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=written.delimiter or ";"), 1):
            rows.append(Row(number, list(cells)))
            if number == _ROWS:
                break
    except csv.Error:
        return 0.0
    header = best_header(rows)
    if header is None:
        return 0.2 if written.width > 3 else 0.0
    return _by_names(names_of(list(rows[header - 1].cells)))


def _by_names(names: list[str]) -> float:
    found = {role for name in names for role, score in role_scores(heading(name).words).items() if score >= 0.75}
    essential = sum(1 for roles in _ESSENTIAL if roles & found)
    return min(0.9, (0.6 if essential == len(_ESSENTIAL) else 0.15 * essential) + 0.02 * len(found))
