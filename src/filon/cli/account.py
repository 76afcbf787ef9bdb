"""The closing account of an add, in words: every item while there are few, every item that needs a look in any case."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from filon.case.answers import Added, Counts, ItemRow
from filon.cli.output import counted, number, say, size
from filon.model.display import visible
from filon.model.items import Reading, Tally

__all__ = ["equation", "needs_a_look", "show_account"]

_FEW = 50
"""With more items than this, those that read well are told by format."""
_UNREAD = 20


def show_account(added: Added, resumed: bool, verbose: bool) -> None:
    """Say what became of everything that was given. With ``verbose`` every item is told, however many there are."""
    if resumed:
        say("Finished the add that was interrupted.")
    shown = added.already if verbose or len(added.already) <= _FEW else ()
    for path in shown:
        say(f"Already in the case, left alone: {visible(path)}")
    if added.already and not shown:
        say(f"Already in the case, left alone: {counted(len(added.already), 'file')} (--verbose lists them)")
    for path, reason in added.refused:
        say(f"Not taken: {visible(path)}: {visible(reason)}")
    if verbose or len(added.items) <= _FEW:
        for row in added.items:
            _show_item(row)
    else:
        _show_formats(added.items)
        needy = [row for row in added.items if needs_a_look(row)]
        if needy:
            say(f"\n{counted(len(needy), 'item needs', 'items need')} a look:")
        for row in needy:
            _show_briefly(row)
    _show_sum(added)


def equation(counts: Counts | Tally, new: str = "") -> str:
    """Records as the sum of the six kinds there are. ``new``: accounts and conversations not met before."""
    kinds = ("message", "event", f"{new}account", f"{new}conversation", "attachment", "defect")
    terms = (counted(getattr(counts, f"{kind.removeprefix(new)}s"), kind) for kind in kinds)
    return f"{counted(counts.records, 'record')} = {' + '.join(terms)}"


def needs_a_look(row: ItemRow) -> bool:
    """Whether something of an item was lost, could not be read, or does not sum up."""
    return any(r.tally is None or r.tally.defects or not r.tally.balanced for r in row.readings)


def _show_item(row: ItemRow) -> None:
    item = row.item
    say(f"\nItem {item.number}  {visible(item.path)}  {size(item.size)}  SHA-256 {item.sha256}")
    if not row.readings:
        say("  kept as a file: no reader recognises it")
    for reading in row.readings:
        member = f"{visible(reading.member)} " if reading.member else ""
        say(f"  reading {reading.number}: {member}{reading.format} {reading.version}")
        if reading.tally is not None:
            say(f"    {_sum(reading.tally)}")
        for line in _losses([reading]):
            say(f"    {line}")


def _show_formats(rows: Sequence[ItemRow]) -> None:
    """The readings of each format in one account."""
    by_format: dict[str, list[Reading]] = {}
    for row in rows:
        for reading in row.readings:
            by_format.setdefault(f"{reading.format} {reading.version}", []).append(reading)
    for name, readings in sorted(by_format.items()):
        say(f"\n{counted(len(readings), 'reading')} by {name}")
        tallies = [r.tally for r in readings if r.tally is not None]
        skipped: Counter[str] = Counter()
        for tally in tallies:
            skipped.update(tally.skipped)
        whole = [t.units for t in tallies if t.units is not None]
        unit = tallies[0].unit if tallies else "units"
        total = Tally(unit=unit, units=sum(whole), gave=sum(t.gave for t in tallies), skipped=dict(skipped),
                      defects=sum(t.defects for t in tallies))  # fmt: skip
        say(f"  {_sum(total)}")
        if len(whole) < len(readings):
            say(f"  {counted(len(readings) - len(whole), 'reading')} could not be read to the end")
        for line in _losses(readings):
            say(f"  {line}")
    files = Counter(PurePath(row.item.name).suffix.lower() for row in rows if not row.readings)
    if files:
        kinds = ", ".join(f"{visible(kind) or 'no ending'} {number(n)}" for kind, n in files.most_common(_UNREAD))
        say(f"\n{counted(files.total(), 'item')} kept as files, no reader recognises them: {kinds}")


def _show_briefly(row: ItemRow) -> None:
    say(f"Item {row.item.number}  {visible(row.item.path)}")
    for reading in row.readings:
        tally = reading.tally
        if tally is None or tally.defects or not tally.balanced:
            member = f"{visible(reading.member)} " if reading.member else ""
            say(f"  reading {reading.number}: {member}{_sum(tally) if tally else 'no account'}")


def _sum(tally: Tally) -> str:
    """``1,204 lines = 1,190 gave records + 14 skipped: header``, and where that is not so."""
    defects = f"; {counted(tally.defects, 'defect')}" if tally.defects else ""
    if tally.units is None:
        return f"COULD NOT BE READ TO ITS END: {number(tally.gave)} {tally.unit} gave records{defects}"
    skipped = "".join(f" + {number(count)} skipped: {visible(why)}" for why, count in tally.skipped.items())
    sums = "" if tally.balanced else "   DOES NOT SUM UP"
    return f"{number(tally.units)} {tally.unit} = {number(tally.gave)} gave records{skipped}{defects}{sums}"


def _losses(readings: Sequence[Reading]) -> Iterator[str]:
    """What was assumed, and what stands in the items and was not interpreted."""
    assumed = Counter(assumption for reading in readings for assumption in reading.assumptions)
    for assumption, times in assumed.items():
        yield f"assumed: {visible(assumption)}" + (f" ({counted(times, 'reading')})" if len(readings) > 1 else "")
    unread: Counter[str] = Counter()
    for reading in readings:
        unread.update(reading.tally.unread if reading.tally else {})
    for what, count in unread.most_common(_UNREAD):
        yield f"not interpreted: {visible(what)} ({number(count)})"
    if len(unread) > _UNREAD:
        yield f"not interpreted: {number(len(unread) - _UNREAD)} more kinds (see --json)"


def _show_sum(added: Added) -> None:
    say(f"\n{equation(added.tally, new='new ')}")
    say(
        f"{counted(len(added.items), 'item')} taken, {number(len(added.already))} already there, "
        f"{number(len(added.refused))} not taken, in {added.seconds:.1f} s. Head of the custody log: {added.head}"
    )
