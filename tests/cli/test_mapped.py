"""mapping: a proposal as TOML, and beside it the rows as they would be read."""

import json
import zipfile

import pytest

from cli.running import in_terminal, told
from filon.readers.tables import Mapping

TABLE = "Date;De;Texte\n" + "".join(f"0{n}/02/2020 10:00;anna;salut {n} \x1b[31m\n" for n in range(1, 6))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def test_the_toml_alone_goes_into_a_file(home, table):
    shown = told("mapping", table)
    assert shown.code == 0
    assert Mapping.from_toml(shown.out).columns.text == "Texte"
    assert "open: zone: " in shown.err
    assert "salut 5 ␛[31m" in shown.err
    assert list(home.iterdir()) == []


def test_a_terminal_shows_both(home, table):
    code, shown = in_terminal("mapping", table, columns=100)
    assert code == 0
    assert 'text = "Texte"' in shown
    assert "salut 1 ␛[31m" in shown
    assert "\x1b[31m" not in shown


def test_a_proposal_can_be_kept_and_used(home, table):
    told("new", "ops")
    shown = told("mapping", "ops", table, "--save", "month")
    assert "Kept as 'month'" in shown.err
    assert (home / "ops" / "mappings" / "month.toml").is_file()
    assert told("add", "ops", table, "--mapping", "month", "--yes").code == 0
    # What the case holds already can still be looked at.
    found = json.loads(told("mapping", table, "--json").out)
    assert found["mapping"]["columns"]["sender"] == "De"
    assert Mapping.from_toml(found["toml"]).to_dict() == found["mapping"]
    assert len(found["preview"]) >= 5


def test_several_tables_are_told_apart(home, tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", TABLE)
        archive.writestr("two.csv", TABLE.replace("De;", "Von;"))
    shown = told("mapping", path)
    assert [line for line in shown.lines if line.startswith("# ")] == [f"# {path}: one.csv", f"# {path}: two.csv"]
    told("new", "ops")
    refused = told("mapping", "ops", path, "--save", "month")
    assert refused.code == 3
    assert "there are 2 different mappings" in refused.err


def test_what_is_no_table_is_told(home, tmp_path, table):
    note = tmp_path / "note.txt"
    note.write_text("a few words\n")
    shown = told("mapping", note)
    assert (shown.code, shown.out) == (1, "")
    assert "there is no table in" in shown.err
    assert told("mapping", tmp_path / "missing").code == 3
    assert told("mapping", "ops", table).code == 5
