"""Events about one message of a conversation, by its native id: edits, deletions, reactions, receipts; in time order."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="events_of_target",
    tables=("events",),
    values={"conversation": (int, type(None)), "target": (str,)},
    sql="""
        SELECT *
        FROM events
        WHERE target = $target AND conversation IS NOT DISTINCT FROM $conversation
        ORDER BY time NULLS LAST, id
    """,
)
