"""Rows of cells out of every shape a table comes in: delimited text, workbooks, JSON, Parquet."""

from filon.evidence.rows.charset import is_guess
from filon.evidence.rows.row import KINDS, Broken, Cell, Cut, Row, Sheet, Table, Written, excerpt
from filon.evidence.rows.stripe import Stripe
from filon.evidence.rows.striping import are_in_stripes, stripes_of
from filon.evidence.rows.table import kind_of, open_table, written_of

__all__ = [
    "KINDS",
    "Broken",
    "Cell",
    "Cut",
    "Row",
    "Sheet",
    "Stripe",
    "Table",
    "Written",
    "are_in_stripes",
    "excerpt",
    "is_guess",
    "kind_of",
    "open_table",
    "stripes_of",
    "written_of",
]
