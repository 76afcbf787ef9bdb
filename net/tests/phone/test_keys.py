"""Nobody's key is used before the log showed it, and whatever is wrong with keys or log is an alarm on the phone.

``test_each_alarm_needs_its_check`` takes each check away and sees the alarm stay away too.
"""

from typing import get_args

import msgspec
import pytest
from network import Network, Phone

from filon_net.crypto import Device
from filon_net.crypto.sealed_bundle import seal_bundle
from filon_net.log import COSIGNATURE, Devices, sign_entry
from filon_net.log.cosignatures import cosign
from filon_net.log.notes import Note, sign_note
from filon_net.log.tree import TileTree
from filon_net.phone import words
from filon_net.phone.backup import Master
from filon_net.phone.bodies import LONGEST_TEXT
from filon_net.phone.errors import BadLink, CannotSend
from filon_net.phone.links import InviteLink, read_link
from filon_net.phone.notices import Notice
from filon_net.phone.state import ContactState, State
from filon_net.wire.frames import Deliver
from log.builders import MemoryLog, signer, signer_of_log

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def pair(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    return ada, bob


def further(network: Network, phone: Phone, name: str = "second") -> Phone:
    """A second phone of the same person, linked by a code on the screen of the first."""
    second = network.phone(name, code=phone.code, link=phone.engine.open_link(network.now))
    network.wait_for_log()
    network.everybody_looks()
    return second


def by_whoever_has_the_code(network: Network, phone: Phone) -> Phone:
    return network.phone("thief", code=phone.code)


def test_no_letter_leaves_before_the_log_shows_its_reader(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    invite = ada.engine.invite(network.now)
    network.settle()
    network.log_up = False
    bob.engine.answer(ada.engine.invite_link(invite), network.now)
    before = network.relay.posts
    network.settle()
    assert network.relay.posts == before
    assert bob.engine.books.device.talks == {}, "no key was even taken up"
    with pytest.raises(CannotSend, match="log"):
        bob.send(ada, "too early")
    network.log_up = True
    network.wait_for_log()
    assert bob.engine.books.contacts[ada.user].state is ContactState.OPEN


def test_an_answer_is_not_shown_before_the_log_shows_its_writer(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    invite = ada.engine.invite(network.now)
    network.settle()
    bob.engine.answer(ada.engine.invite_link(invite), network.now)
    ada.online = False
    network.wait_for_log()
    bob.send(ada, "right after my card")
    network.settle()
    ada.online, network.log_up = True, False
    network.settle()
    assert ada.engine.books.contacts[bob.user].state is ContactState.ASKING
    assert ada.texts(bob) == []
    network.log_up = True
    network.wait_for_log()
    assert ada.texts(bob) == ["right after my card"]


def test_an_answer_of_somebody_who_is_not_in_the_log(network):
    ada, eve = network.phone("Ada"), network.phone("Eve")
    network.wait_for_log()
    invite = ada.engine.invite(network.now)
    network.settle()
    eve.engine.answer(ada.engine.invite_link(invite), network.now)
    ada.online = False
    network.wait_for_log()
    ada.engine.people.follow = lambda *_: None  # as if the log had never heard of Eve
    ada.online = True
    network.settle()
    assert ada.engine.books.contacts[eve.user].state is ContactState.ASKING
    del ada.engine.people.follow
    contact = ada.engine.books.contacts[eve.user]
    with ada.engine.books.turn():
        ada.engine.people.follow(contact, None, False, network.now + 25 * HOUR)
    assert ada.notices() == ["NotInLog"]


def test_a_new_device_is_a_banner_and_gets_the_letters(network, pair):
    ada, bob = pair
    second = further(network, bob)
    assert "KeyChanged" in ada.notices()
    assert bob.notices() == [], "Bob's own phone knows: it had shown the link"
    assert second.notices() == [], "and the new one does not take what the first had listed for a stranger's"
    assert second.engine.books.contacts[ada.user].state is ContactState.OPEN
    ada.send(bob, "to both")
    network.settle()
    assert bob.texts(ada)[-1] == "to both"
    assert second.texts(ada)[-1] == "to both"
    bob.send(ada, "from the first")
    network.settle()
    assert second.texts(ada)[-1] == "from the first", "one's own other device has a copy"
    second.send(ada, "from the second")
    network.settle()
    assert ada.texts(bob)[-2:] == ["from the first", "from the second"]
    assert bob.texts(ada)[-1] == "from the second"


def test_a_verified_contacts_new_device_holds_messages(network, pair):
    ada, bob = pair
    ada.engine.scanned(bob.engine.people.verify_link(bob.engine.books.contacts[ada.user]), network.now)
    assert ada.engine.books.contacts[bob.user].verified
    second = further(network, bob)
    (told,) = ada.engine.notices()
    assert told.notice.held
    held = ada.send(bob, "waits")
    network.settle()
    assert ada.engine.item(held).state is State.HELD
    assert bob.texts(ada) == second.texts(ada) == []
    ada.engine.accept_change(bob.user, network.now)
    network.wait_for_log()
    assert bob.texts(ada) == second.texts(ada) == ["waits"]
    assert ada.notices() == []


def test_a_device_that_is_revoked_gets_nothing_more(network, pair):
    ada, bob = pair
    second = further(network, bob)
    bob.engine.revoke_device(second.engine.books.device.certificate.device, bob.code, network.now)
    network.everybody_looks()
    second.online = False
    ada.send(bob, "only to the first")
    network.settle()
    second.online = True
    network.settle()
    assert bob.texts(ada)[-1] == "only to the first"
    assert "only to the first" not in second.texts(ada)
    network.everybody_looks()
    assert second.notices() == [], "the device that revoked it had said so"
    assert len(ada.engine.books.contacts[bob.user].devices) == 1


def test_an_entry_nobody_here_signed_is_an_alarm_on_ones_own_phones(network, pair):
    ada, bob = pair
    by_whoever_has_the_code(network, bob)
    network.wait_for_log()
    network.everybody_looks()
    assert "OwnKeyForeign" in bob.notices()
    assert "KeyChanged" in ada.notices()
    bob.restart()
    assert "OwnKeyForeign" in bob.notices(), "an alarm outlives a restart"
    for told in bob.engine.notices():
        bob.engine.acknowledge(told.id, network.now)
    bob.restart()
    assert bob.notices() == []


def test_a_link_that_nobody_answers_does_not_cover_a_thief(network, pair):
    _, bob = pair
    bob.engine.open_link(network.now)
    by_whoever_has_the_code(network, bob)
    network.wait_for_log()
    network.everybody_looks()
    network.pass_time(20 * MINUTE)
    network.wait_for_log()
    assert "OwnKeyForeign" in bob.notices()


def test_an_entry_in_a_contacts_name_that_is_not_theirs(network, pair):
    ada, bob = pair
    head = ada.engine.books.follower.head(bob.user)
    forged = Devices(bob.user, head.version + 1, head.leaf, Master().public, ())
    eve = Master()
    entry = sign_entry(msgspec.structs.replace(forged, master=eve.public), eve.key)
    network.team.grow([entry.data])  # a log that admits what it should not
    network.pass_time(10 * MINUTE)
    network.settle()
    assert "BrokenChain" in ada.notices()
    assert "OwnKeyForeign" in bob.notices()
    with pytest.raises(CannotSend, match="did not sign"):
        ada.send(bob, "to whom?")


def test_keys_that_a_relay_puts_in_are_not_used(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    eve = Device.create(Master().key, network.now)
    box = ada.engine.mailboxes.box  # a relay that has the key of Ada's bundles from somebody she gave it to
    network.relay.twist = lambda bundle: seal_bundle(eve.bundles(1)[0], box.bundle_key, box.mailbox)
    invite = ada.engine.invite(network.now)
    network.settle()
    bob.engine.answer(ada.engine.invite_link(invite), network.now)
    network.wait_for_log()
    assert "Substituted" in bob.notices()
    assert bob.engine.books.device.talks == {}
    network.relay.twist = lambda bundle: bundle
    network.pass_time(11 * MINUTE)
    network.wait_for_log()
    assert ada.engine.books.contacts[bob.user].state is ContactState.OPEN


@pytest.mark.parametrize("twist", [lambda bundle: bundle[:-1] + bytes([bundle[-1] ^ 1]), lambda bundle: b"bundle"])
def test_bundles_that_a_relay_changes_are_not_used(network, twist):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.relay.twist = twist
    invite = ada.engine.invite(network.now)
    network.settle()
    bob.engine.answer(ada.engine.invite_link(invite), network.now)
    network.wait_for_log()
    assert "Substituted" in bob.notices()
    assert bob.engine.books.device.talks == {}


def test_letters_of_strangers_are_counted_and_not_opened(network, pair):
    ada, bob = pair
    eve = network.phone("Eve")
    network.wait_for_log()
    box, given = ada.engine.mailboxes.box, ada.engine.books.contacts[bob.user].given
    (capability,) = [one.capability for one in given.values()]
    device = eve.engine.books.device
    device.accept(ada.engine.books.device.certificate, network.now)
    device.open_session(ada.engine.books.device.bundles(1)[0], network.now)
    blob = device.write(ada.engine.books.device.fingerprint, "text", b"psst", network.now).blob
    assert capability
    mailbox = network.relay.boxes[box.mailbox]
    mailbox.last += 1
    mailbox.blobs[mailbox.last] = Deliver(mailbox.last, network.now // HOUR, network.now // HOUR + 9, blob)
    network.settle()
    (told,) = ada.engine.notices()
    assert (told.notice.code, told.notice.count) == ("Stranger", 1)
    assert eve.user not in ada.engine.books.contacts


def second_history(network: Network) -> MemoryLog:
    """What a log would serve that shows somebody else another tree, well signed."""
    entries = [data for _, data in TileTree(network.team.store.checkpoint, network.team.fetch).entries()]
    forged = MemoryLog([*entries[:-1], entries[0]])
    seconds = network.now // 1_000
    return forged.publish(seconds, seconds, seconds)


def test_two_phones_that_talk_find_a_split_view(network, pair):
    """The log shows Bob another history than Ada. Neither can see it alone; the first letter with a checkpoint tells."""
    ada, bob = pair
    network.pass_time(2 * HOUR)
    network.settle()
    forged = second_history(network)
    follower = bob.engine.books.follower
    follower._held = None  # Bob's phone is new to this log: it was never shown the true history
    follower.update(forged.fetch, network.now // 1_000)
    assert follower.checkpoint == forged.files["checkpoint"]
    bob.engine.look = lambda: pytest.fail("no look")
    bob.engine.log_due = lambda now: False
    bob.send(ada, "as I was shown")
    network.settle()
    network.pass_time(6 * MINUTE)
    network.settle()
    (told,) = [one for one in ada.engine.notices() if one.notice.code == "SplitView"]
    assert told.notice.user == bob.user
    assert told.notice.theirs == forged.files["checkpoint"]


def padded(note, lines):
    """The note with lines that nobody's known key made: whoever serves it can add them."""
    more = "".join(f"\u2014 nobody{number}.example.org {'A' * 400}\n" for number in range(lines))
    return note + more.encode()


def test_a_checkpoint_with_lines_of_nobody_is_passed_on_without_them(network, pair):
    """Else a log could make its word too long for a letter, and so keep phones from comparing what they were shown."""
    ada, bob = pair
    fetch = network.fetch
    network.fetch = lambda path: padded(fetch(path), 50) if path == "checkpoint" else fetch(path)
    network.pass_time(2 * HOUR)
    network.team.grow([])
    network.wait_for_log()
    note = ada.engine.books.follower.checkpoint
    assert len(note) < 1_000
    assert b"nobody" not in note
    asked = []
    bob.engine.books.follower.compare = lambda note, fetch: asked.append(note) or []
    ada.send(bob, "with a checkpoint")
    network.settle()
    network.pass_time(6 * MINUTE)
    network.settle()
    assert bob.texts(ada) == ["with a checkpoint"]
    assert asked
    assert all(len(one) < 1_000 for one in asked)
    invite = ada.engine.invite(network.now)
    network.settle()
    assert len(read_link(ada.engine.invite_link(invite), InviteLink).note) < 1_000


def lengthened(network, length):
    """From now on the log and its witnesses sign a line more, of this length: the format allows it."""
    head, _, _ = network.fetch("checkpoint").decode().partition("\n\n")
    note = sign_note(f"{head}\n{'x' * length}\n", signer_of_log())
    at, fetch = network.now // 1_000 + 60, network.fetch
    lines = [cosign(note.text, signer(name, COSIGNATURE), at) for name in ("w1", "w2", "w3")]
    long = Note(note.text, (*note.signatures, *lines)).data
    network.fetch = lambda path: long if path == "checkpoint" else fetch(path)


def test_the_longest_text_leaves_a_long_checkpoint_to_the_next_letter(network, pair):
    ada, bob = pair
    network.pass_time(2 * HOUR)
    lengthened(network, 7_000)
    network.wait_for_log()
    note = ada.engine.books.follower.checkpoint
    assert len(note) > 7_000
    text = "\N{GRINNING FACE}" * LONGEST_TEXT
    asked = []
    bob.engine.books.follower.compare = lambda note, fetch: asked.append(note) or []
    ada.send(bob, text)
    network.settle()
    assert bob.texts(ada) == [text]
    network.pass_time(6 * MINUTE)
    network.settle()
    assert not asked
    ada.send(bob, "and this takes it along")
    network.settle()
    network.pass_time(6 * MINUTE)
    network.settle()
    assert asked == [note]


def test_a_checkpoint_too_long_for_a_letter_is_not_accepted(network, pair):
    """What phones could not show each other counts for nothing: the log is silent then, and that is told."""
    ada, _ = pair
    held = ada.engine.books.follower.checkpoint
    lengthened(network, 8_000)
    network.pass_time(4 * HOUR)
    network.wait_for_log()
    assert ada.engine.books.follower.checkpoint == held
    assert "LogSilent" in ada.notices()


def test_a_log_that_is_rolled_back(network, pair):
    ada, _ = pair
    entries = [data for _, data in TileTree(network.team.store.checkpoint, network.team.fetch).entries()]
    seconds = network.now // 1_000
    network.fetch = MemoryLog(entries[:1]).publish(seconds, seconds, seconds).fetch
    network.pass_time(10 * MINUTE)
    network.settle()
    assert "RolledBack" in ada.notices()


def test_a_log_that_falls_silent(network, pair):
    ada, _ = pair
    network.team.now += 4 * 3_600
    network.settle()
    assert "LogSilent" in ada.notices()
    network.team.grow([])
    network.pass_time(10 * MINUTE)
    network.settle()
    assert ada.notices() == [], "word of the witnesses lifts it"


def test_verifying_by_code_on_the_screen(network, pair):
    ada, bob = pair
    code = ada.engine.people.safety_code(ada.engine.books.contacts[bob.user])
    assert code == bob.engine.people.safety_code(bob.engine.books.contacts[ada.user])
    assert len(code.replace(" ", "")) == 60
    eve = network.phone("Eve")
    network.wait_for_log()
    network.introduce(ada, eve)
    shown = ada.engine.people.verify_link(ada.engine.books.contacts[eve.user])
    with pytest.raises(BadLink, match="not the keys"):
        bob.engine.scanned(shown, network.now)
    assert not bob.engine.books.contacts[ada.user].verified


@pytest.mark.parametrize("same", [True, False])
def test_comparing_emoji(network, pair, same):
    ada, bob = pair
    talk = ada.engine.compare(bob.user, network.now)
    network.settle()
    (ours,) = [one for one in ada.events if one.code == "EmojiReady"]
    (theirs,) = [one for one in bob.events if one.code == "EmojiReady"]
    assert ours.indices == theirs.indices
    assert len(ours.indices) == 7
    assert ours.talk == theirs.talk == talk
    ada.engine.confirm(talk, same, network.now)
    bob.engine.confirm(theirs.talk, same, network.now)
    network.settle()
    assert ada.engine.books.contacts[bob.user].verified is same
    assert bob.engine.books.contacts[ada.user].verified is same


def test_emoji_differ_where_master_keys_do(network, pair):
    ada, bob = pair
    other = Master().public
    bob.engine.books.contacts[ada.user].master, true = other, bob.engine.books.contacts[ada.user].master
    ada.engine.compare(bob.user, network.now)
    bob.engine.books.by_master = lambda master: bob.engine.books.contacts[ada.user] if master == true else None
    bob.engine.outbox._allowed = lambda errand: True
    find = bob.engine.outbox.targets

    def targets(user):
        contact = bob.engine.books.contacts.get(user)
        if contact is None:
            return find(user)
        contact.master = true
        found = find(user)
        contact.master = other
        return found

    bob.engine.outbox.targets = targets
    network.settle()
    (ours,) = [one for one in ada.events if one.code == "EmojiReady"]
    (theirs,) = [one for one in bob.events if one.code == "EmojiReady"]
    assert ours.indices != theirs.indices


def test_every_notice_has_words():
    names = {kind.__name__ for kind in get_args(Notice)}
    assert names == set(words._STEPS)
    assert names <= {key.partition(".")[0] for key in words._SENTENCES}
    assert names >= words.ALARMS
