"""Every notice of the library as a banner: loud enough, in both languages, there until it is acknowledged."""

import asyncio
import random
from pathlib import Path

import pytest

from filon_net.phone import notices
from filon_net.phone.notices import Told
from filon_net.phone.terminal.alarms import Weight, alarm_of
from filon_net.phone.words import ALARMS, is_alarm
from filon_net.words import words
from terminal.seats import text_of

USER, NOW = b"u" * 32, 1_800_000_000_000
FIELDS = {
    "user": USER, "team": b"t" * 16, "item": b"i" * 16, "leaf": b"l" * 32, "manifest": b"m" * 32, "ours": b"ours",
    "theirs": b"theirs", "shown": b"shown", "found": b"found", "since": 1_799_990_000, "why": "relay", "who": "contact",
    "name": "Team", "product": "phone", "version": "1.2", "held": False,
}  # fmt: skip
KINDS = sorted(notices.Notice.__args__, key=lambda kind: kind.__name__)


def made(kind, **more):
    held = {}
    for name in kind.__struct_fields__:
        number = not isinstance(FIELDS.get(name), str | bytes | bool) and name not in FIELDS
        held[name] = more.get(name, 1 if number else FIELDS[name])
    if kind in (notices.PolicyFork,):
        held["version"] = 3
    if kind is notices.KeyChanged:
        held["version"] = 3
    return kind(**held)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_notice_has_words_and_a_step(kind, language):
    told = Told(b"n" * 16, NOW, made(kind))
    alarm = alarm_of(told, lambda user: "Chloé", NOW, words(language))
    assert alarm.title
    assert alarm.step
    assert "{" not in alarm.said(words(language)) + alarm.more + alarm.step
    assert (alarm.weight is Weight.ALARM) == is_alarm(told.notice) == (kind.__name__ in ALARMS)
    if language == "fr":
        english = alarm_of(told, lambda user: "Chloé", NOW, words("en"))
        assert alarm.title != english.title
        assert alarm.step != english.step


def test_new_devices_of_a_verified_contact_are_an_alarm():
    for held, weight in ((True, Weight.ALARM), (False, Weight.WARNING)):
        notice = notices.KeyChanged(user=USER, added=1, removed=0, version=3, held=held)
        assert is_alarm(notice) == held
        assert alarm_of(Told(b"n", NOW, notice), lambda user: "Bob", NOW, words("en")).weight is weight


def test_one_and_many_are_worded_apart():
    one = alarm_of(Told(b"n", NOW, notices.Gap(user=USER, count=1)), lambda user: "Bob", NOW, words("en"))
    two = alarm_of(Told(b"n", NOW, notices.Gap(user=USER, count=2)), lambda user: "Bob", NOW, words("en"))
    assert one.title == "1 letter from Bob is missing."
    assert two.title == "2 letters from Bob are missing."


def raised(table, seat, notice):
    with seat.engine.books.turn():
        seat.engine.books.notice(notice, table.network.now, random.randbytes(8))
    seat._told.set()


def test_an_alarm_stays_over_a_restart_until_it_is_acknowledged(table, pair):
    ada, _ = pair
    raised(table, ada, notices.OwnKeyForeign(entry=7, leaf=b"l" * 32))

    async def look(acknowledge):
        async with table.screen(ada) as at_ada:
            await table.until("ALARM: Somebody listed devices in your name", at_ada)
            await at_ada.press("!")
            await table.until("What to do: If you made a new phone", at_ada)
            if acknowledge:
                await at_ada.press("k")
                await table.until("No alarms", at_ada)
                await at_ada.press("escape")
                await table.rest()
                assert "ALARM" not in text_of(at_ada.app)

    async def twice():
        await look(False)
        await look(True)

    asyncio.run(twice())
    assert not ada.notices()


def test_the_loudest_come_first_and_the_rest_is_counted(table, pair):
    ada, bob = pair
    raised(table, ada, notices.NewRelease(product="phone", version="2"))
    raised(table, ada, notices.Rewound(user=bob.user))
    raised(table, ada, notices.Substituted(user=bob.user))

    async def look():
        async with table.screen(ada) as at_ada:
            await table.until("ALARM: The relay handed out keys for Bob", at_ada)
            shown = text_of(at_ada.app)
            assert shown.index("ALARM") < shown.index("WARNING")
            assert "and 1 more" in shown
            assert "newer release" not in shown

    asyncio.run(look())


def test_both_notes_of_a_split_view_are_kept_in_files(table, pair):
    ada, bob = pair
    raised(table, ada, notices.SplitView(ours=b"our note", theirs=b"their note", user=bob.user))

    async def look():
        async with table.screen(ada, size=(120, 40)) as at_ada:
            await table.until("ALARM: The log showed two different histories", at_ada)
            await at_ada.press("!")
            await table.until("Both signed checkpoints lie in", at_ada)
            await table.until("Bob was shown another one than you", at_ada)

    asyncio.run(look())
    folder = Path(f"{ada.engine.books.store.path}.evidence")
    assert sorted(path.read_bytes() for path in folder.iterdir()) == [b"our note", b"their note"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_three_hours_of_silence_are_an_alarm_and_a_new_word_ends_it(table, pair):
    ada, _ = pair

    async def look():
        async with table.screen(ada) as at_ada:
            table.network.team.now += 3 * 3_600 + 60
            ada.engine.looks.soon(0)
            ada.engine.seen(ada.engine.look().run(table.network.fetch, table.network.now), table.network.now)
            await table.until("ALARM: The witnesses of the log", at_ada)
            await table.until("log 3 hours old", at_ada)
            await at_ada.press("f8", "k", "escape")
            await table.rest()
            at_ada.app.screen.pulse()
            assert at_ada.app.screen.query_one("#status").has_class("-bad")  # also where the alarm was acknowledged
            table.network.team.grow([])
            ada.engine.seen(ada.engine.look().run(table.network.fetch, table.network.now), table.network.now)
            for _ in range(100):
                await table.rest(1)
                if "ALARM" not in text_of(at_ada.app):
                    return
            raise AssertionError(text_of(at_ada.app))

    asyncio.run(look())
