"""A phone's file, copied at a moment, with its secret: what the copy can read, and what it cannot.

The copier also holds every sealed blob that went over the relay. The phone's own memory of what it read is taken out of the way,
so that it is the keys that are missing and not the willingness.
"""

import shutil

import pytest
from network import DAY, Network, Phone

from filon_net.crypto import Read, sessions
from filon_net.phone.bodies import Text, decode_body
from filon_net.phone.engine import Engine
from filon_net.phone.joining import leave_of
from filon_net.phone.store import Store


class Copier:
    """Takes down every blob that is posted, and copies a file when told."""

    def __init__(self, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
        self.network = network
        self.blobs: list[bytes] = []
        network.relay.drop = lambda post: self.blobs.append(post.blob) and False
        monkeypatch.setattr(sessions.Sessions, "was_read", lambda self, digest: False)

    def copy(self, phone: Phone) -> Engine:
        path = phone.engine.books.store.path
        copy = self.network.folder / "seized.phone"
        shutil.copy(path, copy)
        store = Store.open(copy, "secret")
        return Engine(store, leave_of(store), self.network.rules, self.network.draw)

    def reads(self, engine: Engine, blobs: list[bytes]) -> list[str]:
        """The texts the copy gets out of these blobs."""
        found = []
        for blob in blobs:
            for event in engine.books.device.receive(blob, self.network.now):
                if isinstance(event, Read):
                    body = decode_body(event.letter.kind, event.letter.body)
                    found += [body.text] if isinstance(body, Text) else []
        return found


@pytest.fixture
def pair(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    return ada, bob


def test_what_was_deleted_before_the_copy_cannot_be_read(network, pair, monkeypatch):
    ada, bob = pair
    copier = Copier(network, monkeypatch)
    bob.engine.set_timer(ada.user, 60, network.now)
    network.settle()
    ada.send(bob, "gone by then")
    network.settle()
    came = [item for _, item in bob.engine.books.items(ada.user, 9) if item.text == "gone by then"]
    bob.engine.mark_read(ada.user, [came[0].id], network.now)
    network.pass_time(120_000)
    assert bob.engine.books.item(came[0].id) is None
    network.settle()
    seized = copier.copy(bob)
    assert [item.text for _, item in seized.books.items(ada.user, 99) if "gone" in item.text] == []
    assert copier.reads(seized, copier.blobs) == []
    seized.books.store.close()


def test_what_comes_after_a_round_trip_cannot_be_read(network, pair, monkeypatch):
    """The bite is in the first half: what comes before the round trip can be read, the copy is a good one."""
    ada, bob = pair
    copier = Copier(network, monkeypatch)
    ada.send(bob, "before")
    network.settle()
    seized = copier.copy(bob)
    copier.blobs.clear()
    ada.send(bob, "right after the copy")
    network.settle()
    assert copier.reads(seized, copier.blobs) == ["right after the copy"]
    copier.blobs.clear()
    bob.send(ada, "one way")
    network.settle()
    ada.send(bob, "and back")
    network.settle()
    copier.blobs.clear()
    ada.send(bob, "after the round trip")
    network.settle()
    assert copier.blobs
    assert copier.reads(seized, copier.blobs) == []
    seized.books.store.close()


def test_new_people_are_out_of_reach_once_keys_are_fresh(network, pair, monkeypatch):
    """Somebody who becomes a contact after the one-time and seal keys were renewed: not even the seal opens for the copy."""
    _, bob = pair
    copier = Copier(network, monkeypatch)
    seized = copier.copy(bob)
    for _ in range(9):
        network.pass_time(DAY)
        network.settle()
    network.relay.boxes[bob.engine.mailboxes.box.mailbox].bundles.clear()  # handed out to others in nine days
    bob.cut()
    network.settle()
    cid = network.phone("Cid")
    network.wait_for_log()
    network.introduce(bob, cid)
    copier.blobs.clear()
    cid.send(bob, "nobody else reads this")
    network.settle()
    assert "nobody else reads this" in bob.texts(cid)
    assert copier.blobs
    assert copier.reads(seized, copier.blobs) == []
    assert seized.books.device.rejected == len(copier.blobs), "the outer seal stays shut already"
    seized.books.store.close()
