"""The full-text index of one slice: Tantivy, one segment, document number = row.

Words are folded and cut by ``filon.model.words`` before they get to Tantivy, which splits at the spaces between them and
does nothing else: how many spaces there are does not matter to it. Beside the text it holds four integer columns for
counting without touching rows: ``time`` (microseconds), ``sender`` and ``conversation`` (ordinals; absent where unknown)
and ``group`` (see ``columns``).
"""

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import tantivy

from filon.model.cutting import cut_column
from filon.store.embedded.columns import Ints

__all__ = ["COLUMNS", "SORTED", "between", "one_of", "open_index", "schema", "vocabulary", "write_index"]

_HEAP = 1 << 30
"""Bytes before Tantivy starts a second segment. It grows as needed and is far above what a slice may hold."""


def schema() -> Any:
    """The schema of every index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="words", index_option="position")
    builder.add_integer_field("time", fast=True)
    builder.add_unsigned_field("sender", fast=True)
    builder.add_unsigned_field("conversation", fast=True)
    builder.add_unsigned_field("group", fast=True, indexed=True)
    return builder.build()


COLUMNS = ("time", "sender", "conversation", "group")
"""Integer columns of a slice that its index holds too; ``time`` where it is dated."""
SORTED = {"sorted": "word"}
"""What the file of a vocabulary says of itself, so that words are looked up without being read."""
_SCHEMA = schema()
_KINDS = {
    "time": tantivy.FieldType.Integer,
    "sender": tantivy.FieldType.Unsigned,
    "conversation": tantivy.FieldType.Unsigned,
}
_ABSENT = frozenset(("sender", "conversation"))
"""Columns in which a negative value is none."""
_MANY = {"sender": 8, "conversation": 8, "group": 1024}
"""Values that the index is asked for at once; each sender or conversation is a pass over its column."""


def _with_tokenizer(index: Any) -> Any:
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def write_index(folder: Path, texts: "Iterable[pa.Array[Any]]", columns: Mapping[str, Ints]) -> bool:
    """Index rows in this order: their texts, some at a time, and the integer columns of all; -1 is no value.

    False where Tantivy made more than one segment, so that document numbers are not rows: the slice is too big.
    """
    folder.mkdir()
    index = _with_tokenizer(tantivy.Index(schema(), path=str(folder), reuse=False))
    writer = index.writer(_HEAP, 1)
    start = 0
    for some in texts:
        rows = slice(start, start + len(some))
        documents = _documents(cut_column(some), {name: values[rows] for name, values in columns.items()})
        deque(map(writer.add_json, documents.to_pylist()), maxlen=0)
        start = rows.stop
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return bool(index.searcher().num_segments <= 1)


def _documents(words: "pa.Array[Any]", columns: Mapping[str, Ints]) -> Any:
    """Documents as JSON, which costs half of what objects with a call for every field do. Words need no escaping."""
    parts: list[Any] = ['{"text":"', words, '"']
    for name, values in columns.items():
        number: Any = pa.array(values, mask=values < 0 if name in _ABSENT else None).cast(pa.string())
        before: Any = f',"{name}":'
        value: Any = pc.binary_join_element_wise(before, number, "")
        parts.append(pc.fill_null(value, "") if number.null_count else value)
    return pc.binary_join_element_wise(*parts, "}", "")


def open_index(folder: Path) -> Any:
    """A searcher over a finished index."""
    index = _with_tokenizer(tantivy.Index.open(str(folder)))
    index.config_reader("manual", 0)
    index.reload()
    return index.searcher()


def vocabulary(searcher: Any) -> pa.Table:
    """Every word of an index and in how many rows it stands, sorted by code points, as the file then says of itself."""
    found = searcher.terms_with_prefix("text", "")
    words = {"word": pa.array([word for word, _ in found], pa.string()), "rows": [count for _, count in found]}
    return pa.table(words).sort_by("word").combine_chunks().replace_schema_metadata(SORTED)


def between(field: str, since: int | None, until: int | None) -> Any | None:
    """A query for rows with ``since <= field < until``; None where both ends are open."""
    if since is None and until is None:
        return None
    return tantivy.Query.range_query(_SCHEMA, field, _KINDS[field], since, until, True, until is None)


def one_of(field: str, values: npt.NDArray[Any]) -> Any | None:
    """A query for rows whose ordinal is among ``values``; None where there are too many to be worth asking."""
    if len(values) > _MANY[field]:
        return None
    numbers = [int(value) for value in values if value >= 0]
    if field == "group":
        return tantivy.Query.term_set_query(_SCHEMA, field, numbers)
    ranges = [tantivy.Query.range_query(_SCHEMA, field, _KINDS[field], number, number) for number in numbers]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in ranges])
