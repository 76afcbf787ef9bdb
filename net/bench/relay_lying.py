"""Sealed messages that lie in mailboxes whose owners are away, put there past the relay as fast as the store takes them."""

import os
import random
import secrets
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg

from filon_net.relay.rules import month_of
from filon_net.wire import BLOB_SIZES, HOURS_KEPT

__all__ = ["EACH", "lay"]

EACH = 200
"""Messages of one mailbox."""
_SIZE = BLOB_SIZES[0]


def taken(path: Path | None, url: str | None) -> set[int]:
    """Numbers that mailboxes of the store have."""
    if path is not None:
        with closing(sqlite3.connect(path)) as run:
            return {row[0] for row in run.execute("SELECT id FROM mailbox")}
    assert url is not None
    with psycopg.connect(url) as on:
        return {row[0] for row in on.execute("SELECT id FROM mailbox")}


def lay(count: int, path: Path | None, url: str | None) -> float:
    """Lay ``count`` messages into new mailboxes of a store that no relay has open; seconds."""
    began = time.monotonic()
    hour = int(time.time() // 3_600)
    ids = sorted({secrets.randbelow(1 << 31) for _ in range(count // EACH)} - taken(path, url))
    fillers = [os.urandom(_SIZE - 8) for _ in range(256)]
    boxes = [(os.urandom(32), one, 1 << 40, 1 << 50, EACH, EACH, EACH * _SIZE, 0, 0, 0, month_of(hour)) for one in ids]

    def blobs():
        for one in ids:
            for number in range(1, EACH + 1):
                yield (
                    one,
                    number,
                    hour,
                    hour + HOURS_KEPT - random.randrange(48),
                    os.urandom(8) + random.choice(fillers),
                )

    if path is not None:
        with sqlite3.connect(path, isolation_level=None) as run:
            run.execute("PRAGMA synchronous = OFF")
            run.execute("PRAGMA journal_mode = OFF")  # the relay sets its own again
            run.execute("PRAGMA cache_size = -262144")
            run.execute("BEGIN")
            run.executemany(f"INSERT INTO mailbox VALUES ({', '.join('?' * 11)})", boxes)
            run.executemany(
                "INSERT INTO blob VALUES (?, ?, ?, ?)",
                ((one << 32 | number, at, until, body) for one, number, at, until, body in blobs()),
            )
            run.execute("COMMIT")
        run.close()
    else:
        assert url is not None
        with psycopg.connect(url) as on:
            with on.cursor().copy("COPY mailbox FROM STDIN (FORMAT BINARY)") as into:
                into.set_types(["bytea", *["int8"] * 6, "int4", "int4", "int8", "int4"])
                for box in boxes:
                    into.write_row(box)
            with on.cursor().copy("COPY blob FROM STDIN (FORMAT BINARY)") as into:
                into.set_types(["int8", "int8", "int4", "int4", "bytea"])
                for row in blobs():
                    into.write_row(row)
            on.commit()
        with psycopg.connect(url, autocommit=True) as on:
            on.execute("VACUUM ANALYZE")
            on.execute("CHECKPOINT")
    os.sync()  # what has been lying for days is on the disk: the load that follows must not wait for it to get there
    return time.monotonic() - began
