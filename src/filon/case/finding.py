"""Finding: search texts bound to what a view may see, hits with their passages, facets, completion, word lists."""

from collections.abc import Callable, Iterable

import numpy as np

from filon.case.answers import (
    AccountView,
    Activity,
    Completion,
    Explained,
    FacetBucket,
    FacetView,
    Hit,
    Hits,
    Span,
    TermHits,
)
from filon.case.state import State
from filon.case.views import message_views
from filon.errors import QueryError, Unsupported
from filon.model.view import View
from filon.query.bind import bind, leaves
from filon.query.complete import completions
from filon.query.explain import explain
from filon.query.parse import parse
from filon.query.show import show
from filon.query.snippet import snippet
from filon.query.tree import All, And, Field, Node, Rows
from filon.store import Order, Thread

__all__ = [
    "activity_of",
    "all_hits",
    "bound",
    "complete",
    "explained",
    "facets",
    "find",
    "participation",
    "places",
    "scope_of",
    "strip",
    "try_words",
]

_SNIPPET = 240
_TERM_CONVERSATIONS = 5
_PEOPLE = ("from", "to", "with")
_BY_NUMBER = {"account": "from", "conversation": "in", "item": "item"}


def scope_of(state: State, view: View) -> Node | None:
    """What the view is bounded to, as a tree the store understands; None where it may see everything."""
    return None if view.scope is None else _resolved(state, parse(view.scope))


def bound(state: State, view: View, text: str) -> Node:
    """A search text as a tree: tags resolved, and joined to the scope of the view."""
    asked = _resolved(state, parse(text))
    scope = scope_of(state, view)
    return asked if scope is None else And((scope, asked))


def find(state: State, view: View, text: str, order: Order, offset: int, limit: int) -> Hits:
    """One page of hits and the exact total."""
    query = bound(state, view, text)
    store = state.site.store
    found = store.index.find(query, order, offset, limit, view.zone)
    rows = store.tables.messages(found.ids)
    asked = parse(text)
    hits = []
    for message in message_views(rows, state.directory, store.tables, state.desk):
        passage, spans = snippet(asked, message.text or "", _SNIPPET)
        hits.append(Hit(message=message, snippet=passage, spans=tuple(Span(a, b) for a, b in spans)))
    return Hits(total=found.total, hits=tuple(hits), offset=offset, explained=explained(state, text))


def explained(state: State, text: str) -> Explained:
    """What a search text is taken to mean."""
    tree = parse(text)
    accounts: dict[str, tuple[AccountView, ...]] = {}
    for leaf in leaves(tree):
        if isinstance(leaf, Field) and leaf.name in _PEOPLE:
            numbers = state.site.store.index.resolve(leaf.name, leaf.value)
            accounts[show(leaf)] = state.directory.accounts(numbers[:100].tolist())
    return Explained(canonical=show(tree), words=explain(tree), accounts=accounts)


def facets(state: State, view: View, text: str, fields: Iterable[str], top: int) -> dict[str, FacetView]:
    """How the hits are spread over accounts, conversations, months and so on; ``tag`` comes from the desk."""
    query = bound(state, view, text)
    wanted = list(fields)
    counted = state.site.store.index.facets(query, [f for f in wanted if f != "tag"], top, view.zone)
    answer: dict[str, FacetView] = {}
    for field in wanted:
        if field == "tag":
            answer[field] = _tag_facet(state, view, query, top)
            continue
        found = counted[field]
        label = _labels(state, field)
        buckets = tuple(FacetBucket(b.value, label(b.value), b.count, _term(field, b.value)) for b in found.buckets)
        answer[field] = FacetView(field=field, buckets=buckets, distinct=found.distinct, exact=found.exact)
    return answer


def activity_of(state: State, query: Node, step: str, zone: str) -> Activity:
    """Messages over time: one count a month, day or hour, none left out between the first and the last."""
    field = {"month": "month", "day": "day", "hour": "day"}[step]
    found = state.site.store.index.facets(query, (field,), 2**31 - 1, zone)[field]
    dated = {b.value: b.count for b in found.buckets if b.value}
    total = state.site.store.index.count(query, zone)
    starts, counts = _filled(dated, field)
    return Activity(step=field, starts=starts, counts=counts, undated=total - sum(dated.values()))


def participation(state: State, view: View, conversation: int, top: int) -> dict[str, Activity]:
    """Messages a day of the busiest participants of a conversation, by label."""
    here: Node = Field("in", f"#{conversation}")
    scope = scope_of(state, view)
    whole = here if scope is None else And((scope, here))
    busiest = state.site.store.index.facets(whole, ("account",), top, view.zone)["account"].buckets
    return {
        state.directory.account(int(b.value)).label: activity_of(
            state, And((whole, Field("from", f"#{b.value}"))), "day", view.zone
        )
        for b in busiest
    }


