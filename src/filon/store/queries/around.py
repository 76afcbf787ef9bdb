"""Numbers of the messages of all conversations from ``since`` to ``until`` (microseconds, end excluded), in time order."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="around",
    messages=("id", "time", "conversation"),
    values={"since": (int,), "until": (int,), "limit": (int,)},
    sql="""
        SELECT id, time, conversation
        FROM messages
        WHERE time >= $since AND time < $until
        ORDER BY time, id
        LIMIT $limit
    """,
)
