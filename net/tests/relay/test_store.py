"""What a store promises, whichever it is."""

import pytest

from filon_net.relay import rules
from filon_net.relay.asks import Ask, Look, Page
from filon_net.relay.rules import BUNDLES, CLAIMS_A_DAY, DOORS
from filon_net.wire import BLOB_SIZES, HOURS_KEPT, Code
from filon_net.wire.frames import Acked, Admit, Claimed, Deliver, Done, Opened, Posted, Refused
from relay.builders import HOUR, Phone, blob

ALICE, BOB = Phone(b"a" * 32), Phone(b"b" * 32)


def said(store, *asks, hour=HOUR):
    return [outcome.answer for outcome in store.apply(asks, hour)]


@pytest.fixture
def joined(store):
    """A store with Alice in it, to whom one may write."""
    said(store, ALICE.admit())
    said(store, ALICE.grant())
    return store


def page(store, after=0, limit=100, hour=HOUR, name=ALICE.name):
    (found,) = store.read([Look(name, after, limit)], hour)
    return found


def numbers(store, after=0, limit=100, hour=HOUR, name=ALICE.name):
    return [one.number for one in page(store, after, limit, hour, name).found]


def test_nobody_is_in_an_empty_store(store):
    assert said(store, ALICE.open()) == [Refused(None, Code.NO_SUCH_DOOR, None)]
    assert page(store).found == []


def test_an_invite_makes_one_mailbox(store):
    assert said(store, ALICE.admit(b"1" * 16, quota=(7, 70_000))) == [Opened(0, 7, 70_000, HOURS_KEPT, 0)]
    assert said(store, BOB.admit(b"1" * 16)) == [Refused(None, Code.TOKEN_SPENT, None)]
    assert said(store, BOB.open()) == [Refused(None, Code.NO_SUCH_DOOR, None)]


def test_an_invite_shown_twice_at_once_makes_one_mailbox(store):
    first, second = said(store, ALICE.admit(b"1" * 16), BOB.admit(b"1" * 16))
    assert isinstance(first, Opened)
    assert second == Refused(None, Code.TOKEN_SPENT, None)


def test_who_was_admitted_may_say_it_again(store):
    """The answer to an admission may be lost: repeating it costs nothing, not even another invite."""
    said(store, ALICE.admit(b"1" * 16))
    assert isinstance(said(store, ALICE.admit(b"1" * 16))[0], Opened)
    assert isinstance(said(store, ALICE.admit(b"2" * 16))[0], Opened)
    assert isinstance(said(store, BOB.admit(b"2" * 16))[0], Opened)
    refused = Ask(ALICE.name, Admit(ALICE.name, b"s" * 64, b"expired"))
    assert isinstance(said(store, refused)[0], Opened)


def test_an_invite_that_is_not_accepted_makes_nothing(store):
    refused = Ask(ALICE.name, Admit(ALICE.name, b"s" * 64, b"forged"))
    assert said(store, refused) == [Refused(None, Code.TOKEN_SPENT, None)]
    assert said(store, ALICE.open()) == [Refused(None, Code.NO_SUCH_DOOR, None)]


def test_posted_read_acknowledged(joined):
    sent = [blob(size=size) for size in BLOB_SIZES]
    outcomes = joined.apply([ALICE.post(one, request=at) for at, one in enumerate(sent)], HOUR)
    assert [outcome.answer for outcome in outcomes] == [Posted(at) for at in range(5)]
    read = page(joined)
    assert read.found == [Deliver(at, HOUR, HOUR + 336, one) for at, one in enumerate(sent, 1)]
    assert read.found == [outcome.kept for outcome in outcomes]
    assert read.last == 5
    assert said(joined, ALICE.open())[0].waiting == 5
    assert said(joined, ALICE.ack(1, 3, 5)) == [Acked(3)]
    assert numbers(joined) == [2, 4]
    assert said(joined, ALICE.open())[0].waiting == 2


LATER = HOUR + (rules.MONTHS - 1) * 720
"""Long after a mailbox was used, and not long enough."""


def test_a_mailbox_nobody_comes_to_is_removed_with_all_that_lies_in_it(joined):
    said(joined, ALICE.post(), ALICE.stock(b"one", last=b"last"), BOB.admit(b"2" * 16))
    joined.sweep(LATER, 100)
    assert said(joined, ALICE.post(request=1), hour=LATER) == [Posted(1)]
    late = LATER + 720
    assert said(joined, BOB.open(), hour=LATER)[0].waiting == 0
    joined.sweep(late, 100)
    for ask, answer in (
        (ALICE.post(request=1), Refused(1, Code.NO_SUCH_DOOR, None)),
        (ALICE.claim(request=1), Refused(1, Code.NO_SUCH_DOOR, None)),
        (ALICE.open(), Refused(None, Code.NO_SUCH_DOOR, None)),
        (ALICE.grant(request=1), Refused(1, Code.NO_SUCH_DOOR, None)),
    ):
        assert said(joined, ask, hour=late) == [answer]
    assert page(joined, hour=LATER) == Page([], 0)
    assert isinstance(said(joined, BOB.open(), hour=late)[0], Opened)


