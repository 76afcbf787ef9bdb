"""Relay tokens kept for mailboxes to come: which are still good, and those the operator hands over later.

A token ends at an hour its operator chose. One that is past it is never used: the relay would refuse the new mailbox after
contacts were told of it.
"""

from filon_net.phone.errors import BadLink
from filon_net.phone.links import Leave, MoreTokens, read_link
from filon_net.wire.errors import BadSignature, WireError
from filon_net.wire.tokens import check_token, read_token

__all__ = ["ends", "serial", "still_good", "tokens_of"]

HOUR = 3_600_000


def ends(token: bytes) -> int | None:
    """When a token is past its time (milliseconds since 1970); None where that cannot be read, which the relay then decides."""
    try:
        return (read_token(token).not_after + 1) * HOUR
    except WireError:
        return None


def serial(token: bytes) -> bytes:
    """What the relay knows a token by."""
    return read_token(token).serial


def still_good(tokens: list[bytes], now: int) -> list[bytes]:
    """Those that may still be used, the ones that end first before the others."""
    times = [(ends(one), one) for one in tokens]
    good = [(end, one) for end, one in times if end is None or end > now]
    return [one for _, one in sorted(good, key=lambda pair: (pair[0] is None, pair[0] or 0))]


def tokens_of(link: str, leave: Leave, now: int) -> list[bytes]:
    """The good tokens in the operator's ``filon-net://tokens/`` line, for the relay and of the operator of this phone. BadLink."""
    content = read_link(link, MoreTokens)
    if content.relay != leave.relay:
        raise BadLink(
            "these tokens are for another relay than this phone's", hint="ask the operator of this phone's relay"
        )
    try:
        for one in content.tokens:
            check_token(one, frozenset({leave.operator}), 0)
    except (WireError, BadSignature) as error:
        raise BadLink(
            "these tokens were not signed by this phone's operator",
            hint="ask the operator by another way whether they are theirs",
        ) from error
    good = still_good(list(content.tokens), now)
    if not good:
        raise BadLink("these tokens are past their time", hint="ask the operator for new ones")
    return good
