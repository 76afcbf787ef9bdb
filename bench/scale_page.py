"""The results of ``scale.py`` as sections of the page about performance."""

from collections.abc import Iterator, Sequence

import live_page
import originals_page
from figures import Asked, Scale
from goals import BASE, GOALS, Goal, form_of, size_of
from machine import Cost
from questions import CLASSES
from tables import figure, megabytes, table

__all__ = ["goals", "sections"]

NOT_MEASURED = (("enrichment in the fast lane", "12 min", "6 min"),)
"""Goals of what is not built yet."""


def goals(scales: Sequence[Scale]) -> str:
    """Goal by goal: the largest corpus that was measured, and whether it stays below."""
    rows = [_goal(goal, scales) for goal in GOALS]
    rows += [live_page.goal(), *originals_page.goals()]
    rows += [(what, must, aim, "–", "–", "not measured") for what, must, aim in (*NOT_MEASURED, *_growth(scales))]
    rows += list(_grown(scales))
    return (
        "## What is asked for at twenty million messages\n\n"
        + (
            "*Must* and *aim* hold for 20 M messages on two cores. *Found* is the figure at the size that was measured; at another "
            "size it says nothing about 20 M yet, so no verdict is given. Two figures are two runs; the worse gives the verdict. "
            "Searches: first ask, 95 in 100.\n\n"
        )
        + table(("", "must", "aim", "found", "at", ""), rows, right=(1, 2, 3))
    )


def sections(scales: Sequence[Scale]) -> Iterator[str]:
    """One section for every result: where, adding, disk, searching, the peers."""
    for scale in scales:
        yield "\n".join(filter(None, [_where(scale), _costs(scale), _searches(scale), *_peers(scale)]))


def _goal(goal: Goal, scales: Sequence[Scale]) -> tuple[str, ...]:
    found = [scale for scale in scales if scale.form == goal.form and not scale.real and goal.read(scale) is not None]
    must, aim = f"{goal.must:g} {goal.unit}", f"{goal.aim:g} {goal.unit}"
    if not found:
        return goal.what, must, aim, "–", "–", "not measured"
    largest = max(scale.messages for scale in found)
    runs = sorted((scale for scale in found if scale.messages == largest), key=lambda scale: scale.run)
    values = [value for scale in runs if (value := goal.read(scale)) is not None]
    verdict = ""
    if size_of(runs[0]) == "20 M":
        worst = max(values)
        verdict = "aim reached" if worst <= goal.aim else "reached" if worst <= goal.must else "**not reached**"
    return goal.what, must, aim, f"{' · '.join(map(figure, values))} {goal.unit}", size_of(runs[0]), verdict


def _by_size(scales: Sequence[Scale]) -> dict[str, Scale]:
    return {size_of(scale): scale for scale in scales if scale.form == BASE and not scale.real and scale.run == 1}


def _growth(scales: Sequence[Scale]) -> list[tuple[str, str, str]]:
    known = _by_size(scales)
    return [] if {"2 M", "20 M"} <= set(known) else [("add of 20 M over add of 2 M", "11 ×", "10 ×")]


def _grown(scales: Sequence[Scale]) -> Iterator[tuple[str, ...]]:
    known = _by_size(scales)
    if {"2 M", "20 M"} <= set(known):
        times = known["20 M"].subject.add.seconds / known["2 M"].subject.add.seconds
        verdict = "aim reached" if times <= 10 else "reached" if times <= 11 else "**not reached**"
        yield "add of 20 M over add of 2 M", "11 ×", "10 ×", f"{figure(times)} ×", "20 M", verdict


def _where(scale: Scale) -> str:
    warning = "\n**The machine was busy with other work when this run began.** Read the times as upper bounds.\n"
    rows = [
        ("command", f"`{scale.command}`"),
        ("corpus", f"{form_of(scale)}, {megabytes(scale.evidence)}, seed {scale.seed}"),
        *scale.machine,
        ("measured", f"{scale.began:%Y-%m-%d %H:%M} UTC, {scale.minutes:.0f} minutes"),
        ("load average before · after", " → ".join(scale.loads)),
    ]
    again = f", run {scale.run}" if scale.run > 1 else ""
    return f"## {size_of(scale)} messages, {form_of(scale)}{again}\n\n{table(('', ''), rows)}{warning if scale.busy else ''}"


