"""Defects in the order of their numbers, of one code or reading where asked, with ``total`` of all that fit."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="defects",
    tables=("defects",),
    values={
        "code": (str, type(None)),
        "reading": (int, type(None)),
        "limit": (int,),
        "offset": (int,),
    },
    sql="""
        SELECT *, (id >> 40)::INTEGER AS reading, count(*) OVER () AS total
        FROM defects
        WHERE ($code IS NULL OR code = $code) AND ($reading IS NULL OR (id >> 40) = $reading)
        ORDER BY id
        LIMIT $limit OFFSET $offset
    """,
)
