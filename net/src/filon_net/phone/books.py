"""Everything a phone knows, in memory and on disk, changed in turns.

A *turn* is one transaction of the store: what a command, a delivery or the clock changes is on the disk, all of it, before
any blob leaves, any delivery is acknowledged, any event is told. Where the disk refuses, memory is ahead of it: the books
are then closed and have to be opened again.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from filon_net.crypto import Certificate, Device, Effort, Talk
from filon_net.log import Policy as LogPolicy
from filon_net.log.follower import Follower, ReleaseRule
from filon_net.phone.errors import NoSuch, PhoneDamaged, PhoneError
from filon_net.phone.notices import Event, Notice, NoticeGone, NoticeTold, Told
from filon_net.phone.state import Contact, Errand, Invite, Item, Own
from filon_net.phone.store import Store

__all__ = ["Books", "device_fingerprint"]

T = TypeVar("T")
_ONE = b"one"


def device_fingerprint(master: bytes, device: bytes, sign: bytes, agree: bytes) -> bytes:
    """The fingerprint (``crypto.fingerprint``) a device of the log has, worked out before its certificate is seen."""
    return hashlib.sha256(b"filon-net device v1\x00" + master + device + sign + agree).digest()


class Books:
    """The open books of one phone."""

    def __init__(self, store: Store, log_policy: LogPolicy, releases: ReleaseRule) -> None:
        self.store = store
        self.events: list[Event] = []
        self.failed = False
        self._staged: list[Event] = []
        self._dirty: dict[tuple[str, bytes], Any] = {}
        self._turning = False
        self.own: Own = self._need("own", Own)
        data = store.get("device", _ONE)
        if data is None:
            raise PhoneDamaged("the keys of this phone are missing", hint="make a new phone with the backup code")
        self.device = Device.load(data, store.key)
        self.device.talks = {row.id: Talk.load(row.data, store.key, row.id) for row in store.rows("talk")}
        self.contacts = {one.user: one for one in self._rows("contact", Contact)}
        self.invites = {one.secret: one for one in self._rows("invite", Invite)}
        self.errands = {one.id: one for one in self._rows("errand", Errand)}
        self.notices = {one.id: one for one in self._rows("notice", Told)}
        followed = store.get("follower", _ONE)
        self.follower = (
            Follower.begin(log_policy, None, releases)
            if followed is None
            else Follower.load(followed, [row.data for row in store.rows("roll")], log_policy, releases)
        )

    @classmethod
    def start(cls, path: Path, secret: str, own: Own, device: Device, leave: bytes, effort: Effort) -> Store:
        """The store of a new phone with its first rows."""
        store = Store.create(path, secret, effort)
        with store.transaction():
            store.put("leave", _ONE, leave)
            store.put("own", _ONE, msgspec.msgpack.encode(own))
            store.put("device", _ONE, device.save(store.key))
        return store

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """One change of everything, or of nothing. Errors for the person (PhoneError) are raised before anything changed."""
        if self._turning:
            yield
            return
        if self.failed:
            raise PhoneDamaged("an earlier write to this phone failed", hint="close the phone and open it again")
        self._turning = True
        try:
            with self.store.transaction():
                yield
                self._write()
        except PhoneError:
            self.failed = bool(self._dirty or self._staged)
            raise
        except sqlite3.Error as error:
            self.failed = True
            raise PhoneDamaged(
                "this phone's file cannot be written: {why}",
                hint="see that there is room on the disk, then open the phone again; nothing acknowledged is lost",
                why=str(error),
            ) from error
        except BaseException:
            self.failed = True
            raise
        finally:
            self._turning = False
            self._dirty = {}
            staged, self._staged = self._staged, []
        self.events += staged

    def _write(self) -> None:
        for (shelf, ident), value in self._dirty.items():
            if shelf == "talk" or shelf == "device":
                self.store.put(shelf, ident, value.save(self.store.key))
            elif shelf == "follower":
                self.store.put(shelf, ident, value.save())
                for number, page in value.changed_pages().items():
                    self.store.put("roll", bytes([number]), page)
            else:
                self.store.put(shelf, ident, msgspec.msgpack.encode(value))

    def tell(self, event: Event) -> None:
        """An event, told when the turn is on the disk."""
        self._staged.append(event)

    def take_events(self) -> list[Event]:
        """The events since the last call."""
        events, self.events = self.events, []
        return events

    def keep_own(self) -> None:
        """``own`` changed."""
        self._dirty["own", _ONE] = self.own

    def keep_device(self) -> None:
        """The device's keys changed."""
        self._dirty["device", _ONE] = self.device

    def keep_follower(self) -> None:
        """More of the log was read."""
        self._dirty["follower", _ONE] = self.follower

    def keep_talk(self, peer: bytes) -> None:
        """What is kept about a device of somebody else changed."""
        self._dirty["talk", peer] = self.device.talks[peer]

    def drop_talk(self, peer: bytes) -> None:
        """Forget a device of somebody else, sessions and all."""
        self.device.talks.pop(peer, None)
        self._dirty.pop(("talk", peer), None)
        self.store.drop("talk", peer)

    def accept(self, certificate: Certificate, now: int) -> Talk:
        """Take up a talk with a device."""
        talk = self.device.accept(certificate, now)
        self.keep_talk(talk.fingerprint)
        return talk

    def keep_contact(self, contact: Contact) -> None:
        """A contact is new or changed."""
        self.contacts[contact.user] = contact
        self._dirty["contact", contact.user] = contact

    def drop_contact(self, contact: Contact) -> None:
        """Forget a contact."""
        self.contacts.pop(contact.user, None)
        self._dirty.pop(("contact", contact.user), None)
        self.store.drop("contact", contact.user)

    def contact(self, user: bytes) -> Contact:
        """A contact by user. NoSuch."""
        found = self.contacts.get(user)
        if found is None:
            raise NoSuch("there is no such contact on this phone", hint="look at the list of contacts")
        return found

    def by_master(self, master: bytes) -> Contact | None:
        """The contact with this master key, or None."""
        return next((one for one in self.contacts.values() if one.master == master), None)

    def keep_invite(self, invite: Invite) -> None:
        """An invite is new or changed."""
        self.invites[invite.secret] = invite
        self._dirty["invite", invite.secret] = invite

    def drop_invite(self, invite: Invite) -> None:
        """An invite was answered or taken back."""
        self.invites.pop(invite.secret, None)
        self._dirty.pop(("invite", invite.secret), None)
        self.store.drop("invite", invite.secret)

    def keep_errand(self, errand: Errand) -> None:
        """A letter is to go out, or was sealed."""
        self.errands[errand.id] = errand
        self._dirty["errand", errand.id] = errand

    def drop_errand(self, errand: Errand) -> None:
        """A letter is out, or will not go."""
        self.errands.pop(errand.id, None)
        self._dirty.pop(("errand", errand.id), None)
        self.store.drop("errand", errand.id)

    def keep_item(self, item: Item) -> None:
        """A line of a chat is new or changed; written at once, not kept in memory."""
        self.store.put("item", item.id, msgspec.msgpack.encode(item), item.user)

    def drop_item(self, item: Item) -> None:
        """Erase a line of a chat."""
        self.store.drop("item", item.id)

    def item(self, ident: bytes) -> Item | None:
        """A line of a chat by id, or None."""
        data = self.store.get("item", ident)
        return None if data is None else msgspec.msgpack.decode(data, type=Item)

    def items(self, user: bytes, count: int, before: int | None = None) -> list[tuple[int, Item]]:
        """The newest lines of a chat with their places, oldest of them first."""
        rows = self.store.page("item", user, count, before)
        return [(row.place, msgspec.msgpack.decode(row.data, type=Item)) for row in rows]

    def forget_id(self, ident: bytes, now: int) -> None:
        """Remember that this line was erased, so that a letter that comes again does not bring it back."""
        self.store.put("forgotten", ident, now.to_bytes(8, "big"))

    def was_forgotten(self, ident: bytes) -> bool:
        """Whether this line was here and was erased."""
        return self.store.get("forgotten", ident) is not None

    def prune_forgotten(self, before: int) -> None:
        """Let go of what was erased before this time: no relay holds the letter any more."""
        for row in self.store.rows("forgotten"):
            if int.from_bytes(row.data, "big") < before:
                self.store.drop("forgotten", row.id)

    def notice(self, what: Notice, now: int, *about: bytes) -> None:
        """Tell a notice, or tell anew what it says; ``about`` is what makes two of one kind one or two."""
        ident = hashlib.sha256(b"\x00".join((what.code.encode(), *about))).digest()[:16]
        before = self.notices.get(ident)
        if before is not None and before.notice == what:
            return
        told = Told(ident, now if before is None else before.at, what)
        self.notices[ident] = told
        self._dirty["notice", ident] = told
        self.tell(NoticeTold(told=told))

    def lift(self, kind: type[Any], *about: bytes) -> Told | None:
        """What a notice told is over, or it is acknowledged by what was done; the notice, where it was there."""
        return self.lift_id(hashlib.sha256(b"\x00".join((kind.__name__.encode(), *about))).digest()[:16])

    def lift_id(self, ident: bytes) -> Told | None:
        """The same, by id."""
        told = self.notices.pop(ident, None)
        if told is not None:
            self._dirty.pop(("notice", ident), None)
            self.store.drop("notice", ident)
            self.tell(NoticeGone(id=ident))
        return told

    def value(self, shelf: str, ident: bytes, shape: type[T]) -> T | None:
        """A row of another kind, or None."""
        data = self.store.get(shelf, ident)
        return None if data is None else msgspec.msgpack.decode(data, type=shape)

    def keep_value(self, shelf: str, ident: bytes, value: object) -> None:
        """Keep a row of another kind, at once."""
        self.store.put(shelf, ident, msgspec.msgpack.encode(value))

    def _need(self, shelf: str, shape: type[T]) -> T:
        found = self.value(shelf, _ONE, shape)
        if found is None:
            raise PhoneDamaged("{path} is not a whole phone", hint="make a new one", path=str(self.store.path))
        return found

    def _rows(self, shelf: str, shape: type[T]) -> list[T]:
        return [msgspec.msgpack.decode(row.data, type=shape) for row in self.store.rows(shelf)]
