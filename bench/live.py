"""Measure a case that grows while it is read: a segment of messages every second, ten people searching, compaction beside.

    .venv/bin/python bench/live.py --seconds 60      # a look
    .venv/bin/python bench/live.py --seconds 3600    # the run

One process adds, two processes with five people each search, read facets and turn pages of conversations, and one watches for
every segment. A person asks, reads for a second, and asks again. Fresh means: from the moment a segment lies complete before
the writer to the moment another process finds all of it. All messages are synthetic; the temporary folder is removed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from machine import describe, load

from filon.case import create_case, open_case
from filon.settings import Settings
from filon.settings import load as settings_of

PEOPLE = 5
"""In each of the two processes that read."""
WORDS = [
    f"{a}{b}{c}" for a in "bcdfglmprstv" for b in ("a", "e", "i", "o", "ou") for c in ("l", "nne", "r", "ssage", "te")
]
QUIET = 10.0
"""Seconds in which people search before the writer begins."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it all, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="how long the writer adds (default 60)")
    parser.add_argument("--rate", type=int, default=500, help="messages a second (default 500)")
    parser.add_argument("--base", type=int, default=100_000, help="messages in the case before (default 100000)")
    parser.add_argument("--role", choices=["write", "watch", "read"], help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.role:
        {"write": write, "watch": watch, "read": read}[asked.role](asked.seconds, asked.rate)
        return
    for name, value in (*describe(), ("load before", load())):
        print(f"{name:<12} {value}")
    with tempfile.TemporaryDirectory(prefix="filon-live-") as folder:
        measure(Path(folder), asked.seconds, asked.rate, asked.base)


def measure(folder: Path, seconds: int, rate: int, base: int) -> None:
    """Make the case, let everybody work, and print what they saw."""
    settings = Settings(home=folder, who="bench")
    with create_case("live", settings) as case:
        case.add(case.view(), [segment(folder / "base.jsonl", "base", base, time.time() - 86_400 * 90, 86_400 * 89)])
    readers = [start(folder, "read", seconds, rate) for _ in range(2)]
    watcher = start(folder, "watch", seconds, rate)
    time.sleep(QUIET)
    begun = time.time()
    writer = start(folder, "write", seconds, rate)
    samples = [sample([writer, watcher, *readers], folder, begun) for _ in while_running(writer)]
    accepted = {line["segment"]: line for line in lines(writer)}
    found = {line["segment"]: line["at"] for line in lines(watcher)}
    asked = [line for reader in readers for line in lines(reader)]
    adds = [line["acknowledged"] - line["accepted"] for line in accepted.values()]
    fresh = [found[n] - line["accepted"] for n, line in accepted.items()]
    tell("add of the first segment, which starts processes", adds[:1])
    tell("add of a segment", adds[1:])
    tell("segment accepted -> found by another process", fresh[1:])
    for kind in ("newest", "facets", "page"):
        for when, test in (("before the writer", lambda at: at < begun), ("with the writer", lambda at: at >= begun)):
            tell(f"{kind}, {when}", [line["took"] for line in asked if line["kind"] == kind and test(line["at"])])
    print("seconds, slices, parts, MB of the writer and its processes, of watcher and readers:")
    step = max(1, len(samples) // 12)
    for shown in samples[::step]:
        print("  " + "  ".join(f"{value:>6.0f}" for value in shown))
    with open_case("live", settings) as case:
        view = case.view()
        log = [entry["what"] for entry in case.custody(view, limit=1_000_000)[1]]
        total, wanted = case.counts(view).messages, base + rate * len(accepted)
        print(f"compactions {log.count('compacted')}, segments {len(accepted)}, messages {total:,} of {wanted:,}")
        print("verify:", case.verify(view).problems or "everything agrees")


def segment(path: Path, name: str, rows: int, start: float, lasts: float) -> Path:
    """A JSON-lines export of ``rows`` messages in conversations of two; each bears the name of the segment."""
    chance = random.Random(name)
    with path.open("w", encoding="utf-8") as out:
        for row in range(rows):
            one = int(chance.paretovariate(0.6)) % 400
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + lasts * row / rows))
            text = " ".join([name, *(WORDS[min(len(WORDS) - 1, int(chance.expovariate(0.02)))] for _ in range(9))])
            people = f"+336{one:08d}", f"+337{(one * 7 + row % 3) % 400:08d}"
            line = {"id": f"{name}-{row}", "time": at, "from": people[row % 2], "to": people[1 - row % 2], "text": text}
            out.write(json.dumps(line) + "\n")
    return path


