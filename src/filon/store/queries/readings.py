"""Messages, events and defects by reading, as they are visible now."""

from filon.store.queries.named import Named

__all__ = ["QUERY"]

QUERY = Named(
    name="readings",
    summary=True,
    tables=("events", "defects"),
    sql="""
        SELECT reading, sum(messages)::BIGINT AS messages, sum(events)::BIGINT AS events, sum(defects)::BIGINT AS defects,
            min("first") AS "first", max("last") AS "last"
        FROM (
            SELECT reading, sum(messages)::BIGINT AS messages, 0 AS events, 0 AS defects,
                min("first") AS "first", max("last") AS "last"
            FROM summary GROUP BY reading
            UNION ALL
            SELECT (id >> 40)::INTEGER AS reading, 0, count(*), 0, NULL, NULL FROM events GROUP BY 1
            UNION ALL
            SELECT (id >> 40)::INTEGER AS reading, 0, 0, count(*), NULL, NULL FROM defects GROUP BY 1
        )
        GROUP BY reading
        ORDER BY reading
    """,
)
