"""How much a case holds: one row of counts, the first and last time, and messages whose times stand without a zone."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="overview",
    summary=True,
    tables=("items", "readings", "events", "accounts", "conversations", "defects"),
    sql="""
        SELECT
            (SELECT count(DISTINCT item) FROM items) AS items,
            (SELECT coalesce(sum(size), 0)::BIGINT FROM items) AS bytes,
            (SELECT count(*) FROM readings) AS readings,
            coalesce(sum(messages), 0)::BIGINT AS messages,
            (SELECT count(*) FROM events) AS events,
            (SELECT count(DISTINCT account) FROM accounts) AS accounts,
            (SELECT count(DISTINCT conversation) FROM conversations) AS conversations,
            coalesce(sum(attachments), 0)::BIGINT AS attachments,
            (SELECT count(*) FROM defects) AS defects,
            min("first") AS "first",
            max("last") AS "last",
            coalesce(sum(undated), 0)::BIGINT AS undated,
            coalesce(sum(walls), 0)::BIGINT AS zone_unknown
        FROM summary
    """,
)
