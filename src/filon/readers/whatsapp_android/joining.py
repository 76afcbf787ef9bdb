"""Tables that belong to messages, read side by side with them.

Both are sorted by the message's number, so one pass through each is enough, however many rows a damaged or forged
table has for one message; and rows that belong to no message come out by themselves.
"""

from filon.errors import EvidenceError
from filon.evidence.sqlite import Database, Row

__all__ = ["Beside"]


class Beside:
    """The rows of ``table`` by the message number in ``column``; ask for numbers in rising order."""

    def __init__(self, database: Database, table: str, column: str = "message_row_id") -> None:
        self.table = table
        self.orphans = 0
        """Rows that belong to no message asked for."""
        self.without: list[Row] = []
        """Those rows themselves, until the caller takes them out; kept only after ``keep``."""
        self.error: EvidenceError | None = None
        self._column = column
        self._keep = False
        self._rows = database.rows(table, column)
        self._next: Row | None = None
        self._advance()

    def keep(self) -> "Beside":
        """Keep rows of no message in ``without``."""
        self._keep = True
        return self

    def take(self, message: int) -> list[Row]:
        """The rows of one message."""
        found: list[Row] = []
        while self._next is not None:
            belongs = self._next.get(self._column)
            if belongs == message:
                found.append(self._next)
            elif belongs is not None and (not isinstance(belongs, int | float) or belongs > message):
                break  # SQLite sorts NULL before numbers, and texts and bytes after them
            else:
                self._orphan(self._next)
            self._advance()
        return found

    def rest(self) -> None:
        """Go through what is left after the last message."""
        while self._next is not None:
            self._orphan(self._next)
            self._advance()

    def _advance(self) -> None:
        try:
            self._next = next(self._rows, None)
        except EvidenceError as error:
            self._next, self.error = None, error

    def _orphan(self, row: Row) -> None:
        self.orphans += 1
        if self._keep:
            self.without.append(row)
