"""One phone follows a log that grows, falls silent, lies, or is written in by somebody else."""

import msgspec
import pytest

from filon_net.errors import ChainBroken, LogDamaged, Malformed, NotServed, NotSigned, ProofFailed
from filon_net.log import (
    ChainBrokenAlarm,
    Follower,
    ForeignEntry,
    Freshness,
    KeyChange,
    LogLate,
    LogSilent,
    NewRelease,
    NotUpdated,
    Release,
    ReleaseRule,
    RolledBackAlarm,
    SplitViewAlarm,
    sign_entry,
)
from filon_net.log import gossip as gossip_module
from filon_net.log import roll as roll_module
from filon_net.log.tiles import ENTRIES, pack_entries, read_tile_path
from log.builders import NOW, MemoryLog, chain_of, device_list, digest, policy_of, private, public

POLICY = policy_of(needed=2)
RULE = ReleaseRule((public("r1"), public("r2"), public("r3")), 2)
CROWD = [device_list(f"user {number}", 1).data for number in range(300)]
ADA = chain_of("ada", 3)
USER, MASTER = digest("user", "ada"), public("ada")


def log_of(entries, *times):
    return MemoryLog(entries).publish(*(times or (NOW, NOW)))


def following(entries=(), user="ada"):
    """A follower that knows one user and has read a log of these entries."""
    made = Follower.begin(POLICY, releases=RULE)
    made.know(digest("user", user), public(user))
    made.update(log_of(list(entries)).fetch, NOW)
    return made


def kinds(notices):
    return [type(one) for one in notices]


def again(follower):
    """The same follower after a restart."""
    made = Follower.load(follower.save(), follower.pages().values(), POLICY, RULE)
    assert whole(made) == whole(follower)
    return made


def whole(follower):
    return follower.save(), follower.pages()


def test_a_known_user_changes_phones():
    follower = Follower.begin(POLICY)
    assert (follower.checkpoint, follower.freshness(NOW)) == (None, Freshness.ALARM)
    follower.know(USER, MASTER)
    assert follower.head(USER) is None
    entries = [*CROWD[:2], ADA[0].data]
    (change,) = follower.update(log_of(entries).fetch, NOW)
    assert (change.user, change.before, change.after.version) == (USER, None, 1)
    follower = again(follower)
    entries += [*CROWD[2:], ADA[1].data, ADA[2].data]
    first, second = follower.update(log_of(entries).fetch, NOW)
    assert kinds([first, second]) == [KeyChange, KeyChange]
    assert (first.before, first.after.version, second.before) == (change.after, 2, first.after)
    assert follower.head(USER) == second.after
    assert len(second.after.devices.devices) == 3
    assert follower.size == len(entries)
    assert follower.update(log_of(entries).fetch, NOW) == []


def test_somebody_is_looked_up_later_without_asking_the_log():
    follower = again(following([*CROWD, *(one.data for one in ADA)], user="bob"))
    assert follower.head(USER) is None, "not known is not told"
    follower.know(USER, MASTER)
    assert follower.head(USER).version == 3
    assert follower.head(USER).leaf == ADA[2].leaf


def test_another_master_key_is_not_believed():
    follower = following([ADA[0].data], user="bob")
    with pytest.raises(ChainBroken):
        follower.know(USER, public("eve"))
    assert follower.head(USER) is None
    follower.know(USER, MASTER)
    with pytest.raises(ChainBroken):
        follower.know(USER, public("eve"))


def test_a_list_that_its_master_did_not_sign_is_found_when_the_user_becomes_known():
    """The log itself wrote in the name of a user that nobody here knew yet."""
    forged = device_list("ada", 2, ADA[0].leaf, devices=2, by="eve")
    follower = following([ADA[0].data, forged.data], user="bob")
    with pytest.raises(ChainBroken):
        follower.know(USER, MASTER)


