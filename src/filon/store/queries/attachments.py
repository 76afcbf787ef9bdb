"""Attachments with the message that carries each, in time order; of one conversation or kind where asked."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="attachments",
    tables=("attachments",),
    values={
        "conversation": (int, type(None)),
        "kind": (str, type(None)),
        "limit": (int,),
        "offset": (int,),
    },
    sql="""
        SELECT *
        FROM attachments
        WHERE ($conversation IS NULL OR conversation = $conversation) AND ($kind IS NULL OR kind = $kind)
        ORDER BY time NULLS LAST, message, place
        LIMIT $limit OFFSET $offset
    """,
)
