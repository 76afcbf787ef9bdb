"""What one view may see of a case: the messages in its scope, and of all else only what hangs on these.

A scope is a search text over messages. What stands beside them follows: an account or conversation is in view where a
message in view names it; a name or title where a reading that gave a message in view gave it; a tag or note where its
message is; an event where the scope holds for it as it would for a message, its conversation is in view, and so is the
message it is about. What speaks of the whole case (the log, its check, taking in) is refused to a view with a scope.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from filon.case.directory import Directory
from filon.case.state import State
from filon.errors import NotHeld, PermissionDenied, StoreError, Unsupported
from filon.model import ids
from filon.model.columns import integers
from filon.model.items import Item, Reading
from filon.model.view import View
from filon.query.bind import bind, leaves
from filon.query.fields import flags, held
from filon.query.match import Named, Row, matcher
from filon.query.names import is_name, wanted
from filon.query.parse import parse
from filon.query.show import show
from filon.query.tree import And, Field, Node, Or, Rows

__all__ = ["ALL", "Sight"]

ALL = 2**31 - 1
"""A limit that leaves nothing out."""
_PEOPLE = ("from", "to", "with")
_PIECE = 10_000


class Reach(msgspec.Struct, frozen=True):
    """What hangs on the messages in view; None for accounts and conversations: all there are."""

    accounts: frozenset[int] | None
    conversations: frozenset[int] | None
    readings: frozenset[int]


class Sight:
    """One view of one state of the store. Cheap to make: what is dear is kept by the state."""

    def __init__(self, state: State, view: View) -> None:
        self.state = state
        self.view = view
        self.within: Node | None = None if view.scope is None else self._tags_resolved(parse(view.scope))
        """What the view is bounded to, as a tree the store understands; None where it may see everything."""

    @property
    def zone(self) -> str:
        return self.view.zone

    def require_everything(self) -> None:
        """PermissionDenied where the view has a scope."""
        if self.within is not None:
            raise PermissionDenied(
                "this speaks of the whole case, and the view is bounded to {scope}",
                hint="ask somebody whose view has no scope",
                scope=self.view.scope,
            )

    # questions

    def bound(self, text: str) -> Node:
        """A search text as a tree: tags resolved, names taken as the view knows them, joined to the scope."""
        asked = self._tags_resolved(parse(text))
        if self.within is None:
            return asked
        return And((self.within, bind(asked, self._known_names)))

    def joined(self, node: Node) -> Node:
        """A tree of the case's own, joined to the scope."""
        return node if self.within is None else And((self.within, node))

    def named(self, field: str, value: str) -> list[int]:
        """The accounts or conversations in view that a name means, ascending."""
        numbers: list[int] = self.state.site.store.index.resolve(field, value).tolist()
        reach = self.reach.conversations if field == "in" else self.reach.accounts
        if reach is None:
            return numbers
        asked = wanted(value, numbered=True)
        names = self.directory.conversation_names if field == "in" else self.directory.account_names
        return [
            n for n in numbers if n in reach and (asked.number == n or any(is_name(asked, name) for name in names(n)))
        ]

    # messages

    def sees(self, numbers: Iterable[int]) -> frozenset[int]:
        """Those of these messages that are held and in view."""
        asked = np.unique(np.fromiter(numbers, np.int64))
        if not len(asked):
            return frozenset()
        found = self.state.site.store.index.ids(self.joined(_rows(asked, "these messages")), self.zone)
        return frozenset(number for piece in found for number in piece.tolist())

    def require(self, numbers: Sequence[int]) -> None:
        """NotHeld unless all these messages are in view."""
        missing = set(numbers) - self.sees(numbers)
        if missing:
            raise _no_message(min(missing))

    def message(self, number: int) -> pa.Table:
        """The row of one message; NotHeld where the view holds none of this number."""
        if self.within is not None:
            self.require([number])
        try:
            return self.state.site.store.tables.messages(np.array([number], np.int64))
        except StoreError as error:
            raise _no_message(number) from error

    # what hangs on them

    @property
    def reach(self) -> Reach:
        """What hangs on the messages in view."""
        return self.state.keep(("reach", self.within, self.zone), self._reach)

    @property
    def directory(self) -> Directory:
        """Labels as the view knows them."""
        if self.within is None:
            return self.state.directory
        return self.state.keep(("directory", self.within, self.zone), self._directory)

    @cached_property
    def items(self) -> dict[int, Item]:
        """Items in view by number; without a scope also withdrawn ones, marked with the reason."""
        if self.within is None:
            return self.state.items
        shown = {reading.item for reading in self.readings.values()}
        return {number: item for number, item in self.state.items.items() if number in shown}

    @cached_property
    def readings(self) -> dict[int, Reading]:
        """Readings in view by number; with a scope without their accounts, which speak of the whole item."""
        if self.within is None:
            return self.state.readings
        return {
            number: msgspec.structs.replace(reading, tally=None, beside={})
            for number, reading in self.state.readings.items()
            if number in self.reach.readings
        }

    def events(self, rows: pa.Table) -> pa.Table:
        """Those of these events that are in view, in the same order."""
        if self.within is None or not rows.num_rows:
            return rows
        test = matcher(self.within, self.zone)
        everybody = any(isinstance(leaf, Field) and leaf.name == "with" for leaf in leaves(self.within))
        found = rows.to_pylist()
        kept = [self._is_near(row) and test(self._as_message(row, everybody)) for row in found]
        about = self._hidden([row for row, keep in zip(found, kept, strict=True) if keep])
        mask = [keep and row["id"] not in about for row, keep in zip(found, kept, strict=True)]
        return rows.filter(pa.array(mask, pa.bool_()))

    def eventful(self) -> frozenset[int]:
        """Conversations, in view or not, of which there are events."""
        column = self.state.site.store.tables.table("events")["conversation"]
        return frozenset(integers(column.drop_null().unique()))

    def event_count(self) -> int:
        """How many events are in view."""
        table = self.state.site.store.tables.table("events")
        if self.within is None:
            return table.num_rows
        return self.state.keep(
            ("events", self.within, self.zone),
            lambda: sum(self.events(table.slice(start, _PIECE)).num_rows for start in range(0, table.num_rows, _PIECE)),
        )

    def _reach(self) -> Reach:
        if self.within is None:
            return Reach(None, None, frozenset(self.state.readings) - frozenset(self.state.site.store.withdrawn))
        run = self.state.site.store.tables.run
        accounts = run("accounts", self.within, self.zone, account=None, limit=ALL, offset=0)
        rooms = run("conversations", self.within, self.zone, conversation=None, sort="messages", limit=ALL, offset=0)
        readings = [r for r in run("readings", self.within, self.zone).to_pylist() if r["messages"]]
        return Reach(
            frozenset(integers(accounts["account"])),
            frozenset(integers(rooms["conversation"])),
            frozenset(reading["reading"] for reading in readings),
        )

    def _directory(self) -> Directory:
        reach = self.reach
        return Directory(self.state.site.store.tables, reach.readings, reach.accounts, reach.conversations)

    def _tags_resolved(self, tree: Node) -> Node:
        """The tree with every ``tag:`` replaced by the messages that have it now."""

        def leaf(node: Node) -> Node:
            if isinstance(node, Field) and node.name == "tag":
                return _rows(self.state.desk.tagged(node.value), show(node))
            if node == Field("is", "one-sided"):
                raise Unsupported(
                    "copies of a message on several devices are not compared yet",
                    hint="search by device: instead, and compare the readings",
                )
            return node

        return bind(tree, leaf)

    def _known_names(self, node: Node) -> Node:
        """A name that also means what is out of view, as the numbers of what is in view."""
        if not (isinstance(node, Field) and node.name in (*_PEOPLE, "in")):
            return node
        seen = self.named(node.name, node.value)
        if len(seen) == len(self.state.site.store.index.resolve(node.name, node.value)):
            return node
        if not seen:
            return _rows(np.zeros(0, np.int64), show(node))
        known: list[Node] = [Field(node.name, f"#{number}") for number in seen]
        return known[0] if len(known) == 1 else Or(tuple(known))

    def _is_near(self, event: dict[str, Any]) -> bool:
        """Whether an event's conversation is in view; one outside of all conversations stands for itself."""
        conversation, reach = event["conversation"], self.reach.conversations
        return conversation is None or reach is None or conversation in reach

    def _as_message(self, event: dict[str, Any], everybody: bool) -> Row:
        """An event as a search asks for a message: what it says, when, who, where and from which item."""
        whole = self.state.directory
        at = event["at"] or {"at": None, "local": None}
        item = self.state.items[self.state.readings[ids.reading_of(event["id"])].item]
        said = "\n".join(part for part in (event["text"], event["value"]) if part) or None
        conversation, actor = event["conversation"], event["actor"]
        sender = None if actor is None else Named(actor, whole.account_names(actor))
        others = whole.participants(conversation) if everybody and conversation is not None else ()
        state, direction = None, None
        return Row(
            id=event["id"],
            text=said,
            at=at["at"],
            local=at["local"],
            sender=sender,
            recipients=tuple(Named(account, whole.account_names(account)) for account in event["accounts"] or ()),
            participants=tuple(Named(one.account, whole.account_names(one.account)) for one in others),
            conversation=None if conversation is None else Named(conversation, whole.conversation_names(conversation)),
            item=Named(item.number, (item.path, item.sha256)),
            device=event["device"],
            platform=event["platform"],
            kind=event["kind"],
            has=held((), place=False, text=said),
            flags=flags(
                state=state, direction=direction, deleted=False, edited=False, reply=False, forwarded=False,
                at=at["at"], local=at["local"],
            ),
        )  # fmt: skip

    def _hidden(self, events: list[dict[str, Any]]) -> frozenset[int]:
        """Those of these events that are about a message out of view: as their own reading holds it, else any other."""
        numbers_of = self.state.site.store.tables.numbers_of
        about: dict[int, list[int]] = {}
        for conversation in {e["conversation"] for e in events if e["target"] is not None} - {None}:
            here = [e for e in events if e["conversation"] == conversation and e["target"] is not None]
            held_here = numbers_of(conversation, sorted({e["target"] for e in here}))
            for event in here:
                copies = held_here.get(event["target"], ())
                own = [n for n in copies if ids.reading_of(n) == ids.reading_of(event["id"])]
                about[event["id"]] = own or list(copies)
        seen = self.sees(number for numbers in about.values() for number in numbers)
        return frozenset(event for event, numbers in about.items() if not seen.issuperset(numbers))


def _rows(numbers: "np.ndarray[Any, np.dtype[np.int64]]", why: str) -> Rows:
    return Rows(numbers.astype("<i8").tobytes(), why)


def _no_message(number: int) -> NotHeld:
    return NotHeld(
        "there is no message {id}",
        hint="numbers come from `filon search`; withdrawn items leave every view",
        id=ids.show(number),
    )
