"""The pages behind a conversation: verifying, timer, invites, devices, settings, the lock."""

import asyncio

from filon_net.phone.phone import Phone
from filon_net.phone.terminal.app import TerminalPhone
from filon_net.words import words
from phone.network import CHEAP
from terminal.seats import text_of, type_in


def test_two_people_compare_emoji(table, pair):
    ada, bob = pair

    async def compare():
        async with table.screen(ada) as at_ada, table.screen(bob, language="fr") as at_bob:
            await at_ada.press("c")
            await table.until("Fingerprint of the master key", at_ada)
            await at_ada.press("e")
            await table.until("Are all seven the same", at_ada)
            await table.until("Les sept sont-ils les mêmes", at_bob)
            pictures = [
                [word for word in text_of(pilot.app).split() if len(word) == 1 and ord(word) > 0x2000]
                for pilot in (at_ada, at_bob)
            ]
            assert pictures[0] == pictures[1]
            assert len(pictures[0]) == 7
            await at_ada.press("y")
            await at_bob.press("y")
            await table.until("✓ Verified", at_ada)
            await table.until("✓ Vérifié", at_bob)
            await at_ada.press("escape", "escape")
            await table.until("Bob ✓", at_ada)

    asyncio.run(compare())
    assert ada.contact(bob.user).verified
    assert bob.contact(ada.user).verified


def test_emoji_that_differ_verify_nobody(table, pair):
    ada, bob = pair

    async def compare():
        async with table.screen(ada) as at_ada, table.screen(bob) as at_bob:
            await at_ada.press("c", "e")
            await table.until("Are all seven the same", at_bob)
            await table.until("Are all seven the same", at_ada)
            await at_bob.press("n")
            await table.until("Not verified. If the emoji differed", at_bob)
            await table.until("Not verified. If the emoji differed", at_ada)

    asyncio.run(compare())
    assert not ada.contact(bob.user).verified
    assert not bob.contact(ada.user).verified


def test_a_changed_key_holds_messages_until_it_is_accepted(table, pair):
    ada, bob = pair
    ada.scanned(bob.verify_link(ada.user))
    more = table.network.phone("Bob", code=bob.wired.code, link=bob.open_link())
    table.network.wait_for_log()
    table.pass_time(7 * 60_000)
    table.settle()
    assert more.own.listed

    async def accept():
        async with table.screen(ada) as at_ada:
            await table.until("ALARM: The devices of Bob changed", at_ada)
            await at_ada.press("enter")
            await type_in(at_ada, "wait")
            await at_ada.press("enter")
            await table.until("held until you accept", at_ada)
            await at_ada.press("f8", "c")
            await table.until("accept the change", at_ada)
            await at_ada.press("y", "escape", "escape")
            await table.until("handed to relay", at_ada)
            assert "ALARM" not in text_of(at_ada.app)

    asyncio.run(accept())
    assert "wait" in bob.wired.texts(ada.wired)


def test_the_timer_is_set_and_refused_as_the_library_does(table, pair):
    ada, bob = pair

    async def choose():
        async with table.screen(ada) as at_ada:
            await at_ada.press("t", "2")
            await table.until("Yours: 1 hour after reading", at_ada)
            await at_ada.press("o")
            await table.until("After what time?", at_ada)
            await type_in(at_ada, "nonsense")
            await at_ada.press("enter")
            await table.rest()
            assert ada.contact(bob.user).timer == 3_600
            await at_ada.press("o")
            await table.until("After what time?", at_ada)
            await type_in(at_ada, "90m")
            await at_ada.press("enter")
            await table.until("Yours: 90 minutes after reading", at_ada)

    asyncio.run(choose())
    assert ada.contact(bob.user).timer == 5_400


def test_an_invite_is_shown_and_answered(table):
    ada, bob = (table.seat(table.network.phone(name)) for name in ("Ada", "Bob"))
    table.network.wait_for_log()
    table.settle()

    async def meet():
        async with table.screen(ada) as at_ada, table.screen(bob) as at_bob:
            await table.until("n invites somebody", at_ada)
            await at_ada.press("n")
            await table.until("filon-net://invite/", at_ada)
            link = at_ada.app.screen._link
            await at_ada.press("p")
            await table.until("Saved as", at_ada)
            await at_bob.press("a")
            await table.until("Answer an invite", at_bob)
            at_bob.app.screen.query_one("#answer").value = "no link at all"
            await at_bob.press("enter")
            await table.rest()
            assert not bob.contacts()
            await at_bob.press("a")
            await table.until("Answer an invite", at_bob)
            at_bob.app.screen.query_one("#answer").value = link
            await at_bob.press("enter")
            await table.until("no messages yet", at_bob)
            table.network.wait_for_log()
            await at_ada.press("escape")
            await table.until("Bob", at_ada)

    asyncio.run(meet())
    picture = ada.engine.books.store.path
    saved = picture.with_name(picture.name + ".invite.png")
    assert saved.read_bytes().startswith(b"\x89PNG")
    assert saved.stat().st_mode & 0o777 == 0o600


def test_the_code_to_verify_fills_a_small_window(table, pair):
    ada, _ = pair

    async def show():
        async with table.screen(ada, size=(80, 24)) as at_ada:
            await at_ada.press("c", "v")
            await table.until("Compare numbers with Bob", at_ada)
            assert ada.safety_code(pair[1].user).split()[0] in text_of(at_ada.app)
            await at_ada.press("f")
            await table.until("█", at_ada)
            rows = text_of(at_ada.app).split("\n")
            assert sum("█" in row or "▀" in row or "▄" in row for row in rows) >= 20
            await at_ada.press("x")
            await table.until("Compare numbers", at_ada)

    asyncio.run(show())


def test_block_rename_settings_devices_and_keys(table, pair):
    ada, bob = pair

    async def walk():
        async with table.screen(ada) as at_ada:
            await at_ada.press("c", "r")
            await table.until("New name", at_ada)
            await type_in(at_ada, "Robert")
            await at_ada.press("enter")
            await table.until("Robert", at_ada)
            await at_ada.press("b")
            await table.until("Blocked: they cannot write", at_ada)
            await at_ada.press("escape")
            await table.until("blocked", at_ada)
            await at_ada.press("s", "r")
            await table.until("Receipts of reading: on", at_ada)
            await at_ada.press("m")
            assert at_ada.app.theme == "filon-light"
            await at_ada.press("escape", "d")
            await table.until("(this one)", at_ada)
            await at_ada.press("l")
            await table.until("filon-net://device/", at_ada)
            await at_ada.press("escape", "?")
            await table.until("from the list to the messages", at_ada)

    asyncio.run(walk())
    assert ada.settings.read
    assert ada.contact(bob.user).state.value == "blocked"


def test_the_lock_opens_by_the_right_secret_only(table):
    store, _ = Phone.create(
        table.network.folder / "own.phone", "right", table.network.leave(), effort=CHEAP, now=lambda: table.network.now
    )

    async def unlock():
        await store.close()
        app = TerminalPhone(table.network.folder / "own.phone", words("en"))
        async with app.run_test(size=(80, 24)) as pilot:
            for secret, said in (("wrong", "This secret does not open the phone"), ("right", "relay NOT connected")):
                await pilot.press(*secret, "enter")
                for _ in range(200):
                    await pilot.pause(0.02)
                    if said in text_of(app):
                        break
                assert said in text_of(app), text_of(app)

    asyncio.run(unlock())
