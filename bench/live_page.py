"""What ``live.py`` printed, as a section of the page about performance, and its figures for the table of goals."""

import re
from pathlib import Path

from figures import RESULTS
from tables import figure

__all__ = ["LIVE", "goal", "section"]

LIVE = RESULTS / "live.txt"
"""What a run of ``live.py`` printed, kept as it is."""
_MUST, _AIM = 2_000, 500
_FRESH = re.compile(r"^segment accepted -> found by another process .* p99\s+(\d+) .*\(n=(\d+)\)", re.M)


def goal(path: Path = LIVE) -> tuple[str, ...]:
    """The row of the table of goals: 99 in 100, since nobody may wait for a message that was accepted."""
    what = "live: accepted until found by another process, 500 messages/s and ten people searching, 99 in 100"
    if not path.exists():
        return what, "2 s", "0.5 s", "–", "–", "not measured"
    found = _FRESH.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{path} is not what live.py prints")
    took, segments = int(found[1]), int(found[2])
    verdict = "aim reached" if took <= _AIM else "reached" if took <= _MUST else "**not reached**"
    return what, "2 s", "0.5 s", f"{figure(took / 1_000)} s", f"{segments / 60:.0f} minutes", verdict


def section(path: Path = LIVE) -> str:
    """What was printed; empty where nothing was kept."""
    if not path.exists():
        return ""
    return (
        "## A case that grows while ten people read it\n\n"
        "`bench/live.py` adds a segment of 500 messages every second and compacts beside it; two processes with five people each "
        "ask, read for a second and ask again; another process watches for every segment. Milliseconds but where it says "
        f"otherwise, as it printed them:\n\n```\n{path.read_text(encoding='utf-8').strip()}\n```\n"
    )
