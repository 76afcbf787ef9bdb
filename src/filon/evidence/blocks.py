"""Which bytes an item had when it was taken in, block by block, so that a piece of it can be proven without reading it all.

The digests are made in one pass with the SHA-256 of the whole item and kept only where that is the one in the custody
log. They are no evidence themselves: they can be made again from the item at any time.
"""

import hashlib

import msgspec

from filon.errors import EvidenceError
from filon.evidence.stretch import Stretch
from filon.model.progress import Progress, Report, silent

__all__ = ["BLOCK", "Blocks", "ByBlock", "Vouched", "make_blocks", "not_the_item"]

BLOCK = 1 << 20
"""Bytes that are read and proven together."""
_DIGEST = hashlib.sha256().digest_size


class Blocks(msgspec.Struct, frozen=True):
    """SHA-256 of an item of ``size`` bytes, and of every mebibyte of it, 32 bytes each, one after another."""

    sha256: str
    size: int
    digests: bytes


def make_blocks(data: Stretch, report: Report = silent, item: str | None = None) -> Blocks:
    """Read all of ``data`` once."""
    whole, digests = hashlib.sha256(), []
    for at in range(0, data.length, BLOCK):
        block = data.read_at(at, BLOCK)
        whole.update(block)
        digests.append(hashlib.sha256(block).digest())
        report(Progress("hash", at + len(block), data.length, item=item))
    return Blocks(whole.hexdigest(), data.length, b"".join(digests))


class ByBlock:
    """Bytes by position, given by ``_load`` a whole block at a time; the last one is kept."""

    def __init__(self) -> None:
        self._number = -1
        self._block = b""

    def read_at(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes; EvidenceError where they are not there."""
        pieces = []
        while length > 0:
            number, inside = divmod(offset, BLOCK)
            if number != self._number:
                self._block = self._load(number)
                self._number = number
            piece = self._block[inside : inside + length]
            if not piece:
                raise self._missing()
            pieces.append(piece)
            offset += len(piece)
            length -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _load(self, number: int) -> bytes:
        """Block ``number``, shorter only where it is the last."""
        raise NotImplementedError

    def _missing(self) -> EvidenceError:
        """What is said where there are fewer bytes than there must be."""
        raise NotImplementedError


class Vouched(ByBlock):
    """A file of which no byte is given out before its block was found to be the one that was taken in."""

    def __init__(self, data: Stretch, blocks: Blocks, name: str) -> None:
        super().__init__()
        self._data = data
        self._blocks = blocks
        self._name = name

    def _load(self, number: int) -> bytes:
        block = self._data.read_at(number * BLOCK, BLOCK)
        if hashlib.sha256(block).digest() != self._blocks.digests[number * _DIGEST : (number + 1) * _DIGEST]:
            raise self._missing()
        return block

    def _missing(self) -> EvidenceError:
        return not_the_item(self._name)


def not_the_item(path: str) -> EvidenceError:
    """The error for a file that lies where an item lay and is not it."""
    return EvidenceError(
        "the item has changed: {path} is not what was taken in",
        hint="find the file with the SHA-256 of the item, and put it back at its place",
        path=path,
    )
