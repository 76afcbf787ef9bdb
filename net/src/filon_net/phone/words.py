"""Notices as sentences, in English; the values are there for other languages. Each says what happened and what to do next.

Worded here and nowhere else: a notice carries a code and fields (``notices``), as errors carry a template and values. Names are
what a contact chose to be called and may hold anything: the caller passes them through its own filter for control
characters, or uses ``plain``.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from filon_net.phone import notices
from filon_net.phone.notices import Notice

__all__ = ["ALARMS", "is_alarm", "plain", "sentence", "step", "template", "values"]

ALARMS = frozenset(
    {
        "BrokenChain",
        "OwnKeyForeign",
        "LogSilent",
        "SplitView",
        "RolledBack",
        "Substituted",
        "PolicyFork",
        "OwnReleaseUnknown",
        "NotListed",
    }
)
"""Codes that mean somebody may be attacking; the others are banners, but see ``is_alarm``."""

_SENTENCES: dict[str, str] = {
    "KeyChanged": "The devices of {who} changed: {added} added, {removed} removed.",
    "KeyChanged.held": "The devices of {who} changed: {added} added, {removed} removed. Your messages wait.",
    "BrokenChain": "The log holds an entry in the name of {who} that they did not sign. Nothing is sent to them any more.",
    "OwnKeyForeign": "Somebody listed devices in your name: entry {entry} of the log was not sent by a phone of yours.",
    "LogLate": "The witnesses of the log have not been heard for over an hour.",
    "LogSilent": "The witnesses of the log have not been heard for three hours or more. Somebody may keep the log from this phone.",
    "SplitView": "The log showed two different histories. Both signed checkpoints are kept: together they prove it.",
    "RolledBack": "The log shows less than it had shown before.",
    "NotDelivered": "Your message to {who} is not delivered.",
    "NotDelivered.relay": "Your message to {who} is not delivered: the relay has not taken it.",
    "NotDelivered.receipt": "Your message to {who} is not delivered: no device of theirs has said that it arrived.",
    "NotDelivered.refused": "Your message to {who} is not delivered: their mailbox does not take letters from you now.",
    "NotDelivered.keys": "Your message to {who} is not delivered: their device is gone.",
    "Gap": "{count} letters from {who} are missing.",
    "Undecryptable": "{total} letters from {who} could not be read. A new session was asked for.",
    "Rewound": "The phone of {who} was put back to an earlier state.",
    "Stranger": "{count} letters came from devices that belong to none of your contacts. They were not opened.",
    "NotInLog": "A device that says it is of {who} is not in the log. Its letters were dropped.",
    "Substituted": "The relay handed out keys for {who} that are not those in the log. They were not used.",
    "TeamAsks": "You were made a member of the team {name}. Its policy binds no chat of yours until you join.",
    "PolicyFork": "The admins of the team {name} signed two different policies of version {version}.",
    "OwnReleaseUnknown": "The program that runs here is not a release that the log shows.",
    "NewRelease": "A newer release is in the log: {product} {version}.",
    "ClockSkew": "The clock of the relay and the one of this phone differ by {minutes} minutes.",
    "ClockSkew.witnesses": "The clocks of the witnesses are {minutes} minutes ahead of the one of this phone.",
    "ClockSkew.contact": "The clock of {who} is {minutes} minutes ahead of the one of this phone.",
    "LogRefused": "The log does not take the device list of this phone: {why}",
    "NotListed": "The log took the device list of this phone and has not shown it for an hour or more.",
    "NoSpareToken": "The mailbox is more than a month old and there is no token for another.",
    "CertificateEnds": "The certificate of this device ends in {days} days.",
}

_STEPS: dict[str, str] = {
    "KeyChanged": "Ask them by another way whether they have a new phone; then accept the change.",
    "BrokenChain": "Meet or call them by another way, and tell your operator.",
    "OwnKeyForeign": "If you made a new phone with your backup code, this is it. If not, tell your contacts and your operator now.",
    "LogLate": "Nothing yet; it is looked at again every few minutes.",
    "LogSilent": "Do not trust new devices of anybody, and ask the operator by another way.",
    "SplitView": "Keep both checkpoints and show them to your operator and to the witnesses.",
    "RolledBack": "Ask the operator by another way whether the log was changed.",
    "NotDelivered": "Wait, or send it again; it is shown once.",
    "Gap": "They were asked for again. If they stay away, ask what was in them.",
    "Undecryptable": "If this goes on, compare safety codes.",
    "Rewound": "Ask them whether they restored a copy of their phone; a copy can be somebody else's.",
    "Stranger": "Nothing, unless you expected somebody: then make a new invite.",
    "NotInLog": "Ask them whether their phone is connected.",
    "Substituted": "Tell your operator.",
    "TeamAsks": "Read the policy, ask whoever made the team, and join it, or let it be.",
    "PolicyFork": "Ask the admins which one holds. Neither is followed any further.",
    "OwnReleaseUnknown": "Stop writing, and get the program again from a source you trust.",
    "NewRelease": "Install it when its waiting time is over.",
    "ClockSkew": "Check the date and time of this device.",
    "NotListed": "Ask the operator by another way: until it is shown, new devices get no letters, and revoked ones still do.",
    "LogRefused": "Ask the operator for a new leave; until then nobody can write to this phone.",
    "NoSpareToken": "Ask the operator for tokens and paste their line: s, then k; line by line: /tokens LINE.",
    "CertificateEnds": "Renew it with the backup code.",
}


def plain(text: str) -> str:
    """A text in which control, direction and invisible characters are shown as a mark instead of obeyed."""
    return "".join(
        "\ufffd" if unicodedata.category(one) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") else one for one in text
    )


def is_alarm(notice: Notice) -> bool:
    """Whether a notice means that somebody may be attacking: new devices of a verified contact do, and their messages wait."""
    return notice.code in ALARMS or (isinstance(notice, notices.KeyChanged) and notice.held)


def template(notice: Notice) -> str:
    """The English sentence with its ``{names}``: what a table of another language is looked up by."""
    return _SENTENCES[_variant(notice)]


def values(notice: Notice, name_of: Callable[[bytes], str]) -> dict[str, Any]:
    """What fills the sentence, made safe to show. ``name_of`` gives the shown name of a contact, ``who`` in the sentence."""
    held: dict[str, Any] = {name: getattr(notice, name) for name in notice.__struct_fields__}
    user = held.get("user")
    held["who"] = plain(name_of(user)) if isinstance(user, bytes) else ""
    return {name: plain(value) if isinstance(value, str) else value for name, value in held.items()}


def sentence(notice: Notice, name_of: Callable[[bytes], str]) -> str:
    """What happened, in English. ``name_of`` gives the shown name of a contact."""
    return template(notice).format(**values(notice, name_of))


def _variant(notice: Notice) -> str:
    code = notice.code
    if isinstance(notice, notices.KeyChanged) and notice.held:
        return f"{code}.held"
    if isinstance(notice, notices.NotDelivered) and f"{code}.{notice.why}" in _SENTENCES:
        return f"{code}.{notice.why}"
    if isinstance(notice, notices.ClockSkew) and f"{code}.{notice.who}" in _SENTENCES:
        return f"{code}.{notice.who}"
    return code


def step(notice: Notice) -> str:
    """What to do next, in English."""
    return _STEPS[notice.code]
