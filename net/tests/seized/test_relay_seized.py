"""A relay is seized in the middle of its work: what its files, memory, log, metrics and traffic hold, searched by machine."""

import contextlib
import os
import time

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from filon_net.crypto.bundle import read_bundle
from filon_net.crypto.seal import open_seal, public_of
from filon_net.crypto.sealed_bundle import SIZE, open_bundle
from filon_net.wire import BLOB_SIZES
from filon_net.wire.errors import NotSealed
from relay.cluster import Cluster, found
from seized.haul import KNOWN, TRAFFIC, beyond, files_joined, keys_in, tables_of
from seized.needles import found_in, sightings, without_blank_pages
from seized.seizing import seize


@pytest.fixture(scope="module")
def haul(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seized")
    made = seize(folder, 300)
    made.tables = tables_of(folder / "relay" / "mailboxes.sqlite")
    return made


def test_no_text_and_no_name_lies_anywhere(haul):
    assert len(haul.read) + len(haul.waiting) == 300 + 30  # and a card from everyone to everyone
    assert len(haul.waiting) == 60
    assert {name: found_in(data, haul.mark) for name, data in haul.haystacks.items()} == dict.fromkeys(
        haul.haystacks, 0
    )


def test_what_does_lie_there_is_what_is_documented(haul):
    seen = sightings(files_joined(haul.haystacks), haul.values)
    assert beyond(seen) == {}
    assert seen["mailbox"] >= {"store", "capture without masks"}, "the search finds what is there"
    assert seen["door"] >= {"store"}
    assert seen["blob that waits"] >= {"store", "capture without masks"}


def test_bundles_do_not_tell_the_relay_whose_mailbox_it_is(haul):
    """A certificate lies in every bundle, and every bundle is sealed with a key that the relay never had."""
    bodies = [row[2] for row in haul.tables["bundle"]]
    assert {len(body) for body in bodies} == {SIZE}
    inside = b"".join(bundles_opened(haul))
    kinds = {kind: haul.values[kind] for kind in ("master public key", "device id", "device public key")}
    assert all(sightings({"opened": inside}, kinds).values()), "the search finds what is there"
    assert not any(sightings(files_joined(haul.haystacks), kinds).values())


def bundles_opened(haul):
    """The bundles in the store, opened with the keys that the people have."""
    found = []
    for row in haul.tables["bundle"]:
        for mailbox, key in haul.bundle_keys.items():
            with contextlib.suppress(NotSealed):
                found.append(open_bundle(row[2], key, mailbox))
    assert len(found) == len(haul.tables["bundle"])
    return found


def test_what_was_acknowledged_has_left_the_files(haul):
    seen = sightings(files_joined(haul.haystacks), {"read": haul.values["blob that was read"]})
    assert "store" not in seen["read"]
    assert seen["read"] >= TRAFFIC, "the search finds what is there"


def test_the_store_has_only_the_documented_columns(haul):
    assert sorted(haul.tables) == ["blob", "bundle", "door", "mailbox", "spent"]
    hours = {row[1] for row in haul.tables["blob"]}
    assert len(haul.tables["blob"]) == 60
    assert all(400_000 < hour < 1_000_000 for hour in hours), "hours, never seconds"
    assert {len(row[3]) for row in haul.tables["blob"]} <= set(BLOB_SIZES)


def test_nothing_the_relay_holds_opens_a_blob(haul):
    cells = [cell for rows in haul.tables.values() for row in rows for cell in row]
    keys = keys_in(cells) | keys_in(haul.told)
    assert len(keys) > 5_000
    seals = {read_bundle(one).seal_key for one in bundles_opened(haul)}
    assert [key for key in keys if public_of(key) in seals] == [], "no seed among them: this settles it for every blob"
    assert all(public_of(seed) in seals for seed in haul.seeds), "and would find one"
    tried = [haul.waiting[0], haul.read[0]]
    for blob in tried:
        for fingerprint in haul.fingerprints[:2]:
            with pytest.raises(NotSealed):
                open_seal(blob, list(keys)[:1_500], fingerprint)
        for key in keys:
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(bytes(12), blob[1_121:], None)
    opened = [
        fingerprint for fingerprint in haul.fingerprints for seed in haul.seeds if _opens(tried[0], seed, fingerprint)
    ]
    assert len(opened) == 1, "with its seed it does open"


def _opens(blob, seed, fingerprint):
    try:
        open_seal(blob, [seed], fingerprint)
    except NotSealed:
        return False
    return True


def test_log_and_metrics_name_no_key_of_any_kind(haul):
    pages = {name: haul.haystacks[name] for name in ("log", "metrics")}
    assert b"filon_relay_connections" in pages["metrics"]
    assert b"listening on" in pages["log"]
    assert not any(sightings(pages, haul.values).values())
    assert b"127.0.0.1:" not in pages["metrics"], "no address"
    assert len(pages["log"].splitlines()) == 2, "two lines: where it listens"


def test_the_relay_never_loaded_what_could_decrypt(haul):
    assert "vodozemac" not in haul.maps
    assert "picows" in haul.maps


def test_postgres_holds_no_more(tmp_path):
    if found() is None:
        assert os.environ.get("CI") != "true", "PostgreSQL is not installed: apt-get install postgresql"
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    cluster = Cluster()
    try:
        url = cluster.database()

        began = time.time()

        def files():
            """What was written since: all the rest is as PostgreSQL was installed."""
            touched = [
                one for one in sorted(cluster.data.rglob("*")) if one.is_file() and one.stat().st_mtime >= began - 1
            ]
            return {f"file {one.relative_to(cluster.data)}": without_blank_pages(one.read_bytes()) for one in touched}

        haul = seize(tmp_path, 60, "--store", "postgres", url, others=files)
    finally:
        cluster.stop()
    joined = files_joined(haul.haystacks)
    assert {name: found_in(data, haul.mark) for name, data in joined.items()} == dict.fromkeys(joined, 0)
    seen = sightings(joined, {kind: each[:4] for kind, each in haul.values.items() if kind in KNOWN})
    assert beyond(seen) == {}
    assert "store" in seen["mailbox"]
