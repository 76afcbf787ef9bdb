"""A clock that jumps while evidence is taken in: nothing is lost, the log keeps its order, and shows what the clock said."""

from datetime import UTC, datetime, timedelta

from case import made_exports as exports
from filon.evidence import custody

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
JUMPS = [timedelta(0), timedelta(days=-400), timedelta(days=4000), timedelta(hours=-1), timedelta(seconds=-1)]


def test_the_log_keeps_its_order_whatever_the_clock_says(case, tmp_path, monkeypatch):
    """Entries are numbered and chained, so a clock set back orders nothing; what it showed stays as it was shown."""
    shown = [NOON]

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return shown[-1]

    monkeypatch.setattr(custody, "datetime", Clock)
    for number, jump in enumerate(JUMPS):
        shown.append(NOON + jump)
        (tmp_path / f"{number}.log").write_bytes(exports.irc(lines=20, seed=number))
        case.add(
            case.view(), [tmp_path / f"{number}.log"], report=lambda p: shown.append(shown[-1] - timedelta(days=1))
        )
    entries = [e for e in case._site.custody.entries() if e.what == "item-added"]
    assert [e.values["item"] for e in entries] == [1, 2, 3, 4, 5]
    numbers = [e.n for e in entries]
    assert numbers == sorted(numbers)
    times = [e.at for e in entries]
    assert times != sorted(times)
    assert all(e.at < (NOON + jump).isoformat() for e, jump in zip(entries, JUMPS, strict=True))
    assert case.counts(case.view()).messages == 100
    assert case.verify(case.view(), reread=True, head=case.head).problems == ()
