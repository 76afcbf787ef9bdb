"""Progress: rate and time left, on one line of a terminal, now and then in a pipe; and what Ctrl-C becomes."""

import io
import time

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.cli import progress
from filon.cli.progress import Ticker
from filon.errors import Interrupted
from filon.model.progress import Pace, Progress


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


@pytest.fixture(autouse=True)
def weight(monkeypatch):
    """What the processes hold."""
    monkeypatch.setattr(progress, "memory_in_use", lambda: 1_234_567_890)


def test_a_terminal_shows_rate_time_left_and_memory_on_one_line(clock, screen):
    shown = screen(True)
    with Ticker("again") as ticker:
        ticker(Progress("read", 0, 90_000_000, "bytes", "a\x1b[31m.zip"))
        clock[0] += 0.1
        ticker(Progress("read", 1_000_000, 90_000_000, "bytes", "too soon to be shown"))
        clock[0] += 9.9
        ticker(Progress("read", 30_000_000, 90_000_000, "bytes", "a.zip"))
    assert shown.getvalue().split("\r\x1b[2K")[1:] == [
        "Reading  0 B of 90.0 MB (0 %)  1.2 GB RAM  a␛[31m.zip",
        "Reading  30.0 MB of 90.0 MB (33 %)  3.0 MB/s  step done in 0:20  1.2 GB RAM",
        "",
    ]


def test_in_french(clock, screen, monkeypatch):
    monkeypatch.setenv("FILON_LANGUAGE", "fr")
    shown = screen(False)
    ticker = Ticker("encore")
    ticker(Progress("index", 0, 20_000_000, "rows"))
    clock[0] += 10
    ticker(Progress("index", 1_500_000, 20_000_000, "rows"))
    assert shown.getvalue() == (
        "Indexation  1\u202f500\u202f000 lignes sur 20\u202f000\u202f000 (7 %)  150\u202f000/s"
        "  étape finie dans 2:03  1,2 Go de RAM\n"
    )


def test_a_line_never_outgrows_the_terminal(clock, screen):
    shown = screen(True)
    Ticker("again")(Progress("read", 1, 2, "bytes", "漢" * 60))
    assert shown.getvalue() == "\r\x1b[2KReading  1 B of 2 B (50 %)  1.2 GB RAM"
    Ticker("again")(Progress("read", 10**40, 10**41, "rows"))
    assert len(shown.getvalue().rsplit("\r\x1b[2K")[-1]) == 79


def test_hours_are_hours_and_rows_are_rows(clock, screen):
    shown = screen(True)
    ticker = Ticker("again")
    ticker(Progress("write", 0, 36_000_000, "rows"))
    clock[0] += 10
    ticker(Progress("write", 400_000, 36_000_000, "rows"))
    assert shown.getvalue().endswith("Writing  400,000 of 36,000,000 rows  40,000/s  step done in 14:50  1.2 GB RAM")
    clock[0] += 100
    ticker(Progress("write", 800_000, 36_000_000, "rows"))
    assert shown.getvalue().endswith("Writing  800,000 of 36,000,000 rows  4,000/s  step done in 2:26:40  1.2 GB RAM")


def test_the_next_file_of_a_stage_and_the_next_stage_have_their_own_rate(clock, screen):
    shown = screen(True)
    ticker = Ticker("again")
    ticker(Progress("hash", 0, 1_000, "bytes", "one"))
    clock[0] += 10
    ticker(Progress("hash", 900, 1_000, "bytes", "one"))
    assert "/s" in shown.getvalue()
    for later in (Progress("hash", 10, 1_000, "bytes", "two"), Progress("read", 500, 1_000, "bytes", "one")):
        clock[0] += 10
        ticker(later)
        line = shown.getvalue().rsplit("\r\x1b[2K")[-1]
        assert "/s" not in line
        assert "done in" not in line


def test_the_last_half_minute_counts_and_silence_ends_it():
    pace = Pace()
    for second in range(100):
        pace.note(Progress("index", second * 1_000, 1_000_000, "rows"), float(second))
    assert pace.rate(99.0) == pytest.approx(1_000)
    for second in range(100, 200):
        pace.note(Progress("index", 99_000 + (second - 99) * 10, 1_000_000, "rows"), float(second))
    assert pace.rate(199.0) == pytest.approx(10)
    assert pace.left(204.0) == pytest.approx(90_000 - 5)
    assert (pace.rate(210.0), pace.left(210.0)) == (None, None)


def test_nothing_is_made_of_a_first_crumb():
    """The undated rows of a store are few and done at once; what follows is told a slice at a time."""
    pace = Pace()
    pace.note(Progress("index", 0, 400_000, "rows"), 0.0)
    pace.note(Progress("index", 103, 400_000, "rows"), 2.0)
    assert pace.rate(3.0) is None
    pace.note(Progress("index", 100_000, 400_000, "rows"), 20.0)
    assert pace.left(20.0) == pytest.approx(60)
    assert pace.left(39.0) == pytest.approx(41)
    pace.note(Progress("index", 400_000, 400_000, "rows"), 80.0)
    assert pace.left(81.0) is None


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 1_000)), max_size=60), st.floats(0, 100))
def test_a_pace_is_never_negative(steps, silence):
    pace, now, done = Pace(), 0.0, 0
    for seconds, more in steps:
        now, done = now + seconds, done + more
        pace.note(Progress("read", done, 70_000), now)
    rate, left = pace.rate(now + silence), pace.left(now + silence)
    assert rate is None or rate > 0
    assert left is None or left > 0


def test_a_line_goes_on_while_nothing_is_reported(screen, monkeypatch):
    monkeypatch.setattr(progress, "_WEIGHED", 0.05)
    shown = screen(True)
    with Ticker("again") as ticker:
        ticker(Progress("unify", 0, 3, "readings"))
        until = time.monotonic() + 20
        while shown.getvalue().count("Numbering") < 3 and time.monotonic() < until:
            time.sleep(0.01)
        ticker.clear()
        before = shown.getvalue()
        time.sleep(0.3)
        assert shown.getvalue() == before  # a question stands there now
    assert before.count("Numbering") >= 3


def test_a_pipe_gets_a_line_now_and_then(clock, screen):
    shown = screen(False)
    ticker = Ticker("again")
    for done in range(31):
        ticker(Progress("read" if done < 12 else "index", done, 100, "bytes", "a.zip"))
        clock[0] += 1
    assert shown.getvalue().splitlines() == [
        "Reading  10 B of 100 B (10 %)  1 B/s  step done in 1:30  1.2 GB RAM  a.zip",
        "Indexing  20 B of 100 B (20 %)  1 B/s  step done in 1:20  1.2 GB RAM  a.zip",
        "Indexing  30 B of 100 B (30 %)  1 B/s  step done in 1:10  1.2 GB RAM  a.zip",
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
    with pytest.raises(Interrupted) as caught, Ticker(lambda: "begin anew"):
        raise stopped
    assert caught.value.hint == "begin anew"
    with pytest.raises(ValueError, match="another"), Ticker("x"):
        raise ValueError("another")
