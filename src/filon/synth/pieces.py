"""Blocks made one by one or by several processes, in order, with a bounded number under way."""

import gc
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TypeVar

import msgspec

from filon.synth.chance import key_of
from filon.synth.copies import Copies, Said, copies, said
from filon.synth.faults import damage_phones, damage_rows
from filon.synth.table import Table, table
from filon.synth.truth import Fault, contacts, conversations, messages, people
from filon.synth.world import Block, World

__all__ = ["Counts", "Piece", "in_order", "make", "truth_lines"]

T = TypeVar("T")
A = TypeVar("A")

_FAULTS = 51
_ENCODER = msgspec.json.Encoder()


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece holds. ``rows == copies + faults["duplicate"] - lost``."""

    messages: int
    copies: int
    rows: int
    lost: int
    faults: dict[str, int]

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            messages=self.messages + other.messages,
            copies=self.copies + other.copies,
            rows=self.rows + other.rows,
            lost=self.lost + other.lost,
            faults=dict(sorted((Counter(self.faults) + Counter(other.faults)).items())),
        )


class Piece(msgspec.Struct, frozen=True):
    """One block, made: what was said, who holds it, the rows of the table, the truth as JSON lines, the counts.

    ``rows`` and ``table`` agree row by row unless rows were duplicated.
    """

    spoken: Said
    rows: Copies
    table: Table
    truth: bytes
    counts: Counts


def make(world: World, block: Block) -> Piece:
    """Make one block with its faults and its truth."""
    spoken = said(world, block)
    whole = copies(world, block, spoken)
    rows, faults = damage_phones(world.seed, spoken, whole, world.faults)
    made = table(world.seed, spoken, rows)
    faults += damage_rows(key_of(world.seed, _FAULTS, block.number), rows, made, world.faults)
    counts = Counts(
        messages=len(spoken.utterances),
        copies=len(whole.message),
        rows=len(made),
        lost=len(whole.message) - len(rows.message),
        faults=dict(Counter(fault.kind for fault in faults)),
    )
    return Piece(spoken, rows, made, truth_lines(world, block, spoken, whole, faults), counts)


def truth_lines(world: World, block: Block, spoken: Said, rows: Copies, faults: "list[Fault]") -> bytes:
    """The truth of a block as JSON lines."""
    told: list[object] = [
        *people(world, block),
        *conversations(block),
        *contacts(world.seed, block),
        *messages(spoken, rows),
        *faults,
    ]
    return _ENCODER.encode_lines(told)


def in_order(work: Callable[[A], T], tasks: Iterable[A], processes: int | None) -> Iterator[T]:
    """Results in the order of the tasks. Few tasks, or one process, are done here; else no more than two for each wait."""
    waiting = iter(tasks)
    few = list(islice(waiting, 2))
    count = processes or os.cpu_count() or 1
    if count == 1 or len(few) < 2:
        yield from map(work, few)
        yield from map(work, waiting)
        return
    under_way: deque[Future[T]] = deque()
    # nothing made here refers to itself in a circle: collecting such circles would cost a fifth of the time
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=gc.disable) as pool:
        for task in chain(few, waiting):
            under_way.append(pool.submit(work, task))
            if len(under_way) >= 2 * count:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
