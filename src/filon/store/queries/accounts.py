"""Accounts with how many messages they sent, into how many conversations, from when to when; busiest first."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="accounts",
    messages=("id", "time", "conversation", "sender"),
    tables=("accounts",),
    values={"account": (int, type(None)), "limit": (int,), "offset": (int,)},
    sql="""
        WITH sent AS (
            SELECT sender AS account, count(*) AS sent, count(DISTINCT conversation) AS conversations,
                min(time) AS "first", max(time) AS "last"
            FROM messages
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
