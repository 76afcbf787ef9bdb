"""The tables of a relay in PostgreSQL, and what the server is asked to do about erased rows.

Blobs lie in hash partitions by mailbox id: each has its own small index and its own vacuum, and a partition can be written anew
alone. A blob stays in its row (``toast_tuple_target``, ``MAIN``): the two lengths that matter fit a page, and a second table would
cost a second erasure. Vacuum follows erasure closely; what that does and does not promise stands in docs/operate/relay.md.
"""

import psycopg

from filon_net.relay.errors import BadFolder

__all__ = ["PARTITIONS", "VERSION", "prepare"]

VERSION = 2
PARTITIONS = 16
_LOCK = 0x66696C6F  # "filo": one process prepares a database at a time

_SCHEMA = """
CREATE TABLE relay (version integer NOT NULL, name bytea NOT NULL);
CREATE TABLE mailbox (name bytea PRIMARY KEY, id bigint NOT NULL UNIQUE, quota_messages bigint NOT NULL,
  quota_bytes bigint NOT NULL, last bigint NOT NULL, messages bigint NOT NULL, bytes bigint NOT NULL,
  doors integer NOT NULL, bundles integer NOT NULL, slots bigint NOT NULL, month integer NOT NULL) WITH (fillfactor = 50);
CREATE INDEX ON mailbox (month);
CREATE TABLE door (name bytea PRIMARY KEY, mailbox bigint NOT NULL, daily integer NOT NULL, day integer NOT NULL,
  posts integer NOT NULL, claims integer NOT NULL) WITH (fillfactor = 70);
CREATE INDEX ON door (mailbox);
CREATE TABLE blob (mailbox bigint NOT NULL, number bigint NOT NULL, hour integer NOT NULL, expires integer NOT NULL,
  body bytea NOT NULL) PARTITION BY HASH (mailbox);
ALTER TABLE blob ALTER body SET STORAGE MAIN;
CREATE TABLE bundle (mailbox bigint NOT NULL, slot bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY (mailbox, slot));
CREATE TABLE spent (serial bytea PRIMARY KEY, not_after bigint NOT NULL);
"""
_PART = """
CREATE TABLE blob_{n:02} PARTITION OF blob (PRIMARY KEY (mailbox, number)) FOR VALUES WITH (MODULUS {of}, REMAINDER {n})
  WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_insert_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ON blob_{n:02} (expires);
"""


def prepare(run: "psycopg.Connection[tuple[object, ...]]", relay: bytes) -> None:
    """Make the tables where there are none; BadFolder where they are another relay's or another version's."""
    with run.transaction():
        run.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if run.execute("SELECT to_regclass('relay') IS NULL").fetchone() == (True,):
            run.execute(_SCHEMA)
            for n in range(PARTITIONS):
                run.execute(_PART.format(n=n, of=PARTITIONS))
            run.execute("INSERT INTO relay VALUES (%s, %s)", (VERSION, relay))
        found = run.execute("SELECT version, name FROM relay").fetchone()
    if found is None or found[0] != VERSION:
        raise BadFolder(
            "this database was made by another version of filon-net ({found})",
            hint="run the version that made it, or name an empty database",
            found=str(found[0] if found else None),
        )
    if found[1] != relay:
        raise BadFolder(
            "this database holds the mailboxes of another relay", hint="name an empty database, or that relay's folder"
        )
