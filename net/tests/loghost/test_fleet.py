"""A log and three witnesses as separate processes: entries go in, a phone follows, witnesses fail."""

import shutil
import signal
import time

import pytest

from filon_net.log import (
    Freshness,
    KeyChange,
    LogLate,
    LogSilent,
    Release,
    TileTree,
    accept,
    read_verifier_key,
    sign_entry,
)
from filon_net.log.tiles import CHECKPOINT_PATH
from log import second_verifier
from log.builders import chain_of, device_list, digest, private, public
from loghost.fleet import ORIGIN, Fleet, filon_net, hour, token, until


def added(answer):
    assert answer.status_code == 200, answer.text
    return int(answer.text)


def test_an_entry_goes_in_and_is_read_back(fleet):
    ada = chain_of("ada", 3)
    assert fleet.add(ada[0]).status_code == 403
    first = added(fleet.add(ada[0], token()))
    follower = fleet.follower()
    follower.know(digest("user", "ada"), public("ada"))
    assert [one.after.version for one in follower.update(fleet.fetch, time.time())] == [1]
    assert follower.freshness(time.time()) is Freshness.FRESH
    assert added(fleet.add(ada[0])) == first, "sent again: the answer may have been lost"
    assert fleet.add(ada[2]).status_code == 409
    second = added(fleet.add(ada[1]))
    assert second > first
    assert [type(one) for one in follower.update(fleet.fetch, time.time())] == [KeyChange]
    assert fleet.add(ada[0]).status_code == 409, "no longer the newest"
    assert fleet.add(device_list("ada", 3, ada[1].leaf, by="eve")).status_code == 409


def test_a_token_lets_in_one_user(fleet):
    leave = token()
    bob, eve = device_list("bob", 1), device_list("eve", 1)
    added(fleet.add(bob, leave))
    assert "used already" in fleet.add(eve, leave).text
    for bad in (
        token(by="eve"),
        token(origin="another.example.org"),
        token(not_after=hour() - 1),
        leave[:-1],
        b"",
        leave + b"\x00",
    ):
        assert fleet.add(eve, bad).status_code in (400, 403)
    for header in ("?", "=", "AAAA=", "A" * 5000):
        answer = fleet.client.post(
            f"{fleet.log.url}/add-entry", content=eve.data, headers={"Filon-Net-Admission": header}
        )
        assert answer.status_code in (400, 403)


def test_releases(fleet):
    def release(*keys):
        return sign_entry(Release("filon-net", "1.0", 1, digest("files"), 0), *map(private, keys))

    assert fleet.add(release("eve")).status_code == 403
    index = added(fleet.add(release("r1", "r2")))
    assert added(fleet.add(release("r1", "r2"))) == index


def test_what_is_served_holds_for_a_second_verifier(fleet):
    for number in range(5):
        added(fleet.add(device_list(f"user {number}", 1), token()))
    checkpoint = accept(fleet.fetch(CHECKPOINT_PATH), fleet.policy).checkpoint
    tree = TileTree(checkpoint, fleet.fetch)
    entries = [data for _, data in tree.entries()]
    assert len(entries) == checkpoint.size >= 5
    assert second_verifier.root_of(entries) == checkpoint.root
    for at in range(len(entries)):
        assert tree.inclusion(at) == second_verifier.path_of(at, entries)
        assert second_verifier.holds_leaf(at, len(entries), tree.leaf(at), checkpoint.root, tree.inclusion(at))
        old = second_verifier.root_of(entries[:at])
        assert second_verifier.continues(at, len(entries), old, checkpoint.root, tree.consistency(at))
    # and for whoever reads the log from the command line
    keys = [word for key in fleet.witness_keys for word in ("--witness", key)]
    told = filon_net("log", "look", fleet.log.url, "--log", fleet.log_key, *keys, "--needed", 2)
    assert f"({len(entries)} of {len(entries)})" in told
    assert "fresh" in told


