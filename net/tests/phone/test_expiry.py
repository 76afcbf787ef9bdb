"""How long a relay is asked to keep a letter: no longer than the message lives, and the same at every try."""

import pytest
from network import HOUR

from filon_net.phone.bodies import Copied, Gossip, Text
from filon_net.phone.outbox import PostJob, lifetime
from filon_net.wire import HOURS_KEPT, Code
from filon_net.wire.frames import Refused


@pytest.mark.parametrize(
    ("timer", "hours"),
    [(0, HOURS_KEPT), (5, 24), (86_400, 24), (86_401, 25), (7 * 86_400, 168), (30 * 86_400, HOURS_KEPT)],
)
def test_a_letter_asks_for_no_longer_than_it_lives(timer, hours):
    assert lifetime(Text(b"i" * 16, "hello", timer, True, b"")) == hours
    assert lifetime(Copied(b"u" * 32, b"i" * 16, "hello", timer, 1)) == hours
    assert lifetime(Gossip(b"note")) == HOURS_KEPT


@pytest.fixture
def asked(network):
    """Ada, Bob, and every expiry hour the relay was asked for."""
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    hours = []
    network.relay.drop = lambda post: hours.append(post.expires)
    return ada, bob, hours


def posts(phone, network):
    return [job for job in phone.engine.sender_jobs(network.now) if isinstance(job, PostJob)]


def test_a_message_with_a_timer_is_asked_for_as_long(network, asked):
    ada, bob, hours = asked
    ada.engine.set_timer(bob.user, 2 * 86_400, network.now)
    network.settle()
    hours.clear()
    ada.send(bob, "gone in two days")
    network.settle()
    assert hours == [network.now // HOUR + 48]


@pytest.mark.parametrize("restart", [False, True])
def test_a_later_try_asks_for_the_hour_of_the_first(network, asked, restart):
    ada, bob, hours = asked
    ada.online = False
    ada.send(bob, "hello")
    (job,) = posts(ada, network)
    first = network.now // HOUR + HOURS_KEPT
    assert job.expires == first
    ada.engine.outbox.tried(job)
    ada.engine.sender_settled(job, Refused(1, Code.TRY_LATER, 7_200), network.now)
    if restart:
        ada.restart()
    network.pass_time(5 * HOUR)
    assert [job.expires for job in posts(ada, network)] == [first]
    ada.online = True
    network.settle()
    assert hours[0] == first


def test_what_was_never_tried_has_no_hour_yet(network, asked):
    """A letter written without a network, and first tried days later, does not tell when it was written."""
    ada, bob, hours = asked
    ada.online = False
    ada.send(bob, "hello")
    network.pass_time(48 * HOUR)
    ada.online = True
    ada.step()
    network.settle()
    assert hours
    assert min(hours) == network.now // HOUR + HOURS_KEPT
