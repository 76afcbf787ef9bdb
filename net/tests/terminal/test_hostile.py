"""Names and texts from the network: shown, never obeyed."""

import asyncio

import pytest

from filon_net.phone.state import Settings
from terminal.seats import text_of

HOSTILE = {
    "markup": "[bold red]not bold[/] [@click=app.quit]x[/] [link=https://a.invalid]y[/link] $error {name} %s",
    "escape": "\x1b[2J\x1b]0;title\x07\x1b]52;c;aGk=\x07 cleared",
    "bidi": "photo\u202egpj.exe",
    "wide": "宽" * 300,
    "marks": "Z" + "\u0310" * 400,
    "lines": "line\n" * 400,
    "long": "no-spaces-" * 1_500,
    "zero": "a\u200b\u2060\ufeffb\U000e0001",
}
SHOWN = {
    "markup": "[bold red]not bold[/]",
    "escape": "␛[2J␛]0;title␇",
    "bidi": "photo⟨U+202E⟩gpj.exe",
    "wide": "宽宽宽",
    "marks": "⟨+397⟩",
    "lines": "Enter shows all of it",
    "long": "Enter shows all of it",
    "zero": "a⟨U+200B⟩⟨U+2060⟩⟨U+FEFF⟩b⟨U+E0001⟩",
}


def safe(screen: str) -> None:
    for character in screen.replace("\n", ""):
        assert ord(character) >= 0x20, repr(character)
        assert character not in "\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff", repr(
            character
        )


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_text_is_shown_and_not_obeyed(table, pair, kind):
    ada, bob = pair
    ada.send(bob.user, HOSTILE[kind])
    table.settle()

    async def look():
        async with table.screen(bob, size=(80, 24)) as at_bob:
            safe(text_of(at_bob.app))
            await at_bob.press("enter")
            await table.until(SHOWN[kind], at_bob)
            safe(text_of(at_bob.app))
            assert all(len(row) <= 80 for row in text_of(at_bob.app).split("\n"))
            await at_bob.press("up", "enter")
            await table.until("Ada wrote", at_bob)
            safe(text_of(at_bob.app))
            assert at_bob.app.is_running

    asyncio.run(look())


@pytest.mark.parametrize("kind", ["markup", "escape", "bidi", "wide", "marks", "zero"])
def test_a_name_is_shown_and_not_obeyed(table, kind):
    name = HOSTILE[kind][:64]
    ada, eve = table.network.phone("Ada"), table.network.phone("Eve")
    table.network.wait_for_log()
    eve.engine.set_settings(Settings(name), table.network.now)
    table.network.introduce(ada, eve)
    seat = table.seat(ada)
    eve.send(ada, "hello")
    table.settle()

    async def look():
        async with table.screen(seat, size=(80, 24)) as at_ada:
            await table.until("(1)", at_ada)
            safe(text_of(at_ada.app))
            await at_ada.press("enter", "f2")
            await table.until("Fingerprint", at_ada)
            safe(text_of(at_ada.app))
            await at_ada.press("escape", "f3")
            await table.until("Disappearing messages", at_ada)
            safe(text_of(at_ada.app))

    asyncio.run(look())


def test_two_contacts_of_one_name_are_told_apart(table):
    ada, one, other = (table.network.phone(name) for name in ("Ada", "Bob", "bob"))
    table.network.wait_for_log()
    table.network.introduce(ada, one)
    table.network.introduce(ada, other)
    seat = table.seat(ada)

    async def look():
        async with table.screen(seat) as at_ada:
            shown = text_of(at_ada.app)
            assert f"Bob {one.user.hex()[:6]}" in shown
            assert f"bob {other.user.hex()[:6]}" in shown

    asyncio.run(look())


def test_a_mistake_of_the_program_prints_no_values(table, pair, monkeypatch, capsys):
    ada, bob = pair
    ada.send(bob.user, "a most secret text")
    table.settle()

    def broken(lines, *rest):
        raise RuntimeError(f"wrong with {lines}")

    async def look():
        async with table.screen(bob) as at_bob:
            monkeypatch.setattr(at_bob.app.screen.query_one("#messages"), "show", broken)
            await at_bob.press("enter")
            await table.rest()

    with pytest.raises(RuntimeError):
        asyncio.run(look())
    said = "".join(capsys.readouterr())
    assert "The program made a mistake" in said
    assert "RuntimeError" in said
    assert "secret text" not in said
    assert "0x" not in said


def test_a_contact_who_asks_to_compare_again_and_again_does_not_bury_the_screen(table, pair):
    ada, bob = pair

    async def look():
        async with table.screen(bob) as at_bob:
            for _ in range(12):
                ada.compare(bob.user)
                await table.rest(1)
            await table.until("Compare emoji with Ada", at_bob)
            assert len(at_bob.app.screen_stack) <= 5

    asyncio.run(look())