@pytest.mark.parametrize("what", ["open", "stock", "grant"])
def test_whoever_does_something_as_the_owner_keeps_the_mailbox(joined, what):
    said(joined, getattr(ALICE, what)(), hour=LATER)
    joined.sweep(LATER + 720, 100)
    assert said(joined, ALICE.post(request=1), hour=LATER + 720) == [Posted(1)]


def test_full_mailboxes_are_removed_one_at_a_time(joined):
    said(joined, BOB.admit(b"2" * 16), BOB.grant(), *[ALICE.post() for _ in range(5)], hour=LATER)
    said(joined, ALICE.open(), *[BOB.post() for _ in range(5)], hour=LATER)
    left = []
    for _ in range(3):
        joined.sweep(LATER + rules.MONTHS * 720, 4)
        left.append(sum(page(joined, name=one.name).last for one in (ALICE, BOB)))
    assert left[-1] == 0


def test_many_mailboxes_are_read_at_once(joined):
    said(joined, BOB.admit(b"2" * 16), BOB.grant())
    said(joined, *[ALICE.post() for _ in range(5)], *[BOB.post() for _ in range(2)])
    said(joined, BOB.ack(1))
    looks = [Look(name, after, 2) for name in (BOB.name, b"?" * 32, ALICE.name) for after in (0, 3)]
    pages = joined.read([*looks, looks[0]], HOUR)
    assert [[one.number for one in page.found] for page in pages] == [[2], [], [], [], [1, 2], [4, 5], [2]]
    assert [page.last for page in pages] == [2, 2, 0, 0, 5, 5, 2]
    assert joined.read([], HOUR) == []


def test_reading_goes_on_behind_a_number_and_stops_at_the_limit(joined):
    said(joined, *[ALICE.post() for _ in range(7)])
    assert numbers(joined, limit=3) == [1, 2, 3]
    assert numbers(joined, after=3, limit=3) == [4, 5, 6]
    assert numbers(joined, after=7) == []
    assert numbers(joined, after=(1 << 53) - 1) == []


def test_numbers_are_never_given_twice(joined, opened):
    said(joined, ALICE.post(), ALICE.post())
    said(joined, ALICE.ack(1, 2))
    joined.close()
    again = opened()
    said(again, ALICE.post())
    assert numbers(again) == [3]


def test_what_was_acknowledged_twice_or_never_there_is_acknowledged(joined):
    said(joined, ALICE.post())
    assert said(joined, ALICE.ack(1), ALICE.ack(1, 2, 1 << 40)) == [Acked(1), Acked(3)]
    opened = said(joined, ALICE.open())[0]
    assert opened.waiting == 0


def test_nobody_acknowledges_for_somebody_else(joined):
    said(joined, BOB.admit())
    said(joined, ALICE.post())
    said(joined, BOB.ack(1))
    assert numbers(joined) == [1]


def test_a_door_that_is_not_there_and_a_mailbox_that_is_not_there_look_the_same(joined):
    assert said(
        joined,
        ALICE.post(capability=b"x" * 32),
        BOB.post(),
        ALICE.claim(capability=b"x" * 32),
        BOB.claim(),
    ) == [Refused(request, Code.NO_SUCH_DOOR, None) for request in (4, 4, 5, 5)]


def test_the_capability_of_one_mailbox_opens_no_other(joined):
    said(joined, BOB.admit())
    assert said(joined, BOB.post()) == [Refused(4, Code.NO_SUCH_DOOR, None)]


def test_a_revoked_capability_is_good_no_longer(joined):
    assert said(joined, ALICE.revoke()) == [Done(2)]
    assert said(joined, ALICE.post()) == [Refused(4, Code.NO_SUCH_DOOR, None)]
    assert said(joined, ALICE.revoke()) == [Done(2)]
    assert said(joined, ALICE.grant(), ALICE.revoke(), ALICE.grant()) == [Done(1), Done(2), Done(1)]
    assert said(joined, ALICE.post()) == [Posted(4)]


