"""What a hostile log does, or somebody who holds the backup code; one function for each act."""

import msgspec

from filon_net.log import Device as LogDevice
from filon_net.log import Devices, sign_entry
from filon_net.log.tree import TileTree
from filon_net.phone import people
from filon_net.phone.backup import Master
from filon_net.phone.notices import ContactChanged
from filon_net.phone.upkeep import own_list
from hostile.acting import DAY, HOUR, MINUTE
from hostile.proxy import Net, Proxied
from log.builders import MemoryLog

LOOK = 6 * MINUTE
"""A phone looks at the log at least this often."""
EVES_DEVICE = LogDevice(b"e" * 16, b"E" * 32, b"e" * 32, b"s" * 32)


def writes_to_eve(writer: Proxied, to: Proxied) -> bool:
    """Whether letters to a person would go to Eve's device too."""
    return any(one.keys.id == EVES_DEVICE.id for one in writer.engine.outbox.targets(to.user))


def entries_of(net: Net) -> list[bytes]:
    return [data for _, data in TileTree(net.team.store.checkpoint, net.team.fetch).entries()]


def another_log(net: Net, entries: list[bytes]) -> MemoryLog:
    """Another history, signed by the log's true key and, for the sake of the argument, by all witnesses."""
    seconds = net.now // 1_000
    return MemoryLog(entries).publish(seconds, seconds, seconds)


def lists_a_device_of_its_own(net: Net) -> bool:
    """It adds a device of Eve's to Bob's list; Bob's master key did not sign that."""
    ada, bob = net.pair()
    head = ada.engine.books.follower.head(bob.user)
    devices = tuple(sorted((*head.devices.devices, EVES_DEVICE), key=lambda one: one.id))
    listed = Devices(bob.user, head.version + 1, head.leaf, bob.own.master, devices)
    net.team.grow([sign_entry(listed, Master().key).data])
    net.go(LOOK)
    return writes_to_eve(ada, bob)


def puts_a_list_in_place(net: Net) -> bool:
    """It puts a list of Eve's, under a master key of Eve's and well signed by it, in the place of Bob's."""
    ada, bob = net.pair()
    head = ada.engine.books.follower.head(bob.user)
    eve = Master()
    listed = Devices(bob.user, head.version + 1, head.leaf, eve.public, (EVES_DEVICE,))
    net.team.grow([sign_entry(listed, eve.key).data])
    net.go(LOOK)
    return writes_to_eve(ada, bob)


def leaves_a_list_out(net: Net) -> bool:
    """It leaves out the list by which Bob revoked a device, and goes on with the one after it."""
    ada, bob = net.pair()
    master = Master.of_code(bob.code)
    before = ada.engine.books.follower.head(bob.user)
    two = own_list(master, before, EVES_DEVICE)
    bob.engine.books.follower.expect(two.leaf)
    net.team.grow([two.data])
    net.go(LOOK)
    ada.engine.acknowledge(ada.engine.notices()[0].id, net.now)
    revoked = own_list(master, ada.engine.books.follower.head(bob.user), None, EVES_DEVICE.id)
    head = msgspec.structs.replace(ada.engine.books.follower.head(bob.user), version=3, leaf=revoked.leaf)
    later = own_list(master, head, None, b"nobody's")  # an older list of Bob's, as he signed it
    bob.engine.books.follower.expect(later.leaf)
    net.team.grow([later.data])
    net.go(LOOK)
    net.go(11 * MINUTE)  # another device of Bob's may still say that it was its own
    net.go(LOOK)
    return ada.engine.books.contacts[bob.user].version == 4 and writes_to_eve(ada, bob)


def somebody_has_the_code(net: Net) -> bool:
    """Somebody with Bob's backup code lists a device in his name, well signed."""
    ada, bob = net.pair()
    head = ada.engine.books.follower.head(bob.user)
    net.team.grow([own_list(Master.of_code(bob.code), head, EVES_DEVICE).data])
    net.go(LOOK)
    return writes_to_eve(ada, bob)


def take_silently(self: people.People, contact, head, broken, now) -> None:
    """A phone that takes any list its contact's master key signed, and says nothing."""
    if head is not None and contact.devices and head.version > contact.version:
        contact.devices, contact.version = people.keys_of(head), head.version
        self._books.keep_contact(contact)
        self._books.tell(ContactChanged(user=contact.user))
    FOLLOW(self, contact, head, broken, now)


