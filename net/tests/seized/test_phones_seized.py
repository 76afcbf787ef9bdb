"""The search of ``test_relay_seized`` with a thousand messages of real phones, receipts, cards and checkpoints among them."""

import pytest

from filon_net.wire import BLOB_SIZES
from seized.haul import TRAFFIC, beyond, files_joined, tables_of
from seized.needles import found_in, sightings
from seized.with_phones import NAMES, seize_from_phones


@pytest.fixture
def quick(monkeypatch):
    """Phones that write much and whose plug nobody pulls need not wait for the disk."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("filon_net.phone.store.SYNCHRONOUS", "OFF")


def test_a_thousand_messages_of_real_phones_leave_nothing_to_read(tmp_path, quick):
    haul = seize_from_phones(tmp_path, 1_000)
    joined = files_joined(haul.haystacks)
    looked_for = [haul.mark, *(f"{name} {haul.mark}" for name in NAMES)]
    assert {name: sum(found_in(data, one) for one in looked_for) for name, data in joined.items()} == dict.fromkeys(
        joined, 0
    )
    seen = sightings(joined, haul.values)
    assert beyond(seen) == {}
    assert seen["mailbox"] >= {"store", "capture without masks"}, "the search finds what is there"
    tables = tables_of(tmp_path / "relay" / "mailboxes.sqlite")
    assert len(tables["blob"]) >= 100
    assert {len(row[3]) for row in tables["blob"]} <= set(BLOB_SIZES)
    assert set(joined) >= TRAFFIC
    assert "vodozemac" not in haul.maps
