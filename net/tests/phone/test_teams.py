"""A team's policy: signed by enough admins, version after version, and followed by every member's phone."""

import hashlib
import os

import msgspec
import pytest

from filon_net.phone.bodies import shaped
from filon_net.phone.errors import CannotSend, PolicyRefused
from filon_net.phone.teams import DOMAIN, FIRST, SignedPolicy, TeamPolicy

HOUR = 3_600_000


@pytest.fixture
def three(network):
    """Ada and Bob are admins, Cid is a member; everybody knows everybody."""
    phones = [network.phone(name) for name in ("Ada", "Bob", "Cid")]
    network.wait_for_log()
    for number, one in enumerate(phones):
        for other in phones[number + 1 :]:
            network.introduce(one, other)
    return phones


def first(network, phones, needed=2, **more):
    ada, bob, _ = phones
    admins = tuple(sorted((ada.engine.admin_key(network.now), bob.engine.admin_key(network.now))))
    members = tuple(sorted(one.user for one in phones))
    return TeamPolicy(os.urandom(16), 1, FIRST, "Desk", members, admins, needed, **more)


def in_force(network, phones, policy):
    ada, bob, _ = phones
    signed = bob.engine.sign_policy(ada.engine.draft_policy(policy, network.now), network.now)
    assert ada.engine.take_policy(signed, network.now)
    network.settle()
    for one in phones:
        held = one.engine.teams.in_force(policy.team)
        if held.member and not held.joined:
            one.engine.do(network.now, lambda one=one: one.engine.teams.join(policy.team, network.now))
    network.settle()
    return signed


def test_a_team_of_others_binds_nobody_who_did_not_join(network, three):
    """Else Ada could make what Bob and Cid write to each other stay."""
    ada, bob, cid = three
    for one, other in ((bob, cid), (cid, bob)):
        one.engine.set_timer(other.user, 60, network.now)
    network.settle()
    members = tuple(sorted(one.user for one in three))
    policy = TeamPolicy(os.urandom(16), 1, FIRST, "Trap", members, (ada.engine.admin_key(network.now),), 1, hold=True)
    ada.engine.take_policy(ada.engine.draft_policy(policy, network.now), network.now)
    network.settle()
    sent = bob.send(cid, "on its way out")
    network.settle()
    assert "TeamAsks" in bob.notices()
    assert "TeamAsks" in cid.notices()
    bob.restart()
    assert not bob.engine.teams.in_force(policy.team).joined
    assert not bob.engine.teams.holds(cid.user)
    bob.engine.set_timer(cid.user, 30, network.now)
    bob.engine.erase(sent, network.now)
    cid.engine.do(network.now, lambda: cid.engine.teams.join(policy.team, network.now))
    assert "TeamAsks" not in cid.notices()
    assert cid.engine.teams.holds(bob.user)
    network.settle()
    assert not bob.engine.teams.holds(cid.user), "that Cid joined is no reason for Bob"
    second = msgspec.structs.replace(ada.engine.teams.next_version(policy.team), keep_at_least=3_600)
    ada.engine.take_policy(ada.engine.draft_policy(second, network.now), network.now)
    network.settle()
    assert cid.engine.teams.allowed_timer(ada.user, 60) == 0
    assert bob.engine.teams.allowed_timer(cid.user, 60) == 60, "nor is a later version"
    assert bob.engine.teams.policies() == [second]
    alone = msgspec.structs.replace(ada.engine.teams.next_version(policy.team), members=(ada.user,))
    ada.engine.take_policy(ada.engine.draft_policy(alone, network.now), network.now)
    network.settle()
    assert "TeamAsks" not in bob.notices()
    with pytest.raises(PolicyRefused, match="members"):
        bob.engine.do(network.now, lambda: bob.engine.teams.join(policy.team, network.now))