def all_hits(state: State, view: View, text: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The numbers of all hits, oldest first."""
    pieces = list(state.site.store.index.ids(bound(state, view, text), view.zone))
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def strip(state: State, view: View, conversation: int, text: str, bins: int) -> list[int]:
    """Hits along a conversation, in equal stretches of messages."""
    return _thread(state, view, conversation).strip(_hits_in(state, view, conversation, text), bins)


def places(state: State, view: View, conversation: int, text: str, limit: int) -> list[int]:
    """Places of hits in a conversation, ascending."""
    thread = _thread(state, view, conversation)
    hits = np.isin(thread.ids, _hits_in(state, view, conversation, text))
    return [int(place) for place in np.flatnonzero(hits)[:limit]]


def _thread(state: State, view: View, conversation: int) -> Thread:
    return state.site.store.tables.thread(conversation, scope_of(state, view), view.zone)


def _hits_in(state: State, view: View, conversation: int, text: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    here = And((bound(state, view, text), Field("in", f"#{conversation}")))
    pieces = list(state.site.store.index.ids(here, view.zone))
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def try_words(state: State, view: View, lines: Iterable[str]) -> list[TermHits]:
    """Each line of a word list as a search of its own: hits in all and by conversation. Blank lines and # are left out."""
    tried = []
    for line in lines:
        term = line.strip()
        if not term or term.startswith("#"):
            continue
        try:
            query = bound(state, view, term)
        except QueryError as error:
            tried.append(TermHits(term=term, total=0, error=str(error)))
            continue
        total = state.site.store.index.count(query, view.zone)
        spread: tuple[FacetBucket, ...] = ()
        if total:
            spread = facets(state, view, term, ("conversation",), _TERM_CONVERSATIONS)["conversation"].buckets
        tried.append(TermHits(term=term, total=total, conversations=spread))
    return tried


def complete(state: State, text: str, cursor: int, limit: int = 12) -> list[Completion]:
    """What may stand at the cursor: field names, values the case holds, words of its messages."""
    typing = completions(text, cursor)
    offered = [Completion(typing.start, choice, choice) for choice in typing.choices]
    if typing.kind == "value" and not offered:
        folded = typing.typed.strip('"').casefold()
        values = dict.fromkeys(_values(state, typing.field or "", folded))
        offered = [Completion(typing.start, _quoted(value), value) for value in values if folded in value.casefold()]
    if typing.kind in ("word", "phrase") and typing.typed:
        words = state.site.store.index.words(typing.typed, limit)
        offered += [Completion(typing.start, word, word, count) for word, count in words]
    return offered[:limit]


def _values(state: State, field: str, typed: str) -> list[str]:
    if field in _PEOPLE:
        numbers = state.directory.accounts_called(typed)[:50]
        return [a.native_id or a.name or "" for a in state.directory.accounts(numbers)]
    if field == "in":
        return [state.directory.title(n) for n in state.directory.conversations_called(typed)[:50]]
    if field == "tag":
        return [tag for tag, _ in state.desk.tags()]
    if field in ("platform", "device", "kind"):
        return [b.value for b in state.site.store.index.facets(All(), (field,), 200)[field].buckets]
    if field == "item":
        return [f"#{item.number}" for item in state.items.values() if item.withdrawn is None]
    return []


def _resolved(state: State, tree: Node) -> Node:
    """The tree with every ``tag:`` replaced by the messages that have it now."""

    def leaf(node: Node) -> Node:
        if isinstance(node, Field) and node.name == "tag":
            return Rows(state.desk.tagged(node.value).astype("<i8").tobytes(), show(node))
        if node == Field("is", "one-sided"):
            raise Unsupported(
                "copies of a message on several devices are not compared yet",
                hint="search by device: instead, and compare the readings",
            )
        return node

    return bind(tree, leaf)


def _tag_facet(state: State, view: View, query: Node, top: int) -> FacetView:
    index = state.site.store.index
    counted = []
    for tag, _ in state.desk.tags():
        rows = Rows(state.desk.tagged(tag).astype("<i8").tobytes(), f"tag:{tag}")
        count = index.count(And((query, rows)), view.zone)
        if count:
            counted.append(FacetBucket(tag, tag, count, f"tag:{_quoted(tag)}"))
    counted.sort(key=lambda bucket: (-bucket.count, bucket.value))
    return FacetView(field="tag", buckets=tuple(counted[:top]), distinct=len(counted))


def _labels(state: State, field: str) -> Callable[[str], str]:
    if field == "account":
        return lambda value: state.directory.account(int(value)).label
    if field == "conversation":
        return lambda value: state.directory.title(int(value))
    if field == "item":
        return lambda value: state.items[int(value)].name
    return lambda value: value


def _term(field: str, value: str) -> str:
    """The search term that stands for one bucket."""
    if field in ("month", "day"):
        return f"date:{value}" if value else "is:undated"
    if field in ("hour", "weekday"):
        return ""
    if field in _BY_NUMBER:
        return f"{_BY_NUMBER[field]}:#{value}"
    return f"{field}:{_quoted(value)}"


def _quoted(value: str) -> str:
    plain = value and all(c.isalnum() or c in "_-.@+/" for c in value)
    return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _filled(dated: dict[str, int], field: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bucket starts as microseconds of wall time, with zeros where nothing was sent."""
    if not dated:
        return (), ()
    keys = sorted(dated)
    if field == "month":
        months = np.arange(np.datetime64(keys[0], "M"), np.datetime64(keys[-1], "M") + 1)
        labels = [str(m) for m in months]
        starts = months.astype("datetime64[us]").astype(np.int64)
    else:
        days = np.arange(np.datetime64(keys[0], "D"), np.datetime64(keys[-1], "D") + 1)
        labels = [str(d) for d in days]
        starts = days.astype("datetime64[us]").astype(np.int64)
    return tuple(starts.tolist()), tuple(dated.get(label, 0) for label in labels)
