"""A large table divided into blocks of whole rows, so that several processes can read it.

One pass over the bytes hashes them and numbers the rows; only lines with quotes are looked into. Each block carries the
SHA-256 of its own bytes: whoever parses it proves that these are the bytes that were hashed.
"""

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from filon.evidence.rows.delimited import LIMIT, start_of
from filon.evidence.rows.delimited_stripes import delimited_blocks, delimited_stripes
from filon.evidence.rows.json_stripes import json_stripes
from filon.evidence.rows.row import Table
from filon.evidence.rows.stripe import Stripe, blocks_of_lines
from filon.evidence.source import Source
from filon.model.progress import Progress, Report

__all__ = ["Block", "Division", "divide", "stripes_of_block"]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Whole rows that stand together: where, and the numbers of the rows before and at their end."""

    offset: int
    length: int
    before: int
    last: int
    sha256: str


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """The blocks of a source without a gap, and the SHA-256 of the whole. A byte order mark belongs to no block."""

    blocks: tuple[Block, ...]
    sha256: str
    size: int


def divide(source: Source, table: Table, size: int, report: Report) -> Division | None:
    """The blocks of a table that ``are_lines_in_stripes`` allows, of about ``size`` bytes each; None where a line is too long."""
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


def stripes_of_block(data: bytes, block: Block, table: Table, width: int) -> Iterator[Stripe]:
    """The rows of one block."""
    stream = io.BytesIO(data)
    if table.kind == "json-lines":
        return json_stripes(stream, block.offset, block.before)
    return delimited_stripes(stream, table.written, width, block.offset, block.before)


def _lines(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int, int]]:
    number = 0
    for lines in blocks_of_lines(stream, 0, size, LIMIT):
        yield lines.data, lines.offset, number, number + len(lines.starts)
        number += len(lines.starts)
