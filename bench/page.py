"""The first light as sections: what was asked for, what was found, on what, and what it does not say."""

import statistics
from collections.abc import Iterator, Sequence

from browser import FirstPage, Visit
from figures import Demo, Long, Run
from questions import CLASSES, PER_CLASS
from tables import table

__all__ = ["written"]

_LIMITS = """## What these figures do not say

- The messages are [synthetic](why/synthetic-truth.md). Their texts repeat more than people's do, so words are fewer and
  compress better.
- One run on one machine. Times by the clock grow with whatever else the machine does; processor time less so.
- Peak memory adds up the resident sizes of all processes of a command every 50 ms. Pages that processes share count
  once for each, so it is an upper bound.
- Search times are those of `Case.search`, which every page and command calls: the exact total and the newest 50
  messages with texts, names and marked passages. Making HTML and sending it come on top.
"""


def written(run: Run) -> str:
    """The sections as Markdown."""
    return "\n".join(
        [
            _circumstances(run),
            _asked(run),
            _demo(run.demo),
            _searches(run.demo),
            _first_page(run.demo.page),
            _long(run.long),
            _LIMITS,
        ]
    )


def _circumstances(run: Run) -> str:
    warning = "\n**The machine was busy with other work when this run began.** Read the times as upper bounds.\n"
    rows = [
        *run.machine,
        ("measured", f"{run.began:%Y-%m-%d %H:%M} UTC, {run.minutes:.0f} minutes"),
        ("load average before", run.loads[0]),
        ("load average after (this run included)", run.loads[1]),
    ]
    return "## First light: where and when\n\n" + table(("", ""), rows) + (warning if run.busy else "")


def _asked(run: Run) -> str:
    demo, long = run.demo, run.long
    classes = {name: timed for name, timed in demo.searches.items() if name != "pattern"}
    slowest = max(classes, key=lambda name: _share(classes[name].first, 95))
    blank = max(move.blank for move in long.moves)
    rows = [
        ("demo case made, added, searched", "90 s", f"{demo.cost.seconds:.1f} s", f"{demo.cost.cpu:.1f} s", demo.cost.seconds < 90),
        (
            f"search, 95 of 100 asks, slowest class but patterns ({CLASSES[slowest]})", "50 ms",
            f"{_share(classes[slowest].first, 95):.1f} ms", f"{_share(classes[slowest].cpu, 95):.1f} ms",
            _share(classes[slowest].first, 95) < 50,
        ),
        *_pages(demo.page),
        (f"no row in view while moving through {long.messages:,} messages, longest", "200 ms", f"{blank:.0f} ms", "", blank < 200),
    ]  # fmt: skip
    return "## First light: what was asked for\n\n" + table(
        ("", "at most", "found", "processor time", ""),
        [(*row[:4], "reached" if row[4] else "**not reached**") for row in rows],
        right=(1, 2, 3),
    )


def _pages(page: FirstPage) -> Iterator[tuple[str, str, str, str, bool]]:
    """The rows about the first page: as asked for, and what was found."""
    yield "first page painted, first visit", "300 ms", f"{page.first.paint:.0f} ms", "", page.first.paint < 300
    for name, visits in _visits(page)[1:]:
        slow = _share([visit.paint for visit in visits], 95)
        yield f"first page painted, 95 of 100: {name}", "300 ms", f"{slow:.0f} ms", "", slow < 300


def _visits(page: FirstPage) -> list[tuple[str, list[Visit]]]:
    return [
        ("the first visit", [page.first]),
        ("a browser that was never there", page.new),
        ("a browser that has been there", page.known),
    ]


