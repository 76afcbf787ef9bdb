"""Ask a case the drawn questions, in a process that has asked nothing before. Prints one JSON object.

    python bench/asking.py draw CASE SEED > questions.json        draws the questions (and so asks many counts)
    python bench/asking.py newest CASE questions.json             the newest 50 with text, as a page shows them first
    python bench/asking.py facets CASE questions.json             the exact total and three facets
    python bench/asking.py pages CASE SEED                        pages of the longest conversation, over all of it
    python bench/asking.py overview CASE                          the overview

A few questions of no class come first, so that the case is open; how long the first of them took is told. Then each class
is asked twice from beginning to end: the first time no text was asked before, the second time every text was.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import msgspec
from figures import Answers, Asked, Pages, Spread
from questions import WARM, draw

from filon.case import Case, open_case
from filon.model.view import View
from filon.settings import load

FACETS = ("account", "conversation", "day")
PAGE = 60
"""Messages on one page, as the reader in the browser asks for them."""
_PLACES = 100


def main() -> None:
    """Do what the first argument says."""
    kind, name, *rest = sys.argv[1:]
    with open_case(name, load()) as case:
        view = case.view()
        answer: object
        if kind == "draw":
            answer = draw(case, view, int(rest[0]))
        elif kind == "pages":
            answer = _pages(case, view, int(rest[0]))
        elif kind == "overview":
            answer = clocked(partial(case.overview, view))
        else:
            questions = msgspec.json.decode(Path(rest[0]).read_bytes(), type=dict[str, list[str]])
            ask = {"newest": _newest, "facets": _facets}[kind]
            opening = [clocked(partial(ask, case, view, text)) for text in questions.pop(WARM)]
            classes = {name: _asked(case, view, ask, texts) for name, texts in questions.items() if texts}
            answer = Asked(classes, _peak(), opening[0])
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")


def _newest(case: Case, view: View, text: str) -> None:
    case.first_hits(view, text, limit=50)


def _facets(case: Case, view: View, text: str) -> None:
    case.count(view, text)
    case.facets(view, text, FACETS)


def _asked(case: Case, view: View, ask: Callable[[Case, View, str], None], texts: list[str]) -> Answers:
    cpu: list[float] = []

    def once(text: str) -> None:
        worked = time.process_time()
        ask(case, view, text)
        cpu.append((time.process_time() - worked) * 1_000)

    first = [clocked(partial(once, text)) for text in texts]
    again = [clocked(partial(ask, case, view, text)) for text in texts]
    hits = [case.count(view, text) for text in texts]
    return Answers(hits, Spread.of(first), Spread.of(again), Spread.of(cpu))


def _pages(case: Case, view: View, seed: int) -> Pages:
    longest = max(case.conversations(view, limit=100)[1], key=lambda row: row.messages)
    opened = clocked(partial(case.page, view, longest.conversation, 0, PAGE))
    draws = Random(seed)
    places = [draws.randrange(max(1, longest.messages - PAGE)) for _ in range(_PLACES)]

    def turn() -> list[float]:
        return [clocked(partial(case.page, view, longest.conversation, place, PAGE)) for place in places]

    return Pages(longest.messages, opened, Spread.of(turn()), Spread.of(turn()))


def clocked(work: Callable[[], object]) -> float:
    """Milliseconds that some work takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
