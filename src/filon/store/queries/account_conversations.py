"""The conversations one account wrote in, with how many messages it sent there; busiest first."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="account_conversations",
    summary=True,
    values={"account": (int,), "limit": (int,)},
    sql="""
        SELECT conversation, sum(messages)::BIGINT AS messages, min("first") AS "first", max("last") AS "last"
        FROM summary
        WHERE sender = $account AND conversation IS NOT NULL
        GROUP BY conversation
        ORDER BY messages DESC, conversation
        LIMIT $limit
    """,
)
