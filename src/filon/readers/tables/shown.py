"""A message as plain text by name, for a preview."""

from filon.model.records import AccountRef, Message
from filon.model.time import Stamp, to_datetime
from filon.readers.tables.mapping import TIMES

__all__ = ["shown"]


def shown(message: Message) -> dict[str, str | None]:
    """What a person checks before a table is taken in. A time without zone is followed by ``(zone not known)``."""
    values: dict[str, str | None] = {
        "where": message.locator.path,
        "device": message.device,
        "direction": message.direction,
        "from": _account(message.account_from),
        "to": ", ".join(_account(account) or "" for account in message.accounts_to) or None,
        "conversation": (message.conversation.title or message.conversation.id) if message.conversation else None,
    }
    values.update((name, _time(getattr(message, name))) for name in TIMES)
    values["text"] = message.text
    values["kind"] = message.kind
    values["state"] = message.state
    values["attachments"] = ", ".join(file.name or file.kind for file in message.attachments) or None
    values["native id"] = message.native_id
    values["sequence"] = None if message.sequence is None else str(message.sequence)
    values["place"] = f"{message.place.latitude}, {message.place.longitude}" if message.place else None
    return values


def _account(account: AccountRef | None) -> str | None:
    return (account.id or account.name) if account else None


def _time(stamp: Stamp | None) -> str | None:
    if stamp is None:
        return None
    if stamp.order is None:
        return f"not readable: {stamp.raw}"
    try:
        wall = to_datetime(stamp.order).strftime("%Y-%m-%d %H:%M:%S")
    except OverflowError:
        return f"not readable: {stamp.raw}"
    return f"{wall} UTC" if stamp.at is not None else f"{wall} (zone not known)"
