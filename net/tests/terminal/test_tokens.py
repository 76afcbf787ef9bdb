"""Tokens run out after some months: the operator hands over more, and the phone takes them in."""

import asyncio
import os

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.phone.links import AdminLink, MoreTokens, link_of
from filon_net.wire import sign_token
from phone.network import RELAY
from terminal.seats import Sitting, text_of

HOUR = 3_600_000
DAY = 24 * HOUR
OPERATOR = Ed25519PrivateKey.generate()


def tokens(network, count=2, days=90, by=OPERATOR):
    last = network.now // HOUR + 24 * days
    return tuple(sign_token(by, os.urandom(16), last, 10, 10_000) for _ in range(count))


def line(network, count=2, days=90, relay=RELAY, by=OPERATOR):
    return link_of(MoreTokens(relay, tokens(network, count, days, by)))


@pytest.fixture
def ada(table):
    """Ada's phone with one token only, of an operator we have the key of."""
    return table.seat(phone_of(table.network, "Ada"))


def phone_of(network, name, spare=()):
    leave = network.leave(1)
    leave = msgspec.structs.replace(
        leave, operator=OPERATOR.public_key().public_bytes_raw(), tokens=(*leave.tokens, *spare)
    )
    made = network.phone(name, leave=leave)
    network.wait_for_log()
    return made


def mailbox(seat):
    return seat.engine.upkeep.box.mailbox


def test_the_alarm_names_the_way_and_the_way_is_there(table, ada):
    before = mailbox(ada)
    table.pass_time(31 * DAY)
    link = line(table.network)

    async def take():
        async with table.screen(ada, passing=True) as at_ada:
            await table.until("there is no token for another", at_ada)
            await at_ada.press("f8")
            await table.until("paste their line", at_ada)
            await at_ada.press("t")
            await table.until("Tokens from the operator", at_ada)
            at_ada.app.screen.query_one("#answer").value = link
            await at_ada.press("enter")
            await table.until("2 tokens taken in", at_ada)
            await table.until("No alarms", at_ada)
            await at_ada.press("escape", "s")
            await table.until("2 tokens are left", at_ada)

    asyncio.run(take())
    table.pass_time(HOUR)
    table.pass_time(HOUR)
    assert mailbox(ada) != before
    assert ada.spare_tokens()[0] == 1
    assert ada.wired.online
    assert mailbox(ada) in table.network.relay.boxes


def test_the_settings_say_how_many_are_left_and_take_more(table, ada):
    async def take():
        async with table.screen(ada, passing=True) as at_ada:
            await at_ada.press("s")
            await table.until("No token is left", at_ada)
            await at_ada.press("k")
            await table.until("Tokens from the operator", at_ada)
            at_ada.app.screen.query_one("#answer").value = line(table.network, by=Ed25519PrivateKey.generate())
            await at_ada.press("enter")
            await table.until("were not signed by this phone's", at_ada)
            await at_ada.press("k")
            await table.until("Tokens from the operator", at_ada)
            at_ada.app.screen.query_one("#answer").value = line(table.network, 1)
            await at_ada.press("enter")
            await table.until("1 token is left", at_ada)
            assert "The last is good until:" in text_of(at_ada.app)

    asyncio.run(take())


REFUSED = {
    "another kind": ("no link of the kind tokens", "ce n’est pas un lien du genre tokens"),
    "no link": ("no link of the kind tokens", "ce n’est pas un lien du genre tokens"),
    "cut": ("cut off or was changed", "ce lien est coupé"),
    "another relay": ("for another relay", "pour un autre relais"),
    "another operator": ("not signed by this phone's operator", "pas signés par l’opérateur"),
    "changed": ("not signed by this phone's operator", "pas signés par l’opérateur"),
    "no tokens": ("not signed by this phone's operator", "pas signés par l’opérateur"),
    "past": ("past their time", "le temps de ces jetons est passé"),
    "twice": ("has had these tokens already", "a déjà eu ces jetons"),
}


def wrong(kind, network):
    good = line(network)
    if kind == "changed":
        (token, *rest) = tokens(network)
        return link_of(MoreTokens(RELAY, (token[:-1] + bytes([token[-1] ^ 1]), *rest)))
    return {
        "another kind": link_of(AdminLink(bytes(32))),
        "no link": "six words of a long list \x1b[2J",
        "cut": good[:-30],
        "another relay": line(network, relay=b"s" * 32),
        "another operator": line(network, by=Ed25519PrivateKey.generate()),
        "no tokens": link_of(MoreTokens(RELAY, (b"\x80", b"token"))),
        "past": line(network, days=-1),
        "twice": good,
    }[kind]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", REFUSED)
def test_a_wrong_line_is_refused_with_the_reason(table, ada, kind, language):
    sitting = Sitting(table, ada, language)
    text = wrong(kind, table.network)
    if kind == "twice":
        sitting.say(f"/tokens {text}")
    sitting.hear()
    held = ada.spare_tokens()
    sitting.say(f"/tokens {text}")
    expected = REFUSED[kind][language == "fr"]
    assert expected.casefold() in sitting.lines[-1].casefold()
    assert sitting.lines[-1].count(". ") == 1, "what is wrong, and what to do"
    assert "\x1b" not in sitting.text
    assert ada.spare_tokens() == held
    sitting.say("/status")
    assert not ada.engine.books.failed, "a refusal changes nothing and ends nothing"


def test_a_line_broken_by_a_mail_program_is_taken_and_counted(table, ada):
    sitting = Sitting(table, ada, "fr")
    text = line(table.network, 3)
    sitting.say("/tokens " + " ".join(text[at : at + 70] for at in range(0, len(text), 70)), "/tokens", "/settings")
    assert "3 jetons pris." in sitting.text
    assert sitting.text.count("Il reste 3 jetons") == 3
    assert "Le dernier vaut jusqu’au" in sitting.text


def test_those_past_their_time_are_left_out_of_what_comes_in(table, ada):
    mixed = link_of(MoreTokens(RELAY, tokens(table.network, 1, -1) + tokens(table.network, 2)))
    assert ada.take_tokens(mixed) == 2


def test_a_spare_token_past_its_time_is_not_used(table):
    """The relay would refuse the new mailbox when contacts have been told of it."""
    network = table.network
    ada = phone_of(network, "Ada", tokens(network, 3, days=7))
    bob = network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    before = ada.engine.upkeep.box.mailbox
    for _ in range(5):
        table.pass_time(10 * DAY)
    assert ada.engine.upkeep.box.mailbox == before
    assert "NoSpareToken" in ada.notices()
    assert ada.own.tokens == []
    bob.send(ada, "still reaches you")
    table.settle()
    assert ada.texts(bob) == ["still reaches you"]


def test_what_ends_first_is_used_first(table):
    network = table.network
    late, soon = tokens(network, 1, 300), tokens(network, 1, 60)
    ada = phone_of(network, "Ada", late + soon)
    ada.engine.rotate_mailbox(network.now)
    assert ada.engine.upkeep.box.token == soon[0]
    assert ada.own.tokens == list(late)
