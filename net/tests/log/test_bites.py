"""Each check bites: the attack is refused, and with the check taken out it succeeds.

A test that stays green whatever the code does protects nobody. Here every attack is carried out twice: against the library
as it is, and against the library with exactly the named checks removed.
"""

import contextlib

import pytest

from filon_net.errors import ChainBroken, LogDamaged, LogError, Malformed, NotSigned, ProofFailed, RolledBack, SplitView
from filon_net.log import (
    Freshness,
    LogStore,
    Policy,
    Release,
    TileTree,
    Witness,
    WitnessMemory,
    accept,
    compare,
    follow_chain,
    freshness,
    read_entry,
    request,
    require_release,
    sign_entry,
    start_chain,
    update,
)
from filon_net.log.checkpoints import sign_checkpoint
from filon_net.log.cosignatures import cosign
from filon_net.log.journal import Journal
from filon_net.log.keys import COSIGNATURE, Signer
from filon_net.log.notes import Note, Signature
from filon_net.log.strict import base64_text
from log.builders import (
    NOW,
    ORIGIN,
    MemoryLog,
    chain_of,
    device_list,
    digest,
    policy_of,
    private,
    public,
    signer,
    signer_of_log,
    some_entries,
)
from log.power import Disk

HONEST = some_entries(300)
FORGED = [*HONEST[:99], b"eve's device list", *HONEST[100:]]
LOG = "filon_net.log."


def nothing(*_, **__):
    return None


def yes(*_, **__):
    return True


def forged_log_signature(_):
    """Eve serves a checkpoint of her own with the log's name and key id, and true-looking cosignatures."""
    log = MemoryLog(FORGED)
    key = signer_of_log().key
    lines = [Signature(one.name, one.key_id, NOW.to_bytes(8, "big") + bytes(64)) for one in policy_of().witnesses]
    note = Note(log.checkpoint.text, (Signature(key.name, key.key_id, bytes(64)), *lines))
    return accept(note.data, policy_of()).checkpoint == log.checkpoint


def forged_cosignatures(_):
    """The log itself forges the word of its witnesses."""
    log = MemoryLog(FORGED)
    note = sign_checkpoint(log.checkpoint, signer_of_log())
    lines = [Signature(one.name, one.key_id, NOW.to_bytes(8, "big") + bytes(64)) for one in policy_of().witnesses]
    return accept(Note(note.text, (*note.signatures, *lines)).data, policy_of()).checkpoint == log.checkpoint


def one_dishonest_witness(_):
    return accept(MemoryLog(FORGED).note(NOW), policy_of(needed=2)).checkpoint.size == 300


def one_witness_under_two_names(_):
    twins = [Signer.of_seed(name, COSIGNATURE, b"t" * 32) for name in ("a.example", "b.example")]
    policy = Policy(ORIGIN, (signer_of_log().key,), tuple(one.key for one in twins), 2)
    note = sign_checkpoint(MemoryLog(FORGED).checkpoint, signer_of_log())
    lines = [cosign(note.text, one, NOW) for one in twins]
    return accept(Note(note.text, (*note.signatures, *lines)).data, policy).checkpoint.size == 300


def checkpoint_of_another_log(_):
    """The operator's second log is signed by the same key; its tree is passed off as this one's."""
    other = MemoryLog(FORGED, origin="log.example.org/test")
    return accept(other.note(NOW, NOW), policy_of()).checkpoint.size == 300


def cosigned_for_years_ahead(_):
    """Two witnesses were once talked into signing a far time: the log is silent ever after and looks fresh."""
    accepted = accept(MemoryLog(HONEST).note(NOW + 10**8, NOW + 10**8), policy_of())
    if freshness(accepted, NOW) is not Freshness.FRESH:
        raise NotSigned("alarm")
    return True


def second_spelling_of_a_signature(_):
    """The same signature in other letters: a note that is another note by its hash, and yet accepted."""
    good = MemoryLog(HONEST).note(NOW, NOW).decode()
    assert good.endswith("==\n")  # so the last letter before has four bits that mean nothing
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = good[:-4] + letters[letters.index(good[-4]) ^ 1] + good[-3:]
    return accept(other.encode(), policy_of()).checkpoint.size == 300