@pytest.mark.parametrize(
    "forged",
    [
        device_list("ada", 2, ADA[0].leaf, devices=2, by="eve"),
        device_list("ada", 2, ADA[0].leaf, devices=2, master=public("eve"), by="eve"),
        device_list("ada", 2, digest("another"), devices=2),
        device_list("ada", 3, ADA[0].leaf, devices=2),
        ADA[0],
    ],
    ids=["not signed", "another master", "another chain", "a gap", "again"],
)
def test_an_entry_in_a_known_users_name(forged):
    follower = following([ADA[0].data])
    before = follower.head(USER)
    (alarm,) = follower.update(log_of([ADA[0].data, forged.data]).fetch, NOW)
    assert isinstance(alarm, ChainBrokenAlarm)
    assert (alarm.user, alarm.index, alarm.entry) == (USER, 1, forged.data)
    assert alarm.reason
    follower = again(follower)
    assert follower.head(USER) == before, "the last list that was in order stands"
    assert follower.broken(USER)
    (change,) = follower.update(log_of([ADA[0].data, forged.data, ADA[1].data]).fetch, NOW)
    assert change.after.version == 2


def test_a_broken_chain_of_a_user_who_becomes_known_later():
    follower = following([ADA[0].data, device_list("ada", 3, digest("x")).data, ADA[1].data], user="bob")
    with pytest.raises(ChainBroken):
        follower.know(USER, MASTER)


def test_own_phones_alarm_for_an_entry_they_did_not_send():
    follower = Follower.begin(POLICY)
    follower.own(USER, MASTER)
    follower.expect(ADA[0].leaf)
    assert kinds(follower.update(log_of([ADA[0].data]).fetch, NOW)) == [KeyChange]
    follower = again(follower)
    # signed by the true master key, by somebody who has it too
    alarm, change = follower.update(log_of([ADA[0].data, ADA[1].data]).fetch, NOW)
    assert isinstance(alarm, ForeignEntry)
    assert (alarm.user, alarm.index, alarm.leaf, alarm.entry) == (USER, 1, ADA[1].leaf, ADA[1].data)
    assert isinstance(change, KeyChange)
    forged = device_list("ada", 3, ADA[1].leaf, by="eve")
    notices = follower.update(log_of([ADA[0].data, ADA[1].data, forged.data]).fetch, NOW)
    assert kinds(notices) == [ForeignEntry, ChainBrokenAlarm]


def test_an_expected_entry_is_expected_once():
    follower = Follower.begin(POLICY)
    follower.own(USER, MASTER)
    follower.expect(ADA[0].leaf)
    follower = again(follower)
    notices = follower.update(log_of([ADA[0].data, ADA[0].data]).fetch, NOW)
    assert kinds(notices) == [KeyChange, ForeignEntry, ChainBrokenAlarm]


def release(serial, *keys):
    return sign_entry(Release("filon-net", f"1.{serial}", serial, digest("files", serial), NOW), *map(private, keys))


def test_releases():
    enough, more, few = release(1, "r1", "r2"), release(2, "r2", "r3", "eve"), release(3, "r1", "eve")
    follower = following()
    first, second = follower.update(log_of([one.data for one in (enough, few, more)]).fetch, NOW)
    assert (first, second.index) == (NewRelease(0, first.release), 2)
    assert [one.serial for one in again(follower).releases("filon-net")] == [1, 2]
    assert follower.releases("another") == ()
    assert following([enough.data]).releases("filon-net")
    assert Follower.begin(POLICY).update(log_of([enough.data]).fetch, NOW) == [], "without keys nothing is told"


def test_what_cannot_be_read_is_counted_and_passed_over():
    strange = [b"", b"\x84\x02\x01\x40\x80", b"no entry", ADA[0].data[:-1]]
    follower = Follower.begin(POLICY)
    follower.know(USER, MASTER)
    assert kinds(follower.update(log_of([*strange, ADA[0].data]).fetch, NOW)) == [KeyChange]
    assert again(follower).unreadable == len(strange)