def test_a_daily_budget(joined):
    said(joined, ALICE.grant(daily=2))
    assert said(joined, ALICE.post(), ALICE.post(), ALICE.post())[2] == Refused(4, Code.SLOW_DOWN, 16 * 3_600)
    assert said(joined, ALICE.post(), hour=HOUR + 15)[0] == Refused(4, Code.SLOW_DOWN, 3_600)
    assert said(joined, ALICE.post(), hour=HOUR + 16) == [Posted(4)]  # a day begins at a multiple of 24 hours
    assert said(joined, ALICE.grant(daily=0), ALICE.post(), hour=HOUR + 16)[1].code == Code.SLOW_DOWN


def test_a_clock_put_back_gives_no_second_budget(joined):
    said(joined, ALICE.grant(daily=1))
    said(joined, ALICE.post(), hour=HOUR + 48)
    assert said(joined, ALICE.post(), hour=HOUR)[0].code == Code.SLOW_DOWN


def test_granting_again_changes_the_budget_and_keeps_the_count(joined):
    said(joined, ALICE.grant(daily=1))
    said(joined, ALICE.post())
    said(joined, ALICE.grant(daily=2))
    assert said(joined, ALICE.post(), ALICE.post()) == [Posted(4), Refused(4, Code.SLOW_DOWN, 16 * 3_600)]


@pytest.mark.parametrize("quota", [(2, 1 << 30), (100, 2 * BLOB_SIZES[0])])
def test_a_full_mailbox(store, quota):
    said(store, ALICE.admit(quota=quota))
    said(store, ALICE.grant())
    posts = said(store, *[ALICE.post(request=at) for at in range(3)])
    assert posts == [Posted(0), Posted(1), Refused(2, Code.FULL, None)]
    assert numbers(store) == [1, 2]
    # what an acknowledgement frees is free for what comes together with it
    assert said(store, ALICE.post(), ALICE.ack(1)) == [Posted(4), Acked(1)]
    assert numbers(store) == [2, 3]
    assert said(store, ALICE.post()) == [Refused(4, Code.FULL, None)]


def test_what_was_refused_costs_no_budget(store):
    said(store, ALICE.admit(quota=(1, 1 << 30)))
    said(store, ALICE.grant(daily=2))
    said(store, ALICE.post(), ALICE.post(), ALICE.post())
    said(store, ALICE.ack(1))
    assert said(store, ALICE.post()) == [Posted(4)]


@pytest.mark.parametrize(
    ("asked", "kept"), [(0, 1), (HOUR - 5, 1), (HOUR, 1), (HOUR + 2, 2), (HOUR + 336, 336), (HOUR + 999, 336)]
)
def test_expiry(joined, asked, kept):
    said(joined, ALICE.post(expires=asked))
    assert [one.expires for one in page(joined).found] == [HOUR + kept]
    assert numbers(joined, hour=HOUR + kept - 1) == [1]
    assert numbers(joined, hour=HOUR + kept) == []


