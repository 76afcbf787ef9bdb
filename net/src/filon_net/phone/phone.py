"""A phone for programs: the engine, its connections, and events as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Self

from filon_net.crypto import Effort
from filon_net.log.manifest import own_manifest
from filon_net.phone.bodies import LONGEST_NAME
from filon_net.phone.connection import Connections, milliseconds
from filon_net.phone.engine import Engine
from filon_net.phone.errors import BadLink, NoSuch, Unreachable
from filon_net.phone.joining import create, leave_of
from filon_net.phone.links import AdminLink, Leave, link_of, read_link
from filon_net.phone.log_client import LogClient
from filon_net.phone.notices import Event, Told
from filon_net.phone.proxies import require_proxy
from filon_net.phone.rules import Rules
from filon_net.phone.standing import Draft, InForce
from filon_net.phone.state import Contact, Invite, Item, Settings
from filon_net.phone.store import Store
from filon_net.phone.teams import TeamPolicy
from filon_net.phone.tokens import ends, still_good
from filon_net.wire.links import kind_of

__all__ = ["Phone"]

_LOOKED_AT = 200
"""Newest lines of a chat in which an admin's key is looked for."""


class Phone:
    """One phone of one user, open. Its commands work with and without a network; with ``async with`` it is connected.

    All calls on one thread. Users, items and notices are named by bytes: a user 32, an item 16, a notice 16.
    """

    def __init__(
        self,
        store: Store,
        leave: Leave,
        *,
        rules: Rules | None = None,
        now: Callable[[], int] = milliseconds,
        proxy: str | None = None,
    ) -> None:
        self.engine = Engine(store, leave, rules)
        self._leave = leave
        self._now = now
        self._proxy = proxy
        self._connections: Connections | None = None
        self._told = asyncio.Event()
        self._closed = False

    @classmethod
    def create(
        cls,
        path: Path,
        secret: str,
        leave: Leave | str,
        *,
        name: str = "",
        code: str | None = None,
        link: str | None = None,
        keep_master: bool = False,
        effort: Effort = Effort(),  # noqa: B008 - frozen
        rules: Rules | None = None,
        now: Callable[[], int] = milliseconds,
        proxy: str | None = None,
    ) -> tuple[Self, str]:
        """A new phone and the backup code of its user, to be shown once and never again.

        ``leave``: from the operator (``filon-net://leave/…``). ``code``: an older backup code, for a further device of that
        user or a new one in place of a lost one. ``link``: from ``open_link`` on a device in use, which then hands over the
        contacts. PhoneDamaged where the file is there, BadLink, BadBackupCode, BadProxy.
        """
        require_proxy(proxy)
        content = read_link(leave, Leave) if isinstance(leave, str) else leave
        store, made = create(path, secret, content, now(), name, code, link, keep_master, effort)
        return cls(store, content, rules=rules, now=now, proxy=proxy), made

    @classmethod
    def open(
        cls,
        path: Path,
        secret: str,
        *,
        rules: Rules | None = None,
        now: Callable[[], int] = milliseconds,
        proxy: str | None = None,
    ) -> Self:
        """The phone in a file. WrongSecret, PhoneBusy, PhoneDamaged, BadProxy."""
        require_proxy(proxy)
        store = Store.open(path, secret)
        return cls(store, leave_of(store), rules=rules, now=now, proxy=proxy)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *ended: object) -> None:
        await self.close()

    def start(self) -> None:
        """Connect. On a running loop."""
        if self._connections is None:
            own = self.engine.books.own
            log = LogClient(self._leave.log_urls, own.log_token, self._proxy)
            self._connections = Connections(self.engine, log, self._told.set, self._now, self._proxy, own_manifest)
            self._connections.start()

    async def close(self) -> None:
        """Disconnect and close the file."""
        if self._connections is not None:
            await self._connections.stop()
            self._connections = None
        if not self._closed:
            self._closed = True
            self.engine.books.store.close()
        self._told.set()

    async def events(self) -> AsyncIterator[Event]:
        """Everything that happens, in order, each once; ends when the phone is closed. One reader at a time.

        Raises what made the phone stop by itself (its store failed).
        """
        while True:
            self._told.clear()  # before looking: what comes while the caller works on an event sets it again
            for event in self.engine.take_events():
                yield event
            if self._closed:
                return
            if self._connections is not None and self._connections.failed is not None:
                raise self._connections.failed
            await self._told.wait()

    def _done(self) -> None:
        """A command changed something: tell who waits for events, and look what may leave."""
        self._told.set()
        if self._connections is not None:
            self._connections.wake()

    # what is there

    @property
    def now(self) -> int:
        """The phone's clock: milliseconds since 1970 (UTC)."""
        return self._now()

    @property
    def user(self) -> bytes:
        """This phone's user as the log names them."""
        return self.engine.books.own.user

    @property
    def joined(self) -> bool:
        """Whether the log shows this device."""
        return self.engine.books.own.listed

    @property
    def online(self) -> bool:
        """Whether the mailbox in use is open now."""
        in_use = self.engine.mailboxes.box.mailbox
        return self._connections is not None and any(
            link.open and link.mailbox == in_use for link in self._connections.owner_links()
        )

    @property
    def settings(self) -> Settings:
        """Name and receipts; change a copy and hand it to ``set_settings``."""
        return self.engine.books.own.settings

    def contacts(self) -> list[Contact]:
        """Everybody this phone knows, by shown name."""
        return sorted(self.engine.books.contacts.values(), key=lambda one: (one.shown.casefold(), one.user))

    def contact(self, user: bytes) -> Contact:
        """One contact. NoSuch."""
        return self.engine.books.contact(user)

    def chat(self, user: bytes, count: int = 50, before: int | None = None) -> list[tuple[int, Item]]:
        """The newest ``count`` lines of a chat, oldest of them first, with their places; page back by the first's place."""
        return self.engine.books.items(user, count, before)

    def item(self, item: bytes) -> Item:
        """One line of a chat. NoSuch."""
        return self.engine.item(item)

    def timer(self, user: bytes) -> int:
        """Seconds after reading when messages of this chat disappear: the shorter of both sides', as teams allow; 0 never."""
        return self.engine.chats.timer(self.contact(user))

    def notices(self) -> list[Told]:
        """Banners and alarms that nobody has acknowledged, oldest first."""
        return self.engine.notices()

    def teams(self) -> list[TeamPolicy]:
        """The newest policy of each team."""
        return self.engine.teams.policies()

    def safety_code(self, user: bytes) -> str:
        """Sixty digits in groups of five, the same on both sides."""
        return self.engine.people.safety_code(self.contact(user))

    # commands; all raise PhoneError where they cannot be done

    def send(self, user: bytes, text: str) -> Item:
        """Write a message (1 to 16,000 characters). CannotSend, NoSuch."""
        item = self.engine.send(user, text, self._now())
        self._done()
        return item

    def send_again(self, item: bytes) -> None:
        """Write a message that was not delivered once more; it is shown once."""
        self.engine.send_again(item, self._now())
        self._done()

    def mark_read(self, user: bytes, items: list[bytes]) -> None:
        """The person has read these; starts their timers."""
        self.engine.mark_read(user, items, self._now())
        self._done()

    def erase(self, item: bytes) -> None:
        """Erase a line on this phone."""
        self.engine.erase(item, self._now())
        self._done()

    def set_timer(self, user: bytes, seconds: int) -> None:
        """This side's timer for disappearing messages, 0 for off. PolicyRefused."""
        self.engine.set_timer(user, seconds, self._now())
        self._done()

    def set_settings(self, settings: Settings) -> None:
        """Change name and receipts."""
        self.engine.set_settings(settings, self._now())
        self._done()

    async def invite(self, timeout: float = 30.0) -> str:
        """A link (or QR code: ``links.terminal_of``) for one person, once the relay lets it in. Unreachable after ``timeout`` s."""
        invite: Invite = self.engine.invite(self._now())
        self._done()
        ends = asyncio.get_running_loop().time() + timeout
        while not invite.granted:
            if asyncio.get_running_loop().time() > ends:
                raise Unreachable("the relay did not let the invite in yet", hint="try again when the phone is online")
            await asyncio.sleep(0.02)
        return self.engine.invite_link(invite)

    def answer(self, link: str) -> Contact:
        """Take up an invite; ContactAdded comes when the log shows the other side. BadLink, CannotSend."""
        contact = self.engine.answer(link, self._now())
        self._done()
        return contact

    def accept_change(self, user: bytes) -> None:
        """Accept a contact's new devices; what was held leaves."""
        self.engine.accept_change(user, self._now())
        self._done()

    def verify_link(self, user: bytes) -> str:
        """What to show as a QR code for the contact's phone to scan."""
        return self.engine.people.verify_link(self.contact(user))

    def scanned(self, link: str) -> Contact:
        """A contact's verification code was scanned: verified, or BadLink."""
        contact = self.engine.scanned(link, self._now())
        self._done()
        return contact

    def compare(self, user: bytes) -> bytes:
        """Begin to compare emoji; EmojiReady comes on both sides, with the talk to ``confirm``."""
        talk = self.engine.compare(user, self._now())
        self._done()
        return talk

    def confirm(self, talk: bytes, same: bool) -> None:
        """Whether both screens show the same seven emoji."""
        self.engine.confirm(talk, same, self._now())
        self._done()

    def rename(self, user: bytes, alias: str) -> None:
        """The name this phone shows for a contact; empty for the one they chose."""
        self.engine.rename(user, alias, self._now())
        self._done()

    def block(self, user: bytes, blocked: bool = True) -> None:
        """Block a contact (their capability is taken back at the relay), or take it back."""
        self.engine.block(user, blocked, self._now())
        self._done()

    def acknowledge(self, notice: bytes) -> None:
        """A notice was seen and goes."""
        self.engine.acknowledge(notice, self._now())
        self._done()

    def open_link(self) -> str:
        """A link for a further device of this user's; good for half an hour."""
        link = self.engine.open_link(self._now())
        self._done()
        return link

    def devices(self) -> list[bytes]:
        """The ids of this user's devices as the log shows them."""
        return [one.id for one in self.engine.books.own.devices]

    def revoke_device(self, device: bytes, code: str | None = None) -> None:
        """Take a device off the list. ``code`` None only where the master key was kept on this phone. NeedsBackupCode."""
        self.engine.revoke_device(device, code, self._now())
        self._done()

    def renew_certificate(self, code: str | None = None) -> None:
        """A year more for this device. NeedsBackupCode."""
        self.engine.renew_certificate(code, self._now())
        self._done()

    def add_tokens(self, tokens: list[bytes]) -> None:
        """More relay tokens from the operator."""
        self.engine.add_tokens(tokens, self._now())
        self._done()

    def take_tokens(self, link: str) -> int:
        """The relay tokens in the operator's ``filon-net://tokens/`` link; how many are new here. BadLink."""
        now = self._now()
        count = self.engine.do(now, lambda: self.engine.mailboxes.take_tokens(link, self._leave, now))
        self._done()
        return count

    def spare_tokens(self) -> tuple[int, int | None]:
        """How many mailboxes to come there are tokens for, and when the last of them ends (None: none, or not known)."""
        good = still_good(self.engine.books.own.tokens, self._now())
        return len(good), ends(good[-1]) if good else None

    def rotate_mailbox(self) -> None:
        """Change the mailbox now. NoSuch without a spare token."""
        self.engine.rotate_mailbox(self._now())
        self._done()

    def admin_key(self) -> bytes:
        """This phone's key as a team's admin (32 bytes)."""
        return self.engine.admin_key(self._now())

    def admin_link(self) -> str:
        """The same as a link, to be given to whoever drafts a policy."""
        return link_of(AdminLink(self.admin_key()))

    def admin_of(self, user: bytes) -> bytes | None:
        """The newest admin key this contact wrote into the chat; None where they wrote none."""
        for _, item in reversed(self.chat(user, _LOOKED_AT)):
            if not item.mine and kind_of(item.text) == "admin":
                try:
                    return read_link(item.text, AdminLink).key
                except BadLink:
                    continue
        return None

    def call_admin(self, key: bytes, user: bytes = b"", name: str = "") -> None:
        """Say whose an admin's key is, for this phone only: a contact's, or a name."""
        called = " ".join(name.split())[:LONGEST_NAME]
        self.engine.do(self._now(), lambda: self.engine.teams.call_admin(key, user, called))

    def in_force(self, team: bytes) -> InForce:
        """The team's policy counted on, who signed it, since when it is in force here. NoSuch."""
        return self.engine.teams.in_force(team)

    def drafts(self) -> list[Draft]:
        """Policies on their way to enough signatures, the newest first."""
        return self.engine.teams.drafts()

    def keep_draft(self, draft: bytes) -> Draft:
        """How a draft stands here: show it before it is signed. Kept where signatures can bring it into force. PolicyRefused."""
        now = self._now()
        return self.engine.do(now, lambda: self.engine.teams.keep_draft(draft, now))

    def drop_draft(self, ident: bytes) -> None:
        """Throw a draft away on this phone."""
        self.engine.do(self._now(), lambda: self.engine.teams.drop_draft(ident))

    def next_policy(self, team: bytes) -> TeamPolicy:
        """The team's policy counted on, to change with ``msgspec.structs.replace`` and ``draft_policy``. NoSuch."""
        return self.engine.teams.next_version(team)

    def draft_policy(self, policy: TeamPolicy) -> bytes:
        """A draft signed by this phone."""
        return self.engine.draft_policy(policy, self._now())

    def sign_policy(self, draft: bytes) -> bytes:
        """A draft with this phone's signature added."""
        return self.engine.sign_policy(draft, self._now())

    def take_policy(self, signed: bytes) -> bool:
        """Put a policy into force, joining its team, and pass it on to the members; False where it is not newer. PolicyRefused."""
        taken = self.engine.take_policy(signed, self._now())
        self._done()
        return taken

    def join_team(self, team: bytes) -> None:
        """Let a team's policy that came from others bind this phone, and every later one its admins sign. NoSuch, PolicyRefused."""
        self.engine.do(self._now(), lambda: self.engine.teams.join(team, self._now()))
        self._done()

    def find(self, name: str) -> Contact:
        """The one contact shown under this name, whatever its case. NoSuch where there is none or more than one."""
        found = [one for one in self.contacts() if one.shown.casefold() == name.casefold()]
        if len(found) != 1:
            raise NoSuch(
                "{count} contacts are called {name}", hint="give each its own name", count=len(found), name=name
            )
        return found[0]
