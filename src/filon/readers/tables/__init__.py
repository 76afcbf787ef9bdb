"""Tables of messages: the shape in which material of seized networks reached courts, and what forensic tools export.

One row is one message as one device holds it. What the columns mean is said by a ``Mapping``: given by a person, shipped
with filon, or proposed from the header (English, French, Dutch, German, Spanish) and the values. Layouts known from
documentation only: Cellebrite's chat sheet and Magnet AXIOM's message sheets; no public column list of EncroChat or Sky
ECC deliveries is known, so ``operator`` follows what judgments say of them ([2021] EWCA Crim 1447).

Unit: rows of all sheets, as they are cut, titles and blank rows included.
"""

from filon.readers.tables.mapping import Mapping, shipped, shipped_names
from filon.readers.tables.proposal import Proposal, propose
from filon.readers.tables.reader import TableReader

__all__ = ["READER", "Mapping", "Proposal", "TableReader", "propose", "shipped", "shipped_names"]

READER = TableReader()
