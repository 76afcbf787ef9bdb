"""The pages about performance say what the committed results say, and nothing was written into them by hand."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_pages_follow_from_the_results():
    pytest.importorskip("playwright")
    command = [sys.executable, str(ROOT / "bench" / "performance.py"), "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