def lenient(text, what):
    import binascii

    return binascii.a2b_base64(text)


def witness_of(folder, new=True):
    memory = WitnessMemory(folder / "w1")
    if new:
        memory.know(ORIGIN)
    return memory, Witness(signer("w1", COSIGNATURE), {ORIGIN: [signer_of_log().key]}, memory, lambda: NOW)


def asked_twice(folder, second):
    """The log asks a witness to sign an honest tree, then ``second(honest log)``."""
    memory, witness = witness_of(folder)
    with contextlib.closing(memory):
        honest = MemoryLog(HONEST)
        assert witness.add_checkpoint(request(0, [], honest.note())).status == 200
        answer = witness.add_checkpoint(second(honest))
        if answer.status != 200:
            raise ProofFailed("refused with {status}", status=answer.status)
    return True


def witness_signs_a_fork(folder):
    fork = MemoryLog([*FORGED, b"one more"])
    return asked_twice(folder, lambda honest: request(300, fork.proof(300), fork.note()))


def witness_signs_a_second_root(folder):
    return asked_twice(folder, lambda honest: request(300, [], MemoryLog(FORGED).note()))


def witness_forgets(folder):
    return asked_twice(folder, lambda honest: request(0, [], MemoryLog(FORGED).note()))


def witness_signs_for_anybody(folder):
    """Somebody who is not the log asks in its name."""
    key = signer_of_log().key
    line = Signature(key.name, key.key_id, signer("eve", COSIGNATURE).sign(b"whatever"))
    return asked_twice(folder, lambda honest: request(300, [], Note(honest.checkpoint.text, (line,)).data))


def tiles_of_another_tree(_):
    """A mirror serves an honest checkpoint, and tiles and entries of its own."""
    forged = MemoryLog(FORGED)
    tree = TileTree(MemoryLog(HONEST).checkpoint, forged.fetch)
    return dict(tree.entries())[99] == b"eve's device list"


def one_entry_of_a_bundle(_):
    """A mirror serves true tiles and changes an entry."""
    log = MemoryLog(HONEST)
    log.files["tile/entries/000"] = MemoryLog(FORGED).files["tile/entries/000"]
    return dict(TileTree(log.checkpoint, log.fetch).entries())[99] == b"eve's device list"


def forged_full_tile(_):
    """A mirror serves the true edge of the tree, and below it a full tile and a bundle of its own that agree."""
    log, forged = MemoryLog(HONEST), MemoryLog(FORGED)
    for path in ("tile/0/000", "tile/entries/000"):
        log.files[path] = forged.files[path]
    return dict(TileTree(log.checkpoint, log.fetch).entries())[99] == b"eve's device list"


def rolled_back(_):
    """The newest entries, a revocation among them, are hidden again."""
    held = accept(MemoryLog(HONEST).note(NOW, NOW), policy_of())
    return update(held, policy_of(), MemoryLog(HONEST[:200]).publish(NOW, NOW).fetch)[1].size == 200


def rewritten(_):
    """Log and witnesses together rewrite what this phone has seen."""
    held = accept(MemoryLog(HONEST[:200]).note(NOW, NOW), policy_of())
    return update(held, policy_of(), MemoryLog(FORGED).publish(NOW, NOW).fetch)[1].size == 300


def split_view(_):
    """Log and witnesses together show two phones two trees; the phones compare."""
    ada = accept(MemoryLog(HONEST).note(NOW, NOW), policy_of())
    return compare(ada, MemoryLog(FORGED).note(NOW, NOW), policy_of())


def split_view_of_two_sizes(_):
    ada = accept(MemoryLog(HONEST[:200]).note(NOW, NOW), policy_of())
    bob = MemoryLog(FORGED).publish(NOW, NOW)
    return compare(ada, bob.files["checkpoint"], policy_of(), bob.fetch)


