"""The desk: what people do is kept, shown with who and when, and can be undone."""

import sqlite3

import pytest

from filon.desk import Anchor, Desk
from filon.desk.desk import HEAD
from filon.errors import DeskError


@pytest.fixture
def desk(tmp_path):
    desk = Desk.at(tmp_path / "desk.sqlite")
    yield desk
    desk.close()


def anchors(*numbers):
    return [Anchor(n, "ab" * 32, f"line {n}") for n in numbers]


def test_a_tag_is_put_on_taken_off_and_both_undone(desk):
    assert desk.tag("ada", "threat", anchors(3, 1, 2, 3)) == 3
    assert desk.tag("ada", "threat", anchors(1, 9)) == 1
    assert desk.tagged("threat").tolist() == [1, 2, 3, 9]
    assert desk.untag("ada", "threat", [2, 77]) == 1
    assert desk.tags() == [("threat", 3)]
    assert desk.undo("ada").kind == "untag"
    assert desk.tagged("threat").tolist() == [1, 2, 3, 9]
    assert desk.undo("ada").messages == 1
    assert desk.tagged("threat").tolist() == [1, 2, 3]


def test_undo_takes_only_ones_own_and_each_once(desk):
    desk.tag("ada", "a", anchors(1))
    desk.tag("bo", "b", anchors(1))
    assert desk.undo("ada").subject == "a"
    assert desk.undo("ada") is None
    assert desk.tags() == [("b", 1)]
    assert [(a.kind, a.undone) for a in desk.history()] == [("undo", False), ("tag", False), ("tag", True)]


def test_who_and_when_stand_with_every_tag(desk):
    desk.tag("ada", "x", anchors(5))
    [(tag, who, at)] = desk.tags_of([5, 6])[5]
    assert (tag, who) == ("x", "ada")
    assert at > 1_700_000_000_000_000


def test_tag_groups_are_found_by_their_beginning(desk):
    desk.tag("ada", "deal/lille", anchors(1, 2))
    desk.tag("ada", "deal/gent", anchors(2, 3))
    desk.tag("ada", "dealer", anchors(9))
    assert desk.tagged("deal/*").tolist() == [1, 2, 3]
    assert desk.tagged("100%").tolist() == []


def test_a_note_is_deleted_but_stays_in_the_history(desk):
    note = desk.note("ada", anchors(4)[0], "see page 3")
    desk.delete_note("bo", note.note)
    assert desk.notes() == []
    desk.undo("bo")
    assert [n.text for n in desk.notes([4])] == ["see page 3"]
    with pytest.raises(DeskError, match="no note 99"):
        desk.delete_note("ada", 99)
    with pytest.raises(DeskError, match="needs words"):
        desk.note("ada", anchors(4)[0], "  ")


def test_replacing_a_saved_search_can_be_undone(desk):
    desk.save_search("ada", "deliveries", "livraison", 1, "Europe/Paris")
    desk.save_search("bo", "deliveries", "levering", 1, "UTC")
    assert desk.undo("bo").kind == "save-search"
    assert [(s.text, s.zone, s.who) for s in desk.searches()] == [("livraison", "Europe/Paris", "ada")]
    desk.delete_search("ada", "deliveries")
    assert desk.searches() == []
    desk.undo("ada")
    assert len(desk.searches()) == 1


def test_read_marks_belong_to_a_person(desk):
    desk.mark_read("ada", 7, 100)
    desk.mark_read("ada", 7, 200)
    assert (desk.read_to("ada", 7), desk.read_to("bo", 7)) == (200, None)


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31m", 'say "hi"', "x" * 201, "all*", "a\u202eb"])
def test_names_that_cannot_be_typed_are_refused(desk, name):
    with pytest.raises(DeskError):
        desk.tag("ada", name, anchors(1))


def test_the_migrations_lead_to_the_tables_in_use(tmp_path):
    from sqlalchemy import create_engine, inspect

    from filon.desk.tables import metadata

    Desk.at(tmp_path / "d.sqlite").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'd.sqlite'}")
    made = inspect(engine)
    for table in metadata.sorted_tables:
        assert {c["name"] for c in made.get_columns(table.name)} == {c.name for c in table.columns}
    engine.dispose()


def test_a_desk_from_the_future_is_refused(tmp_path):
    path = tmp_path / "d.sqlite"
    Desk.at(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        connection.execute("UPDATE alembic_version SET version_num = 'd9999'")
    connection.close()
    with pytest.raises(DeskError, match="newer filon"):
        Desk.at(path)


def busy(desk):
    desk.tag("ada", "a", anchors(1, 2, 3))
    desk.untag("ada", "a", [2])
    desk.undo("ada")
    note = desk.note("ada", anchors(1)[0], "first")
    desk.note("bo", anchors(2)[0], "second")
    desk.delete_note("bo", note.note)
    desk.save_search("ada", "s", "livraison", 1, "UTC")
    desk.save_search("ada", "s", "levering", 1, "UTC")
    desk.undo("ada")
    desk.save_search("bo", "t", "x", 1, "UTC")
    desk.delete_search("bo", "t")
    desk.mark_read("ada", 1, 2)


def test_the_desk_is_what_its_history_comes_to(desk):
    busy(desk)
    assert desk.differences() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE notes SET text = 'other' WHERE note = 2", "note 2 differs"),
        ("UPDATE notes SET deleted_at = NULL WHERE note = 1", "note 1 differs"),
        ("DELETE FROM notes WHERE note = 2", "note 2 is in the history only"),
        ("DELETE FROM tags WHERE message = 3", "tag 'a' on message 3: in its history only"),
        ("UPDATE tags SET who = 'eve' WHERE message = 3", "tag 'a' on message 3 differs"),
        ("INSERT INTO tags VALUES ('b', 9, '', '', 'eve', 1)", "tag 'b' on message 9: not in its history"),
        ("UPDATE searches SET text = 'y'", "saved search 's' differs"),
        ("UPDATE actions SET who = 'eve' WHERE action = 2", "action 2 was changed"),
        ("DELETE FROM actions WHERE action = 1", "action 2 was changed"),
    ],
)
def test_a_change_behind_its_back_is_said(tmp_path, change, said):
    path = tmp_path / "d.sqlite"
    desk = Desk.at(path)
    busy(desk)
    with sqlite3.connect(path) as connection:
        connection.execute(change)
    connection.close()
    assert any(line.startswith(said) for line in desk.differences()), desk.differences()
    desk.close()


def test_a_damaged_database_is_said(tmp_path):
    path = tmp_path / "d.sqlite"
    desk = Desk.at(path)
    busy(desk)
    desk.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(path.read_bytes())
    data[4096:4104] = b"\xff" * 8
    path.write_bytes(bytes(data))
    with pytest.raises(DeskError, match="cannot be opened"):
        Desk.at(path)
