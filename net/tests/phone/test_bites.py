"""Each test of an alarm or a promise fails when its check is taken away: proof that the test bites."""

import pytest
import test_keys
import test_two_people
from network import Network

from filon_net.phone import inbox, outbox, people
from filon_net.phone.books import Books
from filon_net.phone.chats import Chats
from filon_net.phone.inbox import Inbox
from filon_net.phone.looks import Looks
from filon_net.phone.mailboxes import Mailboxes
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People
from filon_net.phone.upkeep import Upkeep


def believing(self: Outbox, job: outbox.ClaimJob, sealed: bytes, now: int) -> None:
    """Takes up whatever device a bundle is of, as a phone without a log would."""
    data = outbox.open_bundle(sealed, job.bundle_key, job.mailbox)
    bundle = outbox.read_bundle(data)
    certificate = outbox.check_bundle(bundle, now // 3_600_000)
    talk = self._books.accept(certificate, now)
    self._books.device.open_session(data, now)
    self._books.keep_talk(talk.fingerprint)


def opened_without_the_log(self: People, link: str, now: int) -> people.Contact:
    contact = ANSWER(self, link, now)
    contact.state = people.ContactState.OPEN
    contact.devices = (people.DeviceKeys(contact.routes.popitem()[0], b"s" * 32, b"a" * 32),)
    return contact


def shown_at_once(self: Inbox, contact: people.Contact, event: inbox.Read, now: int) -> None:
    self._letter(contact, event.peer, event.letter, event.late, now)


def blind(*_: object, **__: object) -> None:
    """A check that sees nothing."""


def never_held(self: People, contact: people.Contact, *given: object) -> None:
    contact.verified = False
    FOLLOW(self, contact, *given)


def never_fewer(self: People, contact: people.Contact, head: people.Head | None, *given: object) -> None:
    if head is None or len(people.keys_of(head)) >= len(contact.devices):
        FOLLOW(self, contact, head, *given)


def only_mine(self: Books, ident: bytes) -> object:
    found = ITEM(self, ident)
    return found if found is not None and found.mine else None


def without(code: str) -> object:
    """A phone that tells everything but this."""

    def notice(self: Books, what: object, *given: object) -> None:
        if what.code != code:
            NOTICE(self, what, *given)

    return notice


ANSWER, FOLLOW, NOTICE, ITEM = People.answer, People.follow, Books.notice, Books.item
HERE, THERE = test_keys, test_two_people
BITES = [
    (HERE.test_keys_that_a_relay_puts_in_are_not_used, Outbox, "_claimed", believing),
    (HERE.test_no_letter_leaves_before_the_log_shows_its_reader, People, "answer", opened_without_the_log),
    (HERE.test_an_answer_is_not_shown_before_the_log_shows_its_writer, Inbox, "_read", shown_at_once),
    (HERE.test_a_verified_contacts_new_device_holds_messages, People, "follow", never_held),
    (HERE.test_an_entry_nobody_here_signed_is_an_alarm_on_ones_own_phones, Upkeep, "foreign", blind),
    (HERE.test_a_link_that_nobody_answers_does_not_cover_a_thief, Upkeep, "foreign", blind),
    (HERE.test_an_entry_in_a_contacts_name_that_is_not_theirs, Looks, "_tell", blind),
    (HERE.test_two_phones_that_talk_find_a_split_view, Looks, "_tell", blind),
    (HERE.test_a_log_that_is_rolled_back, Looks, "_tell", blind),
    (HERE.test_a_log_that_falls_silent, Looks, "_tell", blind),
    (HERE.test_a_log_that_falls_silent, Looks, "_lift", blind),
    (HERE.test_letters_of_strangers_are_counted_and_not_opened, Inbox, "_count_stranger", blind),
    (HERE.test_a_device_that_is_revoked_gets_nothing_more, People, "follow", never_fewer),
    (HERE.test_a_new_device_is_a_banner_and_gets_the_letters, Books, "notice", without("KeyChanged")),
    (THERE.test_a_relay_that_swallows_is_told_by_both_sides, Chats, "_overdue", blind),
    (THERE.test_a_relay_that_swallows_is_told_by_both_sides, Chats, "missing", blind),
    (THERE.test_a_relay_that_swallows_is_told_by_both_sides, Chats, "_ask_again", blind),
    (THERE.test_not_delivered_because_the_relay_is_away, Chats, "_overdue", blind),
    (THERE.test_disappearing_on_both_sides, Chats, "_fade", blind),
    (THERE.test_blocked_people_cannot_post, Mailboxes, "take_revoked", blind),
    (THERE.test_a_gap_of_more_than_two_thousand_heals, Inbox, "_unread", blind),
    (THERE.test_sent_again_by_hand_is_shown_once, Books, "item", only_mine),
    (THERE.test_clocks_that_are_off, Chats, "_skew", blind),
    (THERE.test_sixteen_weeks, Mailboxes, "rotate", blind),
]


def run(test: object, network: Network) -> None:
    """A test as it stands, with the pair it asks for."""
    if "pair" not in test.__code__.co_varnames[: test.__code__.co_argcount]:
        test(network)
        return
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    ada.events, bob.events = [], []
    test(network, (ada, bob))


@pytest.mark.parametrize(
    ("test", "owner", "name", "patch"), BITES, ids=[f"{one[0].__name__[5:]}-{one[2]}" for one in BITES]
)
def test_each_needs_its_check(network, monkeypatch, test, owner, name, patch):
    monkeypatch.setattr(owner, name, patch)
    with pytest.raises((AssertionError, ValueError, KeyError, AttributeError, IndexError, pytest.fail.Exception)):
        run(test, network)
