"""How much of who writes to whom a seized relay gives away; by hand: ``python net/bench/graph.py``.

Writes ``net/bench/results/graph.json`` and the section between the markers of ``net/docs/threat-model.md``. ``--check`` only
says whether page and result agree.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from graph_attack import Evidence, evidence, links_found
from graph_dump import dump_evidence
from graph_page import MARKERS, section
from graph_people import DAY, made
from graph_phones import Conduct, Seen, observed
from graph_score import scored

__all__ = ["DUMPS", "ROWS", "Row", "measured", "placed"]

HERE = Path(__file__).parent
RESULT = HERE / "results" / "graph.json"
PAGE = HERE.parent / "docs" / "threat-model.md"

BUILT = Conduct()
HIDDEN = replace(BUILT, address="none")
CAREFUL = replace(HIDDEN, sending="each", online="always")
BEFORE = replace(HIDDEN, sending="kept", upkeep="together", bundles="readable")


@dataclass(frozen=True)
class Row:
    """One way to behave. ``built``: it can be had today, with nothing but settings."""

    name: str
    conduct: Conduct
    built: bool = False
    people: int = 60


ROWS = [
    Row("as built, each phone with an address of its own", BUILT, built=True),
    Row("as built, each team behind one address", replace(BUILT, address="team"), built=True),
    Row("as built, addresses tell nothing (one exit, or Tor)", HIDDEN, built=True),
    Row("… and the phone always connected", replace(HIDDEN, online="always"), built=True),
    Row("… and no receipts", replace(HIDDEN, receipts="never"), built=True),
    Row("… and four times the people", HIDDEN, built=True, people=240),
    Row("… but receipts at once", replace(HIDDEN, receipts="at once")),
    Row("… but no padding", replace(HIDDEN, sizes="exact")),
    Row("… but mailboxes never changed", replace(HIDDEN, rotation=0.0)),
    Row("… but the sender's connection kept", replace(HIDDEN, sending="kept")),
    Row("… but upkeep and openings together", replace(HIDDEN, upkeep="together")),
    Row("… but bundles that the relay can read", replace(HIDDEN, bundles="readable")),
    Row("… but all three, as it was before", BEFORE),
    Row("… and always connected, as it was before", replace(BEFORE, online="always")),
    Row("… and a connection for each post", replace(HIDDEN, sending="each")),
    Row("all of it: addresses that tell nothing, always connected, a connection for each post", CAREFUL),
    Row("all of it, with an address for each phone", replace(CAREFUL, address="phone")),
    Row("all of it, but upkeep and openings together", replace(CAREFUL, upkeep="together")),
    Row("all of it, but bundles that the relay can read", replace(CAREFUL, bundles="readable")),
    Row("all of it, but receipts at once", replace(CAREFUL, receipts="at once")),
    Row("all of it, but no padding", replace(CAREFUL, sizes="exact")),
    Row("all of it, and no receipts", replace(CAREFUL, receipts="never")),
    Row("all of it, and one capability for all contacts", replace(CAREFUL, capability="mailbox")),
    Row("all of it, and a new mailbox every week", replace(CAREFUL, rotation=7.0)),
    Row("all of it, and a new mailbox every day", replace(CAREFUL, rotation=1.0)),
    Row("all of it, and four times the people", CAREFUL, people=240),
]
DUMPS = [
    ("as built", "as built: hours, erased on acknowledgement, one day's count for each capability"),
    ("hours", "if nothing were erased, arrival kept to the hour"),
    ("seconds", "if nothing were erased, arrival kept to the second"),
]


def measured(rows: Iterable[Row], days: int, learned: int, tested: int, told: Callable[[str], None]) -> dict[str, Any]:
    """The whole result. Networks are drawn by fixed seeds: the same call gives the same figures."""
    running = []
    for row in rows:
        nets = [
            _seen(seed, row.conduct, row.people, days) for seed in (*range(1, learned + 1), *range(101, 101 + tested))
        ]
        proofs = [evidence(seen, contacts) for seen, contacts in nets]
        links = [links_found(seen) for seen, _ in nets[learned:]]
        running.append(
            {
                "name": row.name,
                "built": row.built,
                "people": row.people,
                **scored(proofs[:learned], proofs[learned:]).plain(),
                "links_found": sum(found for found, _ in links),
                "links": sum(of for _, of in links),
            }
        )
        told(f"{running[-1]}")
    nets = [_seen(seed, HIDDEN, 60, days) for seed in (*range(1, learned + 1), *range(101, 101 + tested))]
    dumps = []
    for kept, name in DUMPS:
        copies: list[Evidence] = [
            dump_evidence(seen, contacts, kept, (days - 2 + 0.55) * DAY) for seen, contacts in nets
        ]
        dumps.append({"name": name, "built": kept == "as built", **scored(copies[:learned], copies[learned:]).plain()})
        told(f"{dumps[-1]}")
    sizes = [(len(contacts), len(seen.posts)) for seen, contacts in nets[learned:]]
    world = {
        "people": 60,
        "teams": 4,
        "days": days,
        "contacts": round(float(np.mean([one for one, _ in sizes]))),
        "posts": round(float(np.mean([one for _, one in sizes]))),
        "networks_learned": learned,
        "networks_tested": tested,
        "chance": round(float(np.mean([one for one, _ in sizes])) / (60 * 59 / 2), 3),
    }
    return {"world": world, "running": running, "dump": dumps}


def _seen(seed: int, conduct: Conduct, people: int, days: int) -> tuple[Seen, list[tuple[int, int]]]:
    world = made(np.random.default_rng(seed), people, people // 15, days)
    return observed(np.random.default_rng(seed + 1_000), world, conduct), world.contacts


def placed(page: str, result: dict[str, Any]) -> str:
    """The page with the section of this result between its markers."""
    before, _, rest = page.partition(MARKERS[0])
    _, _, after = rest.partition(MARKERS[1])
    return f"{before}{MARKERS[0]}\n{section(result)}\n{MARKERS[1]}{after}"


def main() -> None:
    """Measure, write result and page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--check", action="store_true", help="only say whether page and result agree")
    if words.parse_args().check:
        agree = placed(PAGE.read_text(encoding="utf-8"), json.loads(RESULT.read_text())) == PAGE.read_text(
            encoding="utf-8"
        )
        sys.exit(0 if agree else "net/docs/threat-model.md is not what net/bench/results/graph.json says")
    result = measured(ROWS, 10, 3, 3, lambda line: print(line, flush=True))
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    if PAGE.exists():
        PAGE.write_text(placed(PAGE.read_text(encoding="utf-8"), result), encoding="utf-8")


if __name__ == "__main__":
    main()
