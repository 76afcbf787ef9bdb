"""Two people write to each other on their screens."""

import asyncio

from terminal.seats import text_of, type_in

HOUR = 3_600_000


def test_a_letter_is_typed_read_and_told_delivered(table, pair):
    ada, bob = pair

    async def talk():
        async with table.screen(ada) as at_ada, table.screen(bob) as at_bob:
            assert "Nobody" not in text_of(at_ada.app)
            await at_ada.press("enter")
            await type_in(at_ada, "hello Bob")
            await at_ada.press("enter")
            await table.until("handed to relay", at_ada)
            await table.until("(1)", at_bob)
            assert "hello Bob" in text_of(at_bob.app)
            await at_bob.press("enter")
            await table.until("Today", at_bob)
            assert "(1)" not in text_of(at_bob.app)
            table.pass_time(11 * 60_000)
            await table.until("delivered", at_ada)

    asyncio.run(talk())


def test_what_the_relay_does_not_take_is_told_and_sent_again(table, pair):
    ada, bob = pair

    async def talk():
        async with table.screen(ada) as at_ada:
            await at_ada.press("enter")
            ada.wired.online = False
            ada.wired.cut()
            await type_in(at_ada, "lost")
            await at_ada.press("enter")
            await table.until("waiting", at_ada)
            ada.engine.tick(table.network.now + HOUR)
            await table.until("NOT DELIVERED", at_ada)
            await table.until("WARNING", at_ada)
            ada.wired.online = True
            await at_ada.press("up", "r")
            await table.until("handed to relay", at_ada)
            assert "WARNING" not in text_of(at_ada.app)

    asyncio.run(talk())
    assert bob.wired.texts(ada.wired) == ["lost"]


def test_a_gap_is_a_line_in_the_conversation(table, pair):
    ada, bob = pair
    table.network.relay.drop = lambda post: True
    ada.send(bob.user, "first")
    table.settle()
    table.network.relay.drop = lambda post: False
    ada.send(bob.user, "second")
    table.settle()

    async def look():
        async with table.screen(bob) as at_bob:
            await at_bob.press("enter")
            await table.until("1 message is missing here", at_bob)
            assert "second" in text_of(at_bob.app)

    asyncio.run(look())


def test_a_message_disappears_from_the_screen(table, pair):
    ada, bob = pair
    ada.set_timer(bob.user, 60)
    table.settle()
    ada.send(bob.user, "burn this")
    table.settle()

    async def look():
        async with table.screen(bob) as at_bob:
            await at_bob.press("enter")
            await table.until("burn this", at_bob)
            await table.until("gone in 1 minute", at_bob)
            table.pass_time(61_000)
            for _ in range(50):
                await table.rest(1)
                if "burn this" not in text_of(at_bob.app):
                    return
            raise AssertionError(text_of(at_bob.app))

    asyncio.run(look())


def test_nothing_is_marked_as_read_while_nobody_is_there(table, pair):
    ada, bob = pair

    async def look():
        async with table.screen(bob) as at_bob:
            await at_bob.press("enter")
            at_bob.app.screen.on_app_blur()
            ada.send(bob.user, "are you there?")
            await table.until("are you there?", at_bob)
            assert bob.chat(ada.user)[-1][1].state.value == "arrived"
            at_bob.app.screen.on_app_focus()
            await table.rest()
            assert bob.chat(ada.user)[-1][1].state.value == "read"

    asyncio.run(look())


def test_a_narrow_window_shows_one_thing_at_a_time(table, pair):
    ada, bob = pair
    ada.send(bob.user, "hello")
    table.settle()

    async def look():
        async with table.screen(bob, size=(50, 20)) as at_bob:
            assert "Choose a conversation" not in text_of(at_bob.app)
            await at_bob.press("enter")
            await table.until("not verified", at_bob)
            await at_bob.press("escape")
            await table.rest()
            assert "not verified" not in text_of(at_bob.app)

    asyncio.run(look())


def test_old_messages_come_when_they_are_asked_for(table, pair):
    ada, bob = pair
    for number in range(70):
        ada.send(bob.user, f"letter {number:02}.")
    table.settle()

    async def look():
        async with table.screen(bob, size=(80, 24)) as at_bob:
            await at_bob.press("enter")
            await table.until("letter 69.", at_bob)
            messages = at_bob.app.screen.query_one("#messages")
            count = len(messages.children)
            await at_bob.press("up", "home", "up")
            await table.rest()
            assert len(messages.children) > count
            assert messages.children[1].line.text == "letter 00."

    asyncio.run(look())
