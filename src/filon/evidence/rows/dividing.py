"""A large table divided into blocks of whole rows, so that several processes can read it.

One pass over the bytes hashes them and numbers the rows; only lines with quotes are looked into. Each block carries the
SHA-256 of its own bytes: whoever parses it proves that these are the bytes that were hashed. The blocks of a Parquet file
are row groups; the footer, which every one of them needs, is proven in the same way.
"""

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from filon.evidence.rows.delimited import LIMIT, start_of
from filon.evidence.rows.delimited_stripes import delimited_blocks, delimited_stripes
from filon.evidence.rows.json_stripes import json_stripes
from filon.evidence.rows.parquet import FAILURES
from filon.evidence.rows.parquet_blocks import Part, footer_of, groups_of, metadata_of, stream_of
from filon.evidence.rows.parquet_stripes import parquet_stripes
from filon.evidence.rows.row import Table
from filon.evidence.rows.stripe import Stripe, blocks_of_lines
from filon.evidence.source import Source
from filon.evidence.stretch import changed
from filon.model.progress import Progress, Report

__all__ = ["Block", "Division", "Part", "divide", "stripes_of_block"]

_PIECE = 8 << 20


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Whole rows that stand together: where, and the numbers of the rows before and at their end."""

    offset: int
    length: int
    before: int
    last: int
    sha256: str
    groups: tuple[int, int] | None = None
    """The row groups of a Parquet file: the first, and the one behind the last."""
    footer: Part | None = None
    """What a Parquet file says at its end of all row groups."""


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """The blocks of a source without a gap, and the SHA-256 of the whole.

    A byte order mark belongs to no block, nor does the footer of a Parquet file.
    """

    blocks: tuple[Block, ...]
    sha256: str
    size: int


def divide(source: Source, table: Table, size: int, report: Report) -> Division | None:
    """The blocks of a table that ``are_in_stripes`` allows, of about ``size`` bytes each.

    None for a workbook, where a line is too long, or where row groups do not follow one another.
    """
    if table.kind == "workbook":
        return None
    if table.kind == "parquet":
        return _divide_groups(source, size, report)
    whole = hashlib.sha256()
    blocks: list[Block] = []
    with source.open() as stream:
        start = start_of(stream) if table.kind == "delimited" else 0
        stream.seek(0)
        whole.update(stream.read(start))
        reached = start
        found = (
            delimited_blocks(stream, table.written, start, size) if table.kind == "delimited" else _lines(stream, size)
        )
        for data, offset, before, last in found:
            whole.update(data)
            sha256 = hashlib.sha256(data).hexdigest()
            blocks.append(Block(offset=offset, length=len(data), before=before, last=last, sha256=sha256))
            reached = offset + len(data)
            report(Progress("divide", reached, source.size, item=source.name))
    if reached != source.size or not blocks:
        return None
    return Division(blocks=tuple(blocks), sha256=whole.hexdigest(), size=reached)


def stripes_of_block(data: bytes, block: Block, table: Table, width: int, footer: bytes = b"") -> Iterator[Stripe]:
    """The rows of one block. ``footer``: the bytes at ``block.footer``."""
    if block.groups is not None and block.footer is not None:
        whole = stream_of(data, block.offset, block.footer.offset + block.footer.length)
        return parquet_stripes(whole, metadata_of(footer), range(*block.groups), block.before)
    stream = io.BytesIO(data)
    if table.kind == "json-lines":
        return json_stripes(stream, block.offset, block.before)
    return delimited_stripes(stream, table.written, width, block.offset, block.before)


def _lines(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int, int]]:
    number = 0
    for lines in blocks_of_lines(stream, 0, size, LIMIT):
        yield lines.data, lines.offset, number, number + len(lines.starts)
        number += len(lines.starts)


def _divide_groups(source: Source, size: int, report: Report) -> Division | None:
    with source.open() as stream:
        footer = footer_of(stream)
        try:
            groups = groups_of(metadata_of(footer.data), footer.offset, size) if footer else None
        except FAILURES:
            return None
        if footer is None or groups is None:
            return None
        stream.seek(0)
        whole = hashlib.sha256()
        hashed: list[str] = []
        for one in groups:
            hashed.append(_hashed(stream, one.length, whole))
            report(Progress("divide", one.offset + one.length, source.size, item=source.name))
        if stream.read() != footer.data:
            raise changed(source.name)
    whole.update(footer.data)
    part = Part(footer.offset, len(footer.data), hashlib.sha256(footer.data).hexdigest())
    blocks = [
        Block(
            offset=one.offset, length=one.length, before=one.before, last=one.last, sha256=sha256,
            groups=(one.first, one.beyond), footer=part,
        )
        for one, sha256 in zip(groups, hashed, strict=True)
    ]  # fmt: skip
    return Division(blocks=tuple(blocks), sha256=whole.hexdigest(), size=part.offset + part.length)


def _hashed(stream: BinaryIO, length: int, whole: "hashlib._Hash") -> str:
    """SHA-256 of the next bytes of a stream, which also go into ``whole``."""
    own = hashlib.sha256()
    while length > 0 and (data := stream.read(min(length, _PIECE))):
        own.update(data)
        whole.update(data)
        length -= len(data)
    return own.hexdigest()
