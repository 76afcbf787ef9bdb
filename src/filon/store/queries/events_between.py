"""Events of a conversation from ``since`` to ``until`` (microseconds, end excluded, either may be open), in time order.

With both ends open also those without a time, last.
"""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="events_between",
    tables=("events",),
    values={
        "conversation": (int,),
        "since": (int, type(None)),
        "until": (int, type(None)),
        "limit": (int,),
    },
    sql="""
        SELECT *
        FROM events
        WHERE conversation = $conversation
            AND ($since IS NULL OR time >= $since) AND ($until IS NULL OR time < $until)
        ORDER BY time NULLS LAST, id
        LIMIT $limit
    """,
)