def _demo(demo: Demo) -> str:
    added = demo.cost.answer["seconds"]
    rows = [
        ("`filon demo`: whole command", f"{demo.cost.seconds:.1f} s by the clock, {demo.cost.cpu:.1f} s of processor time"),
        ("of it adding: hash, read, sort, index, write", f"{added:.1f} s, {demo.messages / added:,.0f} messages a second"),
        ("the rest: making the exports and their truth, one search", f"{demo.cost.seconds - added:.1f} s"),
        ("messages in the case (every phone's copy is one)", f"{demo.messages:,}"),
        ("peak memory, all processes", f"{demo.cost.peak / 2**20:,.0f} MiB"),
        ("evidence", f"{demo.evidence / 1e6:.1f} MB"),
        ("case on disk, without evidence", f"{demo.held / 1e6:.1f} MB, {demo.held / demo.messages:.0f} bytes a message"),
        ("opening the case and counting, fresh process, without starting Python",
         f"{statistics.median(demo.opened):.0f} ms (middle of {len(demo.opened)})"),
        ("first overview after that", f"{demo.overview * 1_000:.0f} ms"),
    ]  # fmt: skip
    return "## The demo case\n\nPairs of figures are the middle one and that of 95 in 100.\n\n" + table(("", ""), rows)


def _searches(demo: Demo) -> str:
    rows = [
        (
            CLASSES[name].replace("|", "\\|"),
            f"{statistics.median(timed.hits):,.0f}",
            f"{statistics.median(timed.first):.1f}",
            f"{_share(timed.first, 95):.1f}",
            f"{_share(timed.cpu, 95):.1f}",
            f"{_share(timed.again, 95):.1f}",
            f"{_share(timed.facets, 95):.1f}",
        )
        for name, timed in demo.searches.items()
    ]
    return (
        f"## Searching {demo.messages:,} messages\n\n{PER_CLASS} different searches of each class, drawn from the case by seed. "
        "Milliseconds.\n\n"
        + table(
            ("class", "hits, middle", "first ask, middle", "first ask, 95 %", "its processor time, 95 %", "asked again, 95 %",
             "eight facets, 95 %"), rows, right=range(1, 7),
        )
    )  # fmt: skip


def _first_page(page: FirstPage) -> str:
    rows = [
        (
            name,
            len(visits),
            *(_both([getattr(visit, what) for visit in visits], 0) for what in ("answer", "paint", "load")),
        )
        for name, visits in _visits(page)
    ]
    return (
        "## The first page\n\nThe overview of the demo case in Chromium; milliseconds from the start of the navigation, the middle "
        "one and that of 95 in 100. Before the answer comes the server works, after it the browser.\n\n"
        + table(("", "visits", "first byte", "first content painted", "loaded"), rows, right=range(1, 5))
    )


def _long(long: Long) -> str:
    facts = [
        ("making the export", f"{long.synth:.1f} s, {long.evidence / 1e6:.0f} MB"),
        ("adding it", f"{long.cost.seconds:.1f} s by the clock, {long.cost.cpu:.1f} s of processor time, "
                      f"{long.messages / long.cost.seconds:,.0f} messages a second"),
        ("peak memory, all processes", f"{long.cost.peak / 2**20:,.0f} MiB"),
        ("case on disk, without evidence", f"{long.held / 1e6:.1f} MB, {long.held / long.messages:.0f} bytes a message"),
        ("first page of the conversation", f"{long.opened:.1f} ms"),
        ("100 later pages of 60 messages, spread over all of it", f"{_both(long.pages)} ms"),
    ]  # fmt: skip
    moves = [
        (move.way, f"{move.blank:.0f}", f"{move.thin:.0f}", f"{move.wait:.0f}", f"{move.frame:.0f}",
         _both(move.jumps, 0) if move.jumps else "–")
        for move in long.moves
    ]  # fmt: skip
    return (
        f"## One conversation of {long.messages:,} messages\n\n{table(('', ''), facts)}\n"
        "In Chromium, looked at in every frame; milliseconds, the longest of each kind. *Blank*: no row in view. *Half empty*: "
        "rows over less than half of the height. *Waiting*: stopped at the edge of what is loaded, though the conversation goes "
        "on. *Frame*: between two frames. *Jump*: from the key or click until the place asked for stands there.\n\n"
        + table(
            ("moving by", "blank", "half empty", "waiting", "frame", "jump, middle · 95 %"), moves, right=range(1, 6)
        )
    )


def _both(values: Sequence[float], digits: int = 1) -> str:
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.median(values):.{digits}f} · {_share(values, 95):.{digits}f}"


def _share(values: Sequence[float], percent: int) -> float:
    """The value that this share of the values does not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
