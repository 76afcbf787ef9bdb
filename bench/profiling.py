"""Turn what `py-spy record --format raw` saw into shares of the work, by module, and keep them.

    py-spy record --subprocesses --native --rate 50 --format raw --output add.raw -- filon add ...
    .venv/bin/python bench/profiling.py add.raw "adding 2 M messages" "what was learned, in a sentence or two"

`bench/profile.md` has the commands whole. A sample counts for the innermost function of filon on its stack: what Arrow,
Tantivy or the interpreter did for it is its own. Results go to bench/results/profile-NAME.json, NAME being that of the file.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from figures import RESULTS, Profile, keep

__all__ = ["profiled"]

_FRAME = re.compile(r"(?P<function>\S+) \((?:.*/)?(?P<module>filon/[\w/]+)\.py:\d+\)")
_MOST, _NAMED = 16, 3
_WAITING = ("_exactly", "receive", "wait", "_listen")
"""Functions in which a process does nothing but wait for another."""


def profiled(raw: Path, what: str, learned: str) -> Profile:
    """Shares of all samples by module, the largest first. Stacks that never reach filon are ``outside``."""
    seen, waited = Counter[tuple[str, str]](), 0
    for line in raw.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        found = [frame for part in stack.split(";") if (frame := _FRAME.match(part))]
        module, function = (
            (found[-1]["module"].removeprefix("filon/"), found[-1]["function"]) if found else ("outside", "")
        )
        if function.rpartition(".")[2] in _WAITING:
            waited += int(count)
        else:
            seen[module, function] += int(count)
    worked = seen.total()
    modules = Counter[str]()
    for (module, _), count in seen.items():
        modules[module] += count
    shares = [
        (module, [function for (one, function), _ in seen.most_common() if one == module][:_NAMED], count / worked)
        for module, count in modules.most_common(_MOST)
    ]
    return Profile(what, learned, worked, shares)


def main() -> None:
    """Keep the shares of one file."""
    raw, what, learned = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    keep(RESULTS / f"profile-{raw.stem}.json", profiled(raw, what, learned))


if __name__ == "__main__":
    main()
