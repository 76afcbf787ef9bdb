"""ACT → CHECK → NOTICE, in one place: the tests play every row twice, and ``docs/alarms.md`` holds the same rows.

With all checks in place the phones tell exactly what a row says, not before the time it states, and no harm is done
unseen. With one check taken out the notice stays away (``loses``) or harm is done (``harms``): so the check is what does it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from filon_net.wire import Code
from hostile import acts_frames, acts_keys, acts_log, acts_relay
from hostile.acts_keys import posing
from hostile.proxy import Net, Told
from hostile.taken_out import (
    accepts_anybody,
    always_fresh,
    any_relay,
    believes_everything,
    ends_nothing,
    hears_the_blocked,
    never_late,
    no_notices,
    not_read,
    nothing,
    raises,
    tells_no_gap,
    unsigned,
)

__all__ = ["ACTS", "Act", "Check", "rows"]


@dataclass(frozen=True)
class Check:
    """A function that stands against an act, and what happens where it is taken out.

    ``where``: every name under which modules hold it (without ``filon_net.``), the first is where it is defined.
    """

    where: tuple[str, ...]
    instead: Callable[..., Any]
    loses: tuple[str, str] | None = None
    harms: bool = False


@dataclass(frozen=True)
class Act:
    """One row. ``play`` does it and says whether harm was done; ``ends``: the close codes by which Bob's phone ends connections."""

    play: Callable[[Net], bool]
    checks: tuple[Check, ...]
    sees: frozenset[Told] = frozenset()
    after: str = ""
    harmed: bool = False
    """Harm is done although it is told: a letter that a relay does not carry is not carried."""
    ends: frozenset[Code] = frozenset()
    instead: str = "nothing: every letter is shown once, as it was written"
    """Where no notice is shown: what the person sees."""

    @property
    def name(self) -> str:
        """The name of the act."""
        return self.play.__name__

    @property
    def does(self) -> str:
        """What is done, in a sentence or two."""
        return " ".join((self.play.__doc__ or "").split())


def sees(*told: Told) -> frozenset[Told]:
    return frozenset(told)


def overdue(who: str) -> Check:
    return Check(("phone.chats.Chats._overdue",), nothing, loses=(who, "NotDelivered"), harms=True)


def undelivered(who: str, to: str, why: str) -> Told:
    said = {
        "receipt": "no device of theirs has said that it arrived.",
        "relay": "the relay has not taken it.",
        "refused": "their mailbox does not take letters from you now.",
    }
    return who, "NotDelivered", f"Your message to {to} is not delivered: {said[why]}"


GAP = Check(("crypto.numbers.Numbers.take",), tells_no_gap, loses=("Bob", "Gap"), harms=True)
MEMORY = Check(("crypto.sessions.Sessions.was_read",), not_read, harms=True)
SUBSTITUTED = (
    "Bob",
    "Substituted",
    "The relay handed out keys for Ada that are not those in the log. They were not used.",
)
BROKEN = (
    "Ada",
    "BrokenChain",
    "The log holds an entry in the name of Bob that they did not sign. Nothing is sent to them any more.",
)
SPLIT = "The log showed two different histories. Both signed checkpoints are kept: together they prove it."
LESS = ("Ada", "RolledBack", "The log shows less than it had shown before.")
SILENT = (
    "The witnesses of the log have not been heard for three hours or more. Somebody may keep the log from this phone."
)
LATE = "The witnesses of the log have not been heard for over an hour."


def foreign(entry: int) -> Told:
    said = f"Somebody listed devices in your name: entry {entry} of the log was not sent by a phone of yours."
    return "Bob", "OwnKeyForeign", said


def missing(count: int) -> Told:
    return "Bob", "Gap", f"{count} letters from Ada are missing."


DAY_AFTER = "24 hours after the relay had taken it"
QUARTER = "15 minutes after it was written"
AT_LOOK = "at the next look at the log, within 6 minutes"

