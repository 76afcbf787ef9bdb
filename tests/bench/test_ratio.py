"""Processor time against SQLite FTS5 on the same messages must not grow by half over what is committed beside this file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASELINE = json.loads(Path(__file__).with_name("baseline.json").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_adding_and_searching_cost_no_more_beside_fts5_than_before():
    command = [sys.executable, str(ROOT / "bench" / "ratio.py")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
    found = json.loads(done.stdout.splitlines()[-1])
    allowed = {name: ratio * BASELINE["tolerance"] for name, ratio in BASELINE["ratios"].items()}
    assert found.keys() == allowed.keys()
    slower = {name: (found[name], most) for name, most in allowed.items() if found[name] > most}
    assert not slower, f"ratio to FTS5 and the most that is allowed: {slower}"