FOLLOW = people.People.follow


def shows_an_older_state(net: Net) -> bool:
    """It is rolled back: it shows Ada fewer entries than it had shown her."""
    ada, _ = net.pair()
    ada.fetch = another_log(net, entries_of(net)[:1]).fetch
    net.go(LOOK)
    return ada.engine.books.follower.checkpoint == ada.fetch("checkpoint")


def rewrites_history(net: Net) -> bool:
    """It shows Ada a longer log that does not begin with what it had shown her."""
    ada, _ = net.pair()
    before = entries_of(net)
    ada.fetch = another_log(net, [before[-1], *before]).fetch
    net.go(LOOK)
    return ada.engine.books.follower.checkpoint == ada.fetch("checkpoint")


def split(net: Net) -> tuple[Proxied, Proxied]:
    """Bob's phone is new to the log and is shown another history than everybody, for good."""
    ada, bob = net.pair()
    net.go(2 * HOUR)
    entries = entries_of(net)
    other = another_log(net, [*entries[:-1], entries[0]])
    bob.engine.books.follower._held = None
    bob.fetch = other.fetch
    bob.engine.books.follower.update(other.fetch, net.now // 1_000)
    bob.engine.log_due = lambda now: False
    return ada, bob


def splits_the_view_of_two_who_talk(net: Net) -> bool:
    """It shows Ada and Bob two histories; Bob writes to Ada."""
    ada, bob = split(net)
    net.mark()
    bob.send(ada, "as I was shown")
    net.settle()
    net.go(LOOK)
    return bob.fetch("checkpoint") != ada.engine.books.follower.checkpoint


def splits_the_view_of_two_who_are_silent(net: Net) -> bool:
    """It shows Ada and Bob two histories; neither writes."""
    ada, bob = split(net)
    since = min(one.note_at for one in bob.engine.books.contacts.values())
    net.go(since + DAY - MINUTE - net.now)
    net.mark()
    for _ in range(7):  # the daily checkpoint leaves within six hours after it is due
        net.go(HOUR)
    net.go(LOOK)
    return bob.fetch("checkpoint") != ada.engine.books.follower.checkpoint


def holds_one_phone_back(net: Net) -> bool:
    """It keeps new entries from Ada, with fresh signatures of bribed witnesses under the old state; Bob, who sees all, writes
    to her."""
    ada, bob = net.pair()
    old = entries_of(net)
    carl = net.phone("Carl")
    ada.fetch = lambda path: another_log(net, old).fetch(path)
    carl.network.wait_for_log()
    net.go(HOUR)
    bob.send(ada, "I see more than you")
    net.settle()
    net.go(HOUR + 50 * MINUTE)
    net.go(LOOK)
    net.mark()
    net.go(HOUR + 20 * MINUTE)
    net.go(LOOK)
    return ada.engine.books.follower.size < bob.engine.books.follower.size


def falls_silent(net: Net) -> bool:
    """It withholds the hourly heartbeat: phones are served the last state that witnesses signed, and nothing after."""
    net.pair()
    start = net.now
    net.team.now = (start + 3 * HOUR - 30 * MINUTE) // 1_000
    net.carry()
    net.mark()
    net.team.now = (start + 3 * HOUR + LOOK) // 1_000
    net.carry()
    return False


def is_late(net: Net) -> bool:
    """It withholds one heartbeat."""
    net.pair()
    start = net.now
    net.team.now = (start + 50 * MINUTE) // 1_000
    net.carry()
    net.mark()
    net.team.now = (start + HOUR + LOOK) // 1_000
    net.carry()
    return False


def never_lists_somebody(net: Net) -> bool:
    """It says that it took Carl's list and never shows it: nobody can write to Carl, and Ada who invited him waits."""
    ada, carl = net.phone("Ada"), net.phone("Carl")

    def taken() -> bool:
        due = carl.engine.entry_due(net.now) is not None
        if due:
            carl.engine.entry_sent(net.now)
        return due

    carl.submit = taken
    net.wait_for_log()
    net.introduce(ada, carl)
    net.go(DAY - 20 * MINUTE)
    net.mark()
    net.go(HOUR)
    net.go(LOOK)
    return carl.user in ada.engine.books.contacts and not ada.engine.books.contacts[carl.user].devices
