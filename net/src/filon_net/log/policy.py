"""What a phone believes: which log, which witnesses, how many of them, and how old their word may be.

A checkpoint is accepted when the log's own key signed it and at least ``needed`` of the known witnesses cosigned it. The
time of an accepted checkpoint is that of its ``needed``-th newest cosignature: so many witnesses vouched for it at that
time or later, and fewer of them, lying, can make it neither fresh nor stale.
"""

import enum
from collections.abc import Iterable, Sequence

import msgspec

from filon_net.errors import Malformed, NotSigned
from filon_net.log.checkpoints import Checkpoint, require_log_signature
from filon_net.log.cosignatures import cosigned, with_cosignatures
from filon_net.log.keys import COSIGNATURE, NOTE, VerifierKey
from filon_net.log.notes import Note

__all__ = [
    "AHEAD",
    "ALARM_AFTER",
    "FRESH_FOR",
    "LARGEST_HELD",
    "Accepted",
    "Freshness",
    "Policy",
    "accept",
    "ahead",
    "freshness",
    "vouched_at",
]

FRESH_FOR = 3600
"""Seconds a checkpoint stays fresh: witnesses are asked again, with or without new entries, well within the hour."""
ALARM_AFTER = 3 * 3600
"""Seconds of silence after which the phone says that the log may be withheld from it."""
AHEAD = 300
"""Seconds a witness's clock may be ahead of this phone's; a time further ahead counts for nothing."""
LARGEST_HELD = 8_192
"""Bytes of an accepted checkpoint at most, as a letter takes it along: what phones cannot show each other is not believed."""

_MOST_WITNESSES = 32


class Policy(msgspec.Struct, frozen=True):
    """The log a phone was told to follow. Malformed where the rule would not mean what it says."""

    origin: str
    log_keys: tuple[VerifierKey, ...]
    witnesses: tuple[VerifierKey, ...]
    needed: int

    def __post_init__(self) -> None:
        if not self.log_keys or any(one.kind != NOTE for one in self.log_keys):
            raise Malformed("a log is known by keys of type 1")
        if any(one.kind != COSIGNATURE for one in self.witnesses) or len(self.witnesses) > _MOST_WITNESSES:
            raise Malformed("witnesses are known by keys of type 4, at most {most} of them", most=_MOST_WITNESSES)
        _require_distinct((*self.log_keys, *self.witnesses))
        if len({one.name for one in self.witnesses}) != len(self.witnesses):
            raise Malformed("two witnesses have one name")
        if not 1 <= self.needed <= len(self.witnesses):
            raise Malformed(
                "{needed} of {count} witnesses cannot be asked for", needed=self.needed, count=len(self.witnesses)
            )


def _require_distinct(keys: Sequence[VerifierKey]) -> None:
    """One machine under two names, or the log as its own witness, would count twice."""
    if len({one.public for one in keys}) != len(keys):
        raise Malformed("two names stand for one key", hint="give every witness a key of its own")


class Accepted(msgspec.Struct, frozen=True):
    """A checkpoint that a policy let pass. ``data`` is the signed note with the lines of known keys alone, so that nobody can make
    it longer on its way; ``times`` the POSIX second of each witness by name."""

    checkpoint: Checkpoint
    data: bytes
    times: dict[str, int]
    needed: int


def accept(data: bytes, policy: Policy) -> Accepted:
    """The checkpoint in a signed note from outside; Malformed or NotSigned where the policy does not let it pass."""
    checkpoint, note = require_log_signature(data, policy.origin, policy.log_keys)
    times = {key.name: time for key, time in cosigned(note, policy.witnesses).items()}
    _require_enough(times, policy)
    kept = with_cosignatures(note, (), policy.witnesses)
    own = {(key.name, key.key_id) for key in (*policy.log_keys, *policy.witnesses)}
    lean = Note(kept.text, tuple(one for one in kept.signatures if (one.name, one.key_id) in own)).data
    if len(lean) > LARGEST_HELD:
        raise Malformed(
            "a checkpoint of {length} bytes, more than the {most} that phones show each other",
            length=len(lean),
            most=LARGEST_HELD,
        )
    return Accepted(checkpoint, lean, times, policy.needed)


def _require_enough(times: Iterable[str], policy: Policy) -> None:
    count = len(list(times))
    if count < policy.needed:
        raise NotSigned(
            "{count} of {needed} witnesses cosigned this checkpoint of {origin}",
            hint="wait for the witnesses; if this lasts, ask the operator by another way whether they run",
            count=count,
            needed=policy.needed,
            origin=policy.origin,
        )


class Freshness(enum.Enum):
    """How recent the word of the witnesses is."""

    FRESH = "fresh"
    LATE = "late"
    ALARM = "alarm"
    FUTURE = "future"
    """Enough witnesses vouched at a time this phone has not come to: its clock is behind, and nothing can be said."""


def vouched_at(accepted: Accepted, now: int) -> int | None:
    """The POSIX second at or after which ``needed`` witnesses vouched; None where too few did, as far as ``now`` can tell.

    Times ahead of ``now`` by more than ``AHEAD`` are left out: else one witness with a wrong clock, or bribed once, could
    vouch for years to come.
    """
    times = sorted((time for time in accepted.times.values() if time <= now + AHEAD), reverse=True)
    return times[accepted.needed - 1] if len(times) >= accepted.needed else None


def ahead(accepted: Accepted, now: int) -> int:
    """Seconds by which ``needed`` witnesses are ahead of ``now``; 0 or less where they are not."""
    return sorted(accepted.times.values(), reverse=True)[accepted.needed - 1] - now


def freshness(accepted: Accepted, now: int) -> Freshness:
    """FRESH under an hour, LATE up to three hours, ALARM beyond, at POSIX second ``now``; ALARM or FUTURE where too few vouched."""
    since = vouched_at(accepted, now)
    if since is None:
        return Freshness.FUTURE if ahead(accepted, now) > AHEAD else Freshness.ALARM
    age = now - since
    if age < FRESH_FOR:
        return Freshness.FRESH
    return Freshness.LATE if age <= ALARM_AFTER else Freshness.ALARM
