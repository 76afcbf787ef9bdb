"""Finding: search texts bound to what a view may see, hits with their passages, facets, completion, word lists."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from filon.case.answers import (
    AccountView,
    Activity,
    Completion,
    Explained,
    FacetBucket,
    FacetView,
    FirstHits,
    Hit,
    Hits,
    Span,
    TermHits,
)
from filon.case.sight import ALL, Sight
from filon.case.views import SHOWN, message_views
from filon.errors import QueryError
from filon.model.words import cut
from filon.query.bind import leaves
from filon.query.complete import completions
from filon.query.explain import explain
from filon.query.fields import FIELDS
from filon.query.names import is_name, wanted
from filon.query.parse import parse
from filon.query.show import show
from filon.query.snippet import snippet
from filon.query.tree import All, And, Field, Node, Rows, Word
from filon.store import Order, Thread

__all__ = [
    "activity",
    "all_hits",
    "complete",
    "explained",
    "facets",
    "find",
    "first",
    "participation",
    "places",
    "strip",
    "tag_counts",
    "try_words",
]

_SNIPPET = 240
_TERM_CONVERSATIONS = 5
_OFFERED = 50
"""Names looked up for a completion."""
_LOOKED_AT = 60
"""Words of the case that are looked for in a scope."""
_PEOPLE = ("from", "to", "with")
_NAMED = 100
"""Accounts that are named for a name in a search; it may mean more."""
_YEAR = re.compile(r"(?!9999)[1-9]\d{3}-", re.ASCII)
"""Years that ``date:`` takes."""
_STARTS = {"month": "datetime64[M]", "day": "datetime64[D]"}
_FILLED = 75_000
"""Months or days that are shown in a row, empty ones included: two hundred years of days."""
_BY_NUMBER = {"account": "from", "conversation": "in", "item": "item"}


def find(sight: Sight, text: str, order: Order, offset: int, limit: int) -> Hits:
    """One page of hits and the exact total."""
    store = sight.state.site.store
    found = store.index.find(sight.bound(text), order, offset, limit, sight.zone)
    hits = _shown(sight, text, found.ids)
    return Hits(total=found.total, hits=hits, offset=offset, explained=explained(sight, text))


def first(sight: Sight, text: str, order: Order, offset: int, limit: int) -> FirstHits:
    """The same page of hits without counting the others, which takes longer. One more is asked for than is shown."""
    found = sight.state.site.store.index.first(sight.bound(text), order, offset, limit + 1, sight.zone)
    more = len(found) > limit
    hits = _shown(sight, text, found[:limit])
    known = not more and (hits or not offset)
    total = offset + len(hits) if known else None
    return FirstHits(total=total, hits=hits, offset=offset, more=more, explained=explained(sight, text))


def _shown(sight: Sight, text: str, numbers: "np.ndarray[Any, np.dtype[np.int64]]") -> tuple[Hit, ...]:
    asked = parse(text)
    hits = []
    for message in message_views(sight, sight.state.site.store.tables.messages(numbers, SHOWN)):
        passage, spans = snippet(asked, message.text or "", _SNIPPET)
        hits.append(Hit(message=message, snippet=passage, spans=tuple(Span(a, b) for a, b in spans)))
    return tuple(hits)


def explained(sight: Sight, text: str) -> Explained:
    """What a search text is taken to mean."""
    tree = parse(text)
    accounts: dict[str, tuple[AccountView, ...]] = {}
    for leaf in leaves(tree):
        if isinstance(leaf, Field) and leaf.name in _PEOPLE:
            accounts[show(leaf)] = sight.directory.accounts(sight.named(leaf.name, leaf.value)[:_NAMED])
    return Explained(canonical=show(tree), words=explain(tree), accounts=accounts)


def facets(sight: Sight, text: str, fields: Iterable[str], top: int) -> dict[str, FacetView]:
    """How the hits are spread over accounts, conversations, months and so on; ``tag`` comes from the desk."""
    query = sight.bound(text)
    wanted = list(fields)
    index = sight.state.site.store.index
    counted = index.facets(query, [f for f in wanted if f != "tag"], top, sight.zone)
    answer: dict[str, FacetView] = {}
    for field in wanted:
        if field == "tag":
            answer[field] = _tag_facet(sight, query, top)
            continue
        found = counted[field]
        label, term = _labels(sight, field), _terms(sight, query, field)
        buckets = tuple(FacetBucket(b.value, label(b.value), b.count, term(b.value)) for b in found.buckets)
        answer[field] = FacetView(field=field, buckets=buckets, distinct=found.distinct, exact=found.exact)
    return answer


def activity(sight: Sight, query: Node, step: str) -> Activity:
    """Messages over time: one count a month or day, none left out between the first and the last."""
    index = sight.state.site.store.index
    found = index.facets(query, (step,), ALL, sight.zone)[step]
    dated = {b.value: b.count for b in found.buckets}
    total = index.count(query, sight.zone)
    starts, counts = _filled(dated, step)
    return Activity(step=step, starts=starts, counts=counts, undated=total - sum(dated.values()))


def participation(sight: Sight, conversation: int, top: int) -> dict[str, Activity]:
    """Messages a day of the busiest participants of a conversation, by label."""
    whole = sight.joined(Field("in", f"#{conversation}"))
    busiest = sight.state.site.store.index.facets(whole, ("account",), top, sight.zone)["account"].buckets
    found: dict[str, Activity] = {}
    for bucket in busiest:
        label = sight.directory.account(int(bucket.value)).label
        # Accounts known by name only can be called alike.
        label = f"{label} #{bucket.value}" if label in found else label
        found[label] = activity(sight, And((whole, Field("from", f"#{bucket.value}"))), "day")
    return found


def all_hits(sight: Sight, text: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The numbers of all hits, oldest first."""
    return _numbers(sight, sight.bound(text))


