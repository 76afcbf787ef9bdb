"""A phone follows the log; two phones compare. The log, the mirror and some of the witnesses may lie."""

import pytest

from filon_net.errors import LogError, Malformed, NotServed, NotSigned, ProofFailed, RolledBack, SplitView
from filon_net.log import (
    Admission,
    Freshness,
    accept,
    compare,
    follow_chain,
    freshness,
    read_entry,
    start_chain,
    update,
)
from log.builders import NOW, MemoryLog, chain_of, device_list, digest, policy_of, public, some_entries

ENTRIES = some_entries(700)
FORGED = [*ENTRIES[:100], b"forged", *ENTRIES[101:]]
POLICY = policy_of(needed=2)


def log_of(entries, *times):
    return MemoryLog(entries).publish(*(times or (NOW, NOW)))


def accepted(entries, *times):
    return accept(log_of(entries, *times).files["checkpoint"], POLICY)


def test_a_phone_sees_the_log_grow():
    held = None
    for size in (1, 1, 2, 255, 256, 300, 511, 512, 700, 700):
        held, tree = update(held, POLICY, log_of(ENTRIES[:size]).fetch)
        assert held.checkpoint.size == tree.size == size


def test_a_log_that_starts_empty():
    held, _ = update(None, POLICY, log_of([]).fetch)
    held, tree = update(held, POLICY, log_of(ENTRIES[:5]).fetch)
    assert tree.size == 5


def test_rollback_is_seen():
    held = accepted(ENTRIES[:300])
    for size in (0, 299, 1):
        with pytest.raises(RolledBack) as caught:
            update(held, POLICY, log_of(ENTRIES[:size]).fetch)
        assert "had shown 300" in str(caught.value)


@pytest.mark.parametrize("size", [300, 301, 700])
def test_a_rewritten_history_is_seen(size):
    held = accepted(ENTRIES[:300])
    other = log_of(FORGED[:size])
    with pytest.raises(SplitView) as caught:
        update(held, POLICY, other.fetch)
    evidence = caught.value
    assert evidence.ours == held.data
    assert evidence.theirs == other.files["checkpoint"]
    for one in (evidence.ours, evidence.theirs):
        assert accept(one, POLICY), "anybody can check both"
    assert "operator" in evidence.hint


@pytest.mark.parametrize("size", [1, 256, 300])
def test_split_view_is_found_when_two_phones_compare(size):
    """The attack: a log with its two dishonest witnesses shows two phones two histories of one size."""
    ada = accepted((ENTRIES if size > 100 else [b"for ada"])[:size])
    bob_log = log_of((FORGED if size > 100 else [b"for bob"])[:size])
    bob, _ = update(None, POLICY, bob_log.fetch)
    assert ada.checkpoint.size == bob.checkpoint.size
    for ours, theirs in ((ada, bob), (bob, ada)):
        with pytest.raises(SplitView) as caught:
            compare(ours, theirs.data, POLICY)  # no tiles needed
        assert (caught.value.ours, caught.value.theirs) == (ours.data, theirs.data)


@pytest.mark.parametrize(("mine", "other"), [(300, 301), (300, 700), (700, 300), (256, 512)])
def test_split_view_of_two_sizes(mine, other):
    ours = accepted(ENTRIES[:mine])
    theirs = log_of(FORGED[:other])
    assert compare(ours, theirs.files["checkpoint"], POLICY) is None, "cannot be told without tiles"
    larger = theirs if other > mine else log_of(ENTRIES[:mine])
    with pytest.raises(SplitView) as caught:
        compare(ours, theirs.files["checkpoint"], POLICY, larger.fetch)
    assert (caught.value.ours, caught.value.theirs) == (ours.data, theirs.files["checkpoint"])


def test_two_phones_of_one_history():
    ours = accepted(ENTRIES[:300])
    for size in (0, 1, 256, 300, 301, 700):
        theirs = log_of(ENTRIES[:size], NOW - 50, NOW - 60)
        fetch = log_of(ENTRIES[: max(size, 300)]).fetch
        assert compare(ours, theirs.files["checkpoint"], POLICY, fetch) is True
    assert compare(ours, log_of(ENTRIES[:300], NOW - 7, NOW - 9).files["checkpoint"], POLICY) is True


def test_a_mirror_that_serves_nonsense_accuses_nobody():
    ours = accepted(ENTRIES[:300])
    theirs = log_of(ENTRIES[:700]).files["checkpoint"]
    for fetch in (log_of(FORGED).fetch, MemoryLog([]).fetch, lambda path: b"", lambda path: bytes(8192)):
        assert compare(ours, theirs, POLICY, fetch) is None
        with pytest.raises((NotServed, ProofFailed, Malformed)):
            update(ours, POLICY, lambda path, fetch=fetch: theirs if path == "checkpoint" else fetch(path))


def test_a_phone_that_was_not_shown_enough_signatures_is_asked_not_believed():
    ours = accepted(ENTRIES[:300])
    for data in (
        MemoryLog(FORGED[:300]).note(NOW),
        MemoryLog(FORGED[:300]).note(NOW, NOW, by="eve"),
        b"no note",
        MemoryLog(FORGED[:300]).note(NOW, NOW)[:-3],
    ):
        with pytest.raises((NotSigned, Malformed)):
            compare(ours, data, POLICY)
        with pytest.raises((NotSigned, Malformed)):
            update(None, POLICY, lambda _, data=data: data)


def test_what_a_fetch_may_do():
    def refused(path):
        raise PermissionError(path)

    with pytest.raises(NotServed):
        update(None, POLICY, refused)
    with pytest.raises(Malformed):
        update(None, POLICY, lambda path: bytes(300_000))

    class Strange(Exception):
        pass

    def broken(path):
        raise Strange

    with pytest.raises(Strange):  # an error of the caller's own is the caller's
        update(None, POLICY, broken)


def test_the_whole_trip(team):
    """Users, a store, three witnesses on disk, a phone that reads every entry; one witness is down, then two."""
    admission = Admission()
    ada, bob = chain_of("ada", 3), chain_of("bob", 2)
    first, second = [ada[0], bob[0], ada[1]], [bob[1], ada[2]]
    team.grow([admission.take(one.data).data for one in first])
    held, tree = update(None, team.policy, team.fetch)
    head, read = start_chain(digest("user", "ada"), public("ada")), 0
    for index, entry in tree.entries(read):
        head, read = follow_chain(head, read_entry(entry)), index + 1
    assert (head.version, read) == (2, 3)
    assert freshness(held, team.now) is Freshness.FRESH

    team.now += 7200
    assert freshness(held, team.now) is Freshness.LATE
    team.grow([admission.take(one.data).data for one in second], ask=(0, 2))
    held, tree = update(held, team.policy, team.fetch)
    for index, entry in tree.entries(read):
        head, read = follow_chain(head, read_entry(entry)), index + 1
    assert (head.version, read) == (3, 5)
    assert freshness(held, team.now) is Freshness.FRESH

    team.now += 3500
    team.grow([])  # nothing new: the witnesses sign again, which is the heartbeat
    held, _ = update(held, team.policy, team.fetch)
    assert freshness(held, team.now + 3599) is Freshness.FRESH
    assert set(held.times) == {"w1", "w2", "w3"}

    team.grow([device_list("eve", 1).data], ask=(1,))
    with pytest.raises(NotSigned):
        update(held, team.policy, team.fetch)
    assert freshness(held, team.now + 10_801) is Freshness.ALARM


def test_every_error_is_one_of_ours():
    for one in (RolledBack, SplitView, NotServed, NotSigned, Malformed, ProofFailed):
        assert issubclass(one, LogError)
