"""Two people become contacts and write to each other; the relay loses, delays and refuses."""

import msgspec
import pytest
from network import DAY, HOUR, Phone

from filon_net.phone import words
from filon_net.phone.errors import BadLink, CannotSend, NoSuch
from filon_net.phone.links import InviteLink, link_of, read_link
from filon_net.phone.state import ContactState, Settings, State
from filon_net.wire.frames import Deliver, Stock

MINUTE = 60_000


@pytest.fixture
def pair(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    ada.events, bob.events = [], []
    return ada, bob


def state(phone: Phone, ident: bytes) -> State:
    return phone.engine.item(ident).state


def test_invite_answer_write_read(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    assert "Joined" in ada.codes()
    network.introduce(ada, bob)
    assert ada.engine.books.contacts[bob.user].state is ContactState.OPEN
    assert bob.engine.books.contacts[ada.user].shown == "Ada"
    assert "ContactAdded" in ada.codes()
    ada.send(bob, "hello Bob")
    bob.send(ada, "hello Ada")
    network.settle()
    assert sorted(ada.texts(bob)) == sorted(bob.texts(ada)) == ["hello Ada", "hello Bob"]
    assert ada.notices() == bob.notices() == []
    assert all(not box.blobs for box in network.relay.boxes.values()), "acknowledged, and erased at the relay"


def test_receipts_come_late_and_together(network, pair):
    ada, bob = pair
    first, second = ada.send(bob, "one"), ada.send(bob, "two")
    network.settle()
    assert state(ada, first) is State.SENT
    before = network.relay.posts
    network.settle()
    assert network.relay.posts == before, "no receipt follows at once"
    network.pass_time(network.rules.receipts_to)
    network.settle()
    assert network.relay.posts == before + 1, "and then one letter for both"
    assert state(ada, first) is State.DELIVERED
    assert state(ada, second) is State.DELIVERED


def test_reading_is_told_only_where_the_reader_wants_it(network, pair):
    ada, bob = pair
    sent = ada.send(bob, "one")
    network.settle()
    came = [item.id for _, item in bob.engine.books.items(ada.user, 9)]
    bob.engine.mark_read(ada.user, came, network.now)
    network.pass_time(network.rules.receipts_to)
    network.settle()
    assert state(ada, sent) is State.DELIVERED
    bob.engine.set_settings(Settings("Bob", arrived=True, read=True), network.now)
    sent = ada.send(bob, "two")
    network.settle()
    bob.engine.mark_read(ada.user, [item.id for _, item in bob.engine.books.items(ada.user, 9)], network.now)
    network.pass_time(network.rules.receipts_to)
    network.settle()
    assert state(ada, sent) is State.READ


def test_nobody_there_and_later_there(network, pair):
    ada, bob = pair
    bob.cut()
    bob.online = False
    sent = ada.send(bob, "while you were away")
    network.settle()
    assert state(ada, sent) is State.SENT
    bob.online = True
    network.settle()
    assert bob.texts(ada) == ["while you were away"]


def test_not_delivered_because_the_relay_is_away(network, pair):
    ada, bob = pair
    ada.cut()
    ada.online = False
    sent = ada.send(bob, "into the void")
    network.pass_time(network.rules.not_at_relay - MINUTE)
    ada.engine.tick(network.now)
    assert state(ada, sent) is State.WAITING
    network.pass_time(2 * MINUTE)
    ada.engine.tick(network.now)
    assert state(ada, sent) is State.NOT_DELIVERED
    (told,) = ada.engine.notices()
    assert (told.notice.code, told.notice.why) == ("NotDelivered", "relay")
    ada.online = True
    network.settle()
    assert state(ada, sent) is State.SENT
    assert ada.notices() == [], "what the notice told is over"


def test_a_relay_that_swallows_is_told_by_both_sides(network, pair):
    ada, bob = pair
    network.relay.drop = lambda post: True
    lost = ada.send(bob, "swallowed")
    network.settle()
    assert state(ada, lost) is State.SENT
    network.pass_time(network.rules.not_arrived + MINUTE)
    assert state(ada, lost) is State.NOT_DELIVERED
    assert "NotDelivered" in ada.notices()
    network.relay.drop = lambda post: False
    ada.send(bob, "next")
    network.settle()
    assert "Gap" in bob.notices()
    gaps = [item for _, item in bob.engine.books.items(ada.user, 50) if item.state is State.GAP]
    assert len(gaps) == 1
    network.pass_time(network.rules.ask_again + MINUTE)
    network.settle()
    assert bob.texts(ada).count("swallowed") == 1, "asked for again, written again, shown once"
    network.pass_time(network.rules.receipts_to)
    network.settle()
    assert state(ada, lost) is State.DELIVERED
    assert "NotDelivered" not in ada.notices()


def test_sent_again_by_hand_is_shown_once(network, pair):
    ada, bob = pair
    bob.online = False
    sent = ada.send(bob, "once")
    network.settle()
    network.pass_time(network.rules.not_arrived + MINUTE)
    ada.engine.send_again(sent, network.now)
    network.settle()
    bob.online = True
    network.settle()
    assert bob.texts(ada) == ["once"]
    assert bob.codes().count("MessageArrived") == 1


def test_restarts_lose_and_double_nothing(network, pair):
    ada, bob = pair
    for turn in range(6):
        ada.send(bob, f"letter {turn}")
        (ada if turn % 2 else bob).restart()
        if turn % 3 == 0:
            network.settle()
        bob.restart()
    network.settle()
    assert bob.texts(ada) == [f"letter {turn}" for turn in range(6)]


def test_a_delivery_that_was_not_acknowledged_is_shown_once(network, pair):
    ada, bob = pair
    ada.send(bob, "twice on the wire")
    network.settle()
    box = network.relay.boxes[bob.engine.mailboxes.box.mailbox]
    kept = []
    network.relay.drop = lambda post: kept.append(post) and False
    ada.send(bob, "kept by the relay")
    network.settle()
    for post in kept:
        box.last += 1
        box.blobs[box.last] = Deliver(box.last, network.now // HOUR, post.expires, post.blob)
    network.settle()
    bob.restart()
    network.settle()
    assert bob.texts(ada) == ["twice on the wire", "kept by the relay"]


def test_disappearing_on_both_sides(network, pair):
    ada, bob = pair
    bob.engine.set_timer(ada.user, 3_600, network.now)
    ada.engine.set_timer(bob.user, 600, network.now)
    network.settle()
    sent = ada.send(bob, "gone in ten minutes")
    network.settle()
    came = [item for _, item in bob.engine.books.items(ada.user, 9) if item.text.startswith("gone")]
    assert [item.timer for item in came] == [600], "the shorter of both"
    network.pass_time(900_000)
    assert ada.engine.books.item(sent) is None, "at its writer it goes after the time from writing"
    assert bob.engine.books.item(came[0].id) is not None, "not read yet"
    bob.engine.mark_read(ada.user, [came[0].id], network.now)
    network.pass_time(599_000)
    assert bob.engine.books.item(came[0].id) is not None
    network.pass_time(2_000)
    assert bob.engine.books.item(came[0].id) is None
    assert "Forgotten" in bob.codes() + [one.code for one in bob.engine.take_events()]


def test_blocked_people_cannot_post(network, pair):
    ada, bob = pair
    bob.engine.block(ada.user, True, network.now)
    network.settle()
    sent = ada.send(bob, "let me in")
    network.settle()
    assert bob.texts(ada) == []
    assert state(ada, sent) is State.NOT_DELIVERED
    assert ada.notices() == ["NotDelivered"]
    with pytest.raises(CannotSend, match="blocked"):
        bob.send(ada, "no")
    bob.engine.block(ada.user, False, network.now)
    network.wait_for_log()
    network.pass_time(2 * HOUR)
    network.settle()
    assert bob.texts(ada) == ["let me in"]
    assert state(ada, sent) is State.DELIVERED


def test_what_a_person_may_not_do(network, pair):
    ada, bob = pair
    for text in ("", "x" * 16_001):
        with pytest.raises(CannotSend, match="characters"):
            ada.engine.send(bob.user, text, network.now)
    with pytest.raises(NoSuch):
        ada.engine.send(b"n" * 32, "to nobody", network.now)
    with pytest.raises(BadLink):
        ada.engine.answer("https://example.org", network.now)
    invite = ada.engine.invite(network.now)
    link = ada.engine.invite_link(invite)
    with pytest.raises(BadLink, match="your own"):
        ada.engine.answer(link, network.now)
    with pytest.raises(BadLink):
        bob.engine.answer(link[:-9], network.now)


def test_a_gap_of_more_than_two_thousand_heals(network, pair):
    """A relay swallows more than the ratchet walks forward over: told, counted, healed, and the talk goes on."""
    ada, bob = pair
    ada.send(bob, "before")
    network.settle()
    peer = bob.engine.books.device.fingerprint
    device = ada.engine.books.device
    for _ in range(2_100):
        device.write(peer, "text", b"lost", network.now)
    with ada.engine.books.turn():
        ada.engine.books.keep_talk(peer)
    ada.send(bob, "too far ahead to read")
    network.settle()
    assert "Undecryptable" in bob.notices()
    network.pass_time(HOUR)
    network.settle()
    ada.send(bob, "after")
    network.settle()
    network.pass_time(HOUR)
    network.settle()
    assert bob.texts(ada).count("too far ahead to read") == 1, "written again in the healed session"
    assert bob.texts(ada).count("after") == 1
    assert bob.engine.books.device.undecryptable == 1


def test_one_time_keys_run_out(network):
    """More people answer than there are bundles in stock: the last resort serves."""
    ada = network.phone("Ada")
    others = [network.phone(f"Other {number}") for number in range(6)]
    network.wait_for_log()
    box = network.relay.boxes[ada.engine.mailboxes.box.mailbox]
    invites = [ada.engine.invite(network.now) for _ in others]
    network.settle()
    box.bundles.clear()
    for other, invite in zip(others, invites, strict=True):
        other.engine.answer(ada.engine.invite_link(invite), network.now)
    network.wait_for_log()
    for other in others:
        other.send(ada, "through the last resort")
    network.settle()
    for other in others:
        assert ada.texts(other) == ["through the last resort"]
    assert ada.engine.books.device.undecryptable == 0


def test_bundles_are_in_stock_once_though_the_answer_is_lost(network):
    """The connection ends between the relay's commit and its word: a bundle that lay there twice would serve two people, the second
    of whom writes to keys that are used up."""
    ada, relay = network.phone("Ada"), network.relay
    asked, lost = relay.asked, []

    def loses(end, what, hour):
        if isinstance(what, Stock) and not lost:
            lost.append(what)
            relay.boxes[end.mailbox].bundles += what.bundles
        else:
            asked(end, what, hour)

    relay.asked = loses
    network.wait_for_log()
    assert lost
    ada.cut()
    network.settle()
    box = relay.boxes[ada.engine.mailboxes.box.mailbox]
    assert box.last_resort is not None
    assert len(box.bundles) == len(set(box.bundles)) == ada.engine.rules.stock_full


def test_sixteen_weeks(network, pair):
    """Seal keys, fallback keys and mailboxes are renewed while two people write once a week; tokens run out and are told."""
    ada, bob = pair
    first = ada.engine.mailboxes.box.mailbox
    for week in range(16):
        network.pass_time(7 * DAY)
        network.settle()
        ada.send(bob, f"week {week}")
        bob.send(ada, f"back {week}")
        network.settle()
    network.pass_time(DAY)
    network.settle()
    assert [text for text in bob.texts(ada) if text.startswith("week")] == [f"week {week}" for week in range(16)]
    assert [text for text in ada.texts(bob) if text.startswith("back")] == [f"back {week}" for week in range(16)]
    assert ada.engine.mailboxes.box.mailbox != first
    assert not any(one.mailbox == first for one in ada.own.boxes), "emptied for two weeks, then let go"
    assert ada.notices() == ["NoSpareToken"], "two spare tokens serve two changes of mailbox"
    ada.engine.add_tokens([b"token of march"], network.now)
    network.pass_time(DAY)
    network.settle()
    assert ada.notices() == []


def test_clocks_that_are_off(network, pair):
    ada, bob = pair
    ada.engine.send(bob.user, "from the future", network.now + 30 * MINUTE)
    network.settle()
    (told,) = bob.engine.notices()
    assert (told.notice.code, told.notice.who, told.notice.minutes) == ("ClockSkew", "contact", 30)
    assert "30 minutes" in words.sentence(told.notice, lambda user: "Ada")
    ada.send(bob, "on time")
    network.settle()
    assert bob.notices() == []


def test_a_relay_that_lost_a_mailbox(network, pair):
    """The relay was put back to an earlier day: a spare token makes another mailbox, and contacts hear of it."""
    ada, bob = pair
    ada.cut()
    del network.relay.boxes[ada.engine.mailboxes.box.mailbox]
    network.settle()
    network.wait_for_log()
    bob.send(ada, "to the new mailbox")
    network.settle()
    assert ada.texts(bob) == ["to the new mailbox"]


def test_an_invite_to_another_relay_is_refused(network, pair):
    """Whoever could name any address in a card would learn where a phone is."""
    ada, bob = pair
    invite = ada.engine.invite(network.now)
    network.settle()
    link = read_link(ada.engine.invite_link(invite), InviteLink)
    away = msgspec.structs.replace(link, route=msgspec.structs.replace(link.route, relay=b"x" * 32))
    with pytest.raises(BadLink, match="another network"):
        bob.engine.answer(link_of(away), network.now)
    contact = bob.engine.books.contacts[ada.user]
    (device,) = contact.routes
    contact.routes[device] = msgspec.structs.replace(contact.routes[device], url="ws://203.0.113.7", serial=1 << 50)
    bob.send(ada, "not there")
    assert {job.url for job in bob.engine.sender_jobs(network.now)} == {"ws://relay.invalid"}
    contact.routes[device] = msgspec.structs.replace(contact.routes[device], relay=b"x" * 32)
    assert bob.engine.sender_jobs(network.now) == []


def test_an_invite_that_nobody_answered_is_taken_back(network, pair):
    ada, _ = pair
    ada.engine.invite(network.now)
    network.settle()
    doors = network.relay.boxes[ada.engine.mailboxes.box.mailbox].doors
    before = len(doors)
    network.pass_time(15 * DAY)
    network.settle()
    assert len(doors) == before - 1
    assert not ada.engine.books.invites