def test_enough_admins_and_everybody_has_it(network, three):
    ada, _, cid = three
    policy = first(network, three)
    draft = ada.engine.draft_policy(policy, network.now)
    with pytest.raises(PolicyRefused, match="1 of 2"):
        ada.engine.take_policy(draft, network.now)
    in_force(network, three, policy)
    for phone in three:
        assert phone.engine.teams.policies() == [policy]
    assert not cid.engine.take_policy(SignedPolicy(policy.encoded, ()).encoded, network.now), (
        "not newer: nothing changes"
    )
    cid.restart()
    assert cid.engine.teams.policies() == [policy]


def test_a_hold_stops_disappearing_and_erasing(network, three):
    ada, bob, cid = three
    bob.engine.set_timer(cid.user, 60, network.now)
    network.settle()
    sent = bob.send(cid, "on its way out")
    network.settle()
    in_force(network, three, first(network, three, hold=True))
    network.pass_time(HOUR)
    assert bob.engine.books.item(sent) is not None
    with pytest.raises(PolicyRefused, match="hold"):
        cid.engine.set_timer(bob.user, 60, network.now)
    with pytest.raises(CannotSend, match="hold"):
        bob.engine.erase(sent, network.now)
    lifted = msgspec.structs.replace(ada.engine.teams.next_version(ada.engine.teams.policies()[0].team), hold=False)
    in_force(network, three, lifted)
    network.pass_time(HOUR)
    assert bob.engine.books.item(sent) is None


def test_a_least_time(network, three):
    _, bob, cid = three
    in_force(network, three, first(network, three, keep_at_least=3_600))
    with pytest.raises(PolicyRefused, match="3600"):
        cid.engine.set_timer(bob.user, 60, network.now)
    cid.engine.set_timer(bob.user, 7_200, network.now)
    assert cid.engine.chats.timer(cid.engine.books.contacts[bob.user]) == 7_200


def test_two_policies_of_one_version_are_a_fork(network, three):
    ada, bob, cid = three
    policy = first(network, three)
    in_force(network, three, policy)
    second = ada.engine.teams.next_version(policy.team)
    other = msgspec.structs.replace(second, name="Another desk")
    in_force(network, three, second)
    for honest in (ada, bob):
        with pytest.raises(PolicyRefused, match="does not follow"):
            honest.engine.draft_policy(other, network.now)
    forked = twice_signed(other, ada, bob, network.now)
    cid.engine.take_policy(forked, network.now)
    assert "PolicyFork" in cid.notices()
    assert cid.engine.teams.policies() == [second]
    third = ada.engine.teams.next_version(policy.team)
    signed = bob.engine.sign_policy(ada.engine.draft_policy(third, network.now), network.now)
    with pytest.raises(PolicyRefused, match="two policies"):
        cid.engine.take_policy(signed, network.now)


def test_what_is_refused(network, three):
    ada, bob, cid = three
    policy = first(network, three)
    in_force(network, three, policy)
    now = network.now
    skipped = msgspec.structs.replace(ada.engine.teams.next_version(policy.team), version=3)
    by_cid = msgspec.structs.replace(
        ada.engine.teams.next_version(policy.team), admins=(cid.engine.admin_key(now),), needed=1
    )
    elsewhere = msgspec.structs.replace(policy, team=os.urandom(16), members=(bob.user,))
    unordered = msgspec.structs.replace(policy, team=os.urandom(16), members=tuple(reversed(policy.members)))
    too_many = msgspec.structs.replace(policy, team=os.urandom(16), needed=3)
    for wrong, match in (
        (by_cid, "0 of 2"),
        (elsewhere, "members"),
        (unordered, "well formed"),
        (too_many, "well formed"),
    ):
        with pytest.raises(PolicyRefused, match=match):
            ada.engine.take_policy(twice_signed(wrong, cid if wrong is by_cid else ada, bob, now), now)
    signed = twice_signed(skipped, ada, bob, now)
    assert hashlib.sha256(policy.encoded).digest() == skipped.previous
    assert cid.engine.take_policy(signed, now), "it names the one held here as the one before"
    with pytest.raises(PolicyRefused, match="no team policy"):
        ada.engine.take_policy(b"\x80", now)


