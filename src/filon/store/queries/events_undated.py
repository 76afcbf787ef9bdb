"""Events of a conversation without a time, in the order of their numbers."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="events_undated",
    tables=("events",),
    values={"conversation": (int,), "limit": (int,)},
    sql="""
        SELECT *
        FROM events
        WHERE conversation = $conversation AND time IS NULL
        ORDER BY id
        LIMIT $limit
    """,
)
