"""Processor time of filon over that of SQLite FTS5 on the same 50,000 synthetic messages: a small run for every change.

    .venv/bin/python bench/ratio.py        prints {"add": …, "newest": …}

``add``: ``filon add`` over building the FTS5 tables, both from the JSON lines. ``newest``: the middle of the searches for the
newest 50 with text. Each side is the best of three, in processes of its own: processor time, and only as a ratio, so that
neither the machine nor its other work decides.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from corpora import corpus
from figures import Asked
from machine import run
from peers import Fts5, build_fts5
from questions import WARM
from subject import FILON

__all__ = ["ratios"]

MESSAGES = 50_000
ROUNDS = 3
SEED = 7
_HERE = Path(__file__).parent
_CLASSES = ("rare", "share", "both", "phrase")


def ratios(folder: Path) -> dict[str, float]:
    """Make the corpus, build both, ask both."""
    os.environ.update(FILON_HOME=str(folder), FILON_WHO="bench", FILON_ZONE="UTC", FILON_LANGUAGE="en")
    made = corpus(folder, MESSAGES, "jsonl", SEED, None)
    ours, theirs = [], []
    for number in range(ROUNDS):
        case = f"case{number}"
        subprocess.run([FILON, "new", case], check=True, stdout=subprocess.DEVNULL)
        ours.append(run([FILON, "add", case, str(made.path), "--yes", "--json"], {}).cpu)
        (folder / "fts5.db").unlink(missing_ok=True)
        began = time.process_time()
        build_fts5(made.path, folder)
        theirs.append(time.process_time() - began)
    questions = folder / "questions.json"
    questions.write_bytes(_asking("draw", str(SEED)))
    drawn = msgspec.json.decode(questions.read_bytes(), type=dict[str, list[str]])
    chosen = {name: drawn[name] for name in _CLASSES}
    questions.write_bytes(msgspec.json.encode(chosen | {WARM: drawn[WARM]}))
    asked = [msgspec.json.decode(_asking("newest", str(questions)), type=Asked) for _ in range(ROUNDS)]
    newest = [sum(answers.cpu.p50 for answers in one.classes.values()) for one in asked]
    engine = Fts5(folder)
    peer = [sum(_middle(engine, texts) for texts in chosen.values()) for _ in range(ROUNDS)]
    return {"add": round(min(ours) / min(theirs), 2), "newest": round(min(newest) / min(peer), 2)}


def _middle(engine: Fts5, texts: list[str]) -> float:
    """Milliseconds of processor time of the middle question: the newest 50."""
    each = []
    for text in texts:
        began = time.process_time()
        engine.newest(text)
        each.append((time.process_time() - began) * 1_000)
    return sorted(each)[len(each) // 2]


def _asking(kind: str, argument: str) -> bytes:
    command = [sys.executable, str(_HERE / "asking.py"), kind, "case0", argument]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def main() -> None:
    """Print the ratios."""
    folder = Path(tempfile.mkdtemp(prefix="filon-ratio-"))
    try:
        sys.stdout.write(msgspec.json.encode(ratios(folder)).decode() + "\n")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
