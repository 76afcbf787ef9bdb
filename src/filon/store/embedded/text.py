"""The full-text index of one slice: Tantivy, one segment, document number = row.

Words are folded and cut by ``filon.model.words`` before they get here; Tantivy sees them joined by spaces and splits at
spaces, nothing else. Beside the text it holds four integer columns for counting without touching rows: ``time``
(microseconds), ``sender`` and ``conversation`` (ordinals; absent where unknown) and ``group`` (see ``columns``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pyarrow as pa
import tantivy

from filon.model.words import cut_joined

__all__ = ["SORTED", "between", "one_of", "open_index", "schema", "vocabulary", "write_index"]

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


SORTED = {"sorted": "word"}
"""What the file of a vocabulary says of itself, so that words are looked up without being read."""
_SCHEMA = schema()
_KINDS = {
    "time": tantivy.FieldType.Integer,
    "sender": tantivy.FieldType.Unsigned,
    "conversation": tantivy.FieldType.Unsigned,
}
_MANY = {"sender": 8, "conversation": 8, "group": 1024}
"""Values that the index is asked for at once; each sender or conversation is a pass over its column."""


def _with_tokenizer(index: Any) -> Any:
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def write_index(folder: Path, rows: Iterator[tuple[str | None, int | None, int, int, int]]) -> bool:
    """Index rows of (text, time, sender, conversation, group) in this order; -1 stands for no sender or conversation.

    False where Tantivy made more than one segment, so that document numbers are not rows: the slice is too big.
    """
    folder.mkdir()
    index = _with_tokenizer(tantivy.Index(schema(), path=str(folder), reuse=False))
    writer = index.writer(_HEAP, 1)
    new, add = tantivy.Document, writer.add_document
    for text, time, sender, conversation, group in rows:
        document = new()
        if text is not None:
            document.add_text("text", cut_joined(text))
        if time is not None:
            document.add_integer("time", time)
        if sender >= 0:
            document.add_unsigned("sender", sender)
        if conversation >= 0:
            document.add_unsigned("conversation", conversation)
        document.add_unsigned("group", group)
        add(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return bool(index.searcher().num_segments <= 1)


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
