"""Grouping a conversation into lines."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from filon.case.answers import AccountView, ConversationPage, EventView, MessageView
from filon.web.show import Show
from filon.web.transcript import transcript

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
SHOW = Show("en", "UTC")


def message(number, time, sender=1, zone_known=True):
    who = None if sender is None else AccountView(account=sender, platform="x", label=f"a{sender}")
    return MessageView(
        id=f"1:{number + 1}", conversation=0, conversation_title="t", sender=who, recipients=(), time=time,
        zone_known=zone_known, text="x", kind="text", platform="x", device=None, direction=None, state=None, edited=False,
        deleted=False, native_id=f"n{number}", reply_to=None, reply_id=None, forwarded_from=None, attachments=(), place=None,
    )  # fmt: skip


def event(kind, time, target=None):
    return EventView(
        id="1:99", kind=kind, conversation=0, actor=None, accounts=(), time=time, zone_known=True, target=target,
        value="v", text=None, platform="x",
    )  # fmt: skip


def lines(messages, events=(), offset=0, start=0):
    page = ConversationPage(offset=offset, total=100, messages=tuple(messages), events=tuple(events))
    return transcript(page, start, SHOW)


def test_same_sender_and_minute_is_continued():
    got = lines([message(0, 0), message(1, 30_000_000), message(2, MINUTE), message(3, MINUTE, sender=2)])
    assert [line.continued for line in got] == [False, True, False, False]


def test_days_open_where_the_day_changes():
    got = lines([message(0, 0), message(1, DAY - 1), message(2, DAY), message(3, None), message(4, None)])
    assert [line.day for line in got] == ["1970-01-01", None, "1970-01-02", "", None]


def test_the_message_before_the_stretch_only_lends_its_minute():
    got = lines([message(4, 0), message(5, 1_000_000)], offset=4, start=5)
    assert [(line.place, line.continued, line.day) for line in got] == [(5, True, None)]


def test_events_stand_with_their_message_or_between():
    got = lines([message(0, 0), message(1, 2 * MINUTE)], [event("reaction", MINUTE, "n0"), event("join", MINUTE)])
    assert [(line.message is not None, line.event and line.event.kind) for line in got] == [
        (True, None), (False, "join"), (True, None),
    ]  # fmt: skip
    assert [e.kind for e in got[0].about] == ["reaction"]


def test_a_reaction_to_a_message_elsewhere_is_not_lost():
    got = lines([message(0, 0)], [event("reaction", MINUTE, "far away")])
    assert got[-1].event is not None


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 3 * DAY)), st.sampled_from([None, 1, 2])), max_size=12),
    st.lists(st.integers(0, 3 * DAY), max_size=5),
)
def test_every_message_and_event_comes_once(pairs, times):
    pairs.sort(key=lambda pair: (pair[0] is None, pair[0] or 0))
    got = lines([message(i, time, sender) for i, (time, sender) in enumerate(pairs)], [event("join", t) for t in times])
    assert [line.message.id for line in got if line.message] == [f"1:{i + 1}" for i in range(len(pairs))]
    assert sum(line.event is not None for line in got) == len(times)


def test_another_conversation_is_never_continued():
    elsewhere = structs.replace(message(1, 1_000_000), conversation=1)
    assert [line.continued for line in lines([message(0, 0), elsewhere])] == [False, False]
