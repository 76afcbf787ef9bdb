"""Measure filon and its peers on corpora of 200,000 to twenty million messages, side by side in one run.

    .venv/bin/python bench/scale.py --size 200k --size 2m                 # JSON lines, all peers
    .venv/bin/python bench/scale.py --size 20m --format csv               # no peers: they are asked on JSON lines
    .venv/bin/python bench/scale.py --size 20m --peers '' --run 2         # once more, kept beside the first
    .venv/bin/python bench/scale.py --size 2m --real SAMPLES/irc-ubuntu   # lines people wrote, dealt anew
    .venv/bin/python bench/performance.py                                 # write docs/performance.md from all results

Results go to bench/results/, one file for each size and format. Corpora are kept in --work and used again; cases and what
peers build are removed. It says first what disk it needs, and stops where that is not free.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import postgres
from corpora import FORMATS, LINES, Corpus, corpus, needed
from figures import RESULTS, Asked, Pages, Peer, PeerAnswers, Scale, Subject, keep
from goals import SIZES
from machine import busy, bytes_below, describe, load, run
from peers import PEERS
from subject import FILON, at_rest, bytes_by_kind, native_bytes, opening, told

from filon.settings import Settings

SEED = 7
_HERE = Path(__file__).parent
_OPENED = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every size and keep what was found."""
    asked = _parser().parse_args(arguments)
    sizes = asked.size or ["200k"]
    peers = asked.format in LINES and not asked.only_add
    wanted = [name for name in asked.peers.split(",") if name] if peers else []
    if unknown := set(wanted) - {*PEERS, "postgres"}:
        raise SystemExit(f"no peer is called {', '.join(sorted(unknown))}")
    asked.work.mkdir(parents=True, exist_ok=True)
    for size in sizes:
        _enough(asked.work, SIZES[size], asked.format, bool(wanted))
    for size in sizes:
        before, others, began, start = load(), busy(), datetime.now(UTC), time.monotonic()
        told(f"a corpus of {SIZES[size]:,} messages")
        made = corpus(asked.work / "corpora", SIZES[size], asked.format, SEED, asked.real)
        folder = asked.work / f"run-{os.getpid()}"
        try:
            subject = measure(made, folder, asked.port, asks=not asked.only_add, rereads=not asked.no_reread)
            peers = {name: measure_peer(name, made, folder) for name in wanted}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        minutes = (time.monotonic() - start) / 60
        command = " ".join(
            ["bench/scale.py", "--size", size, "--format", asked.format, *(["--real"] if made.real else [])]
            + (["--run", str(asked.run)] if asked.run > 1 else [])
            + (["--only-add"] if asked.only_add else [])
            + (["--no-reread"] if asked.no_reread else [])
        )
        name = (
            f"scale-{made.form}-{'real-' if made.real else ''}{size}{f'-run{asked.run}' if asked.run > 1 else ''}.json"
        )
        found = Scale(
            made.messages, made.form, made.real, made.bytes, SEED, command, describe(), began, (before, load()), others,
            minutes, subject, peers, asked.run,
        )  # fmt: skip
        keep(asked.out / name, found)


def measure(made: Corpus, folder: Path, port: int, *, asks: bool, rereads: bool) -> Subject:
    """filon: adding, its case on disk, opening, searching and pages, checking, and its reading room at rest."""
    settings = Settings(home=folder, who="bench")
    root = settings.home / "case"
    folder.mkdir(parents=True)
    os.environ.update(FILON_HOME=str(folder), FILON_WHO="bench", FILON_ZONE="UTC", FILON_LANGUAGE="en")
    subprocess.run([FILON, "new", "case"], check=True, stdout=subprocess.DEVNULL)
    told("filon: add")
    cost = run([FILON, "add", "case", str(made.path), "--yes", "--json"], {}, shared=True)
    kinds, native = bytes_by_kind(root), native_bytes(root)
    told("filon: open, draw, ask")
    opened = [opening("case") for _ in range(_OPENED)]
    overview = float(_ask("overview"))
    newest = facets = Asked({}, 0)
    pages = None
    if asks:
        questions = folder / "questions.json"
        questions.write_bytes(_ask("draw", str(SEED)))
        newest = msgspec.json.decode(_ask("newest", str(questions)), type=Asked)
        facets = msgspec.json.decode(_ask("facets", str(questions)), type=Asked)
        pages = msgspec.json.decode(_ask("pages", str(SEED)), type=Pages)
    told("filon: serve, verify, read again")
    rest = at_rest(root, port)
    verify = run([FILON, "verify", "case", "--json"], {}, shared=True)
    reread = run([FILON, "verify", "case", "--reread", "--json"], {}, shared=True) if rereads else None
    again = replace(reread, answer={}) if reread else None  # answers name paths of this machine
    return Subject(
        replace(cost, answer={}), kinds, native, opened, overview, newest, facets, pages, rest,
        replace(verify, answer={}), again,
    )  # fmt: skip


def measure_peer(name: str, made: Corpus, folder: Path) -> Peer:
    """A peer: building from the same lines, its bytes, its answers to the same questions."""
    told(f"{name}: build, ask")
    place, questions = folder / name, folder / "questions.json"
    if name == "postgres":
        return postgres.measure(made.path, place, questions)
    place.mkdir()
    program = [sys.executable, str(_HERE / "peers.py")]
    cost = run([*program, "build", name, str(made.path), str(place)], {}, shared=True)
    held = bytes_below(place)
    done = subprocess.run([*program, "ask", name, str(place), str(questions)], check=True, stdout=subprocess.PIPE)
    found = Peer(cost, held, msgspec.json.decode(done.stdout, type=dict[str, PeerAnswers]))
    shutil.rmtree(place)
    return found


def _ask(kind: str, *rest: str) -> bytes:
    command = [sys.executable, str(_HERE / "asking.py"), kind, "case", *rest]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def _enough(work: Path, messages: int, form: str, peers: bool) -> None:
    """Say what a run needs on disk; stop where it is not there."""
    parts = needed(messages, form, peers)
    free = shutil.disk_usage(work).free
    said = ", ".join(f"{name} {size / 1e9:.1f}" for name, size in parts.items())
    told(f"{messages:,} messages need {sum(parts.values()) / 1e9:.1f} GB of {free / 1e9:.1f} GB free: {said}")
    if free < sum(parts.values()):
        raise SystemExit("not enough disk; name another folder with --work, or leave peers out with --peers ''")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", action="append", choices=SIZES, help="may be given several times (default 200k)")
    parser.add_argument("--format", choices=FORMATS, default="lean")
    parser.add_argument("--run", type=int, default=1, help="which run this is; the second is kept beside the first")
    parser.add_argument(
        "--real", type=Path, metavar="FOLDER", help="deal the lines of these *.raw.txt anew (lean only)"
    )
    parser.add_argument("--peers", default="fts5,postgres,duckdb", help="which of fts5,postgres,duckdb (default all)")
    parser.add_argument(
        "--work", type=Path, default=Path.home() / ".cache" / "filon-bench", help="where corpora are kept"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="where results go")
    parser.add_argument(
        "--only-add", action="store_true", help="ask nothing; the case is the same whatever it came from"
    )
    parser.add_argument("--no-reread", action="store_true", help="do not read the evidence again at the end")
    parser.add_argument("--port", type=int, default=18_300, help="first port to try for the reading room")
    return parser


if __name__ == "__main__":
    main()
