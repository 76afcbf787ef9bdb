"""Words for the codes that evidence and the store speak in. English here; other languages in the catalogues."""

import re
from functools import cache

from filon.words.codes import CODES
from filon.words.sentence import sentence as _

__all__ = ["TERMS", "wording"]

TERMS: dict[str, dict[str, str]] = {
    "message": {
        "text": _("text"),
        "image": _("picture"),
        "video": _("video"),
        "audio": _("sound"),
        "voice": _("voice message"),
        "file": _("file"),
        "sticker": _("sticker"),
        "contact": _("contact card"),
        "location": _("place"),
        "call": _("call"),
        "poll": _("poll"),
        "payment": _("payment"),
        "link": _("link"),
        "other": _("other"),
    },
    "state": {
        "draft": _("draft, never sent"),
        "failed": _("sending failed"),
        "sent": _("sent"),
        "delivered": _("delivered"),
        "read": _("read"),
        "deleted": _("deleted"),
        "unsent": _("unsent by the sender"),
        "undecryptable": _("could not be decrypted"),
    },
    "event": {
        "edit": _("edited the message"),
        "deletion": _("deleted the message"),
        "reaction": _("reacted with"),
        "receipt": _("receipt"),
        "join": _("joined"),
        "leave": _("left"),
        "add": _("added"),
        "remove": _("removed"),
        "create": _("created the conversation"),
        "rename": _("renamed the conversation"),
        "topic": _("set the topic"),
        "pin": _("pinned a message"),
        "call": _("call"),
        "timer": _("set the timer for disappearing messages"),
        "key-change": _("security key changed"),
        "mode": _("changed a mode"),
        "nick": _("changed the name"),
        "other": _("event"),
    },
    "conversation": {
        "direct": _("direct"),
        "group": _("group"),
        "channel": _("channel"),
        "self": _("notes to self"),
        "broadcast": _("broadcast"),
    },
    "direction": {"in": _("received"), "out": _("sent")},
    "stage": {
        "hash": _("Hashing"),
        "look": _("Looking"),
        "divide": _("Dividing"),
        "read": _("Reading"),
        "join": _("Joining pieces"),
        "unify": _("Numbering"),
        "sample": _("Measuring"),
        "compact": _("Merging pieces of the store"),
        "sort": _("Sorting"),
        "index": _("Indexing"),
        "write": _("Writing"),
        "log": _("Entering in the log"),
        "verify": _("Checking"),
        "reread": _("Reading again"),
        "compare": _("Comparing"),
    },
    "time": {
        "sent": _("sent"),
        "received": _("received"),
        "read": _("read"),
        "edited": _("edited"),
        "deleted": _("deleted"),
        "expires": _("expires"),
    },
    "facet": {
        "account": _("Sender"),
        "conversation": _("Conversation"),
        "month": _("Month"),
        "platform": _("Platform"),
        "device": _("Device"),
        "tag": _("Tag"),
        "item": _("Item"),
        "kind": _("Kind"),
    },
    "name": {
        "handle": _("handle"),
        "display": _("display name"),
        "nickname": _("name in contacts"),
        "owner": _("owner"),
    },
    "basis": {
        "source": _("zone stated by the source"),
        "user": _("zone stated by a person"),
        "unknown": _("zone unknown"),
    },
    "question": {
        "zone": _("Time zone"),
        "date_order": _("Order of day and month"),
        "owner": _("Whose copy this is"),
        "mapping": _("Columns"),
    },
    **CODES,
}
"""kind of code → code → English wording."""


def wording(kind: str, code: str) -> tuple[str, dict[str, str]] | None:
    """English wording of a code with what it says of ``{names}``; None where no word is known."""
    known = TERMS.get(kind, {})
    if code in known:
        return known[code], {}
    for shape, english in known.items():
        if "{" in shape and (said := _shape(shape).fullmatch(code)):
            return english, said.groupdict()
    return None


@cache
def _shape(shape: str) -> re.Pattern[str]:
    """``zone:{value}`` as a pattern."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(shape)), re.DOTALL)
