"""A moment as it stands in an address or a form: a date, or a date and a clock, in the view's zone."""

import re
from datetime import UTC, datetime, timedelta

from filon.errors import QueryError
from filon.model.time import zone_named

__all__ = ["moment"]

WRITTEN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str, zone: str) -> int:
    """UTC microseconds of ``2020-04-03`` or ``2020-04-03 14:03``; QueryError where it is neither."""
    found = WRITTEN.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        wall = datetime.fromisoformat(f"{found[1]} {found[2] or '00:00'}").replace(tzinfo=zone_named(zone))
    except ValueError as error:
        raise QueryError(
            "{text!r} is not a date", position=0, hint="write it as 2020-04-03 or 2020-04-03 14:03", text=text
        ) from error
    return (wall - EPOCH) // timedelta(microseconds=1)