def strip(sight: Sight, conversation: int, text: str, bins: int) -> list[int]:
    """Hits along a conversation, in equal stretches of messages."""
    return _thread(sight, conversation).strip(_hits_in(sight, conversation, text), bins)


def places(sight: Sight, conversation: int, text: str, limit: int) -> list[int]:
    """Places of hits in a conversation, ascending."""
    hits = np.isin(_thread(sight, conversation).ids, _hits_in(sight, conversation, text))
    return [int(place) for place in np.flatnonzero(hits)[:limit]]


def _thread(sight: Sight, conversation: int) -> Thread:
    return sight.state.site.store.tables.thread(conversation, sight.within, sight.zone)


def _hits_in(sight: Sight, conversation: int, text: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return _numbers(sight, And((sight.bound(text), Field("in", f"#{conversation}"))))


def _numbers(sight: Sight, query: Node) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    pieces = list(sight.state.site.store.index.ids(query, sight.zone))
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def try_words(sight: Sight, lines: Iterable[str]) -> list[TermHits]:
    """Each line of a word list as a search of its own: hits in all and by conversation. Blank lines and # are left out."""
    tried = []
    for line in lines:
        term = line.strip()
        if not term or term.startswith("#"):
            continue
        try:
            query = sight.bound(term)
        except QueryError as error:
            tried.append(TermHits(term=term, total=0, error=str(error)))
            continue
        total = sight.state.site.store.index.count(query, sight.zone)
        spread: tuple[FacetBucket, ...] = ()
        if total:
            spread = facets(sight, term, ("conversation",), _TERM_CONVERSATIONS)["conversation"].buckets
        tried.append(TermHits(term=term, total=total, conversations=spread))
    return tried


def complete(sight: Sight, text: str, cursor: int, limit: int = 12) -> list[Completion]:
    """What may stand at the cursor: field names, values the case holds, words of its messages."""
    typing = completions(text, cursor)
    offered = [Completion(typing.start, choice, choice) for choice in typing.choices]
    if typing.kind == "value" and not offered:
        folded = typing.typed.strip('"').casefold()
        field = typing.field or ""
        values = [value for value in dict.fromkeys(_values(sight, field, folded)) if folded in value.casefold()]
        offered = [Completion(typing.start, _value_of(field, value), value) for value in values]
    if typing.kind in ("word", "phrase") and typing.typed:
        offered += [Completion(typing.start, word, word, count) for word, count in _words(sight, typing.typed, limit)]
    return offered[:limit]


def _words(sight: Sight, typed: str, limit: int) -> list[tuple[str, int]]:
    """Words that begin so, most frequent first. Within a scope of the case's most frequent ones, those that it holds."""
    index = sight.state.site.store.index
    if sight.within is None:
        return index.words(typed, limit)
    known = (word for word, _ in index.words(typed, _LOOKED_AT))
    counted = [(word, count) for word in known if (count := index.count(sight.joined(Word(word)), sight.zone))]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:limit]