ACTS = (
    Act(
        acts_keys.puts_own_seal_key_into_bundles,
        (
            Check(
                ("crypto.bundle.check_bundle", "phone.outbox.check_bundle", "crypto.device.check_bundle"),
                unsigned,
                ("Bob", "Substituted"),
                True,
            ),
        ),
        sees(SUBSTITUTED),
        "at once",
    ),
    Act(
        acts_keys.hands_out_other_bundles,
        (
            Check(
                (
                    "crypto.identity.fingerprint",
                    "phone.outbox.fingerprint",
                    "crypto.device.fingerprint",
                    "crypto.talk.fingerprint",
                ),
                posing,
                ("Bob", "Substituted"),
                True,
            ),
        ),
        sees(SUBSTITUTED),
        "at once",
    ),
    Act(acts_keys.says_no_bundle_is_left, (overdue("Bob"),), sees(undelivered("Bob", "Ada", "relay")), QUARTER, True),
    Act(acts_keys.serves_the_last_resort_forever, (MEMORY,)),
    Act(
        acts_keys.hands_one_key_out_twice,
        (
            Check(("phone.inbox.Inbox._count_stranger",), nothing, ("Ada", "Stranger")),
            Check(("phone.chats.Chats._overdue",), nothing, ("Carl", "NotDelivered"), True),
        ),
        sees(
            (
                "Ada",
                "Stranger",
                "2 letters came from devices that belong to none of your contacts. They were not opened.",
            ),
            undelivered("Carl", "Ada", "receipt"),
        ),
        "the stranger at once; not delivered " + DAY_AFTER,
        True,
    ),
    Act(
        acts_relay.says_posted_and_keeps_nothing,
        (overdue("Ada"), GAP),
        sees(undelivered("Ada", "Bob", "receipt"), missing(1)),
        f"not delivered {DAY_AFTER}; missing at the next letter that comes",
        True,
    ),
    Act(acts_relay.erases_the_oldest, (GAP,), sees(missing(1)), "at the next letter that comes", True),
    Act(
        acts_relay.withholds_everything,
        (overdue("Ada"),),
        sees(undelivered("Ada", "Bob", "receipt")),
        f"{DAY_AFTER}; its reader sees nothing before a later letter comes",
        True,
    ),
    Act(acts_relay.lies_about_how_much_waits, ()),
    Act(
        acts_relay.delivers_to_somebody_else,
        (overdue("Ada"),),
        sees(undelivered("Ada", "Bob", "receipt")),
        DAY_AFTER,
        True,
    ),
    Act(acts_relay.changes_a_blob, (GAP,), sees(missing(1)), "at the next letter that comes", True),
    Act(acts_relay.replays, (MEMORY,)),
    Act(
        acts_relay.delivers_backwards,
        (Check(("crypto.numbers.Numbers.look",), never_late, harms=True),),
    ),
    Act(
        acts_relay.lets_blocked_people_post,
        (Check(("phone.inbox.Inbox._letter_event",), hears_the_blocked, harms=True),),
        instead="nothing of hers",
    ),
    Act(
        acts_relay.shuts_the_door,
        (Check(("phone.chats.Chats.failed",), nothing, ("Ada", "NotDelivered"), True),),
        sees(undelivered("Ada", "Bob", "refused")),
        "at once",
        True,
    ),
    Act(acts_relay.puts_off, (overdue("Ada"),), sees(undelivered("Ada", "Bob", "relay")), QUARTER, True),
    Act(
        acts_relay.is_another_relay,
        (Check(("wire.phone_end.PhoneEnd._challenged",), any_relay, ("Ada", "NotDelivered"), True),),
        sees(undelivered("Ada", "Bob", "relay")),
        QUARTER,
        ends=frozenset({Code.NOT_PROVEN}),
    ),
    Act(
        acts_relay.dates_forward,
        (Check(("phone.inbox.Inbox._skew",), nothing, ("Bob", "ClockSkew")),),
        sees(("Bob", "ClockSkew", "The clock of the relay and the one of this phone differ by 300 minutes.")),
        "at the letter",
    ),
    Act(
        acts_relay.floods_with_noise,
        (Check(("crypto.device.Device._reject",), raises, harms=True),),
        instead="nothing: noise is counted and dropped, Ada's letter is shown",
    ),
    Act(
        acts_relay.brings_strangers,
        (
            Check(("phone.inbox.Inbox._count_stranger",), nothing, ("Bob", "Stranger")),
            Check(("phone.inbox.Inbox._stranger",), accepts_anybody, ("Bob", "Stranger"), True),
        ),
        sees(
            (
                "Bob",
                "Stranger",
                "40 letters came from devices that belong to none of your contacts. They were not opened.",
            )
        ),
        "at once",
    ),
    Act(
        acts_frames.sends_noise,
        (Check(("wire.connection.End.read",), ends_nothing, ("Bob", "4400")),),
        ends=frozenset({Code.MALFORMED}),
    ),
    Act(
        acts_frames.sends_another_version,
        (Check(("wire.connection.End.read",), ends_nothing, ("Bob", "4406")),),
        ends=frozenset({Code.VERSION, Code.MALFORMED}),
    ),
    Act(
        acts_frames.sends_too_much,
        (Check(("wire.connection.End.read",), ends_nothing, ("Bob", "4413")),),
        ends=frozenset({Code.TOO_LARGE}),
    ),
    Act(
        acts_frames.speaks_out_of_turn,
        (Check(("wire.phone_end.PhoneEnd._believed",), believes_everything, ("Bob", "4403")),),
        ends=frozenset({Code.OUT_OF_TURN}),
    ),
    Act(
        acts_frames.delivers_past_the_window,
        (Check(("wire.phone_end.PhoneEnd._expect",), nothing, ("Bob", "4403")),),
        ends=frozenset({Code.OUT_OF_TURN}),
    ),
    Act(
        acts_log.lists_a_device_of_its_own,
        (
            Check(("log.entries.require_master", "log.chains.require_master"), nothing, ("Ada", "BrokenChain"), True),
            Check(("phone.upkeep.Upkeep.broken",), nothing, ("Bob", "OwnKeyForeign")),
        ),
        sees(BROKEN, foreign(2)),
        AT_LOOK,
    ),
    Act(
        acts_log.puts_a_list_in_place,
        (
            Check(("log.entries.require_master", "log.chains.require_master"), nothing, ("Ada", "BrokenChain")),
            Check(("phone.upkeep.Upkeep.broken",), nothing, ("Bob", "OwnKeyForeign")),
        ),
        sees(BROKEN, foreign(2)),
        AT_LOOK,
    ),
    Act(
        acts_log.leaves_a_list_out,
        (Check(("log.chains.require_next",), nothing, ("Ada", "BrokenChain"), True),),
        sees(BROKEN, foreign(3)),
        AT_LOOK,
    ),
    Act(
        acts_log.somebody_has_the_code,
        (
            Check(("phone.people.People.follow",), acts_log.take_silently, ("Ada", "KeyChanged")),
            Check(("phone.upkeep.Upkeep.broken",), nothing, ("Bob", "OwnKeyForeign")),
        ),
        sees(("Ada", "KeyChanged", "The devices of Bob changed: 1 added, 0 removed."), foreign(2)),
        AT_LOOK,
        True,
    ),
    Act(
        acts_log.shows_an_older_state,
        (Check(("log.histories._require_no_less",), nothing, ("Ada", "RolledBack")),),
        sees(LESS),
        AT_LOOK,
    ),
    Act(
        acts_log.rewrites_history,
        (Check(("log.histories.require_continues",), nothing, ("Ada", "SplitView"), True),),
        sees(("Ada", "SplitView", SPLIT)),
        AT_LOOK,
    ),
    Act(
        acts_log.splits_the_view_of_two_who_talk,
        (Check(("log.gossip.Gossip.hear",), no_notices, ("Ada", "SplitView"), True),),
        sees(("Ada", "SplitView", SPLIT)),
        "with the first letter that carries a checkpoint (one an hour does), and one look at the log more: 66 minutes",
        True,
    ),
    Act(
        acts_log.splits_the_view_of_two_who_are_silent,
        (Check(("log.gossip.Gossip.hear",), no_notices, ("Ada", "SplitView"), True),),
        sees(("Ada", "SplitView", SPLIT)),
        "24 to 30 hours and one look at the log: each phone sends every contact a checkpoint a day",
        True,
    ),
    Act(
        acts_log.holds_one_phone_back,
        (Check(("log.gossip.Gossip.again",), no_notices, ("Ada", "RolledBack"), True),),
        sees(LESS),
        "three hours after the witnesses signed what Bob was shown",
        True,
    ),
    Act(
        acts_log.is_late,
        (Check(("log.policy.freshness", "log.follower.freshness"), always_fresh, ("Ada", "LogLate")),),
        sees(("Ada", "LogLate", LATE), ("Bob", "LogLate", LATE)),
        "an hour after the witnesses last signed, and one look at the log",
    ),
    Act(
        acts_log.falls_silent,
        (Check(("log.policy.freshness", "log.follower.freshness"), always_fresh, ("Ada", "LogSilent")),),
        sees(
            ("Ada", "LogLate", LATE),
            ("Bob", "LogLate", LATE),
            ("Ada", "LogSilent", SILENT),
            ("Bob", "LogSilent", SILENT),
        ),
        "three hours after the witnesses last signed, and one look at the log",
    ),
    Act(
        acts_log.never_lists_somebody,
        (
            Check(("phone.upkeep.Upkeep._withheld",), nothing, ("Carl", "NotListed")),
            Check(("phone.people.People._overdue",), nothing, ("Ada", "NotInLog"), True),
        ),
        sees(
            (
                "Carl",
                "NotListed",
                "The log took the device list of this phone and has not shown it for an hour or more.",
            ),
            ("Ada", "NotInLog", "A device that says it is of Carl is not in the log. Its letters were dropped."),
        ),
        "its owner an hour after the log took it, and one look; the other 24 hours after the answer",
        True,
    ),
)


ENDED = "nothing: the phone ends the connection and opens another; its letters come on that one"


def rows() -> list[str]:
    """The table of ``docs/alarms.md``, a line for each act."""
    return [f"| {act.does} | {_seen(act)} | {_when(act)} | {_checks(act)} |" for act in ACTS]


def _seen(act: Act) -> str:
    told = [f"{who}: *{said}* (`{code}`)" for who, code, said in sorted(act.sees)]
    return "<br>".join(told) or (ENDED if act.ends else act.instead)


def _when(act: Act) -> str:
    codes = ", ".join(str(int(code)) for code in sorted(act.ends))
    return "; ".join(one for one in (act.after, f"ends with {codes}" if codes else "") if one) or "–"


def _checks(act: Act) -> str:
    return "<br>".join(f"`{check.where[0]}`" for check in act.checks) or "–"
