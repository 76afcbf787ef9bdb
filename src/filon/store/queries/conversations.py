"""Conversations with how many messages, from when to when, and who takes part; biggest first, or by ``sort``.

Who takes part: accounts named by the item, and accounts that sent something; ``participants`` gives at most 12 of them,
the busiest first.
"""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="conversations",
    summary=True,
    tables=("conversations", "participants"),
    values={
        "conversation": (int, type(None)),
        "sort": (str,),
        "limit": (int,),
        "offset": (int,),
    },
    sql="""
        WITH sent AS MATERIALIZED (
            SELECT conversation, sender AS account, sum(messages)::BIGINT AS messages,
                min("first") AS "first", max("last") AS "last"
            FROM summary
            WHERE conversation IS NOT NULL AND ($conversation IS NULL OR conversation = $conversation)
            GROUP BY conversation, sender
        ), totals AS (
            SELECT conversation, sum(messages)::BIGINT AS messages, min("first") AS "first", max("last") AS "last"
            FROM sent GROUP BY conversation
        ), held AS (
            SELECT DISTINCT conversation FROM conversations
            WHERE $conversation IS NULL OR conversation = $conversation
        ), shown AS MATERIALIZED (
            SELECT conversation, coalesce(messages, 0) AS messages, "first", "last",
                row_number() OVER (ORDER BY
                    CASE WHEN $sort = 'last' THEN "last" WHEN $sort = 'first' THEN -"first" ELSE coalesce(messages, 0) END
                    DESC NULLS LAST, conversation) AS place
            FROM held LEFT JOIN totals USING (conversation)
            ORDER BY place LIMIT $limit OFFSET $offset
        ), members AS (
            SELECT conversation, account, sum(messages)::BIGINT AS messages FROM (
                SELECT conversation, account, messages FROM sent WHERE account IS NOT NULL
                UNION ALL
                SELECT conversation, account, 0 FROM participants
            ) SEMI JOIN shown USING (conversation) GROUP BY conversation, account
        ), people AS (
            SELECT conversation, count(*) AS participant_count,
                list(account ORDER BY messages DESC, account)[1:12] AS participants
            FROM members GROUP BY conversation
        ), named AS (
            SELECT conversation, arg_min(platform, reading) AS platform, arg_min(native_id, reading) AS native_id,
                arg_max(title, reading) AS title, arg_max(kind, reading) AS kind
            FROM conversations SEMI JOIN shown USING (conversation)
            GROUP BY conversation
        )
        SELECT named.*, messages, "first", "last",
            coalesce(participant_count, 0) AS participant_count, coalesce(participants, []) AS participants
        FROM shown JOIN named USING (conversation) LEFT JOIN people USING (conversation)
        ORDER BY place
    """,
)