def _values(sight: Sight, field: str, typed: str) -> list[str]:
    if field in _PEOPLE:
        numbers = sight.directory.accounts_called(typed)[:_OFFERED]
        return [a.native_id or a.name or "" for a in sight.directory.accounts(numbers)]
    if field == "in":
        return [sight.directory.title(n) for n in sight.directory.conversations_called(typed)[:_OFFERED]]
    if field == "tag":
        return [tag for tag, _ in tag_counts(sight)]
    if field in ("platform", "device", "kind"):
        index = sight.state.site.store.index
        return [b.value for b in index.facets(sight.joined(All()), (field,), 200, sight.zone)[field].buckets]
    if field == "item":
        return [f"#{item.number}" for item in sight.items.values() if item.withdrawn is None]
    return []


def tag_counts(sight: Sight, query: Node | None = None) -> list[tuple[str, int]]:
    """Every tag with how many messages in view (and hits of ``query``) have it, by name; without a scope unused ones too."""
    state = sight.state
    tags = state.desk.tags()
    if query is None and sight.within is None and not state.site.store.withdrawn:
        return tags
    counted = []
    for tag, _ in tags:
        rows: Node = Rows(state.desk.tagged(tag).astype("<i8").tobytes(), f"tag:{tag}")
        count = state.site.store.index.count(sight.joined(rows) if query is None else And((query, rows)), sight.zone)
        if count or (query is None and sight.within is None):
            counted.append((tag, count))
    return counted


def _tag_facet(sight: Sight, query: Node, top: int) -> FacetView:
    counted = [FacetBucket(tag, tag, count, _written("tag", tag)) for tag, count in tag_counts(sight, query)]
    counted.sort(key=lambda bucket: (-bucket.count, bucket.value))
    return FacetView(field="tag", buckets=tuple(counted[:top]), distinct=len(counted))


def _labels(sight: Sight, field: str) -> Callable[[str], str]:
    directory = sight.directory
    if field == "account":
        return lambda value: directory.account(int(value)).label
    if field == "conversation":
        return lambda value: directory.title(int(value))
    if field == "item":
        return lambda value: sight.items[int(value)].name
    return lambda value: value


def _terms(sight: Sight, query: Node, field: str) -> Callable[[str], str]:
    """The search term that stands for one bucket, for every bucket; empty where a search has no such condition."""
    if field in _BY_NUMBER:
        return lambda value: f"{_BY_NUMBER[field]}:#{value}"
    if field in _STARTS:
        return lambda value: f"date:{value}" if _YEAR.match(value) else ""
    if field not in FIELDS:
        return lambda value: ""
    if field != "device":
        return lambda value: _written(field, value)
    index = sight.state.site.store.index
    devices = [b.value for b in index.facets(query, ("device",), ALL, sight.zone)["device"].buckets]
    return lambda value: _only_device(value, devices)


def _written(field: str, value: str) -> str:
    """``field:value`` as it is searched; empty where the value holds nothing that can be."""
    return show(Field(field, value)) if cut(value) else ""


def _only_device(device: str, devices: list[str]) -> str:
    """A name is found inside longer ones, so those are taken out."""
    asked = wanted(device)
    longer = [_written("device", other) for other in devices if is_name(asked, other) and cut(other) != cut(device)]
    term = _written("device", device)
    return " ".join((term, *(f"NOT {other}" for other in longer))) if term else ""


def _value_of(field: str, value: str) -> str:
    """A value as it is written behind ``field:``."""
    return show(Field(field, value)).partition(":")[2]


def _filled(dated: dict[str, int], step: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bucket starts as microseconds of wall time, with zeros where nothing was sent.

    Where the first and the last lie so far apart that one of them can hardly be right, the gaps are left out.
    """
    if not dated:
        return (), ()
    starts = np.sort(np.array(list(dated), _STARTS[step]))
    if (starts[-1] - starts[0]).astype(np.int64) <= _FILLED:
        starts = np.arange(starts[0], starts[-1] + 1)
    microseconds = starts.astype("datetime64[us]").astype(np.int64)
    return tuple(microseconds.tolist()), tuple(dated.get(str(start), 0) for start in starts)
