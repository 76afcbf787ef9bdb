"""Times at the ends of the calendar: programs write 9999-12-31 for "never", and a zone's clock may show no such year."""

import msgspec
import pytest

from filon.model.given import Given
from filon.model.time import to_datetime

ROWS = ("9999-12-31 23:59:59,a,b,never", "0001-01-01 00:00:01,a,b,long ago", "2020-04-01 23:30:00,a,b,april")
LAST, FIRST = 253_402_300_799_000_000, -62_135_596_799_000_000
ZONES = ("UTC", "Europe/Paris", "Asia/Tokyo", "America/New_York", "+14:00", "-12:00")


@pytest.fixture
def far(case, tmp_path):
    path = tmp_path / "far.csv"
    path.write_text("date,from,to,text\n" + "\n".join(ROWS) + "\n")
    case.add(case.view(), [path], given=Given(zone="UTC"))
    return case


def test_a_time_that_a_zone_cannot_show_is_shown_in_utc():
    assert to_datetime(LAST, "Asia/Tokyo").isoformat() == "9999-12-31T23:59:59+00:00"
    assert to_datetime(FIRST, "America/New_York").isoformat() == "0001-01-01T00:00:01+00:00"
    assert to_datetime(LAST, "America/New_York").year == 9999
    assert to_datetime(LAST, "America/New_York").tzname() == "EST"


@pytest.mark.parametrize("zone", ZONES)
def test_every_answer_stands_with_far_years_in_every_zone(far, zone):
    view = msgspec.structs.replace(far.view(), zone=zone)
    for step in ("month", "day"):
        activity = far.activity(view, step=step)
        assert sum(activity.counts) == 3
        assert all(FIRST - 10**6 <= start <= LAST for start in activity.starts)
        assert [to_datetime(start).year for start in activity.starts] == [1, 2020, 9999]
    months = {bucket.value: bucket.count for bucket in far.facets(view, "", ["month"])["month"].buckets}
    assert months.keys() >= {"0001-01", "9999-12"}
    head = far.conversation(view, far.message(view, "1:1").message.conversation)
    assert [day[:4] for day, _, _ in head.days] == ["0001", "2020", "9999"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl", "parquet"])
def test_far_years_are_exported(far, zone, kind, tmp_path):
    view = msgspec.structs.replace(far.view(), zone=zone)
    assert far.export(view, "", kind, tmp_path / f"out.{kind}").rows == 3
    (row,) = [r for batch in far.rows(view, "never") for r in batch.to_pylist()]
    assert row["sent_at"] == "9999-12-31T23:59:59Z"
    assert row["sent_shown"].startswith("9999-12-31 ")
