"""The door to one case. It holds handles and no logic: every call takes a view and leads to the module that answers."""

import math
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np
import pyarrow as pa

from filon.case import deskwork, finding, listing, reading
from filon.case.answers import (
    AccountRow,
    Activity,
    Added,
    Completion,
    ConversationHead,
    ConversationPage,
    ConversationRow,
    Counts,
    DefectRow,
    Explained,
    Exported,
    FacetView,
    FirstHits,
    Hits,
    ItemRow,
    MessageDetail,
    MessageView,
    Note,
    Overview,
    Proposal,
    Raw,
    SavedSearch,
    TagCount,
    TermHits,
    Verified,
)
from filon.case.compactor import Compactor
from filon.case.flows import compacting, exporting, intake, surveying, verifying, withdrawing
from filon.case.flows.crew import Crew
from filon.case.flows.surveying import Decide
from filon.case.ledger import Ledger
from filon.case.sight import Sight
from filon.case.site import Site
from filon.case.state import State
from filon.case.writing import tidy, writing
from filon.desk import Action
from filon.errors import CustodyError, NotHeld
from filon.evidence.custody import Custody
from filon.model import ids
from filon.model.given import NOTHING_STATED, Given
from filon.model.layout import Layout
from filon.model.progress import Report, silent
from filon.model.view import View
from filon.settings import Settings
from filon.store import Compacted, Order, open_store

__all__ = ["About", "Case"]

