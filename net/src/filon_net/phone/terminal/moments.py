"""Times and lengths of time in words, in the zone of this machine."""

import datetime
import re

from filon_net.words import Words

__all__ = ["clock", "day", "lasts", "left", "seconds_of", "when"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MINUTE, HOUR, DAY = 60, 3_600, 86_400
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "j": 86_400, "w": 604_800}
_MOST = 366 * DAY


def local(at: int) -> datetime.datetime:
    """A time in milliseconds since 1970 in this machine's zone; the nearest one there is where it is past all years."""
    seconds = min(max(at // 1_000, 0), 253_000_000_000)
    return datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC).astimezone()


def clock(at: int) -> str:
    """Hour and minute."""
    return f"{local(at):%H:%M}"


def day(at: int, now: int, words: Words) -> str:
    """The day as a line between messages: today, yesterday, Thursday 26 November, with the year where it is another."""
    then, today = local(at).date(), local(now).date()
    if then == today:
        return words.say("Today")
    if then == today - datetime.timedelta(days=1):
        return words.say("Yesterday")
    named = words.say(
        "{weekday} {day} {month}",
        weekday=words.say(_DAYS[then.weekday()]),
        day=then.day,
        month=words.say(_MONTHS[then.month - 1]),
    )
    return named if then.year == today.year else f"{named} {then.year}"


def when(at: int, now: int, words: Words) -> str:
    """Short, for a list: the hour today, else the day."""
    then, today = local(at).date(), local(now).date()
    if then == today:
        return clock(at)
    if then == today - datetime.timedelta(days=1):
        return words.say("yesterday")
    if then.year != today.year:
        return f"{then.year}"
    return f"{then.day} {words.say(_MONTHS[then.month - 1])[: 4 if words.language == 'fr' else 3]}"


def lasts(seconds: int, words: Words) -> str:
    """A length of time in its largest whole unit: 30 seconds, 5 minutes, 1 day."""
    if seconds < 2 * MINUTE and seconds != MINUTE:
        return words.many("{count} second", "{count} seconds", seconds)
    if seconds < 2 * HOUR and seconds != HOUR:
        return words.many("{count} minute", "{count} minutes", seconds // MINUTE)
    if seconds < 2 * DAY and seconds != DAY:
        return words.many("{count} hour", "{count} hours", seconds // HOUR)
    return words.many("{count} day", "{count} days", seconds // DAY)


def left(gone_at: int, now: int, words: Words) -> str:
    """How long until something disappears."""
    return lasts(max(0, (gone_at - now + 999) // 1_000), words)


def seconds_of(text: str) -> int | None:
    """A length of time as typed: 30s, 5m, 12h, 7d, 4w, 0; None where it is none or longer than 366 days."""
    found = re.fullmatch(r"(\d{1,8})\s*([smhdjw]?)", text.strip().lower())
    if found is None:
        return None
    seconds = int(found[1]) * _UNITS[found[2]]
    return seconds if seconds <= _MOST else None
