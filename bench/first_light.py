"""Measure filon on this machine: the demo case, searching it, its first page, and a conversation of a million messages.

    .venv/bin/python bench/first_light.py     # keep the figures in bench/results/first-light.json
    .venv/bin/python bench/performance.py     # and write docs/performance.md from all results

Takes some minutes and about two gigabytes in a temporary folder, which is removed. All messages are synthetic.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from browser import first_page, scroll
from figures import RESULTS, Demo, Long, Run, keep
from machine import busy, bytes_below, describe, load, run
from questions import CLASSES, ask, draw
from subject import FILON, opening, serving, told

from filon.case import open_case
from filon.settings import Settings
from filon.synth import one_conversation

SEED = 7
PAGES = 60
"""Messages on one page of a conversation, as the reader in the browser asks for them."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS / "first-light.json", help="where to keep the figures")
    parser.add_argument("--messages", type=int, default=200_000, help="messages of the demo case (default 200000)")
    parser.add_argument("--long", type=int, default=1_000_000, help="messages of the conversation (default 1000000)")
    parser.add_argument("--port", type=int, default=18_300, help="first port to try for the reading room")
    asked = parser.parse_args(arguments)
    before, others, began, start = load(), busy(), datetime.now(UTC), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="filon-bench-") as folder:
        settings = Settings(home=Path(folder), who="bench")
        os.environ.update(FILON_HOME=folder, FILON_WHO="bench", FILON_ZONE="UTC", FILON_LANGUAGE="en")
        demo = measure_demo(settings, asked.messages, asked.port)
        long = measure_long(settings, asked.long, asked.port)
    minutes = (time.monotonic() - start) / 60
    keep(asked.out, Run(demo, long, describe(), began, (before, load()), others, minutes))


def measure_demo(settings: Settings, messages: int, port: int) -> Demo:
    """Make the demo case as ``filon demo`` does, then ask it everything."""
    told("the demo case")
    cost = run([FILON, "demo", "demo", "--messages", str(messages), "--json"], {})
    root = settings.home / "demo"
    opened = [opening("demo") for _ in range(7)]
    with open_case("demo", settings) as case:
        view = case.view()
        began = time.perf_counter()
        case.overview(view)
        overview = time.perf_counter() - began
        drawn = draw(case, view, SEED)
        searches = {}
        for name, texts in drawn.items():
            if not texts or name not in CLASSES:
                continue
            told(f"searches: {name}")
            searches[name] = ask(case, view, texts)
        found = case.counts(view).messages
    told("the first page")
    with serving(root, port) as (link, _):
        page = first_page(link)
    exports = root / "synthetic"
    evidence = sum(file.stat().st_size for file in exports.iterdir() if file.is_file())
    held = bytes_below(root) - bytes_below(exports)
    return Demo(cost, found, evidence, held, opened, overview, searches, page)


def measure_long(settings: Settings, messages: int, port: int) -> Long:
    """Add one conversation and move through it."""
    told(f"a conversation of {messages:,} messages")
    export = settings.home / "one conversation.jsonl"
    began = time.perf_counter()
    one_conversation(export, messages, SEED)
    synth = time.perf_counter() - began
    subprocess.run([FILON, "new", "long"], check=True, stdout=subprocess.DEVNULL)
    cost = run([FILON, "add", "long", str(export), "--yes", "--json"], {})
    root = settings.home / "long"
    with open_case("long", settings) as case:
        view = case.view()
        row = case.conversations(view, limit=1)[1][0]
        began = time.perf_counter()
        case.page(view, row.conversation, 0, PAGES)
        opened = time.perf_counter() - began
        steps = [(row.messages - PAGES) * step // 99 for step in range(100)]
        pages = []
        for place in steps[1::2] + steps[::2]:
            began = time.perf_counter()
            case.page(view, row.conversation, place, PAGES)
            pages.append((time.perf_counter() - began) * 1_000)
    told("moving through it")
    with serving(root, port) as (link, _):
        moves = scroll(link, row.conversation, row.messages, SEED)
    return Long(row.messages, export.stat().st_size, bytes_below(root), synth, cost, pages, opened * 1_000, moves)


if __name__ == "__main__":
    main()
