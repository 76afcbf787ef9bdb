"""Progress: rate and time left, on one line of a terminal, now and then in a pipe; and what Ctrl-C becomes."""

import io

import click
import pytest

from filon.cli import progress
from filon.cli.progress import Ticker
from filon.errors import Interrupted
from filon.model.progress import Progress


class Screen(io.StringIO):
    def __init__(self, tty):
        super().__init__()
        self.tty = tty

    def isatty(self):
        return self.tty

    def fileno(self):
        raise OSError("no file")


@pytest.fixture
def clock(monkeypatch):
    """A clock that is turned by hand."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def screen(monkeypatch):
    def made(tty):
        screen = Screen(tty)
        monkeypatch.setattr("sys.stderr", screen)
        return screen

    return made


def test_a_terminal_shows_rate_and_time_left_on_one_line(clock, screen):
    shown = screen(True)
    with Ticker("again") as ticker:
        ticker(Progress("read", 0, 90_000_000, "bytes", "a\x1b[31m.zip"))
        clock[0] += 0.1
        ticker(Progress("read", 1_000_000, 90_000_000, "bytes", "too soon to be shown"))
        clock[0] += 9.9
        ticker(Progress("read", 30_000_000, 90_000_000, "bytes", "a.zip"))
    assert shown.getvalue().split("\r\x1b[2K")[1:] == [
        "read    0 B of 90.0 MB (0 %)  a␛[31m.zip",
        "read    30.0 MB of 90.0 MB (33 %)  3.0 MB/s  0:20 left  a.zip",
        "",
    ]


def test_a_line_never_outgrows_the_terminal(clock, screen):
    shown = screen(True)
    Ticker("again")(Progress("read", 1, 2, "bytes", "漢" * 60))
    assert len(shown.getvalue()) < 80


def test_hours_are_hours_and_rows_are_rows(clock, screen):
    shown = screen(True)
    ticker = Ticker("again")
    ticker(Progress("write", 0, 36_000_000, "rows"))
    clock[0] += 10
    ticker(Progress("write", 100_000, 36_000_000, "rows"))
    assert shown.getvalue().endswith("write   100,000 of 36,000,000 (0 %) rows  10,000/s  59:50 left")
    clock[0] += 10
    ticker(Progress("write", 110_000, 36_000_000, "rows"))
    assert shown.getvalue().endswith("5,500/s  1:48:45 left")


def test_the_next_file_of_a_stage_has_its_own_rate(clock, screen):
    shown = screen(True)
    ticker = Ticker("again")
    ticker(Progress("hash", 1_000, 1_000, "bytes", "one"))
    clock[0] += 10
    ticker(Progress("hash", 10, 1_000, "bytes", "two"))
    assert "/s" not in shown.getvalue()


def test_a_pipe_gets_a_line_now_and_then(clock, screen):
    shown = screen(False)
    ticker = Ticker("again")
    for done in range(31):
        ticker(Progress("read", done, 100, "bytes", "a.zip"))
        clock[0] += 1
    assert shown.getvalue().splitlines() == [
        "read    15 B of 100 B (15 %)  1 B/s  1:25 left  a.zip",
        "read    30 B of 100 B (30 %)  1 B/s  1:10 left  a.zip",
    ]


def test_quiet_is_quiet_in_a_pipe_only(clock, screen):
    shown = screen(False)
    ticker = Ticker("again", quiet=True)
    clock[0] += 60
    ticker(Progress("read", 1, 2))
    assert shown.getvalue() == ""
    shown = screen(True)
    Ticker("again", quiet=True)(Progress("read", 1, 2))
    assert shown.getvalue()


def test_nobody_looking_is_no_reason_to_stop(clock, monkeypatch):
    class Closed(Screen):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Closed(True))
    Ticker("again")(Progress("read", 1, 2))


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_says_how_to_go_on(screen, stopped):
    screen(True)
    with pytest.raises(Interrupted) as caught, Ticker("the same command goes on"):
        raise stopped
    assert caught.value.hint == "the same command goes on"
    with pytest.raises(ValueError, match="another"), Ticker("x"):
        raise ValueError("another")
