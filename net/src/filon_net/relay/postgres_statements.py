"""What ``postgres`` says to the server. Many rows travel as arrays, one array a column: one statement, one round trip."""

__all__ = [
    "BOXES",
    "CLAIM",
    "DOORS",
    "ERASE",
    "EXPIRED",
    "FORGET",
    "FORGOTTEN",
    "HAND",
    "PUT_BLOB",
    "PUT_BOX",
    "PUT_BUNDLE",
    "PUT_DOOR",
    "READ",
    "SHUT",
    "SPEND",
    "SWEPT",
]

BOXES = b"""
SELECT name, id, quota_messages, quota_bytes, last, messages, bytes, doors, bundles, slots, month
  FROM mailbox WHERE name = ANY(ARRAY(
    SELECT unnest(%b::bytea[])
    UNION ALL
    SELECT w.name FROM unnest(%b::bytea[], %b::bytea[]) AS w(name, door),
      LATERAL (SELECT FROM door WHERE door.name = w.door OFFSET 0) AS found
  )) ORDER BY name FOR UPDATE
"""
"""Of owners by name, of senders where their door is there. A row that is locked has the commit wait for the disk, milliseconds
that would tell a sender without a good capability that the mailbox exists."""
DOORS = b"SELECT name, mailbox, daily, day, posts, claims FROM door WHERE name = ANY(%b::bytea[])"
SPEND = b"""
INSERT INTO spent SELECT * FROM unnest(%b::bytea[], %b::bigint[]) AS s(serial, not_after) ORDER BY serial
  ON CONFLICT DO NOTHING RETURNING serial
"""
CLAIM = b"""
SELECT b.mailbox, b.slot, b.body FROM unnest(%b::bigint[], %b::bigint[]) AS w(mailbox, n),
  LATERAL (SELECT * FROM bundle WHERE mailbox = w.mailbox ORDER BY slot = 0, slot LIMIT w.n) AS b
"""
ERASE = b"""
DELETE FROM blob USING unnest(%b::bigint[], %b::bigint[]) AS w(mailbox, number)
  WHERE blob.mailbox = w.mailbox AND blob.number = w.number RETURNING blob.mailbox, octet_length(body)::bigint
"""
PUT_BOX = b"""
INSERT INTO mailbox (name, id, quota_messages, quota_bytes, last, messages, bytes, doors, bundles, slots, month)
  SELECT * FROM unnest(%b::bytea[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                       %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
  ON CONFLICT (name) DO UPDATE SET last = excluded.last, messages = excluded.messages, bytes = excluded.bytes,
    doors = excluded.doors, bundles = excluded.bundles, slots = excluded.slots, month = excluded.month
"""
PUT_DOOR = b"""
INSERT INTO door (name, mailbox, daily, day, posts, claims)
  SELECT * FROM unnest(%b::bytea[], %b::bigint[], %b::integer[], %b::integer[], %b::integer[], %b::integer[])
  ON CONFLICT (name) DO UPDATE SET daily = excluded.daily, day = excluded.day, posts = excluded.posts, claims = excluded.claims
"""
PUT_BLOB = b"""
INSERT INTO blob (mailbox, number, hour, expires, body)
  SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::integer[], %b::integer[], %b::bytea[])
"""
SHUT = b"DELETE FROM door WHERE name = ANY(%b::bytea[])"
HAND = b"""
DELETE FROM bundle USING unnest(%b::bigint[], %b::bigint[]) AS w(mailbox, slot)
  WHERE bundle.mailbox = w.mailbox AND bundle.slot = w.slot
"""
PUT_BUNDLE = b"""
INSERT INTO bundle (mailbox, slot, body) SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bytea[])
  ON CONFLICT (mailbox, slot) DO UPDATE SET body = excluded.body
"""
READ = b"""
SELECT w.at, m.last, b.number, b.hour, b.expires, b.body
  FROM unnest(%b::bigint[], %b::bytea[], %b::bigint[], %b::bigint[]) AS w(at, name, after, n) JOIN mailbox m ON m.name = w.name
  LEFT JOIN LATERAL (SELECT number, hour, expires, body FROM blob WHERE mailbox = m.id AND number > w.after AND expires > %b
                     ORDER BY number LIMIT w.n) AS b ON true
  ORDER BY w.at, b.number
"""
EXPIRED = b"SELECT mailbox, number FROM blob WHERE expires <= %b LIMIT %b"
FORGOTTEN = b"""
SELECT id, messages FROM mailbox WHERE month <= %b ORDER BY messages LIMIT 16 FOR UPDATE SKIP LOCKED
"""
FORGET = (
    b"DELETE FROM blob WHERE mailbox = ANY(%b)",
    b"DELETE FROM bundle WHERE mailbox = ANY(%b)",
    b"DELETE FROM door WHERE mailbox = ANY(%b)",
    b"DELETE FROM mailbox WHERE id = ANY(%b)",
)
SWEPT = b"""
UPDATE mailbox SET messages = messages - w.n, bytes = bytes - w.size
  FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[]) AS w(id, n, size) WHERE mailbox.id = w.id
"""
