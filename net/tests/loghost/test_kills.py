"""kill -9 under load: the log loses nothing it acknowledged, a witness never signs two histories."""

import random
import threading
import time

import httpx
import pytest

from filon_net.log import TileTree, accept, request
from filon_net.log.cosignatures import cosigned
from filon_net.log.notes import Note, read_lines, read_note
from filon_net.loghost.folder import make_witness
from log import second_verifier
from log.builders import MemoryLog, device_list, signer_of_log, some_entries
from loghost.fleet import Program, token, until


def test_a_log_killed_under_load_loses_nothing_it_acknowledged(own_fleet):
    fleet = own_fleet
    acknowledged, stop = {}, threading.Event()

    def send(writer):
        with httpx.Client(timeout=20, trust_env=False) as client:
            number = 0
            while not stop.is_set():
                entry = device_list(f"{writer}/{number}", 1)
                leave = token()
                while not stop.is_set():
                    try:
                        answer = fleet.add(entry, leave, client)
                    except httpx.HTTPError:  # killed: send the same again
                        time.sleep(0.05)
                        continue
                    assert answer.status_code in (200, 202), answer.text
                    acknowledged[entry.data] = int(answer.text)
                    break
                number += 1

    writers = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for one in writers:
        one.start()
    follower = fleet.follower()
    try:
        for turn in range(3):
            before = len(acknowledged)
            until(lambda before=before: len(acknowledged) >= before + 12)
            time.sleep(random.Random(turn).random())
            fleet.log.kill()
            fleet.log.start()
            notices = follower.update(fleet.fetch, time.time())
            assert notices == [], "the same tree goes on"
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert len(acknowledged) >= 36
    until(lambda: follower.update(fleet.fetch, time.time()) == [] and follower.size > max(acknowledged.values()))
    checkpoint = accept(follower.checkpoint, fleet.policy).checkpoint
    held = dict(TileTree(checkpoint, fleet.fetch).entries())
    for data, index in acknowledged.items():
        assert held[index] == data
    assert len(set(held.values())) == len(held), "nothing twice"
    assert second_verifier.root_of([held[at] for at in range(len(held))]) == checkpoint.root


HISTORY = some_entries(120)
OTHER = [*HISTORY[:10], *(b"other " + one for one in HISTORY[10:])]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_witness_killed_under_load_never_signs_two_histories(tmp_path, seed):
    """A dishonest log shows one witness two histories at once, while the witness is killed again and again."""
    own = tmp_path / "w"
    key = make_witness(own, "w")
    witness = Program(own, "witness", "run", own, "--log", signer_of_log().key.text)
    signed, stop = [], threading.Event()

    def push(entries, seed):
        rng = random.Random(seed)
        seen = 0
        with httpx.Client(timeout=10, trust_env=False) as client:
            while not stop.is_set():
                size = min(len(entries), seen + rng.randint(0, 3))
                log = MemoryLog(entries[:size])
                note = log.note()
                old = min(seen, size)
                try:
                    answer = client.post(f"{witness.url}/add-checkpoint", content=request(old, log.proof(old), note))
                except httpx.HTTPError:
                    time.sleep(0.02)
                    continue
                if answer.status_code == 200:
                    made = Note(read_note(note).text, (*read_note(note).signatures, *read_lines(answer.text)))
                    assert cosigned(made, [key])
                    signed.append((size, log.checkpoint.root))
                    seen = size
                elif answer.status_code == 409:
                    seen = int(answer.text)
                else:
                    assert answer.status_code == 422, answer.text
                    seen = rng.randint(0, seen)

    pushers = [threading.Thread(target=push, args=(entries, seed + at)) for at, entries in enumerate((HISTORY, OTHER))]
    for one in pushers:
        one.start()
    try:
        for turn in range(4):
            before = len(signed)
            until(lambda before=before: len(signed) >= before + 5)
            time.sleep(random.Random(seed * 10 + turn).random() / 3)
            witness.kill()
            witness.start()
        before = len(signed)
        until(lambda: len(signed) >= before + 5)
    finally:
        stop.set()
        for one in pushers:
            one.join()
        witness.kill()
    assert max(size for size, _ in signed) > 10, "past the place where the histories part"
    histories = [all(second_verifier.root_of(one[:size]) == root for size, root in signed) for one in (HISTORY, OTHER)]
    assert any(histories)