def write(seconds: int, rate: int) -> None:
    """Add a segment every second; one that is late is followed by the next at once."""
    settings = settings_of()
    with open_case("live", settings) as case:
        case.compact_beside()
        begun = time.time()
        for number in range(seconds):
            time.sleep(max(0.0, begun + number + 1 - time.time()))
            path = segment(settings.home / f"{number}.jsonl", f"segment{number}", rate, begun + number, 1)
            accepted = time.time()
            case.add(case.view(), [path])
            say(segment=number, accepted=accepted, acknowledged=time.time())


def watch(seconds: int, rate: int) -> None:
    """Say when each segment is found as a whole."""
    with open_case("live", settings_of()) as case:
        view = case.view()
        for number in range(seconds):
            while case.count(view, f"segment{number}") != rate:
                case.refresh()
                time.sleep(0.005)
            say(segment=number, at=time.time())


def read(seconds: int, rate: int) -> None:
    """Five people in one process, until the writer is done."""
    until = time.time() + QUIET + seconds
    with open_case("live", settings_of()) as case:
        people = [threading.Thread(target=person, args=(case, number, until)) for number in range(PEOPLE)]
        for one in people:
            one.start()
        for one in people:
            one.join()


def person(case: Any, number: int, until: float) -> None:
    """Ask, read for about a second, ask again; every request first looks for what is new, as the reading room does."""
    chance, view = random.Random(number + os.getpid()), case.view()
    while time.time() < until:
        kind = chance.choice(("newest", "facets", "page"))
        word, began = chance.choice(WORDS), time.perf_counter()
        case.refresh()
        if kind == "newest":
            case.search(view, word)
        elif kind == "facets":
            case.facets(view, word, ("account", "conversation", "month"))
        else:
            conversation = chance.randrange(100)
            case.page(view, conversation, max(0, case.conversation(view, conversation).conversation.messages - 60), 60)
        took = time.perf_counter() - began
        say(kind=kind, at=time.time(), took=took)
        time.sleep(2 * chance.random())


def say(**facts: object) -> None:
    """One line in one piece: several threads speak."""
    os.write(1, json.dumps(facts).encode() + b"\n")


def start(home: Path, role: str, seconds: int, rate: int) -> "subprocess.Popen[str]":
    """One of the processes; what it says goes to a file."""
    words = [sys.executable, __file__, "--role", role, "--seconds", str(seconds), "--rate", str(rate)]
    with tempfile.NamedTemporaryFile("w", dir=home, prefix=f"{role}-", suffix=".jsonl", delete=False) as out:
        process = subprocess.Popen(words, stdout=out, env=os.environ | {"FILON_HOME": str(home)}, text=True)
    said[process.pid] = Path(out.name)
    return process


said: dict[int, Path] = {}
"""Where each process writes."""


def lines(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """Everything a process said, when it has ended."""
    if process.wait(600):
        sys.exit(f"a process ended with {process.returncode}")
    return [json.loads(line) for line in said[process.pid].read_text("utf-8").splitlines()]


def while_running(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Once a second until a process ends."""
    while process.poll() is None:
        yield
        time.sleep(1)


def sample(processes: "list[subprocess.Popen[str]]", folder: Path, begun: float) -> tuple[float, ...]:
    """Seconds, slices, parts, and resident megabytes of the writer with its processes, and of the others."""
    manifest = json.loads((folder / "live" / "manifest.json").read_bytes())["body"]
    sizes = [resident(process.pid) / 2**20 for process in processes]
    return time.time() - begun, len(manifest["slices"]), len(manifest["parts"]), sizes[0], sum(sizes[1:])


def resident(pid: int) -> int:
    """Resident bytes of a process and all below it; 0 where it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        tasks = [p.read_text("ascii").split() for p in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(int(child)) for some in tasks for child in some)


def tell(what: str, seconds: "list[float]") -> None:
    """The middle, the tail and the worst of some times."""
    if seconds:
        ordered = sorted(seconds)
        shown = "  ".join(
            f"{name} {1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]:>6.0f}"
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
        )
        print(f"{what:<46} {shown} ms  (n={len(ordered)})")


if __name__ == "__main__":
    main()
