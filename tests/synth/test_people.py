"""People: unique handles, changes announced, roles present, contact lists of their own."""

import json

from filon.synth import write
from filon.synth.people import COMMUNITY, handle_at, nickname, person


def test_no_two_people_share_a_handle():
    handles = [handle for number in range(50_000) for handle in person(1, number).handles]
    assert len(set(handles)) == len(handles)
    assert all(handle.isascii() and handle.isalnum() and handle.islower() for handle in handles)


def test_a_person_follows_from_seed_and_number():
    first = person(5, 17)
    person.cache_clear()
    assert person(5, 17) == first
    assert person(6, 17) != first


def test_one_lawyer_for_ten_communities():
    lawyers = [number for number in range(20 * COMMUNITY) if person(3, number).role == "lawyer"]
    assert lawyers == [5, 10 * COMMUNITY + 5]


def test_owners_name_the_same_contact_differently():
    names = {nickname(2, owner, 7) for owner in range(40) if owner != 7}
    assert len(names) > 10
    assert None in {nickname(2, owner, contact) for owner in range(40) for contact in range(20)}


def test_a_changed_handle_is_announced_and_used_from_then_on(tmp_path):
    made = write(tmp_path / "a.jsonl", messages=24_000, format="jsonl", seed=4, faults=False, processes=1)
    rows = [json.loads(line) for line in made.files[0].read_text(encoding="utf-8").splitlines()]
    told = [json.loads(line) for line in made.truth.read_text(encoding="utf-8").splitlines()]
    moved = {p["number"]: p for p in told if p["truth"] == "person" and p["changed_utc"]}
    assert moved
    texts = " ".join(row.get("text", "").lower() for row in rows)
    assert any(p["handles"][1] in texts for p in moved.values())
    sent = {entry["id"]: entry for entry in told if entry["truth"] == "message"}
    checked = 0
    for row in rows:
        entry = sent[row["message_id"]]
        if row["direction"] == "out" and entry["sender"] in moved:
            old, new = moved[entry["sender"]]["handles"]
            assert row["device"] == (new if entry["sent_utc"] >= moved[entry["sender"]]["changed_utc"] else old)
            checked += 1
    assert checked > 100


def test_handle_at_a_time():
    someone = next(p for n in range(200) if (p := person(1, n)).changed is not None)
    assert handle_at(someone, someone.changed - 1) == someone.handles[0]
    assert handle_at(someone, someone.changed) == someone.handles[1]
