"""Databases made to do things when they are read."""

import sqlite3
import struct
from contextlib import closing

import pytest

from case.hostile.attack import Attack


def database(script):
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return connection.serialize()


TABLES = (
    "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);"
    "CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);"
    "CREATE TABLE message_system_chat_participant (message_row_id INTEGER, user_jid_row_id INTEGER, sender_jid_row_id);"
    "INSERT INTO jid VALUES (1, '32470000001', 's.whatsapp.net', NULL);"
    "INSERT INTO chat VALUES (1, 1, NULL);"
)
MESSAGES = (
    "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT, text_data TEXT);"
)
ONE = "INSERT INTO message VALUES (1, 1, 0, 'K', 'hello');"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS _id, 'x' AS text_data FROM n"


def broken_schema():
    data = bytearray(database(TABLES + MESSAGES + ONE))
    at = data.find(b"CREATE TABLE message (")
    data[at : at + 12] = b"CREATE TABLE"[::-1]
    return bytes(data)


def endless_cells():
    """A page that points back to itself."""
    data = bytearray(database(TABLES + MESSAGES + "".join(f"INSERT INTO message VALUES ({n}, 1, 0, 'K{n}', '{'x' * 900}');"
                                                          for n in range(1, 60))))  # fmt: skip
    for page in range(2, len(data) // 4096):
        if data[page * 4096] == 5:
            struct.pack_into(">I", data, page * 4096 + 8, page + 1)
    return bytes(data)


DATABASES = {
    # name: (database, messages at most)
    "view-for-table": (lambda: database(TABLES + f"CREATE VIEW message AS {ENDLESS};"), 0),
    "trigger": (lambda: database(TABLES + MESSAGES + ONE + "CREATE TRIGGER t AFTER INSERT ON message BEGIN"
                                 " DELETE FROM message; END;"), 1),
    "generated": (lambda: database(TABLES + "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER,"
                                   " key_id TEXT, text_data TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000))));"
                                   "INSERT INTO message VALUES (1, 1, 0, 'K');"), 1),
    "check-and-default": (lambda: database(TABLES + "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER,"
                                           " from_me INTEGER, key_id TEXT, text_data TEXT CHECK (length(text_data) < 99),"
                                           " more TEXT DEFAULT (hex(zeroblob(10))));"
                                           "INSERT INTO message VALUES (1, 1, 0, 'K', 'hello', 'm');"), 1),
    "virtual": (lambda: database(TABLES + "CREATE VIRTUAL TABLE message USING fts5(chat_row_id, from_me, key_id, text_data);"), 0),
    "index-expression": (lambda: database(TABLES + MESSAGES + ONE + "CREATE INDEX i ON message (abs(_id));"), 1),
    "names": (lambda: database(TABLES + MESSAGES + ONE + 'CREATE TABLE "x""; DROP TABLE message; --" (a);'
                               'CREATE TABLE "\x1b[31m" (a); INSERT INTO "\x1b[31m" VALUES (1);'), 1),
    "broken-schema": (broken_schema, 1),
    "endless-cells": (endless_cells, 59),
    "huge-integers": (lambda: database(TABLES + "CREATE TABLE message (_id, chat_row_id, from_me, key_id, text_data, timestamp);"
                                       "INSERT INTO message VALUES (-9223372036854775808, 9223372036854775807, 1e308, x'00ff',"
                                       " x'c328', 9223372036854775807), (NULL, NULL, NULL, NULL, NULL, NULL);"), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", DATABASES)
def test_databases_made_to_do_things_are_read_as_rows_or_not_at_all(case, evil, name):
    make, most = DATABASES[name]
    data = make()
    (evil / "msgstore.db").write_bytes(data)
    attack = Attack(case, evil)
    assert (evil / "msgstore.db").read_bytes() == data
    assert sum(reading.tally.messages for reading in attack.readings) <= most
    assert attack.seconds < 60
    if most == 1 and name not in ("generated", "broken-schema"):
        assert case.count(case.view(), "platform:whatsapp hello") == 1
