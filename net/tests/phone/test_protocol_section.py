"""The section "Between phones" of the protocol page says what the code does."""

import re
from pathlib import Path

from filon_net.crypto import carrier, device, talk
from filon_net.phone import bodies, chats, links, mailboxes, outbox, people, teams, upkeep
from filon_net.phone.backup import ALPHABET
from filon_net.phone.rules import DAY, HOUR, MINUTE, SECOND, Rules
from filon_net.relay import rules as relay_rules
from filon_net.wire.connection import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTION = PAGE.split("## Between phones\n")[1].split("\n## ")[0]


def test_every_kind_and_its_fields():
    rows = dict(re.findall(r"^\| `([a-z]+)` \| `\[1, (.*)\]` \|", SECTION, re.MULTILINE))
    for kind, shape in bodies._KINDS.items():
        assert len(re.split(r", (?![^\[]*\])", rows[kind])) == len(shape.__struct_fields__), kind
    for shape, kind in links._KINDS.items():
        assert f"| `{kind}` |" in SECTION
        if kind == "invite":
            assert len(rows[kind].split(", ")) == len(shape.__struct_fields__)


def test_times():
    rules = Rules()
    for value, unit, text in (
        (rules.receipts_from, SECOND, "between {} and"),
        (rules.receipts_to, SECOND, "and {} s"),
        (rules.not_at_relay, MINUTE, "{} min without the relay's Posted"),
        (rules.not_arrived, HOUR, "{} h without a receipt"),
        (rules.ask_again, MINUTE, "{} min after the gap"),
        (rules.log_every, MINUTE, "every {} to 6 min"),
        (rules.log_soon, SECOND, "every {} s while"),
        (rules.seal_every, DAY, "renewed every {} days"),
        (rules.mailbox_every, DAY, "changed every {} days"),
        (rules.mailbox_kept, DAY, "emptied for {} days"),
        (rules.stock_low, 1, "below {}, up"),
        (rules.stock_full, 1, "up to {};"),
        (mailboxes.DAILY, 1, "post {:,} blobs a day"),
        (outbox.POST_AGAIN, SECOND, "a post after {} s"),
        (outbox.CLAIM_AGAIN, MINUTE, "a claim after {} min"),
        (outbox.DOOR_AGAIN, HOUR, "after a 404 in {} h"),
        (outbox.GIVEN_UP, DAY, "given up after {} days"),
        (people._INVITE_GOOD, DAY, "taken back after {} days"),
        (chats._RESENT, 1, "the {} newest lines"),
    ):
        assert text.format(value // unit) in SECTION, text
    assert (rules.note_every, rules.note_daily) == (HOUR, DAY)
    assert upkeep._LINK_GOOD == 30 * MINUTE


def test_limits_that_stand_elsewhere_on_the_page():
    for value, text in (
        (relay_rules.CLAIMS_A_DAY, "at most {} bundles a day"),
        (relay_rules.DOORS, "at most {:,} capabilities"),
        (relay_rules.BUNDLES, "and {} bundles"),
        (Limits().acks, "and {} Acks"),
        (carrier.PLAIN_SIZE, "at most {:,} bytes. A reader ignores"),
        (talk.IDS, "of the last {} letters"),
    ):
        assert text.format(value) in PAGE, text
    assert device.AHEAD == 1 << 20
    assert "over 2²⁰ more" in PAGE


def test_words_that_are_signed_or_hashed():
    assert ALPHABET in SECTION
    assert teams.DOMAIN.rstrip(b"\x00").decode() in SECTION
    assert f"{bodies.LONGEST_TEXT:,}" in SECTION
    assert f"{bodies.NOTE_SIZE:,}" in SECTION