def added_device(_):
    """Eve adds a phone of hers to ada's list, and has the log accept it."""
    first = chain_of("ada", 1)[0]
    head = follow_chain(start_chain(digest("user", "ada"), public("ada")), first)
    evil = read_entry(device_list("ada", 2, first.leaf, devices=2, by="eve").data)
    return follow_chain(head, evil).version == 2


def hidden_revocation(_):
    """Ada revoked a phone in version 2; the log puts another version 2, which ada also once signed, in its place."""
    first, second = chain_of("ada", 2)
    head = follow_chain(follow_chain(start_chain(digest("user", "ada"), public("ada")), first), second)
    return follow_chain(head, device_list("ada", 2, first.leaf, devices=3)).version == 2


def release_of_one_key(_):
    made = sign_entry(Release("filon-net", "6.6.6", 15, digest("evil"), 0), private("r1"))
    return require_release(made, [public(name) for name in ("r1", "r2", "r3")], 2).version == "6.6.6"


def accepted_entry_lost(folder):
    """A bit of the journal rots; what was accepted after it must not vanish without a word."""
    path = folder / "journal"
    journal = Journal(path, 0)
    journal.append([b"one"])
    journal.append([b"two"])
    journal.close()
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)
    journal = Journal(path, 0)
    journal.close()
    return journal.entries == []


def changed_entry_carried_on(folder):
    """Somebody changes an entry in the last bundle on the log's own disk; the next bundle would repeat it."""
    store = LogStore.create(folder / "log", ORIGIN, signer_of_log())
    with contextlib.closing(store):
        store.append(HONEST[:5])
        store.integrate()
        bundle = folder / "log/tile/entries/000.p/5"
        bundle.write_bytes(bundle.read_bytes().replace(b"entry 3", b"entry X"))
        store.append(HONEST[5:9])
        store.integrate()
        return b"entry X" in (folder / "log/tile/entries/000.p/9").read_bytes()


ATTACKS = [
    (forged_log_signature, NotSigned, {"notes.signature_agrees": yes, "cosignatures.signature_agrees": yes}),
    (forged_cosignatures, NotSigned, {"cosignatures.signature_agrees": yes}),
    (one_dishonest_witness, NotSigned, {"policy._require_enough": nothing}),
    (one_witness_under_two_names, Malformed, {"policy._require_distinct": nothing}),
    (checkpoint_of_another_log, NotSigned, {"checkpoints._require_origin": nothing}),
    (cosigned_for_years_ahead, NotSigned, {"policy.AHEAD": 10**12}),
    (second_spelling_of_a_signature, Malformed, {"notes.read_base64": lenient}),
    (witness_signs_a_fork, ProofFailed, {"witness.check_consistency": nothing}),
    (
        witness_signs_a_second_root,
        ProofFailed,
        {"witness._agrees_with_seen": yes, "witness.check_consistency": nothing},
    ),
    (witness_forgets, ProofFailed, {"memory.WitnessMemory.remember": nothing, "memory.WitnessMemory._read": None}),
    (witness_signs_for_anybody, ProofFailed, {"notes.signature_agrees": yes}),
    (tiles_of_another_tree, ProofFailed, {"tree.same_hash": yes}),
    (forged_full_tile, ProofFailed, {"tree.TileTree._require_same": staticmethod(nothing)}),
    (one_entry_of_a_bundle, ProofFailed, {"tree.same_hash": yes}),
    (rolled_back, RolledBack, {"histories._require_no_less": nothing, "histories.require_continues": nothing}),
    (rewritten, SplitView, {"histories.require_continues": nothing}),
    (split_view, SplitView, {"histories._require_same_root": nothing}),
    (split_view_of_two_sizes, SplitView, {"histories.require_continues": nothing}),
    (added_device, ChainBroken, {"chains.require_master": nothing}),
    (hidden_revocation, ChainBroken, {"chains.require_next": nothing}),
    (release_of_one_key, NotSigned, {"entries.signed_by": yes}),
    (accepted_entry_lost, LogDamaged, {"journal._goes_on": lambda *_: False}),
    (changed_entry_carried_on, LogDamaged, {"store.LogStore._last_bundle": None}),
]