def test_the_sweeper_erases_what_expired_and_nothing_else(joined):
    said(joined, BOB.admit(), BOB.grant())
    said(joined, *[ALICE.post(expires=HOUR + 1 + at // 2) for at in range(8)], BOB.post(expires=HOUR + 1))
    assert joined.sweep(HOUR, 100) == 0
    assert joined.sweep(HOUR + 2, 3) == 3
    assert joined.sweep(HOUR + 2, 3) == 2
    assert joined.sweep(HOUR + 2, 3) == 0
    assert numbers(joined, hour=HOUR) == [5, 6, 7, 8]
    opened = said(joined, ALICE.open(), BOB.open())
    assert [one.waiting for one in opened] == [4, 0]


def test_the_sweeper_gives_the_room_back(store):
    said(store, ALICE.admit(quota=(100, BLOB_SIZES[0])))
    said(store, ALICE.grant())
    said(store, ALICE.post(expires=HOUR + 1))
    assert said(store, ALICE.post())[0].code == Code.FULL
    assert store.sweep(HOUR + 1, 100) == 1
    assert said(store, ALICE.post()) == [Posted(4)]


def test_a_spent_invite_is_forgotten_when_it_could_not_be_used_anyhow(store):
    said(store, ALICE.admit(b"1" * 16, not_after=HOUR))
    store.sweep(HOUR, 10)
    assert said(store, BOB.admit(b"1" * 16, not_after=HOUR))[0] == Refused(None, Code.TOKEN_SPENT, None)
    store.sweep(HOUR + 1, 10)
    assert isinstance(said(store, BOB.admit(b"1" * 16, not_after=HOUR))[0], Opened)  # the edge refuses it by its hour


def test_bundles_are_handed_out_once_oldest_first_then_the_last_resort(joined):
    assert said(joined, ALICE.claim()) == [Refused(5, Code.NOTHING_LEFT, None)]
    assert said(joined, ALICE.stock(b"one", b"two", last=b"last")) == [Done(3)]
    assert said(joined, ALICE.open())[0].bundles == 2
    assert said(joined, ALICE.claim()) == [Claimed(5, b"one")]
    assert said(joined, ALICE.stock(b"three")) == [Done(3)]
    claims = said(joined, *[ALICE.claim(request=at) for at in range(4)])
    assert claims == [Claimed(0, b"two"), Claimed(1, b"three"), Claimed(2, b"last"), Claimed(3, b"last")]
    assert said(joined, ALICE.open())[0].bundles == 0
    assert said(joined, ALICE.stock(last=b"newer")) == [Done(3)]
    assert said(joined, ALICE.claim()) == [Claimed(5, b"newer")]


def test_a_stock_has_a_top(joined):
    for _ in range(BUNDLES // 32):
        assert said(joined, ALICE.stock(*[b"b"] * 32)) == [Done(3)]
    assert said(joined, ALICE.stock(b"more")) == [Refused(3, Code.FULL, None)]
    said(joined, ALICE.claim())
    assert said(joined, ALICE.stock(b"more")) == [Done(3)]


def test_one_capability_does_not_empty_the_stock(joined):
    said(joined, ALICE.stock(*[b"%d" % at for at in range(32)]))
    claims = said(joined, *[ALICE.claim() for _ in range(CLAIMS_A_DAY + 1)])
    assert claims[-1] == Refused(5, Code.SLOW_DOWN, 16 * 3_600)
    assert all(isinstance(one, Claimed) for one in claims[:-1])
    assert isinstance(said(joined, ALICE.claim(), hour=HOUR + 24)[0], Claimed)


def test_doors_have_a_top(joined, monkeypatch):
    monkeypatch.setattr("filon_net.relay.rules.DOORS", 3)
    assert DOORS > 3
    granted = said(joined, *[ALICE.grant(capability=bytes([at]) * 32) for at in range(3)])
    assert granted == [Done(1), Done(1), Refused(1, Code.FULL, None)]  # one was there before
    said(joined, ALICE.revoke())
    assert said(joined, ALICE.grant(capability=b"\x02" * 32)) == [Done(1)]


def test_everything_is_there_after_opening_again(joined, opened):
    said(joined, ALICE.post(), ALICE.stock(b"one", last=b"last"), BOB.admit(b"1" * 16))
    joined.close()
    again = opened()
    assert numbers(again) == [1]
    assert said(again, ALICE.open(), ALICE.claim())[1] == Claimed(5, b"one")
    assert said(again, ALICE.post()) == [Posted(4)]
    assert said(again, Phone(b"d" * 32).admit(b"1" * 16))[0].code == Code.TOKEN_SPENT


def test_two_mailboxes_that_draw_one_id_are_drawn_again(store, monkeypatch):
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("filon_net.relay.rules.secrets.randbelow", lambda _: next(drawn))
    said(store, ALICE.admit())
    assert isinstance(said(store, BOB.admit())[0], Opened)
    said(store, ALICE.grant(), BOB.grant())
    said(store, ALICE.post(), BOB.post(), BOB.post())
    assert numbers(store) == [1]
    assert numbers(store, name=BOB.name) == [1, 2]


def test_a_large_batch(joined):
    said(joined, ALICE.grant(daily=60_000))
    assert len(said(joined, *[ALICE.post() for _ in range(700)])) == 700
    assert numbers(joined, limit=1_000) == list(range(1, 701))
    said(joined, *[ALICE.ack(*range(at, at + 100)) for at in range(1, 700, 100)])
    assert numbers(joined) == []
    assert said(joined, ALICE.open())[0].waiting == 0


def test_a_postgres_that_is_gone_without_a_word_is_noticed(cluster):
    """By the system's own times that takes a quarter of an hour, and two hours where only notifications are waited for. No proxy
    on this machine shows it, since the system acknowledges whatever the proxy swallows. So: that the system is told."""
    from filon_net.relay.postgres import PostgresStore

    url = cluster.database()
    for more, stated in (("", "30000"), ("tcp_user_timeout=5000", "5000")):
        store = PostgresStore(
            f"{url} {more}" if "://" not in url else f"{url}{'&' if '?' in url else '?'}{more}", b"r" * 32
        )
        try:
            for line in (store._write_line, store._read_line):
                told = line.open().info.get_parameters()
                assert told["tcp_user_timeout"] == stated
                assert told["keepalives_idle"] == "30"
        finally:
            store.close()