def test_silence():
    follower = following(CROWD)
    fetch = log_of(CROWD).fetch
    assert follower.update(fetch, NOW + 3599) == []
    assert follower.update(fetch, NOW + 3600) == [LogLate(NOW)]
    assert follower.update(fetch, NOW + 3700) == [], "told once"
    assert follower.update(fetch, NOW + 10_801) == [LogSilent(NOW)]
    assert follower.freshness(NOW + 10_801) is Freshness.ALARM
    assert again(follower).update(fetch, NOW + 10_802) == [LogSilent(NOW)], "and again after a restart"
    later = NOW + 20_000
    assert follower.update(log_of(CROWD, later, later).fetch, later) == []
    assert follower.update(fetch, later) == [], "an older note of the same tree is no alarm and not taken"
    assert follower.freshness(later) is Freshness.FRESH


def test_a_log_that_cannot_be_reached_falls_silent_too():
    def nothing(path):
        raise ConnectionRefusedError

    follower = following(CROWD)
    refused, silent = follower.update(nothing, NOW + 10_801)
    assert isinstance(refused.error, NotServed)
    assert silent == LogSilent(NOW)
    assert Follower.begin(POLICY).update(nothing, NOW)[1] == LogSilent(None)


FORGED = [*CROWD[:99], device_list("ada", 1, by="eve").data, *CROWD[100:]]


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (lambda log: log.files.update(checkpoint=log.note(NOW)), NotSigned),
        (lambda log: log.files.update(checkpoint=log.note(NOW, NOW, by="eve")), NotSigned),
        (lambda log: log.files.update(checkpoint=b"garbage"), Malformed),
        (lambda log: log.files.pop("tile/0/001.p/47"), NotServed),
        (lambda log: log.files.update({"tile/0/001.p/47": bytes(47 * 32)}), ProofFailed),
        (lambda log: log.files.update({"tile/0/000": bytes(256 * 32)}), ProofFailed),
        (
            lambda log: log.files.update({"tile/entries/001.p/47": MemoryLog(FORGED).files["tile/entries/001.p/44"]}),
            Malformed,
        ),
        (lambda log: log.files.update({"tile/entries/000": MemoryLog(FORGED).files["tile/entries/000"]}), ProofFailed),
        (lambda log: log.files.update({"tile/entries/001.p/47": pack_entries([b"x"] * 47)}), ProofFailed),
        (lambda log: log.files.pop("tile/entries/001.p/47"), NotServed),
    ],
)
def test_a_refusal_leaves_everything_as_it_was(what, error):
    follower = following([*CROWD[:20]])
    before = whole(follower)
    log = log_of([*CROWD, *(one.data for one in ADA)])
    what(log)
    (notice,) = follower.update(log.fetch, NOW)
    assert isinstance(notice, NotUpdated)
    assert isinstance(notice.error, error)
    assert whole(follower) == before
    assert kinds(follower.update(log_of([*CROWD, *(one.data for one in ADA)]).fetch, NOW)) == [KeyChange] * 3


def test_rollback_and_another_history_are_alarms():
    follower = following(CROWD)
    before = whole(follower)
    shorter, other = log_of(CROWD[:299]), log_of([*FORGED, *FORGED])
    assert follower.update(shorter.fetch, NOW) == [RolledBackAlarm(follower.checkpoint, shorter.files["checkpoint"])]
    assert follower.update(other.fetch, NOW) == [SplitViewAlarm(follower.checkpoint, other.files["checkpoint"])]
    assert whole(follower) == before


def test_the_checkpoint_in_an_invite_must_be_continued():
    pinned = log_of(CROWD[:200]).files["checkpoint"]
    follower = again(Follower.begin(POLICY, pinned))
    assert (follower.checkpoint, follower.size) == (pinned, 0)
    assert follower.freshness(NOW) is Freshness.FRESH
    other = log_of(FORGED)
    assert follower.update(other.fetch, NOW) == [SplitViewAlarm(pinned, other.files["checkpoint"])]
    assert kinds(follower.update(log_of(CROWD[:150]).fetch, NOW)) == [RolledBackAlarm]
    assert follower.size == 0
    assert follower.update(log_of(CROWD).fetch, NOW) == []
    assert follower.size == 300
    with pytest.raises(NotSigned):
        Follower.begin(POLICY, MemoryLog(CROWD).note(NOW))


