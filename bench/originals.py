"""Measure how long the record behind a message takes to be read from its item, format by format.

    .venv/bin/python bench/originals.py --size 2m --format zip --format xlsx     # result: bench/results/originals.json

Every format is added to a case of its own. The first record of a process is told apart: of a compressed member it makes or
loads the access points. Results of formats that are not measured again stay.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import msgspec
from asking import clocked
from corpora import FORMATS, corpus
from figures import RESULTS, Original, Originals, Spread, keep
from goals import SIZES
from machine import busy, describe
from subject import FILON

from filon.case import open_case
from filon.settings import load

SEED = 7
RECORDS = 50


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the formats and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="2m")
    parser.add_argument("--format", action="append", choices=FORMATS, default=[])
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "filon-bench")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.ask:
        sys.stdout.write(msgspec.json.encode(_records(asked.ask)).decode())
        return
    place = asked.out / "originals.json"
    known = msgspec.json.decode(place.read_bytes(), type=Originals).formats if place.exists() else {}
    was_busy, began = busy(), datetime.now(UTC)
    for form in asked.format or ("jsonl", "zip", "xlsx", "parquet"):
        known[f"{form} {asked.size}"] = _measured(form, SIZES[asked.size], asked.work)
    keep(place, Originals(describe(), began, was_busy, known))


def _measured(form: str, messages: int, work: Path) -> Original:
    made = corpus(work / "corpora", messages, form, SEED, None)
    folder = work / f"originals-{os.getpid()}"
    os.environ.update(FILON_HOME=str(folder), FILON_WHO="bench", FILON_ZONE="UTC", FILON_LANGUAGE="en")
    folder.mkdir()
    try:
        subprocess.run([FILON, "new", "case"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([FILON, "add", "case", str(made.path), "--yes", "--json"], check=True, stdout=subprocess.DEVNULL)
        turns = [
            subprocess.run([sys.executable, __file__, "--ask", "case"], check=True, stdout=subprocess.PIPE).stdout
            for _ in range(2)
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    cold, warm = (msgspec.json.decode(turn, type=tuple[float, list[float], bool]) for turn in turns)
    return Original(messages, made.bytes, cold[0], warm[0], Spread.of([*cold[1], *warm[1]]), cold[2] and warm[2])


def _records(name: str) -> tuple[float, list[float], bool]:
    """Milliseconds of the first record and of others, and whether every one of them is as it stands in the item."""
    with open_case(name, load()) as case:
        view, draws = case.view(), Random(SEED)
        longest = case.conversations(view, limit=10)[1]
        numbers = []
        for _ in range(RECORDS):
            row = draws.choice(longest)
            [message] = case.page(view, row.conversation, draws.randrange(row.messages), 1).messages
            numbers.append(message.id)
        exact: list[bool] = []

        def ask(number: str) -> None:
            raw = case.raw(view, number)
            exact.append(raw.problem is None and len(raw.data) > 0)

        times = [clocked(partial(ask, number)) for number in numbers]
        return times[0], times[1:], all(exact)


if __name__ == "__main__":
    main()