def unchecked_bundle(store):
    from filon_net.log.tiles import unpack_entries

    width = len(store._edge.get(0, []))
    return unpack_entries((store._folder / f"tile/entries/000.p/{width}").read_bytes(), width) if width else []


def memoryless(memory, origin):
    from filon_net.log.memory import Seen
    from filon_net.log.merkle import EMPTY_ROOT

    return Seen(0, EMPTY_ROOT)


INSTEAD = {"store.LogStore._last_bundle": unchecked_bundle, "memory.WitnessMemory._read": memoryless}


@pytest.mark.parametrize(("attack", "refused", "checks"), ATTACKS, ids=[one[0].__name__ for one in ATTACKS])
def test_the_attack_is_refused_and_only_by_this_check(attack, refused, checks, tmp_path, monkeypatch):
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    with pytest.raises(refused) as caught:
        attack(tmp_path / "with")
    assert isinstance(caught.value, LogError)
    for name, instead in checks.items():
        monkeypatch.setattr(LOG + name, INSTEAD.get(name, instead))
    assert attack(tmp_path / "without"), "with the check taken out the attack must succeed, else the test shows nothing"


@pytest.mark.parametrize("name", ["require_next", "require_master"])
def test_no_check_of_a_chain_stands_for_the_other(name, monkeypatch):
    other = {"require_next": added_device, "require_master": hidden_revocation}[name]
    monkeypatch.setattr(f"{LOG}chains.{name}", nothing)
    with pytest.raises(ChainBroken):
        other(None)


class TestFlush:
    """Without flushing, a stop loses what was promised: the tests of the store would see it."""

    def morning(self, folder):
        store = LogStore.create(folder, ORIGIN, signer_of_log())
        store.append(HONEST[:5])
        store.integrate()
        store.close()

    def grown_then_stopped(self, folder, monkeypatch, change):
        self.morning(folder)
        with monkeypatch.context() as patch:
            disk = Disk(patch, forget=True)
            change(patch, disk)
            store = LogStore(folder, signer_of_log())
            store.append(HONEST[5:9])
            store.integrate()
            size = store.checkpoint.size
            store.close()
        disk.lose_power()
        store = LogStore(folder, signer_of_log())
        with contextlib.closing(store):
            return size, store.checkpoint.size

    def test_it_holds(self, tmp_path, monkeypatch):
        assert self.grown_then_stopped(tmp_path / "log", monkeypatch, nothing) == (9, 9)

    def test_a_signed_checkpoint_is_lost_without_flush(self, tmp_path, monkeypatch):
        def no_flush(patch, disk):
            patch.setattr("filon_net.log.durable.sync", nothing)

        try:
            signed, held = self.grown_then_stopped(tmp_path / "log", monkeypatch, no_flush)
        except LogDamaged:
            return
        assert held < signed

    def test_tiles_must_be_there_before_the_checkpoint(self, tmp_path, monkeypatch):
        def no_tiles(patch, disk):
            patch.setattr("filon_net.log.durable.write_tree", nothing)

        with pytest.raises(LogDamaged):
            self.grown_then_stopped(tmp_path / "log", monkeypatch, no_tiles)

    def test_a_witness_must_remember_before_it_answers(self, tmp_path, monkeypatch):
        memory, witness = witness_of(tmp_path)
        with monkeypatch.context() as patch:
            disk = Disk(patch, forget=True)
            patch.setattr("filon_net.log.durable.sync", nothing)
            assert witness.add_checkpoint(request(0, [], MemoryLog(HONEST).note())).status == 200
        memory.close()
        disk.lose_power()
        memory, witness = witness_of(tmp_path, new=False)
        with contextlib.closing(memory), contextlib.suppress(LogDamaged):
            assert witness.add_checkpoint(request(0, [], MemoryLog(FORGED).note())).status == 200, "it signed both"


def test_base64_is_spelled_one_way():
    assert base64_text(b"\x00" * 64).endswith("==")
