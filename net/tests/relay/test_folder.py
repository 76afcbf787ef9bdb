"""A relay's folder, and what its command says when it is wrong."""

import pytest
from click.testing import CliRunner

from filon_net.cli import main
from filon_net.relay import BadFolder, RelayBusy, RelayFolder, make_folder

KEY = bytes(range(32))


def test_a_folder_is_made_once(tmp_path):
    made = make_folder(tmp_path / "relay", [KEY])
    assert len(made.name) == 32
    assert made.path.stat().st_mode & 0o777 == 0o700
    again = RelayFolder(tmp_path / "relay")
    assert again.name == made.name
    assert again.operators() == {KEY}
    with pytest.raises(BadFolder, match="not empty"):
        make_folder(tmp_path / "relay")
    assert RelayFolder(tmp_path / "relay").name == made.name
    assert make_folder(tmp_path / "other").name != made.name


def test_operators_with_comments(tmp_path):
    made = make_folder(tmp_path / "relay")
    assert made.operators() == frozenset()
    (made.path / "operators").write_text(f"# ours\n\n{KEY.hex()}  # in Lyon\n")
    assert made.operators() == {KEY}


@pytest.mark.parametrize("line", ["abc", "zz" * 32, "00" * 31, "00" * 33])
def test_a_wrong_key_is_named_by_its_line(tmp_path, line):
    made = make_folder(tmp_path / "relay")
    (made.path / "operators").write_text(f"{KEY.hex()}\n{line}\n")
    with pytest.raises(BadFolder, match=r"line 2 of .*operators"):
        made.operators()


def test_a_folder_is_held_by_one(tmp_path):
    first, second = make_folder(tmp_path / "relay"), RelayFolder(tmp_path / "relay")
    first.lock()
    with pytest.raises(RelayBusy) as refused:
        second.lock()
    assert "--store postgres" in (refused.value.hint or "")
    first.unlock()
    second.lock()
    second.unlock()


def test_mailboxes_of_another_version_and_no_mailboxes_at_all(tmp_path):
    import sqlite3

    from filon_net.relay.sqlite import SqliteStore

    with sqlite3.connect(tmp_path / "newer") as run:
        run.execute("PRAGMA user_version = 9")
    run.close()
    with pytest.raises(BadFolder, match="format 9, this one reads 2"):
        SqliteStore(tmp_path / "newer")
    (tmp_path / "noise").write_bytes(b"not a database" * 1000)
    with pytest.raises(BadFolder, match="not a database"):
        SqliteStore(tmp_path / "noise")


@pytest.mark.parametrize(("before", "after"), [(None, 1_024), (4_096, 4_096)])
def test_a_new_file_has_small_pages_and_an_old_one_keeps_its_own(tmp_path, before, after):
    import sqlite3

    from filon_net.relay.sqlite import SqliteStore

    if before is not None:
        with sqlite3.connect(tmp_path / "mailboxes") as run:
            run.execute(f"PRAGMA page_size = {before}")
            run.execute("VACUUM")
        run.close()
    for _ in range(2):
        store = SqliteStore(tmp_path / "mailboxes")
        assert store._writer.execute("PRAGMA page_size").fetchall() == [(after,)]
        store.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["init", "{}", "--operator", "12"], "is not a key of 64 hex digits"),
        (["run", "{}"], "is not the folder of a relay\n  make one with: filon-net relay init DIR"),
        (["run", "{}", "--listen", "8410"], "is not HOST:PORT"),
        (["run", "{}", "--metrics", "0.0.0.0:1"], "metrics stay on this machine"),
        (["run", "{}", "--store", "mysql", "x"], "--store postgres URL"),
    ],
)
def test_what_the_command_says(tmp_path, arguments, said):
    folder = str(tmp_path / "relay")
    done = CliRunner().invoke(main, ["relay", *[one.format(folder) for one in arguments]])
    assert done.exit_code != 0
    assert said in done.output
