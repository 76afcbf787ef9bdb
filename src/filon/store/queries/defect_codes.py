"""How many defects by code and reading, most first."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="defect_codes",
    tables=("defects",),
    sql="""
        SELECT code, (id >> 40)::INTEGER AS reading, count(*) AS defects
        FROM defects
        GROUP BY code, reading
        ORDER BY defects DESC, code, reading
    """,
)