def test_headers(fleet):
    added(fleet.add(device_list("head", 1), token()))
    checkpoint = fleet.client.get(f"{fleet.log.url}/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-cache"
    size = accept(checkpoint.content, fleet.policy).checkpoint.size
    for path in (f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        answer = fleet.client.get(f"{fleet.log.url}/{path}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
        assert "server" not in answer.headers
        assert fleet.client.head(f"{fleet.log.url}/{path}").status_code == 200
    assert fleet.client.get(f"{fleet.log.url}/health").text == "well\n"


def test_witnesses_go_and_come_back(own_fleet):
    fleet = own_fleet
    follower = fleet.follower()
    added(fleet.add(device_list("ada", 1), token()))
    assert follower.update(fleet.fetch, time.time()) == []

    fleet.witnesses[0].kill()
    added(fleet.add(device_list("bob", 1), token()))
    assert follower.update(fleet.fetch, time.time()) == []
    assert follower.size == 2, "one is down: two are enough"

    fleet.witnesses[1].kill()
    answer = fleet.add(device_list("eve", 1), token())
    assert (answer.status_code, answer.text) == (202, "2\n"), "accepted, not published"
    now = int(time.time())
    assert follower.update(fleet.fetch, now) == []
    assert follower.size == 2, "phones are still served what enough witnesses signed"
    assert [type(one) for one in follower.update(fleet.fetch, now + 3700)] == [LogLate]
    assert [type(one) for one in follower.update(fleet.fetch, now + 11_000)] == [LogSilent]
    assert follower.freshness(now + 11_000) is Freshness.ALARM
    assert "witness w1" in fleet.log.said

    fleet.witnesses[0].start()
    until(lambda: follower.update(fleet.fetch, int(time.time())) == [] and follower.size == 3)
    assert follower.freshness(int(time.time())) is Freshness.FRESH
    assert fleet.log.kill(signal.SIGTERM) == 0
    assert fleet.witnesses[2].kill(signal.SIGTERM) == 0


def test_a_heartbeat_without_entries(tmp_path):
    fleet = Fleet(tmp_path, witnesses=2, needed=2, heartbeat=1)
    try:
        until(lambda: fleet.client.get(f"{fleet.log.url}/checkpoint").status_code == 200)
        first = accept(fleet.fetch(CHECKPOINT_PATH), fleet.policy)

        def newer():
            held = accept(fleet.fetch(CHECKPOINT_PATH), fleet.policy)
            return held.checkpoint.size == 0 and all(time > first.times[name] for name, time in held.times.items())

        until(newer)
    finally:
        fleet.stop()


def test_an_older_copy_of_the_log_signs_nothing(own_fleet):
    """The folder from yesterday was put back: witnesses and phones see it."""
    fleet = own_fleet
    added(fleet.add(device_list("ada", 1), token()))
    fleet.log.kill()
    shutil.copytree(fleet.log_folder, fleet.folder / "yesterday")
    fleet.log.start()
    added(fleet.add(device_list("bob", 1), token()))
    follower = fleet.follower()
    follower.update(fleet.fetch, time.time())
    fleet.log.kill()
    shutil.rmtree(fleet.log_folder)
    (fleet.folder / "yesterday").rename(fleet.log_folder)
    fleet.log.start()
    answer = fleet.add(device_list("eve", 1), token())
    assert answer.status_code == 202, "no witness signs another second entry"
    assert "older copy" in fleet.log.said or "two histories" in fleet.log.said
    notices = follower.update(fleet.fetch, time.time())
    assert notices
    assert not any(isinstance(one, KeyChange) for one in notices)
    assert follower.size == 2


def test_two_programs_do_not_share_a_folder(fleet):
    for words in (("log", "run", fleet.log_folder), ("witness", "run", fleet.folder / "w0", "--log", fleet.log_key)):
        done = filon_net(*words, "--listen", "127.0.0.1:0", check=False)
        assert done.returncode == 1
        assert "another process" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_log_and_a_witness_are_made(tmp_path):
    log = filon_net("log", "init", tmp_path / "log", "--origin", ORIGIN, "--operator", public("operator").hex())
    assert read_verifier_key(log).name == ORIGIN
    assert filon_net("log", "key", tmp_path / "log") == log
    witness = filon_net("witness", "init", tmp_path / "w", "--name", "w1")
    assert filon_net("witness", "key", tmp_path / "w") == witness
    for path in ("log/private/key", "w/key"):
        assert (tmp_path / path).stat().st_mode & 0o077 == 0
    again = filon_net("log", "init", tmp_path / "log", "--origin", ORIGIN, check=False)
    assert "already there" in again.stderr
    assert filon_net("log", "key", tmp_path / "log") == log


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("log", "run", "nowhere"), "cannot be read"),
        (("log", "run", "nowhere", "--listen", "here"), "HOST:PORT"),
        (("log", "run", "nowhere", "--witness", "x"), "NAME+KEYID"),
        (("witness", "run", "nowhere"), "cannot be read"),
        (("log", "init", "here", "--origin", "two words"), "cannot be the name"),
        (("log", "init", "here", "--origin", ORIGIN, "--operator", "abc"), "not a public key"),
    ],
)
def test_what_is_wrong_is_said(words, said, tmp_path):
    done = filon_net(*words, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.rglob("key")) == [], "nothing half made is left"
