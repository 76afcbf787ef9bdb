"""Rows of several slices as one table.

Putting the leaves of a row together again costs about the same for one row as for hundreds, and the fifty hits of a page may
lie in twenty slices: it is done once for all slices whose rows lie in the same way.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import pyarrow as pa

from filon.model.columns import MESSAGES
from filon.store.embedded import shape
from filon.store.embedded.columns import Ints
from filon.store.embedded.slices import Slice

__all__ = ["gather"]

Found = tuple[Slice, Ints, Ints]
"""A slice, some of its rows, and the place of each in the table that is made."""


def gather(found: Sequence[Found], names: Sequence[str]) -> pa.Table:
    """These columns of ``MESSAGES``, in the order of the places."""
    alike: dict[Hashable, list[Found]] = {}
    for one in found:
        alike.setdefault(one[0].way, []).append(one)
    tables, places = [MESSAGES.empty_table().select(names)], [np.zeros(0, np.int64)]
    for group in alike.values():
        packed = shape.joined([part.packed(rows, names) for part, rows, _ in group])
        tables.append(shape.unpack(packed.leaves, group[0][0].notes, packed.rows, names))
        places += [place for _, _, place in group]
    return pa.concat_tables(tables).unify_dictionaries().take(np.argsort(np.concatenate(places)))
