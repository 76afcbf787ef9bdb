"""The stand-alone verifier of docs/reference/custody.md is run as it is printed there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from filon.evidence.custody import Custody
from filon.evidence.custody_check import Problem, verify
from filon.model.layout import Layout

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "custody.md"


@pytest.fixture
def script(tmp_path):
    (block,) = PAGE.read_text("utf-8").split("```python\n")[1:]
    path = tmp_path / "verify.py"
    path.write_text(block.split("```")[0], "utf-8")
    return path


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path / "case")
    layout.root.mkdir(mode=0o700)
    custody = Custody.create(layout, "A. Clerk")
    layout.case.write_text(json.dumps({"public_key": custody.public_key}))
    for number in range(5):
        values = {"é\u2028\x01\x7f": ['‮\n"\\', None, True, -number, 2**53 - 1], "a": {"z": 1, "B": "😀"}}
        custody.append("item-added", "O'Neil\t", values)
    return layout


def run(script, layout, *head):
    command = [sys.executable, str(script), str(layout.root), *head]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_good_log(script, layout):
    head = Custody(layout).head
    assert run(script, layout) == (0, f"6 lines agree, head {head}")
    assert run(script, layout, head)[0] == 0
    assert run(script, layout, "6:" + "0" * 64)[0] == 1


def test_both_verifiers_find_the_same_changes(script, layout):
    good = layout.custody.read_bytes()
    lines = good.splitlines(keepends=True)
    changed = {
        "value": good.replace(b'"a":{"B"', b'"a":{"C"', 1),
        "space": good.replace(b'"n":3', b'"n": 3'),
        "signature in capitals": b"".join([*lines[:3], _capitals(lines[3]), *lines[4:]]),
        "removed": b"".join(lines[:2] + lines[3:]),
        "exchanged": b"".join([lines[0], lines[2], lines[1], *lines[3:]]),
        "torn": good[:-9],
        "empty": b"",
        "extra key": good.replace(b'"n":3', b'"m":1,"n":3'),
        "key twice": good.replace(b'"n":3', b'"n":3,"n":3'),
        "not JSON": good + b"!\n",
    }
    for name, data in changed.items():
        assert data != good, name
        layout.custody.write_bytes(data)
        assert run(script, layout)[0] == 1, name
        assert verify(layout), name


def _capitals(line: bytes) -> bytes:
    entry = json.loads(line)
    return line.replace(entry["sig"].encode(), entry["sig"].upper().encode())


def test_the_page_names_every_code():
    page = PAGE.read_text("utf-8")
    codes = [line.split("``")[1] for line in (Problem.__doc__ or "").splitlines() if line.strip().startswith("``")]
    assert len(codes) == 10
    assert [code for code in codes if f"| `{code}` |" not in page] == []