def test_two_phones_of_one_history():
    follower = following(CROWD)
    fetch = log_of(CROWD).fetch
    for size in (0, 1, 255, 256, 299, 300):
        assert follower.compare(log_of(CROWD[:size]).files["checkpoint"], fetch) == []
    # what was settled needs no tiles any more, also after a restart
    other = again(follower)
    for size in (0, 1, 255, 256, 299, 300):
        assert other.compare(log_of(CROWD[:size]).files["checkpoint"], None) == []
    assert whole(other) == whole(follower)


@pytest.mark.parametrize("size", [120, 256, 299, 300])
def test_a_split_view_is_found_at_once_where_the_other_tree_is_not_larger(size):
    follower = following(CROWD)
    theirs = log_of(FORGED[:size]).files["checkpoint"]
    assert follower.compare(theirs, log_of(CROWD).fetch) == [SplitViewAlarm(follower.checkpoint, theirs)]


def test_a_split_view_that_cannot_be_told_yet_is_told_at_the_next_update():
    follower = following(CROWD[:200])
    theirs = log_of(FORGED).files["checkpoint"]
    assert follower.compare(theirs, log_of(CROWD[:200]).fetch) == []
    assert follower.compare(log_of(CROWD[:300]).files["checkpoint"]) == [
        SplitViewAlarm(theirs, log_of(CROWD[:300]).files["checkpoint"])
    ], "two that wait may tell of each other"
    follower = again(follower)
    assert follower.update(log_of(CROWD[:250]).fetch, NOW) == []
    (alarm,) = follower.update(log_of([*CROWD, ADA[0].data]).fetch, NOW)[-1:]
    assert alarm == SplitViewAlarm(follower.checkpoint, theirs)
    assert kinds(follower.update(log_of([*CROWD, ADA[0].data]).fetch, NOW)) == [], "told once"


def test_what_a_mirror_does_not_serve_waits():
    follower = following(CROWD)
    theirs = log_of(FORGED[:120]).files["checkpoint"]
    for fetch in (None, MemoryLog([]).fetch, lambda path: bytes(8192)):
        assert follower.compare(theirs, fetch) == []
    assert again(follower).update(log_of(CROWD).fetch, NOW) == [SplitViewAlarm(follower.checkpoint, theirs)]


def test_a_phone_that_is_held_back_finds_out_after_three_hours():
    """The log shows another phone more; its witnesses still sign the small tree for this one."""
    follower = following(CROWD[:200])
    theirs = log_of(CROWD).files["checkpoint"]
    assert follower.compare(theirs) == []
    later = NOW + 10_800
    assert follower.update(log_of(CROWD[:200], later, later).fetch, later) == []
    (alarm,) = again(follower).update(log_of(CROWD[:200], later, later).fetch, later + 1)
    assert alarm == RolledBackAlarm(theirs, log_of(CROWD[:200], later, later).files["checkpoint"])


def test_a_note_the_policy_refuses_is_the_other_phones_matter():
    follower = following(CROWD)
    before = whole(follower)
    for note in (MemoryLog(FORGED).note(NOW), b"no note", MemoryLog(FORGED).note(NOW, NOW, by="eve")):
        with pytest.raises((NotSigned, Malformed)):
            follower.compare(note)
    assert whole(follower) == before


def test_a_phone_that_read_nothing_yet_keeps_what_it_hears():
    follower = Follower.begin(POLICY)
    theirs = log_of(FORGED).files["checkpoint"]
    assert follower.compare(theirs) == []
    assert kinds(again(follower).update(log_of(CROWD).fetch, NOW)) == [SplitViewAlarm]


def test_what_is_kept_of_other_phones_is_bounded():
    follower = following(CROWD[:100])
    for size in range(300, 100, -1):
        follower.compare(log_of(CROWD[:size]).files["checkpoint"])
    kept = len(follower.save())
    assert kept < len(following(CROWD[:100]).save()) + 17 * 1200
    follower.update(log_of(CROWD).fetch, NOW)
    for size in range(300):
        assert follower.compare(log_of(CROWD[:size]).files["checkpoint"], log_of(CROWD).fetch) == []
    assert len(follower.save()) < len(following(CROWD).save()) + 64 * 50


