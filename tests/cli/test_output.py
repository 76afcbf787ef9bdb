"""How things are shown: tables of every width, numbers, JSON of whatever there is."""

import json

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from filon.cli import output
from filon.cli.output import counted, number, print_json, size, table

CELLS = st.text(alphabet=st.sampled_from("abc é漢字🤓  "), max_size=60)


@pytest.fixture
def terminal(monkeypatch, capsys):
    """A table as a terminal of some width shows it."""

    def shown(columns, *arguments, **more):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setattr(output.shutil, "get_terminal_size", lambda: output.os.terminal_size((columns, 24)))
        table(*arguments, **more)
        return click.unstyle(capsys.readouterr().out).splitlines()

    return shown


def test_columns_are_as_wide_as_they_need(terminal):
    rows = [("1", "short", "1,204"), ("22", "a longer one", "7")]
    assert terminal(80, "two rows", ("item", "name", "size"), rows, right=("size",)) == [
        "two rows",
        "item  name           size",
        "1     short         1,204",
        "22    a longer one      7",
    ]


def test_a_wide_cell_is_broken_between_words(terminal):
    rows = [("1", "twelve words that do not fit into so narrow a terminal as this one is")]
    assert terminal(40, "one", ("item", "words"), rows) == [
        "one",
        "item  words",
        "1     twelve words that do not fit into",
        "      so narrow a terminal as this one",
        "      is",
    ]


def test_columns_that_do_not_fit_are_stacked(terminal):
    rows = [("1", "w" * 30, "v" * 30, ""), ("2", "w" * 30, "", "x")]
    assert terminal(40, "two", ("item", "one", "other", "more"), rows) == [
        "two",
        "- item   1",
        "  one    " + "w" * 30,
        "  other  " + "v" * 30,
        "- item   2",
        "  one    " + "w" * 30,
        "  more   x",
    ]


def test_no_rows_have_no_columns(terminal):
    assert terminal(40, "0 tags", ("tag", "messages"), []) == ["0 tags"]


@settings(max_examples=150)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.integers(20, 120))
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(rows, columns):
    held = [list(row) for row in rows]
    names = ("a", "b", "c")
    widths = output._widths(names, held, columns)
    if widths is None:
        return
    lines = list(output._laid_out(names, held, widths, ()))[1:]
    assert all(cell_len(line) <= columns for line in lines)
    shown, meant = "".join(lines), "".join(cell for row in rows for cell in row)
    assert sorted(shown.replace(" ", "")) == sorted(meant.replace(" ", ""))


def test_a_pipe_gets_names_and_tabs_and_the_title_goes_beside(capsys):
    table("two rows", ("item", "name"), [("1", "a\tb"), ("2", "c\nd")])
    shown = capsys.readouterr()
    assert shown.out == "item\tname\n1\ta b\n2\tc d\n"
    assert shown.err == "two rows\n"
    table("0 tags", ("tag",), [])
    assert capsys.readouterr().out == ""


def test_numbers_say_what_they_count():
    assert number(18_204) == "18,204"
    assert [counted(n, "message") for n in (0, 1, 1_200)] == ["0 messages", "1 message", "1,200 messages"]
    assert counted(2, "entry", "entries") == "2 entries"
    assert [size(n) for n in (0, 999, 1_000, 89_400_000, 4_100_000_000, 2 * 10**12)] == [
        "0 B", "999 B", "1.0 kB", "89.4 MB", "4.1 GB", "2.0 TB"
    ]  # fmt: skip


def test_json_is_one_line_whatever_it_holds(capsys):
    print_json({"text": "a\nb\x1b é", "half\udcff": ["\ud83d", ("x", 1, None)]})
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert json.loads(line) == {"text": "a\nb\x1b é", "half�": ["�", ["x", 1, None]]}


@pytest.mark.parametrize(
    ("name", "value", "plain"), [("NO_COLOR", "1", True), ("NO_COLOR", "", False), ("TERM", "dumb", True)]
)
def test_plain_text_can_be_asked_for(monkeypatch, name, value, plain):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert output.uncoloured() is plain
