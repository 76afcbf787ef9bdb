"""Notices of a phone as a person is told them: how loud, what happened, what to do now; in the sentences of ``phone.words``."""

import enum
from collections.abc import Callable
from pathlib import Path

import msgspec

from filon_net.phone import notices
from filon_net.phone.notices import Notice, Told
from filon_net.phone.terminal.moments import clock, day
from filon_net.phone.words import is_alarm, step, template, values
from filon_net.words import Words, visible_line

__all__ = ["Alarm", "Weight", "alarm_of"]

_NOTES = frozenset({"NewRelease", "ClockSkew", "NoSpareToken", "Stranger", "LogLate", "TeamAsks"})
"""Codes for which there is nothing to fear and little to do."""
_LONGEST = 100


class Weight(enum.IntEnum):
    """How loud a notice is."""

    NOTE = 0
    WARNING = 1
    ALARM = 2


_WORDS = {Weight.ALARM: "ALARM", Weight.WARNING: "WARNING", Weight.NOTE: "NOTE"}


class Alarm(msgspec.Struct, frozen=True):
    """A notice to be shown. ``user``: the contact it is about, None for the phone itself."""

    id: bytes
    at: int
    weight: Weight
    title: str
    more: str
    step: str
    user: bytes | None
    saved: tuple[Path, ...] = ()

    def said(self, words: Words) -> str:
        """What happened, with how loud it is as a word: never by colour alone."""
        return words.say("{loud}: {text}", loud=words.say(_WORDS[self.weight]), text=self.title)


def alarm_of(told: Told, name: Callable[[bytes], str], now: int, words: Words, saved: tuple[Path, ...] = ()) -> Alarm:
    """A notice in words; ``name`` gives the safe name of a contact, ``saved`` where its signed notes lie."""
    notice = told.notice
    held = {key: _safe(value) for key, value in values(notice, name).items()}
    more = _more(notice, name, now, words)
    if saved:
        where = words.say("Both signed checkpoints lie in {first} and {second}.", first=saved[0], second=saved[-1])
        more = f"{more} {where}".strip()
    user = getattr(notice, "user", None)
    return Alarm(
        told.id, told.at, _weight(notice), _title(notice, held, words), more, words.say(step(notice)), user, saved
    )


def _weight(notice: Notice) -> Weight:
    if is_alarm(notice):
        return Weight.ALARM
    return Weight.NOTE if notice.code in _NOTES else Weight.WARNING


def _safe(value: object) -> object:
    return visible_line(value, _LONGEST) if isinstance(value, str) else value


def _title(notice: Notice, held: dict[str, object], words: Words) -> str:
    """The sentence; where it counts something, in the singular for one."""
    rest = {key: value for key, value in held.items() if key != "count"}
    if isinstance(notice, notices.Gap):
        return words.many(
            "{count} letter from {who} is missing.", "{count} letters from {who} are missing.", notice.count, **rest
        )
    if isinstance(notice, notices.Undecryptable):
        return words.many(
            "{count} letter from {who} could not be read. A new session was asked for.",
            "{count} letters from {who} could not be read. A new session was asked for.",
            notice.total,
            **rest,
        )
    if isinstance(notice, notices.Stranger):
        return words.many(
            "{count} letter came from a device that belongs to none of your contacts. It was not opened.",
            "{count} letters came from devices that belong to none of your contacts. They were not opened.",
            notice.count,
            **rest,
        )
    return words.say(template(notice), **held)


def _more(notice: Notice, name: Callable[[bytes], str], now: int, words: Words) -> str:
    """What else the notice knows."""
    if isinstance(notice, notices.KeyChanged):
        return words.say("Their own master key signed this.")
    if isinstance(notice, notices.LogLate | notices.LogSilent):
        if notice.since is None:
            return words.say("This phone has never seen a checkpoint that enough witnesses signed.")
        at = notice.since * 1_000
        return words.say("Their last word was {day}, {clock}.", day=day(at, now, words), clock=clock(at))
    if isinstance(notice, notices.SplitView) and notice.user is not None:
        return words.say("{name} was shown another one than you.", name=name(notice.user))
    if isinstance(notice, notices.OwnReleaseUnknown):
        return words.say("Its hash is {hash}.", hash=notice.manifest.hex())
    return ""