def test_only_whole_tiles_are_asked_for():
    """Two phones that know different people ask for the same files."""
    asked = []
    for user in ("user 3", "user 299"):
        paths = []
        follower = Follower.begin(POLICY)
        follower.know(digest("user", user), public(user))
        for size in (10, 280, 300):
            log = log_of(CROWD[:size])
            follower.update(lambda path, log=log, paths=paths: paths.append(path) or log.fetch(path), NOW)
        assert follower.head(digest("user", user))
        asked.append(paths)
        for path in paths:
            if path != "checkpoint":
                tile = read_tile_path(path)
                edge = tile.width in (10, 280 - 256, 300 - 256) or tile.level == 1
                assert tile.width == 256 or edge, path
                assert tile.level in (ENTRIES, 0, 1)
    assert asked[0] == asked[1]


def test_a_flood_of_lists_does_not_fill_the_phone(monkeypatch):
    follower = following(CROWD[:10])
    before = whole(follower)
    monkeypatch.setattr(roll_module, "MOST_KEPT", 20 * len(CROWD[0]))
    (notice,) = follower.update(log_of(CROWD).fetch, NOW)
    assert "flooded" in notice.error.hint
    assert whole(follower) == before


def test_a_damaged_store_is_refused():
    good = following(CROWD[:10]).save()
    for data in (b"", good[:-1], good + b"\x00", b"\x90", msgspec.msgpack.encode([1, 2])):
        with pytest.raises(LogDamaged):
            Follower.load(data, (), POLICY)
    for page in (b"", b"\x00", msgspec.msgpack.encode({"user": 1})):
        with pytest.raises(LogDamaged):
            Follower.load(good, (page,), POLICY)
    with pytest.raises(NotSigned):
        Follower.load(good, (), policy_of(witnesses=("w4", "w5")))


def test_only_pages_that_changed_are_written_again():
    follower = following(CROWD[:290])
    disk = follower.changed_pages()
    assert disk == follower.pages()
    assert follower.changed_pages() == {}
    follower.update(log_of(CROWD).fetch, NOW)
    changed = follower.changed_pages()
    assert 1 <= len(changed) <= 10
    disk |= changed
    made = Follower.load(follower.save(), disk.values(), POLICY, RULE)
    assert whole(made) == whole(follower)


@pytest.mark.parametrize(
    ("check", "attack"),
    [
        ("roll.require_next", [ADA[0].data, device_list("ada", 3, digest("x")).data]),
        ("chains.require_next", [ADA[0].data, device_list("ada", 3, digest("x")).data]),
        ("chains.require_master", [device_list("ada", 1, by="eve").data]),
        (
            "roll._require_same_master",
            [ADA[0].data, device_list("ada", 2, ADA[0].leaf, master=public("eve"), by="eve").data],
        ),
    ],
)
def test_each_check_of_a_chain_bites(monkeypatch, check, attack):
    def alarmed():
        known = "bob" if check.startswith("roll.") else "ada"
        follower = following(user=known)
        notices = follower.update(log_of(attack).fetch, NOW)
        return follower.broken(USER) and (known == "bob" or kinds(notices)[-1] is ChainBrokenAlarm)

    assert alarmed()
    monkeypatch.setattr(f"filon_net.log.{check}", lambda *_: None)
    assert not alarmed()


def test_the_check_of_a_chain_read_earlier_bites(monkeypatch):
    entries = [ADA[0].data, device_list("ada", 2, ADA[0].leaf, by="eve").data]
    follower = following(entries, user="bob")
    with pytest.raises(ChainBroken):
        follower.know(USER, MASTER)
    monkeypatch.setattr(roll_module, "require_master", lambda *_: None)
    follower.know(USER, MASTER)
    assert follower.head(USER).version == 2


def test_the_check_of_gossip_bites(monkeypatch):
    theirs = log_of(FORGED).files["checkpoint"]

    def alarms():
        follower = following(CROWD[:200])
        follower.compare(theirs)
        return follower.update(log_of([*CROWD, ADA[0].data]).fetch, NOW)

    assert SplitViewAlarm in kinds(alarms())
    monkeypatch.setattr(gossip_module, "require_continues", lambda *_: None)
    assert SplitViewAlarm not in kinds(alarms())
