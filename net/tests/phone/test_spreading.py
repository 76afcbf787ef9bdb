"""What a phone tells all of its contacts leaves for each of them at another time."""

import pytest
from network import HOUR

from filon_net.phone.outbox import ClaimJob
from filon_net.phone.state import Settings
from filon_net.wire import BLOB_SIZES

MINUTE = 60_000
LONG = BLOB_SIZES[2]
"""Length of a blob with a new seal key in it."""


@pytest.fixture
def known(network):
    """Ada, who has four contacts, and all posts by time and mailbox."""
    ada = network.phone("Ada")
    others = [network.phone(name) for name in ("Bob", "Cem", "Dina", "Eli")]
    network.wait_for_log()
    for one in others:
        network.introduce(ada, one)
    network.everybody_looks()
    posts = []
    network.relay.drop = lambda post: posts.append((network.now, post.mailbox, len(post.blob)))
    return ada, others, posts


def pass_time(network, long, step=20 * MINUTE):
    for _ in range(long // step):
        network.pass_time(step)
        network.settle()


def box_of(phone):
    return phone.engine.mailboxes.box.mailbox


def first_posts(posts, others, size=None):
    """When each was first posted to."""
    return {
        box_of(one): min(at for at, box, length in posts if box == box_of(one) and size in (None, length))
        for one in others
    }


def test_new_keys_go_to_one_contact_after_another_while_the_old_ones_are_good(network, known):
    ada, others, posts = known
    network.pass_time(network.rules.seal_every - (network.now - ada.own.seal_made) - 2 * HOUR)
    network.settle()
    posts.clear()
    network.pass_time(2 * HOUR)
    network.settle()
    made = ada.own.seal_made
    assert made == network.now
    seals = {
        one.user: one.engine.books.device.talks[ada.engine.books.device.fingerprint].seal_not_after for one in others
    }
    pass_time(network, network.rules.keys_spread + HOUR)
    at = first_posts(posts, others, LONG)
    assert len(set(at.values())) == 4, "no two in one moment"
    assert max(at.values()) - min(at.values()) > 2 * HOUR
    assert all(made <= one <= made + network.rules.keys_spread + 20 * MINUTE for one in at.values())
    for one in others:
        assert max(at.values()) < seals[one.user] * HOUR, "everybody has the new key before the old one ends"
        talk = one.engine.books.device.talks[ada.engine.books.device.fingerprint]
        assert talk.seal_not_after > seals[one.user]
    texts = [f"{number}" for number in range(3)]
    for text in texts:
        others[0].send(ada, text)
    network.settle()
    assert ada.texts(others[0])[-3:] == texts


def test_letters_that_wait_survive_a_restart_and_take_no_bundle(network, known):
    ada, others, posts = known
    network.pass_time(network.rules.seal_every - (network.now - ada.own.seal_made))
    ada.step()
    waiting = [one for one in ada.engine.books.errands.values() if one.kind == "keys"]
    assert len(waiting) == 4
    assert len({one.not_before for one in waiting}) == 4
    assert not any(one.blob for one in waiting), "sealed when it leaves, not before"
    assert not [job for job in ada.engine.sender_jobs(network.now) if isinstance(job, ClaimJob)]
    ada.restart()
    assert {one.not_before for one in ada.engine.books.errands.values() if one.kind == "keys"} == {
        one.not_before for one in waiting
    }
    pass_time(network, network.rules.keys_spread + HOUR)
    assert not [one for one in ada.engine.books.errands.values() if one.kind == "keys"]
    assert len(first_posts(posts, others, LONG)) == 4


def test_a_new_mailbox_is_told_to_one_contact_after_another_and_all_can_write_meanwhile(network, known):
    ada, others, posts = known
    began, old = network.now, box_of(ada)
    ada.engine.rotate_mailbox(network.now)
    network.settle()
    assert not [one for one in posts if one[1] in {box_of(one) for one in others}], "nobody is told in this moment"
    for one in others:
        one.send(ada, "to the old mailbox")
    network.settle()
    assert all("to the old mailbox" in ada.texts(one) for one in others)
    at = {}
    while len(at) < 4:
        assert network.now <= began + network.rules.cards_spread + 40 * MINUTE
        pass_time(network, 20 * MINUTE)
        for one in others:
            (route,) = one.engine.books.contacts[ada.user].routes.values()
            if route.mailbox != old:
                at.setdefault(one.user, network.now)
    assert len(set(at.values())) >= 3
    assert max(at.values()) - min(at.values()) > HOUR
    for one in others:
        (route,) = one.engine.books.contacts[ada.user].routes.values()
        assert route.mailbox == box_of(ada) != old
        one.send(ada, "to the new mailbox")
    network.settle()
    assert all("to the new mailbox" in ada.texts(one) for one in others)


def test_a_mailbox_the_relay_lost_is_told_at_once(network, known):
    ada, others, posts = known
    del network.relay.boxes[box_of(ada)]
    ada.cut()
    network.settle()
    assert {box for _, box, _ in posts} >= {box_of(one) for one in others}


def test_a_new_name_is_told_to_one_contact_after_another(network, known):
    ada, others, _ = known
    ada.engine.set_settings(Settings("Ada the second"), network.now)
    network.settle()
    names = [one.engine.books.contacts[ada.user].name for one in others]
    assert names == ["Ada"] * 4
    pass_time(network, network.rules.cards_spread + HOUR)
    assert [one.engine.books.contacts[ada.user].name for one in others] == ["Ada the second"] * 4


def test_checkpoints_of_quiet_contacts_part(network, known):
    """Cards to all of them took a checkpoint along in one moment; a day later the checkpoints go at different times."""
    ada, others, posts = known
    for contact in ada.engine.books.contacts.values():
        contact.note_at = network.now
    for one in others:
        one.online = False
    pass_time(network, network.rules.note_daily + network.rules.notes_spread + 30 * MINUTE)
    at = first_posts(posts, others)
    assert len(set(at.values())) >= 3
    assert network.now - network.rules.notes_spread - HOUR <= min(at.values())


def test_whoever_answers_an_invite_hears_at_once(network, known):
    ada, _, posts = known
    ada.engine.rotate_mailbox(network.now)
    network.settle()
    posts.clear()
    fay = network.phone("Fay")
    network.wait_for_log()
    network.introduce(ada, fay)
    assert fay.engine.books.contacts[ada.user].routes
    assert ada.engine.books.contacts[fay.user].routes
    assert box_of(fay) in {box for _, box, _ in posts}
