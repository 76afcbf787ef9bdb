"""Named relational queries over a case: heavy joins and groupings live here, one file each, not above the store.

Every query is SQL that DuckDB and Spark both understand, over the views ``messages`` (integer columns and words of few
values) and the tables of ``filon.model.columns``, without anything that is withdrawn. Counts are BIGINT, times
microseconds.
"""

from importlib import import_module

from filon.errors import StoreError
from filon.store.queries.named import MESSAGE_COLUMNS, Named

__all__ = ["MESSAGE_COLUMNS", "QUERIES", "Named", "named"]

QUERIES = (
    "account_conversations",
    "accounts",
    "around",
    "attachments",
    "conversations",
    "defect_codes",
    "defects",
    "events_between",
    "events_of_target",
    "events_undated",
    "overview",
    "readings",
)
"""Every query there is; each is ``filon.store.queries.NAME``."""


def named(name: str) -> Named:
    """The query called ``name``; ``StoreError`` where there is none."""
    if name not in QUERIES:
        raise StoreError("there is no query called {name}", name=name)
    query: Named = import_module(f"filon.store.queries.{name}").QUERY
    return query