_FACETS = ("account", "conversation", "month", "platform", "device", "tag", "item", "kind")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What ``case.json`` says of a case. ``public_key``: of the custody log, hexadecimal."""

    format: int
    id: str
    name: str
    made_at: int
    made_by: str
    public_key: str


class Case:
    """One open case. Reading never locks; adding and withdrawing hold the writer's lock, an export waits its turn in the log.

    A view with a scope is bounded by ``filon.case.sight``; PermissionDenied where a call speaks of the whole case.
    """

    def __init__(self, layout: Layout, about: About, settings: Settings) -> None:
        self.name = about.name
        self.root = layout.root
        self.settings = settings
        self._layout = layout
        custody = Custody(layout)
        if custody.public_key != about.public_key:
            # What another key signs would look forged ever after.
            raise CustodyError(
                "{path} is not the key that case.json names",
                hint="restore keys/custody and case.json from a backup of the case; `filon verify` says what else differs",
                path=str(layout.key),
            )
        store = open_store(layout.root, write=True)
        self._site = Site(layout, store, custody, Ledger(store, custody), settings)
        self._state = State(self._site)
        self._crew = Crew(settings.limits)
        self._compactor: Compactor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files, databases and processes."""
        if self._compactor is not None:
            self._compactor.close()
        self._crew.close()
        self._state.close()

    def refresh(self) -> bool:
        """See what another process has made visible since; True where something changed."""
        return self._site.store.reload()

    def view(self) -> View:
        """The view of the person in the settings."""
        return View(who=self.settings.who, zone=self.settings.zone, language=self.settings.language)

    @property
    def head(self) -> str:
        """Head of the custody log."""
        return self._site.custody.head

    # what it holds

    def counts(self, view: View) -> Counts:
        """Totals of everything in view."""
        return listing.counts(self._sight(view))

    def overview(self, view: View) -> Overview:
        """The first page."""
        return listing.overview(self._sight(view), self.name)

    def activity(self, view: View, text: str = "", step: str = "month") -> Activity:
        """Messages over time, a count a ``month`` or ``day``; undated ones apart."""
        sight = self._sight(view)
        return finding.activity(sight, sight.bound(text), step)

    def conversations(
        self, view: View, *, contains: str = "", order: str = "messages", offset: int = 0, limit: int = 100
    ) -> tuple[int, list[ConversationRow]]:
        """How many conversations there are, and one page of them, by ``messages``, ``last`` or ``title``."""
        return listing.conversations(self._sight(view), contains, order, offset, limit)

    def accounts(
        self, view: View, *, contains: str = "", order: str = "sent", offset: int = 0, limit: int = 100
    ) -> tuple[int, list[AccountRow]]:
        """How many accounts there are, and one page of them, by ``sent``, ``last`` or ``label``."""
        return listing.accounts(self._sight(view), contains, order, offset, limit)

    def account(self, view: View, account: int) -> AccountRow:
        """One account."""
        return listing.account(self._sight(view), account)

    def items(self, view: View) -> list[ItemRow]:
        """Every item with its readings; withdrawn ones keep their tombstone."""
        return listing.items(self._sight(view))

    def items_page(
        self, view: View, *, offset: int = 0, limit: int = 100, item: int | None = None
    ) -> tuple[int, int, list[ItemRow]]:
        """How many items there are, where the page begins, and one page of them; with ``item``, the page it is on."""
        return listing.items_page(self._sight(view), offset, limit, item)

    def defects(
        self, view: View, *, code: str | None = None, item: int | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[int, list[DefectRow]]:
        """How many defects there are, and one page of them."""
        return listing.defects(self._sight(view), code, item, offset, limit)

    def custody(self, view: View, *, offset: int = 0, limit: int = 200) -> tuple[int, list[dict[str, Any]]]:
        """How many entries the custody log has, and one page of them, newest first."""
        self._sight(view).require_everything()
        entries = list(self._site.custody.entries())
        newest = entries[::-1][offset : offset + limit]
        return len(entries), [msgspec.to_builtins(entry) for entry in newest]

    # finding

    def search(self, view: View, text: str, *, order: Order = "newest", offset: int = 0, limit: int = 50) -> Hits:
        """One page of hits and the exact total."""
        return finding.find(self._sight(view), text, order, offset, limit)

    def first_hits(
        self, view: View, text: str, *, order: Order = "newest", offset: int = 0, limit: int = 50
    ) -> FirstHits:
        """The page of hits that ``search`` gives, before all are counted: what can be shown first in a case of any size."""
        return finding.first(self._sight(view), text, order, offset, limit)

    def count(self, view: View, text: str) -> int:
        """The exact number of hits."""
        return self._site.store.index.count(self._sight(view).bound(text), view.zone)

    def facets(self, view: View, text: str, fields: Iterable[str] = _FACETS, top: int = 12) -> dict[str, FacetView]:
        """How the hits are spread."""
        return finding.facets(self._sight(view), text, fields, top)

    def explain(self, view: View, text: str) -> Explained:
        """What a search text is taken to mean."""
        return finding.explained(self._sight(view), text)

    def complete(self, view: View, text: str, cursor: int) -> list[Completion]:
        """What may stand at the cursor."""
        return finding.complete(self._sight(view), text, cursor)

    def try_words(self, view: View, lines: Iterable[str]) -> list[TermHits]:
        """Each line of a word list as a search of its own."""
        return finding.try_words(self._sight(view), lines)

    # reading

    def message(self, view: View, number: str) -> MessageDetail:
        """Everything known about one message."""
        return reading.message(self._sight(view), ids.parse(number))

    def raw(self, view: View, number: str) -> Raw:
        """The record as it stands in its item."""
        return reading.raw(self._sight(view), ids.parse(number))

    def conversation(self, view: View, conversation: int) -> ConversationHead:
        """What stands above a conversation."""
        return reading.head(self._sight(view), conversation)

    def page(self, view: View, conversation: int, offset: int, limit: int) -> ConversationPage:
        """Messages and events at these places of a conversation."""
        return reading.page(self._sight(view), conversation, offset, limit)

    def place_of(self, view: View, number: str) -> tuple[int, int] | None:
        """(conversation, place) of a message."""
        return reading.place_of(self._sight(view), ids.parse(number))

    def place_at(self, view: View, conversation: int, time: int) -> int:
        """The first place at or after a time."""
        return reading.thread(self._sight(view), conversation).place_at(time)

    def strip(self, view: View, conversation: int, text: str, bins: int) -> list[int]:
        """Hits along a conversation, in ``bins`` equal stretches."""
        return finding.strip(self._sight(view), conversation, text, bins)

    def places(self, view: View, conversation: int, text: str, limit: int = 10_000) -> list[int]:
        """Places of hits in a conversation, ascending."""
        return finding.places(self._sight(view), conversation, text, limit)

    def participation(self, view: View, conversation: int, top: int = 6) -> dict[str, Activity]:
        """Messages a day of the busiest participants, by label."""
        return finding.participation(self._sight(view), conversation, top)

    def around(self, view: View, time: int, minutes: int = 2, limit: int = 500) -> list[MessageView]:
        """All conversations around this minute, oldest first."""
        stretch = minutes * 60_000_000
        return reading.around(self._sight(view), time - stretch, time + stretch + 1, limit)

    # people's work

    def tags(self, view: View) -> list[TagCount]:
        """Every tag and on how many messages it is."""
        return [TagCount(tag, count) for tag, count in finding.tag_counts(self._sight(view))]

    def tag(self, view: View, tag: str, numbers: Iterable[str]) -> int:
        """Put a tag on messages; how many did not have it."""
        return deskwork.tag(self._sight(view), tag, _numbers(numbers))

    def untag(self, view: View, tag: str, numbers: Iterable[str]) -> int:
        """Take a tag off messages; how many had it."""
        return deskwork.untag(self._sight(view), tag, _numbers(numbers))

    def tag_hits(self, view: View, tag: str, text: str) -> int:
        """Put a tag on every hit of a search."""
        sight = self._sight(view)
        return deskwork.tag(sight, tag, finding.all_hits(sight, text))

    def untag_hits(self, view: View, tag: str, text: str) -> int:
        """Take a tag off every hit of a search."""
        sight = self._sight(view)
        return deskwork.untag(sight, tag, finding.all_hits(sight, text))

    def note(self, view: View, number: str, text: str) -> Note:
        """Write a note on a message."""
        return deskwork.note(self._sight(view), ids.parse(number), text)

    def notes(self, view: View) -> list[Note]:
        """All notes, newest first."""
        return deskwork.notes(self._sight(view))

    def delete_note(self, view: View, note: int) -> None:
        """Take a note away."""
        deskwork.delete_note(self._sight(view), note)

    def save_search(self, view: View, name: str, text: str) -> SavedSearch:
        """Keep a search under a name, in its canonical form, with the language version and the view's zone."""
        return deskwork.save_search(self._sight(view), name, text)

    def saved_searches(self, view: View) -> list[SavedSearch]:
        """Saved searches by name."""
        return deskwork.saved_searches(self._sight(view))

    def delete_search(self, view: View, name: str) -> None:
        """Forget a saved search."""
        deskwork.delete_search(self._sight(view), name)

    def mark_read(self, view: View, conversation: int, number: str) -> None:
        """Remember up to where this person has read."""
        deskwork.mark_read(self._sight(view), conversation, ids.parse(number))

    def undo(self, view: View) -> str | None:
        """Reverse this person's last action; what it was, in words."""
        return deskwork.undo(self._sight(view))

    def history(self, view: View, limit: int = 200) -> list[Action]:
        """Who did what, newest first."""
        return deskwork.history(self._sight(view), limit)

    # taking in

    def propose(
        self, view: View, paths: Iterable[Path], given: Given = NOTHING_STATED, report: Report = silent
    ) -> list[Proposal]:
        """What would be done with these paths; nothing is changed."""
        self._sight(view).require_everything()
        return list(surveying.propose(self._site, paths, given, report))

    def add(
        self,
        view: View,
        paths: Iterable[Path],
        *,
        given: Given = NOTHING_STATED,
        decide: Decide | None = None,
        reader: str | None = None,
        copy: bool = False,
        report: Report = silent,
    ) -> Added:
        """Take files, folders and archives in; an interrupted add is finished first."""
        self._sight(view).require_everything()
        began = time.monotonic()
        with writing(self._site):
            tidy(self._site, sweep=self._compactor is None)
            intake.resume(self._site, self._crew, report)
            outcome = intake.add(self._site, self._crew, view.who, paths, given, decide, reader, copy, report)
        if self._compactor is not None and self.compaction_due:
            self._compactor.nudge()
        return self._account_of(view, outcome, began)

    def resume(self, view: View, report: Report = silent) -> Added | None:
        """Finish an interrupted add; None where there is none."""
        self._sight(view).require_everything()
        if intake.interrupted(self._site) is None:
            return None
        began = time.monotonic()
        with writing(self._site):
            tidy(self._site)
            outcome = intake.resume(self._site, self._crew, report)
        return None if outcome is None else self._account_of(view, outcome, began)

    @property
    def interrupted(self) -> bool:
        """Whether an add was begun and not finished: ``resume`` goes on with it."""
        return intake.interrupted(self._site) is not None

    def compact(self, view: View, report: Report = silent) -> list[Compacted]:
        """Merge the small pieces that many adds leave. Others may add and search meanwhile; CaseBusy where one compacts."""
        self._sight(view).require_everything()
        done = compacting.compact(self._site, partial(writing, self._site, math.inf), view.who, report)
        self._site.store.reload()
        return done

    @property
    def compaction_due(self) -> bool:
        """Whether so many small pieces have come together that merging them is worth while."""
        return self._site.store.compaction_due()

    def compact_beside(self) -> None:
        """From now on compact in the background, whenever it is due after an add, until the case is closed."""
        self._compactor = self._compactor or Compactor(self.root, self.settings)

    def mapping(self, name: str) -> dict[str, object]:
        """A table mapping by name, as ``Given.mapping`` takes it: one the case keeps, else one filon brings."""
        from filon.case.mappings import named

        return named(self._layout, name)

    def mappings(self) -> tuple[str, ...]:
        """Names of the table mappings the case keeps."""
        from filon.case.mappings import names

        return names(self._layout)

    def save_mapping(self, name: str, mapping: dict[str, object]) -> dict[str, object]:
        """Keep a table mapping under a name; what was kept. Nothing that is kept is overwritten."""
        from filon.case.mappings import save

        return save(self._layout, name, mapping)

    def withdraw(self, view: View, item: int | str, reason: str) -> ItemRow:
        """Take an item out of every view; its tombstone and entries in the log stay."""
        self._sight(view).require_everything()
        with writing(self._site):
            tidy(self._site)
            number = withdrawing.withdraw(self._state, view.who, item, reason)
        return next(row for row in self.items(view) if row.item.number == number)

    # proof

    def verify(self, view: View, *, head: str | None = None, reread: bool = False, report: Report = silent) -> Verified:
        """Is everything as it was? With ``reread``: does reading again give the same rows?"""
        self._sight(view).require_everything()
        return verifying.verify(self._state, head, reread, report)

    def export(self, view: View, text: str, kind: str, out: Path, report: Report = silent) -> Exported:
        """Write the hits of a search to a new file and note it in the log."""
        return exporting.export(self._sight(view), text, kind, out, report)

    def rows(self, view: View, text: str) -> Iterator[pa.RecordBatch]:
        """The hits of a search in the columns of an export, oldest first."""
        return exporting.batches(self._sight(view), text, silent)

    def original(self, view: View, item: int) -> tuple[Path, str]:
        """Where the bytes of an item are and what they hash to; StoreError where they are not at hand."""
        self._sight(view).require_everything()
        found = self._state.items.get(item)
        if found is None or found.withdrawn is not None or not self._state.at_hand(found):
            raise NotHeld("the source of item {item} is not at hand", item=item)
        return self._state.source_path(found), found.sha256

    def _sight(self, view: View) -> Sight:
        return Sight(self._state, view)

    def _account_of(self, view: View, outcome: intake.Outcome, began: float) -> Added:
        self._site.store.reload()
        rows = listing.rows_of_items(self._sight(view), outcome.items)
        return Added(
            items=tuple(rows),
            already=outcome.already,
            refused=outcome.left_out,
            tally=intake.summed(self._site, [r for row in rows for r in row.readings]),
            seconds=time.monotonic() - began,
            head=self.head,
        )


def _numbers(shown: Iterable[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.fromiter((ids.parse(number) for number in shown), np.int64)
