"""The conversations one account wrote in, with how many messages it sent there; busiest first."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="account_conversations",
    messages=("id", "time", "conversation", "sender"),
    values={"account": (int,), "limit": (int,)},
    sql="""
        SELECT conversation, count(*) AS messages, min(time) AS "first", max(time) AS "last"
        FROM messages
        WHERE sender = $account AND conversation IS NOT NULL
        GROUP BY conversation
        ORDER BY messages DESC, conversation
        LIMIT $limit
    """,
)
