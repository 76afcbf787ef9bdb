"""Notices about a phone's own standing: its certificate ends, the log does not take its list; and what a team can do to it."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.phone import notices
from filon_net.phone.errors import CannotSend, PolicyRefused
from filon_net.phone.teams import DOMAIN, FIRST, SignedPolicy, TeamPolicy

DAY = 24 * 3_600_000


def told(phone, kind):
    return [one.notice for one in phone.engine.notices() if isinstance(one.notice, kind)]


def test_a_certificate_that_ends_is_told_a_month_before(network):
    ada = network.phone("Ada")
    network.wait_for_log()
    begun = network.now
    ada.engine.tick(begun + 334 * DAY)
    assert told(ada, notices.CertificateEnds) == []
    ada.engine.tick(begun + 337 * DAY)
    [ends] = told(ada, notices.CertificateEnds)
    assert 27 <= ends.days <= 28
    ada.engine.tick(begun + 380 * DAY)
    assert [one.days for one in told(ada, notices.CertificateEnds)] == [0]
    ada.engine.renew_certificate(ada.code, begun + 380 * DAY)
    ada.engine.tick(begun + 381 * DAY)
    assert told(ada, notices.CertificateEnds) == []


def test_a_list_that_the_log_refuses_is_told_at_once_and_until_it_is_taken(network):
    ada = network.phone("Ada")
    for status in (429, 503):
        ada.engine.entry_sent(network.now, status, "not now\n")
        assert told(ada, notices.LogRefused) == [], "it will take it later"
    for status in (400, 403, 409):
        ada.engine.entry_sent(network.now, status, "no good token\n" * 100)
        [refused] = told(ada, notices.LogRefused)
        assert refused.status == status
        assert refused.why.startswith("no good token")
        assert len(refused.why) <= 200, "the log says it, so it may be long"
    ada.restart()
    assert len(told(ada, notices.LogRefused)) == 1
    ada.engine.entry_sent(network.now, 202, "0\n")
    assert told(ada, notices.LogRefused) == []


def test_one_contact_alone_can_put_a_hold_on_all_chats_between_people_they_name(network):
    """Not as it should be: the threat model says so under "Not protected". A phone takes the first policy of a team it does not
    know from any contact, and nobody has to say whose keys the admins' are. Where this is mended, the page is mended with it."""
    ada, bob, cid = (network.phone(name) for name in ("Ada", "Bob", "Cid"))
    network.wait_for_log()
    for one, other in ((ada, bob), (ada, cid), (bob, cid)):
        network.introduce(one, other)
    sent = ada.send(bob, "between us")
    network.settle()
    key = Ed25519PrivateKey.generate()
    admin = key.public_key().public_bytes_raw()
    members = tuple(sorted(one.user for one in (ada, bob, cid)))
    policy = TeamPolicy(os.urandom(16), 1, FIRST, "Cid's", members, (admin,), 1, 0, True, 0).encoded
    cid.engine.take_policy(SignedPolicy(policy, ((admin, key.sign(DOMAIN + policy)),)).encoded, network.now)
    network.settle()
    with pytest.raises(CannotSend, match="hold"):
        ada.engine.erase(sent, network.now)
    with pytest.raises(PolicyRefused, match="hold"):
        ada.engine.set_timer(bob.user, 60, network.now)
