"""Two people write to each other on their screens."""

import asyncio

from terminal.seats import text_of, type_in


def test_first_letter(table, pair):
    ada, bob = pair

    async def talk():
        async with table.screen(ada) as at_ada, table.screen(bob) as at_bob:
            assert "Bob" in text_of(at_ada.app)
            await at_ada.press("enter")
            await type_in(at_ada, "hello Bob")
            await at_ada.press("enter")
            await table.until("handed to relay", at_ada)
            await table.until("(1)", at_bob)
            await at_bob.press("enter")
            await table.until("hello Bob", at_bob)
            print(text_of(at_ada.app))
            print(text_of(at_bob.app))

    asyncio.run(talk())
