"""The model that the contact graph is measured with does what real phones do: engines in a network whose clock stands still."""

import hashlib
from collections import Counter

import graph_phones
import numpy as np
import pytest
from graph_people import DAY, Presence, Said, World
from network import Network

from filon_net.crypto.bundle import read_bundle
from filon_net.crypto.sealed_bundle import open_bundle
from filon_net.phone.rules import Rules
from filon_net.wire import BLOB_SIZES
from filon_net.wire.errors import NotSealed
from filon_net.wire.frames import Post, Stock

MINUTE = 60_000


class Watched:
    """A network whose relay writes down what it is asked, and on which connection."""

    def __init__(self, folder):
        self.network = Network(folder)
        self.seen = []
        asked = self.network.relay.asked

        def watch(end, what, hour):
            self.seen.append((self.network.now, id(end), end.mailbox, what))
            asked(end, what, hour)

        self.network.relay.asked = watch
        self.ada, self.bob, self.cem = (self.network.phone(name) for name in ("Ada", "Bob", "Cem"))
        self.network.wait_for_log()
        self.network.introduce(self.ada, self.bob)
        self.network.introduce(self.ada, self.cem)
        self.network.everybody_looks()
        self.seen.clear()

    def posts(self, *into):
        """Posts into mailboxes of these phones, or of all."""
        boxes = {box.mailbox for phone in into for box in phone.own.boxes}
        return [
            (at, end, what)
            for at, end, _, what in self.seen
            if isinstance(what, Post) and (not into or what.mailbox in boxes)
        ]

    def pass_time(self, milliseconds, step):
        for _ in range(milliseconds // step):
            self.network.pass_time(step)
            self.network.settle()


@pytest.fixture
def watched(tmp_path):
    made = Watched(tmp_path)
    yield made
    made.network.close()


def modelled(said, conduct=None, **rules):
    """What the model makes of two people, always there, who say this."""
    world = World(2, 2, [0, 0], [(0, 1)], Presence([[(0.0, 2 * DAY)]] * 2), said)
    return graph_phones.observed(
        np.random.default_rng(5), world, conduct or graph_phones.Conduct(rotation=0.0), Rules(**rules)
    )


def test_receipts_wait_and_go_together_as_modelled(watched):
    rules = watched.network.rules
    for text in ("one", "two"):
        watched.ada.send(watched.bob, text)
    watched.network.settle()
    sent = watched.network.now
    watched.pass_time(rules.receipts_to + MINUTE, 10_000)
    real = [at - sent for at, _, _ in watched.posts(watched.ada)]
    assert len(real) == 1, "one letter for both"
    assert rules.receipts_from <= real[0] <= rules.receipts_to + 10_000
    seen = modelled([Said(3_600.0, 0, 1, 3), Said(3_600.5, 0, 1, 3)])
    made = [at - 3_600 for at, box, *_ in seen.posts if seen.owner[box] == 0 and 3_600 < at < 3_600 + 700]
    assert len(made) == 1
    assert rules.receipts_from / 1_000 <= made[0] <= rules.receipts_to / 1_000 + 3


def test_each_contact_has_a_capability_of_its_own_and_owners_never_post(watched):
    for phone in (watched.bob, watched.cem):
        phone.engine.send(watched.ada.user, "hello", watched.network.now)
        watched.ada.send(phone, "hello")
    watched.network.settle()
    shown = Counter((what.mailbox, what.capability) for _, _, what in watched.posts())
    assert len(shown) == 4
    assert len({mailbox for mailbox, _ in shown}) == 3
    assert all(owner is None for _, _, owner, what in watched.seen if isinstance(what, Post))
    assert len({end for _, end, what in watched.posts(watched.bob, watched.cem)}) == 1, (
        "one connection for both contacts"
    )


def test_new_keys_go_into_the_stock_and_to_each_contact_at_another_time(watched):
    """The model's ``spread``: the relay sees a stock renewed, and posts to contacts within the hours after."""
    watched.pass_time(watched.network.rules.seal_every - 6 * 3_600_000, 6 * 3_600_000)
    watched.seen.clear()
    for _ in range(14):
        watched.pass_time(3_600_000, 3_600_000)
        mine = {box.mailbox for box in watched.ada.own.boxes}
        stocks = [at for at, _, owner, what in watched.seen if isinstance(what, Stock) and owner in mine]
        if stocks:
            break
    watched.pass_time(watched.network.rules.keys_spread, 20 * MINUTE)
    told = [
        errand_at
        for phone in (watched.bob, watched.cem)
        for errand_at, _, what in watched.posts(phone)
        if len(what.blob) == BLOB_SIZES[2]
    ]
    assert len(told) >= 2
    assert stocks[0] not in told
    assert max(told) <= stocks[0] + watched.network.rules.keys_spread + 20 * MINUTE
    seen = modelled([], graph_phones.Conduct(rotation=0.0), seal_every=DAY * 1_000 + 1)
    made = [(at, box) for at, box, _, size, *_ in seen.posts if size == BLOB_SIZES[2]]
    waits = [at - max(when for when, mine in seen.stocked if mine != box and when <= at) for at, box in made]
    assert waits
    assert all(wait <= watched.network.rules.keys_spread / 1_000 + 3 for wait in waits)


def test_a_new_mailbox_is_told_to_each_at_another_time_and_held_beside_the_old(watched):
    before = watched.ada.own.boxes[0].mailbox
    watched.ada.engine.rotate_mailbox(watched.network.now)
    watched.network.settle()
    boxes = [box.mailbox for box in watched.ada.own.boxes]
    assert len(boxes) == 2
    assert set(boxes) <= set(watched.ada.ends), "a connection to each, opened by one phone"
    assert before in boxes
    began = watched.network.now
    assert not watched.posts(watched.bob, watched.cem)
    watched.pass_time(watched.network.rules.cards_spread + 20 * MINUTE, 20 * MINUTE)
    moments = [min(at for at, _, _ in watched.posts(phone)) for phone in (watched.bob, watched.cem)]
    assert len(set(moments)) == 2
    assert all(began < at <= began + watched.network.rules.cards_spread + 20 * MINUTE for at in moments)


def test_bundles_are_sealed_with_another_key_for_each_mailbox(watched):
    """The model's ``sealed``: the certificate that would tie both mailboxes to one master key cannot be read."""
    watched.ada.engine.rotate_mailbox(watched.network.now)
    watched.network.settle()
    old, new = watched.ada.own.boxes
    certificate = watched.ada.engine.books.device.certificate
    for box, other in ((old, new), (new, old)):
        sealed = watched.network.relay.boxes[box.mailbox].last_resort
        assert certificate.user not in sealed
        assert read_bundle(open_bundle(sealed, box.bundle_key, box.mailbox)).certificate == certificate.encoded
        with pytest.raises(NotSealed):
            open_bundle(sealed, other.bundle_key, box.mailbox)


def test_a_quiet_contact_gets_a_letter_a_day(watched):
    watched.pass_time(2 * 3_600_000, 3_600_000)
    watched.seen.clear()
    watched.pass_time(watched.network.rules.note_daily + watched.network.rules.notes_spread, 1_800_000)
    real = Counter(hashlib.sha256(what.capability).hexdigest() for _, _, what in watched.posts())
    assert len(real) == 4
    assert set(real.values()) == {1}
    seen = modelled([])
    made = Counter(capability for at, _, capability, *_ in seen.posts if DAY / 2 < at <= 1.5 * DAY)
    assert set(made.values()) <= {1, 2}, "a day, give or take the first"
    assert len(made) == 2


@pytest.mark.parametrize("length", [10, 100, 400, 2_500])
def test_a_text_is_as_long_as_modelled(watched, length):
    watched.ada.send(watched.bob, "first, with a checkpoint")
    watched.network.settle()
    watched.seen.clear()
    watched.ada.send(watched.bob, "x" * length)
    watched.network.settle()
    (real,) = {len(what.blob) for _, _, what in watched.posts(watched.bob)}
    seen = modelled([Said(3_600.0, 0, 1, 5), Said(3_610.0, 0, 1, length)])
    made = [size for at, box, _, size, *_ in seen.posts if seen.owner[box] == 1 and 3_605 < at < 3_615]
    assert made == [real]


def test_a_text_with_a_checkpoint_is_as_long_as_modelled(watched):
    watched.pass_time(2 * 3_600_000, 3_600_000)
    watched.seen.clear()
    watched.ada.send(watched.bob, "x")
    watched.network.settle()
    (real,) = {len(what.blob) for _, _, what in watched.posts(watched.bob)}
    seen = modelled([Said(7_200.0 + DAY, 0, 1, 1)])
    made = [size for at, box, _, size, *_ in seen.posts if seen.owner[box] == 1 and 7_200 + DAY <= at < 7_201 + DAY]
    assert made[0] in (real, BLOB_SIZES[0]), "the shortest where a checkpoint went within the hour"
    assert real == BLOB_SIZES[1]