def _costs(scale: Scale) -> str:
    subject, held = scale.subject, sum(scale.subject.held.values())
    rows = [
        ("add", *_cost(subject.add, scale.messages)),
        ("verify", *_cost(subject.verify, scale.messages)),
        *([("verify --reread", *_cost(subject.reread, scale.messages))] if subject.reread else []),
        *((f"{name}: build", *_cost(peer.cost, scale.messages)) for name, peer in scale.peers.items()),
    ]
    disk = [(kind, megabytes(size), figure(size / scale.messages)) for kind, size in subject.held.items()]
    disk += [
        ("**all**", megabytes(held), figure(held / scale.messages)),
        ("of it ids of the sources", megabytes(subject.native), figure(subject.native / scale.messages)),
        *((name, megabytes(peer.held), figure(peer.held / scale.messages)) for name, peer in scale.peers.items()),
    ]
    rest, pages = subject.rest, subject.pages
    read = (
        f" The longest conversation, {pages.messages:,} messages: first page {figure(pages.opened)} ms, "
        f"{pages.pages.count} drawn places {figure(pages.pages.p50)} · {figure(pages.pages.p95)} ms."
        if pages
        else ""
    )
    return (
        table(
            ("", "by the clock", "processor", "messages a second", "resident", "shared once", "anonymous"),
            rows,
            range(1, 7),
        )
        + "\n"
        + table(("on disk", "", "B a message"), disk, (1, 2))
        + f"\nOpening: {figure(max(subject.opened))} ms, the slowest of {len(subject.opened)} fresh processes. First overview: "
        f"{figure(subject.overview)} ms. `filon serve` at rest: {megabytes(rest.resident)} resident, {megabytes(rest.anonymous)} "
        f"anonymous.{read}\n"
    )


def _cost(cost: Cost, messages: int) -> tuple[str, ...]:
    held = cost.memory
    apart = (megabytes(held.proportional), megabytes(held.anonymous)) if held else ("–", "–")
    return (
        f"{figure(cost.seconds)} s",
        f"{figure(cost.cpu)} s",
        f"{messages / cost.seconds:,.0f}",
        megabytes(cost.peak),
        *apart,
    )


def _searches(scale: Scale) -> str:
    if not scale.subject.newest.classes:
        return ""
    opening = f"{figure(scale.subject.newest.opening)} and {figure(scale.subject.facets.opening)} ms"
    return (
        "Searching: milliseconds, questions that were not asked before; the middle, 95 and 99 in 100. The very first question of "
        f"a process, which opens all slices, took {opening} and is in no class.\n\n"
        + _asked("newest 50 with text", scale.subject.newest)
        + "\n"
        + _asked("exact total and three facets", scale.subject.facets)
    )


def _asked(what: str, asked: Asked) -> str:
    rows = [
        (CLASSES[name].replace("|", "\\|"), answers.first.count, f"{sorted(answers.hits)[len(answers.hits) // 2]:,}",
         *(figure(v) for v in (answers.first.p50, answers.first.p95, answers.first.p99, answers.cpu.p95, answers.again.p95)))
        for name, answers in asked.classes.items()
    ]  # fmt: skip
    head = (what, "asked", "hits, middle", "first, 50", "95", "99", "processor, 95", "again, 95")
    return table(head, rows, range(1, 8))


def _peers(scale: Scale) -> Iterator[str]:
    if not scale.peers:
        return
    rows = []
    for name in scale.subject.newest.classes:
        for peer, found in scale.peers.items():
            if name in found.classes:
                theirs = found.classes[name]
                newest, facets = scale.subject.newest.classes[name], scale.subject.facets.classes[name]
                same = sum(map(_alike, theirs.hits, newest.hits))
                rows.append(
                    (CLASSES[name], peer, len(theirs.hits), f"{same} of {len(theirs.hits)}", figure(theirs.newest.p95),
                     f"{figure(newest.first.p95 / theirs.newest.p95)} ×", figure(theirs.count.p95), figure(theirs.facets.p95),
                     f"{figure(facets.first.p95 / theirs.facets.p95)} ×")
                )  # fmt: skip
    yield (
        "Peers, on the same lines in the same run: milliseconds, 95 in 100. *Alike*: questions with as many hits within 2 % "
        "(tokens differ). *filon*: its first ask over the peer's; below 1 filon is faster. They are asked fewer questions where "
        "one takes long. On disk they "
        "keep time, conversation, sender and text; filon keeps every field and where it stood in the evidence."
        + (
            " Other work ran beside the peers here, more than beside filon: they are faster than this."
            if scale.busy
            else ""
        )
        + "\n\n"
        + table(
            ("class", "peer", "asked", "alike", "newest 50", "filon", "count", "count and facets", "filon"),
            rows,
            range(2, 9),
        )
    )


def _alike(theirs: int, ours: int) -> bool:
    return abs(theirs - ours) <= 0.02 * max(theirs, ours)
