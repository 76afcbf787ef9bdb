"""How much a case holds: one row of counts, the first and last time, and messages whose times stand without a zone."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="overview",
    messages=("id", "time", "wall"),
    tables=("items", "readings", "events", "accounts", "conversations", "attachments", "defects"),
    sql="""
        SELECT
            (SELECT count(DISTINCT item) FROM items) AS items,
            (SELECT coalesce(sum(size), 0)::BIGINT FROM items) AS bytes,
            (SELECT count(*) FROM readings) AS readings,
            count(*) AS messages,
            (SELECT count(*) FROM events) AS events,
            (SELECT count(DISTINCT account) FROM accounts) AS accounts,
            (SELECT count(DISTINCT conversation) FROM conversations) AS conversations,
            (SELECT count(*) FROM attachments) AS attachments,
            (SELECT count(*) FROM defects) AS defects,
            min(time) AS "first",
            max(time) AS "last",
            count(*) FILTER (WHERE time IS NULL) AS undated,
            count(*) FILTER (WHERE wall) AS zone_unknown
        FROM messages
    """,
)
