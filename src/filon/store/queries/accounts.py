"""Accounts with how many messages they sent, into how many conversations, from when to when; busiest first."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="accounts",
    summary=True,
    tables=("accounts",),
    values={"account": (int, type(None)), "limit": (int,), "offset": (int,)},
    sql="""
        WITH sent AS (
            SELECT sender AS account, sum(messages)::BIGINT AS sent, count(DISTINCT conversation) AS conversations,
                min("first") AS "first", max("last") AS "last"
            FROM summary
            WHERE sender IS NOT NULL AND ($account IS NULL OR sender = $account)
            GROUP BY sender
        ), named AS (
            SELECT account, arg_min(platform, reading) AS platform, arg_min(native_id, reading) AS native_id,
                arg_max(name, reading) AS name, arg_min(device, reading) AS device
            FROM accounts
            WHERE $account IS NULL OR account = $account
            GROUP BY account
        )
        SELECT named.*, coalesce(sent, 0) AS sent, coalesce(conversations, 0) AS conversations, "first", "last"
        FROM named LEFT JOIN sent USING (account)
        ORDER BY sent DESC, account
        LIMIT $limit OFFSET $offset
    """,
)
