import json
import multiprocessing
import os
import shutil

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import writers
from filon.errors import CustodyError
from filon.evidence.custody import FIRST, Custody, canonical, hash_of, signed_text
from filon.evidence.custody_check import verify
from filon.evidence.keys import load_key, public_of, signature_agrees
from filon.model.layout import Layout


def new_case(folder) -> tuple[Layout, Custody]:
    folder.mkdir(mode=0o700, exist_ok=True)
    layout = Layout(folder)
    custody = Custody.create(layout, "A. Clerk", {"case": "c-1"})
    layout.case.write_text(json.dumps({"format": 1, "public_key": custody.public_key}))
    return layout, custody


@pytest.fixture
def case(tmp_path):
    layout, custody = new_case(tmp_path / "case")
    for number in range(4):
        custody.append("item-added", "A. Clerk", {"item": number, "name": "chat ‮é\n.txt", "sha256": "ab" * 32})
    return layout, custody


def codes(layout: Layout, head: str | None = None) -> list[tuple[int | None, str]]:
    return [(one.line, one.code) for one in verify(layout, head)]


def test_a_log_that_nobody_touched(case):
    layout, custody = case
    assert codes(layout) == []
    assert codes(layout, custody.head) == []
    assert [entry.n for entry in custody.entries()] == [1, 2, 3, 4, 5]
    first = next(custody.entries())
    assert (first.what, first.prev, first.values["public_key"]) == ("case-made", FIRST, custody.public_key)
    assert first.at.endswith("Z")
    assert len(first.at) == len("2026-01-31T08:15:00.000000Z")


def test_append_returns_the_head_and_an_old_head_stays_in_the_log(case):
    layout, custody = case
    head = custody.append("exported", "B", {})
    assert head == custody.head == Custody(layout).head
    Custody(layout).append("exported", "B", {})
    assert codes(layout, head) == []
    assert codes(layout, head.split(":")[1].upper()) == []


def test_key_and_log_are_private(case):
    layout, _ = case
    assert layout.key.stat().st_mode & 0o777 == 0o600
    assert layout.custody.stat().st_mode & 0o777 == 0o600
    assert layout.key.parent.stat().st_mode & 0o777 == 0o700


def test_a_key_that_others_can_read_is_refused(case):
    layout, _ = case
    layout.key.chmod(0o644)
    with pytest.raises(CustodyError, match="read by others"):
        Custody(layout)


def test_a_second_log_or_key_is_never_made_over_the_first(case):
    layout, _ = case
    before = layout.custody.read_bytes(), layout.key.read_bytes()
    with pytest.raises(CustodyError):
        Custody.create(layout, "B")
    assert (layout.custody.read_bytes(), layout.key.read_bytes()) == before


def test_every_flipped_bit_is_found(case):
    layout, _ = case
    good = layout.custody.read_bytes()
    length = len(b"".join(good.splitlines(keepends=True)[:2]))
    for at in range(length):
        for bit in (0, 5):
            layout.custody.write_bytes(good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :])
            assert verify(layout), f"byte {at} bit {bit}: {good[at : at + 1]!r}"


_GOOD: dict[str, bytes] = {}
"""The log as it was before the first example, by case."""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_other_bytes_in_the_log_are_found(case, data):
    layout, _ = case
    good = _GOOD.setdefault(str(layout.root), layout.custody.read_bytes())
    at = data.draw(st.integers(0, len(good)))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(st.binary(max_size=3))
    changed = good[:at] + put + good[at + cut :]
    layout.custody.write_bytes(changed)
    whole_lines = changed == good or (changed == good[: len(changed)] and changed.endswith(b"\n"))
    assert bool(verify(layout)) == (not whole_lines)


def test_a_removed_line_and_two_exchanged_lines(case):
    layout, _ = case
    lines = layout.custody.read_bytes().splitlines(keepends=True)
    layout.custody.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    assert codes(layout) == [(3, "number"), (3, "chain"), (4, "number")]
    layout.custody.write_bytes(b"".join([lines[0], lines[2], lines[1], *lines[3:]]))
    assert {(2, "chain"), (3, "chain"), (2, "number"), (3, "number")} <= set(codes(layout))


def test_a_cut_tail_shows_only_against_a_head_kept_elsewhere(case):
    layout, custody = case
    head = custody.head
    lines = layout.custody.read_bytes().splitlines(keepends=True)
    layout.custody.write_bytes(b"".join(lines[:3]))
    assert codes(layout) == []
    (problem,) = verify(layout, head)
    assert (problem.code, "ends at line 3" in problem.detail, "line 5" in problem.detail) == ("head", True, True)


def test_an_old_copy_that_went_on_differently(case, tmp_path):
    layout, custody = case
    old = tmp_path / "old"
    shutil.copy(layout.custody, old)
    head = custody.append("item-withdrawn", "A", {})
    shutil.copy(old, layout.custody)
    Custody(layout).append("exported", "A", {})
    assert codes(layout) == []
    (problem,) = verify(layout, head)
    assert "line 6 is another" in problem.detail
    assert [one.code for one in verify(layout, head.split(":")[1])] == ["head"]


