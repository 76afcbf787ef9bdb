"""The witness: what it signs, what it refuses and how, and that it never forgets."""

import hashlib
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon_net.errors import LogBusy, LogDamaged, Malformed
from filon_net.log import Witness, WitnessMemory, read_lines, read_note, request
from filon_net.log.cosignatures import cosigned
from filon_net.log.keys import COSIGNATURE, NOTE
from filon_net.log.memory import Seen
from filon_net.log.merkle import EMPTY_ROOT
from filon_net.log.notes import Note
from filon_net.log.strict import base64_text
from filon_net.log.witness import LARGEST_REQUEST, read_request
from log.builders import NOW, ORIGIN, MemoryLog, signer, signer_of_log, some_entries
from log.power import Disk, Killed

ENTRIES = some_entries(40)
FORGED = [b"forged", *ENTRIES[1:]]

EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()
"""The example of c2sp.org/tlog-witness."""


@pytest.fixture
def memory(tmp_path):
    made = WitnessMemory(tmp_path / "witness")
    made.know(ORIGIN)
    yield made
    made.close()


@pytest.fixture
def witness(memory):
    return Witness(signer("w1", COSIGNATURE), {ORIGIN: [signer_of_log().key]}, memory, lambda: NOW)


def asked(old, entries, **changes):
    log = MemoryLog(entries)
    parts = {"old": old, "proof": log.proof(old) if old <= len(entries) else [], "note": log.note(), **changes}
    return request(**parts)


def test_the_example_of_the_specification():
    parsed = read_request(EXAMPLE)
    assert parsed.old == 20_852_014
    assert [base64_text(one) for one in parsed.proof] == EXAMPLE.decode().split("\n")[1:5]
    assert len(parsed.note.signatures) == 2
    assert request(parsed.old, parsed.proof, parsed.note.data) == EXAMPLE


def test_it_signs_what_grows(witness):
    old = 0
    for size in (0, 0, 1, 1, 2, 7, 8, 9, 32, 40):
        answer = witness.add_checkpoint(asked(old, ENTRIES[:size]))
        assert answer.status == 200
        log = MemoryLog(ENTRIES[:size])
        note = Note(read_note(log.note()).text, read_lines(answer.body))
        key = signer("w1", COSIGNATURE).key
        assert cosigned(note, [key]) == {key: NOW}
        old = size


def test_what_it_refuses_and_how(witness):
    assert witness.add_checkpoint(asked(0, ENTRIES[:7])).status == 200
    wrong_proof = MemoryLog(FORGED[:9]).proof(7)
    stranger = MemoryLog(ENTRIES[:9])
    other = MemoryLog(ENTRIES[:9], origin="log.example.org/other")
    changed = stranger.note().replace(b"\n9\n", b"\n8\n")
    cases = [
        (404, request(7, [], other.note())),
        (403, asked(7, ENTRIES[:9], note=stranger.note(by="eve"))),
        (403, asked(7, ENTRIES[:9], note=changed)),
        (400, asked(10, ENTRIES[:9])),
        (409, asked(0, ENTRIES[:9])),
        (409, asked(6, ENTRIES[:9])),
        (409, asked(8, ENTRIES[:9])),
        (409, asked(0, ENTRIES[:7])),
        (409, asked(7, FORGED[:7])),
        (422, asked(7, ENTRIES[:9], proof=[])),
        (422, asked(7, ENTRIES[:9], proof=wrong_proof)),
        (422, asked(7, FORGED[:9])),
        (422, asked(7, ENTRIES[:7], proof=[EMPTY_ROOT])),
        (422, asked(7, ENTRIES[:9], proof=[*MemoryLog(ENTRIES[:9]).proof(7), EMPTY_ROOT])),
    ]
    for status, body in cases:
        answer = witness.add_checkpoint(body)
        assert answer.status == status, (answer, body)
        assert "—" not in answer.body, "nothing is signed"
        if status == 409:
            assert (answer.body, answer.content_type) == ("7\n", "text/x.tlog.size")
    assert witness.add_checkpoint(asked(7, ENTRIES[:9])).status == 200, "none of it moved what the witness knows"


def test_the_first_tree_needs_no_proof_and_takes_none(witness):
    assert witness.add_checkpoint(asked(0, ENTRIES[:5], proof=[EMPTY_ROOT])).status == 422
    assert witness.add_checkpoint(asked(0, ENTRIES[:5])).status == 200


GOOD = asked(0, ENTRIES[:5])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old 0\n",
        GOOD.replace(b"old 0", b"old 00"),
        GOOD.replace(b"old 0", b"old +0"),
        GOOD.replace(b"old 0", b"old  0"),
        GOOD.replace(b"old 0", b"old 0 "),
        GOOD.replace(b"old 0", b"old -1"),
        GOOD.replace(b"old 0", b"Old 0"),
        GOOD.replace(b"old 0", b"old 9223372036854775808"),
        GOOD.replace(b"old 0\n", b""),
        GOOD.replace(b"old 0\n", b"old 0\r\n"),
        GOOD.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"\n"),
        GOOD.replace(b"old 0\n", b"old 0\n" + b"A" * 42 + b"==\n"),
        GOOD.replace(b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * 64),
        GOOD[:-1],
        GOOD + b"x",
        b"\xff" + GOOD,
        GOOD + b"\n" * LARGEST_REQUEST,
        GOOD.replace(b"\n5\n", b"\n05\n"),
    ],
)
def test_malformed_requests(witness, body):
    answer = witness.add_checkpoint(body)
    assert answer.status == 400
    assert "—" not in answer.body
    assert witness.add_checkpoint(GOOD).status == 200


