"""Who and where: numbers of rows into accounts and conversations, with the names of ``wa.db``."""

from collections.abc import Iterator

import msgspec

from filon.errors import EvidenceError
from filon.evidence.sqlite import Database, Row
from filon.model.records import Account, AccountRef, ConversationRef, Defect, Locator, Name
from filon.readers.whatsapp_android.values import integer, led, locate, text

__all__ = ["PLATFORM", "Parties", "Sides", "jid_of", "kind_of", "read_names"]

PLATFORM = "whatsapp"
_KINDS = {
    "g.us": "group",
    "s.whatsapp.net": "direct",
    "lid": "direct",
    "broadcast": "broadcast",
    "newsletter": "channel",
}


class Sides(msgspec.Struct, frozen=True):
    """Who sent a message to whom."""

    account_from: AccountRef | None
    accounts_to: tuple[AccountRef, ...]
    direction: str


def jid_of(row: Row) -> str | None:
    """The address in a row of ``jid``, without the number of the linked device."""
    user, server, raw = text(row, "user"), text(row, "server"), text(row, "raw_string")
    return f"{user}@{server}" if user and server else raw


def kind_of(jid: str) -> str | None:
    """What kind of conversation goes by this address."""
    return _KINDS.get(jid.rpartition("@")[2])


def read_names(database: Database, device: str | None) -> Iterator[Account | Defect]:
    """The address book of ``wa.db``: names the owner gave, and those people gave themselves."""
    try:
        for row in database.rows("wa_contacts"):
            jid = text(row, "jid")
            if jid is None:
                continue
            given, own, phone = text(row, "display_name"), text(row, "wa_name"), text(row, "number")
            names = [
                Name(name, kind) for name, kind in ((given, "nickname"), (own, "display"), (phone, "handle")) if name
            ]
            place = locate("wa.db:wa_contacts", row, units=0)
            yield Account(AccountRef(PLATFORM, jid, given or own), place, tuple(names), device)
    except EvidenceError as error:
        yield Defect(locator=Locator("wa.db:wa_contacts", units=0), code="table-damaged", detail=str(error))


class Parties:
    """The accounts and conversations of one database.

    ``owner`` as a person stated it, or as the database shows it: the one whom WhatsApp says it added to a group when it
    says that it was us.
    """

    def __init__(self, stated: str | None) -> None:
        self.device = stated
        self.owner = None if stated is None else _stated(stated)
        self.noted: tuple[str, ...] = ()
        self.names: dict[str, str] = {}
        self.jids: dict[int, str] = {}
        self._accounts: dict[str, AccountRef] = {}
        self._conversations: dict[str, ConversationRef] = {}
        self._subjects: dict[str, str] = {}

    def found_owner(self, jid: str) -> None:
        """The database itself shows who the owner is."""
        self.owner = self.account(jid)
        self.noted = ("owner:joined-group",)

    def account(self, jid: str) -> AccountRef:
        """The account of an address."""
        ref = self._accounts.get(jid)
        if ref is None:
            ref = self._accounts[jid] = AccountRef(PLATFORM, jid, self.names.get(jid))
        return ref

    def numbered(self, row: Row, column: str) -> AccountRef | None:
        """The account that the number of a row of ``jid`` leads to."""
        jid = led(row, column, self.jids)
        return self.account(jid) if jid else None

    def name_conversation(self, jid: str, subject: str | None) -> None:
        """The title a group has."""
        if subject:
            self._subjects[jid] = subject

    def conversation(self, jid: str) -> ConversationRef:
        """The conversation of an address. Groups are the same on every telephone, direct chats are not."""
        ref = self._conversations.get(jid)
        if ref is None:
            title = self._subjects.get(jid) or self.names.get(jid)
            shared = kind_of(jid) in {"group", "channel"}
            ref = self._conversations[jid] = ConversationRef(PLATFORM, jid, title, shared)
        return ref

    def sides(self, jid: str | None, from_me: bool, sender: AccountRef | None) -> Sides:
        """Who wrote a message in the conversation ``jid``; ``sender`` is only set where it is not the other party."""
        mine = (self.owner,) if self.owner is not None else ()
        other = self.account(jid) if jid is not None and kind_of(jid) == "direct" else None
        if from_me:
            return Sides(self.owner, (other,) if other else (), "out")
        return Sides(sender or other, mine if other else (), "in")


def _stated(owner: str) -> AccountRef:
    digits = "".join(char for char in owner if char.isdecimal())
    if owner.endswith("@s.whatsapp.net"):
        return AccountRef(PLATFORM, owner)
    if owner.startswith("+") and digits:
        return AccountRef(PLATFORM, f"{digits}@s.whatsapp.net", owner)
    return AccountRef(PLATFORM, None, owner)


def numbers_of_jids(database: Database) -> dict[int, str]:
    """``jid._id`` to address."""
    found = {}
    for row in database.rows("jid"):
        number, jid = integer(row, "_id"), jid_of(row)
        if number is not None and jid:
            found[number] = jid
    return found