def twice_signed(policy, one, other, now):
    draft = raw_sign(one, SignedPolicy(policy.encoded, ()).encoded)
    return draft if policy.needed == 1 else raw_sign(other, draft)


def raw_sign(phone, data):
    """A signature over whatever is there, also what an honest phone would not sign."""
    made = shaped(data, SignedPolicy)
    with phone.engine.books.turn():
        key = phone.engine.teams._key()
    pair = (key.public_key().public_bytes_raw(), key.sign(DOMAIN + made.policy))
    return SignedPolicy(made.policy, tuple(sorted((*made.signatures, pair)))).encoded


def test_a_fork_that_is_pasted_is_told_and_the_phone_goes_on(network, three):
    """Refused and an alarm in one: the alarm must not be lost with the refusal, nor the books closed."""
    ada, bob, cid = three
    policy = first(network, three)
    in_force(network, three, policy)
    other = msgspec.structs.replace(policy, name="Another desk")
    after = msgspec.structs.replace(
        policy, version=2, previous=hashlib.sha256(other.encoded).digest(), name="Following another"
    )
    with pytest.raises(PolicyRefused, match="follow"):
        cid.engine.take_policy(twice_signed(after, ada, bob, network.now), network.now)
    assert "PolicyFork" in cid.notices()
    cid.send(bob, "still here")
    network.settle()
    assert bob.texts(cid)[-1] == "still here"


def test_signatures_of_strangers_neither_count_nor_stay(network, three):
    ada, bob, cid = three
    draft = shaped(raw_sign(cid, SignedPolicy(first(network, three).encoded, ()).encoded), SignedPolicy)
    signed = bob.engine.sign_policy(ada.engine.sign_policy(draft.encoded, network.now), network.now)
    assert len(shaped(signed, SignedPolicy).signatures) == 2
    with pytest.raises(PolicyRefused, match="count"):
        cid.engine.sign_policy(draft.encoded, network.now)
    broken = SignedPolicy(draft.policy, ((ada.engine.admin_key(network.now), bytes(64)),)).encoded
    with pytest.raises(PolicyRefused, match="changed on the way"):
        bob.engine.sign_policy(broken, network.now)
    assert ada.engine.take_policy(signed, network.now)


def test_who_leaves_the_team_hears_of_it(network, three):
    ada, bob, cid = three
    policy = first(network, three, hold=True)
    in_force(network, three, policy)
    assert cid.engine.teams.holds(bob.user)
    without = msgspec.structs.replace(
        ada.engine.teams.next_version(policy.team), members=tuple(sorted((ada.user, bob.user)))
    )
    in_force(network, three, without)
    assert cid.engine.teams.policies() == [without]
    assert not cid.engine.teams.in_force(policy.team).member
    assert not cid.engine.teams.holds(bob.user)


def test_drafts_gather_signatures_and_go_when_one_is_in_force(network, three):
    ada, bob, _ = three
    now = network.now
    policy = first(network, three)
    bare = SignedPolicy(policy.encoded, ()).encoded
    by_ada, by_bob = ada.engine.sign_policy(bare, now), bob.engine.sign_policy(bare, now)
    ada.engine.do(now, lambda: ada.engine.teams.keep_draft(by_ada, now))
    both = ada.engine.do(now, lambda: ada.engine.teams.keep_draft(by_bob, now))
    assert (len(both.signed), both.enough, both.mine) == (2, True, True)
    ada.restart()
    assert [one.data for one in ada.engine.teams.drafts()] == [both.data]
    other = ada.engine.sign_policy(SignedPolicy(msgspec.structs.replace(policy, name="Other").encoded, ()).encoded, now)
    assert ada.engine.do(now, lambda: ada.engine.teams.keep_draft(other, now)).twice
    assert ada.engine.take_policy(both.data, now)
    assert ada.engine.teams.drafts() == []
    held = ada.engine.teams.in_force(policy.team)
    assert (set(held.signed), held.since) == (set(policy.admins), now)