def test_the_longest_proof_is_read():
    assert len(read_request(GOOD.replace(b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * 63)).proof) == 63


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=12))
def test_it_never_signs_two_roots_of_one_size_nor_a_tree_that_does_not_continue(tmp_path_factory, steps):
    memory = WitnessMemory(tmp_path_factory.mktemp("w") / "witness")
    memory.know(ORIGIN)
    witness = Witness(signer("w1", COSIGNATURE), {ORIGIN: [signer_of_log().key]}, memory, lambda: NOW)
    signed = {}
    last = 0
    for old, size, forged in steps:
        log = MemoryLog((FORGED if forged else ENTRIES)[:size])
        old = min(old, last, size) if old % 3 else min(last, size)
        answer = witness.add_checkpoint(request(old, log.proof(old), log.note()))
        if answer.status == 200:
            assert size >= last
            assert signed.setdefault(size, log.checkpoint.root) == log.checkpoint.root
            last = size
    roots = {root: size for size, root in signed.items() if size}
    honest = {MemoryLog(ENTRIES[:size]).checkpoint.root for size in roots.values()}
    dishonest = {MemoryLog(FORGED[:size]).checkpoint.root for size in roots.values()}
    assert set(roots) <= honest or set(roots) <= dishonest, "all of one history"
    memory.close()


def test_it_remembers_when_it_starts_again(tmp_path):
    logs = {ORIGIN: [signer_of_log().key]}
    for old, entries, status in (
        (0, ENTRIES[:5], 200),
        (0, FORGED[:9], 409),
        (5, FORGED[:9], 422),
        (5, ENTRIES[:9], 200),
    ):
        memory = WitnessMemory(tmp_path / "w")
        if status == 200 and old == 0:
            memory.know(ORIGIN)
        else:
            with pytest.raises(LogDamaged):
                memory.know(ORIGIN)
        witness = Witness(signer("w1", COSIGNATURE), logs, memory, lambda: NOW)
        assert witness.add_checkpoint(asked(old, entries)).status == status
        memory.close()


@pytest.mark.parametrize("forget", [False, True])
def test_stopped_at_every_step_it_has_not_signed_what_it_forgot(tmp_path, forget, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)
    logs = {ORIGIN: [signer_of_log().key]}
    stop_at, finished = 0, False
    while not finished:
        stop_at += 1
        memory = WitnessMemory(tmp_path / str(stop_at))
        memory.know(ORIGIN)
        witness = Witness(signer("w1", COSIGNATURE), logs, memory, lambda: NOW)
        signed = 0
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, stop_at, forget)
            try:
                for size in (4, 9):
                    assert witness.add_checkpoint(asked(signed, ENTRIES[:size])).status == 200
                    signed = size
                finished = True
            except Killed:
                pass
        memory.close()
        disk.lose_power()
        memory = WitnessMemory(tmp_path / str(stop_at))
        with memory.held(ORIGIN) as seen:
            assert seen.size >= signed, "what was answered is remembered"
            assert seen in [Seen(size, MemoryLog(ENTRIES[:size]).checkpoint.root) for size in (0, 4, 9)]
        witness = Witness(signer("w1", COSIGNATURE), logs, memory, lambda: NOW)
        if seen.size:
            assert witness.add_checkpoint(asked(seen.size, FORGED[: seen.size])).status == 409
        assert witness.add_checkpoint(asked(seen.size, ENTRIES[:12])).status == 200
        memory.close()
    assert stop_at > 12


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-5],
        lambda data: data.replace(b"phones", b"others"),
        lambda data: b"\xff" + data,
        None,
    ],
)
def test_a_witness_that_cannot_read_its_memory_signs_nothing(tmp_path, witness, change):
    assert witness.add_checkpoint(asked(0, ENTRIES[:5])).status == 200
    file = tmp_path / "witness" / f"{hashlib.sha256(ORIGIN.encode()).hexdigest()}.seen"
    file.write_bytes(change(file.read_bytes())) if change else file.unlink()
    for entries in (ENTRIES[:9], FORGED[:9]):
        for old in (0, 5):
            with pytest.raises(LogDamaged) as caught:
                witness.add_checkpoint(asked(old, entries))
            assert "older copy" in (caught.value.hint or "older copy")


def test_two_at_a_time(witness):
    """Of two continuations that exclude each other, asked for at the same moment many times, one is signed."""
    assert witness.add_checkpoint(asked(0, ENTRIES[:5])).status == 200
    bodies = [asked(5, [*ENTRIES[:5], bytes([number])]) for number in range(8)]
    statuses = []
    gate = threading.Barrier(len(bodies))

    def ask(body):
        gate.wait()
        statuses.append(witness.add_checkpoint(body).status)

    threads = [threading.Thread(target=ask, args=(body,)) for body in bodies]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(statuses) == [200] + [409] * 7


def test_one_process_is_the_witness(memory, tmp_path):
    with pytest.raises(LogBusy):
        WitnessMemory(tmp_path / "witness")


def test_a_witness_has_a_key_of_its_kind(memory):
    with pytest.raises(Malformed):
        Witness(signer("w1", NOTE), {}, memory, lambda: NOW)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300) | st.integers(0, len(EXAMPLE) - 1).map(lambda at: EXAMPLE[:at] + b"?" + EXAMPLE[at + 1 :])
)
def test_noise_is_answered(tmp_path_factory, data):
    memory = WitnessMemory(tmp_path_factory.mktemp("w"))
    witness = Witness(signer("w1", COSIGNATURE), {ORIGIN: [signer_of_log().key]}, memory, lambda: NOW)
    assert witness.add_checkpoint(data).status in (400, 404)
    memory.close()