def forge(layout: Layout, key: Ed25519PrivateKey) -> None:
    """Rewrite history: change line 2 and sign everything anew with ``key``."""
    prev, lines = FIRST, []
    for entry in Custody(layout).entries():
        values = {**entry.values, "name": "other.txt"} if entry.n == 2 else entry.values
        if entry.n == 1:
            values = {**values, "public_key": public_of(key)}
        made = msgspec.structs.replace(entry, values=values, prev=prev)
        digest = hash_of(made)
        made = msgspec.structs.replace(made, hash=digest, sig=key.sign(signed_text(digest)).hex())
        lines.append(canonical(msgspec.to_builtins(made)) + b"\n")
        prev = digest
    layout.custody.write_bytes(b"".join(lines))


def test_signed_anew_with_the_same_key_shows_only_against_a_head_kept_elsewhere(case):
    layout, custody = case
    head = custody.head
    forge(layout, load_key(layout.key))
    assert codes(layout) == []
    assert codes(layout, head) == [(None, "head")]


def test_signed_anew_with_another_key(case):
    layout, _ = case
    forge(layout, Ed25519PrivateKey.generate())
    assert {(1, "key"), (1, "signature"), (5, "signature")} <= set(codes(layout))


def test_changed_line_alone_names_its_line(case):
    layout, _ = case
    lines = layout.custody.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"A. Clerk", b"B. Clerk")
    layout.custody.write_bytes(b"".join(lines))
    assert codes(layout) == [(3, "hash")]


def test_a_line_that_says_the_same_in_other_bytes(case):
    layout, _ = case
    layout.custody.write_bytes(layout.custody.read_bytes().replace(b'"n":3', b'"n": 3'))
    assert codes(layout) == [(3, "form")]


def test_nothing_to_verify(case):
    layout, _ = case
    layout.custody.write_bytes(b"")
    assert codes(layout) == [(None, "missing")]
    layout.custody.unlink()
    assert codes(layout) == [(None, "missing")]
    layout.case.write_text("{}")
    assert codes(layout) == [(None, "missing")]


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_torn_last_line_is_reported_set_aside_and_noted(case, kept):
    layout, custody = case
    whole = layout.custody.read_bytes()
    torn = whole.splitlines(keepends=True)[-1][:kept]
    layout.custody.write_bytes(whole + torn)
    assert codes(layout) == [(6, "torn")]
    assert custody.head.startswith("5:")
    custody = Custody(layout)
    custody.append("exported", "B", {})
    assert codes(layout) == []
    repair, after = list(custody.entries())[-2:]
    assert (repair.n, repair.what, repair.values["bytes"], after.what) == (6, "log-repaired", len(torn), "exported")
    assert layout.custody.with_suffix(".torn").read_bytes() == torn + b"\n"
    assert layout.custody.with_suffix(".torn").stat().st_mode & 0o777 == 0o600


def test_a_log_torn_in_its_first_line(tmp_path):
    layout, custody = new_case(tmp_path / "case")
    line = layout.custody.read_bytes()
    layout.custody.write_bytes(line[:50])
    custody.append("exported", "B", {})
    assert next(custody.entries()).what == "log-repaired"
    assert codes(layout) == [(1, "key")]  # the line that named the key is gone, and that stays visible


def test_a_last_line_that_is_whole_but_no_entry_is_not_repaired(case):
    layout, custody = case
    whole = layout.custody.read_bytes()
    layout.custody.write_bytes(whole + b"{}\n")
    with pytest.raises(CustodyError, match="cannot be read"):
        custody.append("exported", "B", {})
    assert layout.custody.read_bytes() == whole + b"{}\n"
    assert (6, "unreadable") in codes(layout)


def test_lines_longer_than_the_tail_that_is_read_first(case):
    layout, custody = case
    custody.append("exported", "B", {"list": ["x" * 1000] * 300})
    assert custody.head.startswith("6:")
    custody.append("exported", "B", {})
    assert codes(layout) == []


def test_processes_that_append_at_once_take_turns(case):
    layout, custody = case
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    processes = [context.Process(target=writers.append_many, args=(layout.root, 150, start)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert codes(layout) == []
    assert custody.head.startswith("455:")


def test_an_entry_is_on_the_disk_before_append_returns(case, monkeypatch):
    _, custody = case
    calls = []
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append(os.fstat(fd).st_size))
    custody.append("exported", "B", {})
    assert calls == [custody._path.stat().st_size]


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, b"x", {1: "x"}, [object()], "\ud800"])
def test_values_without_one_form_are_refused_and_leave_no_trace(case, value):
    layout, custody = case
    before = layout.custody.read_bytes()
    with pytest.raises(CustodyError):
        custody.append("exported", "B", {"value": value})
    assert layout.custody.read_bytes() == before


_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("aé\n", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(st.dictionaries(st.text("abé", max_size=3), _PLAIN, max_size=4))
def test_canonical_form_is_stable_and_reads_back(values):
    written = canonical(values)
    assert json.loads(written) == values
    assert canonical(dict(reversed(list(json.loads(written).items())))) == written
    assert b"\n" not in written


def test_several_entries_at_once_are_written_all_or_none(case):
    layout, custody = case
    head = custody.append_all("B", [("item-added", {"item": 7}), ("item-added", {"item": 8})])
    assert head == custody.head
    assert [entry.values["item"] for entry in list(custody.entries())[-2:]] == [7, 8]
    with pytest.raises(CustodyError):
        custody.append_all("B", [("item-added", {"item": 9}), ("item-added", {"item": 0.5})])
    assert custody.head == head
    assert custody.append_all("B", []) == head
    assert codes(layout) == []


def test_signature_agrees_takes_any_rubbish():
    assert not signature_agrees("zz", b"", "")
    assert not signature_agrees("00" * 31, b"", "00" * 64)
