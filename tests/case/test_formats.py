"""Formats through the whole house: which conversations meet across devices, and how edits and deletions are found."""

import json
import sqlite3
from contextlib import closing

from case import made_exports as exports
from filon.model.given import Given

GROUP = "120363000000000001@g.us"


def android(path, owner, friend, said):
    """A WhatsApp database of one telephone: a group, and a direct chat with ``friend``."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);"
            "CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);"
            "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT,"
            " sender_jid_row_id INTEGER, status INTEGER, timestamp INTEGER, message_type INTEGER, text_data TEXT);"
            "CREATE TABLE message_revoked (message_row_id INTEGER PRIMARY KEY, revoked_key_id TEXT, revoke_timestamp INTEGER);"
            "CREATE TABLE message_edit_info (message_row_id INTEGER PRIMARY KEY, original_key_id TEXT, edited_timestamp INTEGER);"
            "CREATE TABLE message_system_chat_participant (message_row_id INTEGER, user_jid_row_id INTEGER);"
        )
        people = {1: owner, 2: friend, 4: "32470000009"}
        database.executemany("INSERT INTO jid VALUES (?, ?, 's.whatsapp.net', NULL)", list(people.items()))
        database.execute("INSERT INTO jid VALUES (3, '120363000000000001', 'g.us', NULL)")
        database.execute("INSERT INTO chat VALUES (1, 3, 'Harbour'), (2, 2, NULL)")
        database.executemany(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
            [
                (1, 1, 0, "G1", 4, 1646000000000, 0, "the boat is late"),
                (2, 1, 1, f"{owner}-1", 0, 1646000001000, 0, said),
                (3, 2, 1, f"{owner}-2", 0, 1646000002000, 0, f"only for {friend}"),
                (4, 2, 0, f"{owner}-3", 0, 1646000003000, 15, None),
                (5, 2, 1, f"{owner}-4", 0, 1646000004000, 0, "corrected"),
            ],
        )
        database.execute("INSERT INTO message_revoked VALUES (4, 'BEFORE', 1646000005000)")
        database.execute("INSERT INTO message_edit_info VALUES (5, 'BEFORE-TOO', 0)")
        database.commit()


def by_native_id(case):
    """Conversations as (native id, messages), sorted."""
    view = case.view()
    rows = case.conversations(view, limit=1_000)[1]
    table = case._site.store.tables.table("conversations").to_pylist()
    native = {row["conversation"]: row["native_id"] for row in table}
    return sorted((native[row.conversation] or "", row.messages) for row in rows)


def test_two_telephones_share_a_group_and_not_their_chats_with_the_same_person(case, tmp_path):
    view = case.view()
    third = "32470000003"
    for owner in ("32470000001", "32470000002"):
        folder = tmp_path / owner
        folder.mkdir()
        android(folder / "msgstore.db", owner, third, f"said by {owner}")
        case.add(view, [folder / "msgstore.db"], given=Given(owner=f"+{owner}"))
    assert by_native_id(case) == [(GROUP, 4), (f"{third}@s.whatsapp.net", 3), (f"{third}@s.whatsapp.net", 3)]
    group = next(row for row in case.conversations(view)[1] if row.kind == "group")
    assert case.conversation(view, group.conversation).devices == ("+32470000001", "+32470000002")
    apart = [row.conversation for row in case.conversations(view)[1] if row.kind == "direct"]
    assert [case.conversation(view, number).devices for number in apart] == [("+32470000001",), ("+32470000002",)]
    assert case.count(view, f"from:{third}") == 2


def test_edits_and_deletions_told_by_events_are_found_on_messages(case, tmp_path):
    view = case.view()
    android(tmp_path / "msgstore.db", "32470000001", "32470000003", "hello")
    case.add(view, [tmp_path / "msgstore.db"])
    [edited] = case.search(view, "is:edited").hits
    [deleted] = case.search(view, "is:deleted").hits
    assert (edited.message.text, edited.message.edited, edited.message.deleted) == ("corrected", True, False)
    assert (deleted.message.edited, deleted.message.deleted, deleted.message.state) == (False, True, "deleted")
    details = [case.message(view, hit.message.id) for hit in (edited, deleted)]
    assert [[event.kind for event in detail.events] for detail in details] == [["edit"], ["deletion"]]
    # no time is made up: the edit has none, the deletion has the one of the source
    assert (details[0].times["edited"].order, details[0].times["edited"].raw) == (None, None)
    assert (details[1].times["deleted"].at, details[1].times["deleted"].raw) == (1646000005000000, "1646000005000")


def thread(names, texts, path, start):
    """One part of a thread of a Messenger download."""
    messages = [
        {"sender_name": names[n % len(names)], "timestamp_ms": 1_600_000_000_000 + start + n, "content": text}
        for n, text in enumerate(texts)
    ]
    people = [{"name": name} for name in names]
    return json.dumps(
        {"participants": people, "messages": messages, "title": path, "thread_path": f"inbox/{path}"}
    ).encode()


def messenger(path, parts):
    """A zip of a download: ``(thread folder, part)`` to bytes."""
    members = {f"messages/inbox/{folder}/message_{part}.json": data for (folder, part), data in parts.items()}
    path.write_bytes(exports.zipped(**members))
    return path


def test_a_messenger_thread_over_several_archives_is_one(case, tmp_path):
    group, direct = "harbour_1234567890123456", "bert_1000000000000002"
    three, two = ("Ada", "Bert", "Cleo"), ("Ada", "Bert")
    one = messenger(
        tmp_path / "one.zip",
        {
            (group, 1): thread(three, ["a", "b"], group, 0),
            (direct, 1): thread(two, ["c"], direct, 0),
            (group, 2): thread(three, ["d"], group, 10),
        },
    )
    more = messenger(
        tmp_path / "two.zip",
        {(group, 3): thread(three, ["e", "f"], group, 20), (direct, 2): thread(two, ["g"], direct, 30)},
    )
    # somebody else's download: the same group, and a chat with the same Bert
    other = messenger(
        tmp_path / "three.zip",
        {
            (group, 1): thread(three, ["h"], group, 40),
            (direct, 1): thread(("Cleo", "Bert"), ["i"], direct, 50),
        },
    )
    case.add(case.view(), [one, more, other])
    assert by_native_id(case) == [
        ("1000000000000002|Ada|Bert", 2),
        ("1000000000000002|Bert|Cleo", 1),
        ("1234567890123456", 6),
    ]


def telegram(chats):
    """A Telegram export: ``(type, id, name, texts)`` for each chat."""
    listed = [
        {
            "name": name,
            "type": kind,
            "id": number,
            "messages": [
                {"id": n, "type": "message", "date": "2023-01-01T10:00:00", "date_unixtime": str(1672567200 + n),
                 "from": "Bert", "from_id": "user1002", "text": text}
                for n, text in enumerate(texts, 1)
            ],
        }
        for kind, number, name, texts in chats
    ]  # fmt: skip
    return json.dumps({"chats": {"about": "", "list": listed}}).encode()


def test_telegram_groups_meet_and_direct_chats_do_not(case, tmp_path):
    for owner in ("ada", "cleo"):
        chats = [
            ("private_supergroup", 77, "Harbour", [f"from the copy of {owner}"]),
            ("public_channel", 78, "News", ["n"]),
            ("personal_chat", 1002, "Bert", [f"to {owner}"]),
        ]
        (tmp_path / owner).mkdir()
        (tmp_path / owner / "result.json").write_bytes(telegram(chats))
        case.add(case.view(), [tmp_path / owner])
    assert by_native_id(case) == [("channel77", 2), ("channel78", 2), ("user1002", 1), ("user1002", 1)]


def test_irc_channels_and_pairs_of_handles_meet_across_items(case, tmp_path):
    for n in (1, 2):
        (tmp_path / f"{n} #harbour.log").write_bytes(exports.irc(seed=n, lines=20))
        (tmp_path / f"{n} network.csv").write_bytes(exports.table(seed=n, rows=20))
        (tmp_path / f"{n} WhatsApp Chat with Marta.txt").write_bytes(exports.whatsapp(seed=n, messages=20))
    case.add(case.view(), sorted(tmp_path.glob("[12] *")))
    # a chat known by its title only stays in its item
    assert by_native_id(case) == [("", 20), ("", 20), ("#harbour", 40), ("oakheron|palewren", 40)]
