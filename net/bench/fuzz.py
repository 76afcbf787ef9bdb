"""Decoders under atheris: what others wrote, changed by a fuzzer that sees which lines a change reaches.

    python net/bench/fuzz.py                        the names
    python net/bench/fuzz.py frames 120             one for 120 seconds, its output on the terminal
    python net/bench/fuzz.py --write 60 NAME ...    these one after another (without names: all), and the table on the page

Atheris (libFuzzer for Python) is not a dependency of the project: make a virtual environment of its own with the same Python,
``pip install atheris`` into it, and run this file by its Python with the project's packages on ``PYTHONPATH``. The targets
are those of ``net/tests/faults/decoders.py``. Anything but a refusal of ours is a finding: atheris stops, shows the
traceback and writes the input to ``crash-…`` in the corpus folder.

``--write`` keeps the figures in ``net/bench/results/fuzz.json`` and writes ``net/docs/fuzzing.md``; ``--page`` only the latter.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

NET = Path(__file__).parents[1]
RESULTS = NET / "bench" / "results" / "fuzz.json"
PAGE = NET / "docs" / "fuzzing.md"
sys.path.insert(0, str(NET / "tests"))

_STATE = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+) corp: (\d+)/", re.MULTILINE)
_HEAD = """\
# Decoders under a fuzzer

Written by `net/bench/fuzz.py`, not by hand. Every decoder that reads what others wrote is run by atheris (libFuzzer for Python),
from valid bytes on. A run ends at once where anything but a refusal of ours comes out, and where a value has two spellings, or a
text that was made safe to show is not safe. The same list runs with every test under hypothesis (`tests/faults/test_decoders.py`).

*Reached* is how many branches of `filon_net` the valid bytes alone reach, and at the end; *features* counts them with how often;
*kept* are the inputs that reached something new. Behind a check (a signature, a seal) a fuzzer does not get by itself: such targets
begin with bytes that are well signed, and what lies behind the check is a target of its own.

| decoder | day | seconds | executions | reached | features | kept | found |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    words = sys.argv[1:]
    if words[:1] == ["--page"]:
        write_page()
    elif words[:1] == ["--write"] and len(words) > 1 and words[1].isdigit():
        for name in words[2:] or names():
            keep(name, run(name, int(words[1])))
        write_page()
    elif words and words[0] in names():
        fuzz(words[0], int(words[1]) if len(words) > 1 else 120)
    else:
        sys.exit("usage: fuzz.py NAME [SECONDS] or fuzz.py --write SECONDS [NAME ...]; names: " + ", ".join(names()))


def names() -> list[str]:
    from faults.decoders import DECODERS

    return list(DECODERS)


def fuzz(name: str, seconds: int) -> None:
    """Never comes back: libFuzzer ends the process."""
    import atheris

    for module in [one for one in sys.modules if one.split(".")[0] in ("filon_net", "faults", "log")]:
        del sys.modules[module]  # what was imported before is not instrumented
    with atheris.instrument_imports(include=["filon_net"]):
        from faults.decoders import DECODERS, tried

    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name.replace(' ', '-')}-"))
    for number, good in enumerate(DECODERS[name].good):
        (corpus / f"good-{number}").write_bytes(good)
    os.chdir(corpus)
    longest = max(4_096, *(len(one) for one in DECODERS[name].good))
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={longest}",
        "-timeout=20",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: tried(name, data) and None)
    atheris.Fuzz()


def run(name: str, seconds: int) -> dict[str, Any]:
    """One target in a process of its own; its figures."""
    print(f"{name}: {seconds} s", flush=True)
    done = subprocess.run(
        [sys.executable, __file__, name, str(seconds)], capture_output=True, text=True, errors="replace", check=False
    )
    figures = read(done.stderr + done.stdout)
    if done.returncode:
        print(done.stdout[-4_000:], done.stderr[-4_000:], sep="\n", flush=True)
    print(f"  {figures}", flush=True)
    return figures


def read(said: str) -> dict[str, Any]:
    """The figures in what a run wrote."""
    states = _STATE.findall(said)
    first = next((one for one in states if one[1] == "INITED"), None)
    runs, state, reached, features, kept = states[-1] if states else ("0", "", "0", "0", "0")
    seconds = re.search(r"^Done \d+ runs in (\d+) second", said, re.MULTILINE)
    found = re.findall(r"(?:=== Uncaught Python exception: ===\n|ERROR: libFuzzer: )(.{0,90})", said)
    return {
        "day": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds": int(seconds[1]) if seconds else None,
        "executions": int(runs),
        "begun": int(first[2]) if first else None,
        "reached": int(reached),
        "features": int(features),
        "kept": int(kept),
        "found": found[0] if found else "" if state == "DONE" else "it did not end by itself",
    }


def kept() -> dict[str, dict[str, Any]]:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def keep(name: str, figures: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(kept() | {name: figures}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def page(results: dict[str, dict[str, Any]], every: list[str]) -> str:
    """The page; what was not run is said to be not run."""
    lines = []
    for name in every:
        one = results.get(name)
        if one is None:
            lines.append(f"| {name} | not run | | | | | | |")
            continue
        reached = f"{one['begun']} → {one['reached']}" if one["begun"] is not None else f"{one['reached']}"
        numbers = f"{one['seconds'] or '?'} | {one['executions']:,} | {reached} | {one['features']:,} | {one['kept']:,}"
        lines.append(f"| {name} | {one['day']} | {numbers} | {one['found'] or 'nothing'} |")
    return _HEAD + "\n".join(lines) + "\n"


def write_page() -> None:
    PAGE.write_text(page(kept(), names()), encoding="utf-8")
    print("wrote", PAGE.relative_to(NET.parent))


if __name__ == "__main__":
    main()
