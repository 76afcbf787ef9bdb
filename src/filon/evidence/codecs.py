"""Unpacking, one small step at a time, so that no input can make a large answer at once.

Each decoder is fed pieces of ``Codec.step`` bytes. Deflate gives at most 1,032 times that, zstd 32,768 times (a block of
4 bytes stands for 128 KiB); bzip2 can give a million times that, LZMA some thousand times, but both can be told to stop
at ``_LARGEST`` bytes and go on when asked again.
"""

import bz2
import io
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol, cast

import msgspec
import zstandard

from filon.evidence.stretch import Stream, Stretch

__all__ = ["BZIP2", "DEFLATE", "GZIP", "XZ", "ZSTD", "Codec", "Unpacked", "checked", "frames"]

_BUFFER = 256 * 1024
_LARGEST = 16 << 20
_LZMA_MEMORY = 256 << 20
_ZSTD_WINDOW = 128 << 20


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _BoundedDecoder(_Decoder, Protocol):
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


class Codec(msgspec.Struct, frozen=True):
    """A way of packing. ``step`` packed bytes are fed at a time; ``magic`` begins a frame of it in a file."""

    name: str
    step: int
    decoder: Callable[[], _Decoder]
    magic: re.Pattern[bytes] = re.compile(b"(?!)")
    bounded: bool = False
    """Whether the decoder is a ``_BoundedDecoder``."""


def _zstd() -> _Decoder:
    decoder: _Decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    return decoder


DEFLATE = Codec("deflate", 16384, lambda: zlib.decompressobj(-zlib.MAX_WBITS))
GZIP = Codec("gzip", 16384, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), re.compile(rb"\x1f\x8b\x08"))
BZIP2 = Codec("bzip2", 16384, bz2.BZ2Decompressor, re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bounded=True)
XZ = Codec(
    "xz",
    1024,
    lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY),
    re.compile(rb"\xfd7zXZ\x00"),
    bounded=True,
)
ZSTD = Codec("zstd", 1024, _zstd, re.compile(rb"\x28\xb5\x2f\xfd"))

_FAILURES = (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError, ValueError, MemoryError)
"""What the decoders raise for damaged input; MemoryError is how lzma says that a file asks for more than the limit."""


class _Damage(Exception):
    """Unpacking had to stop; the text says where and why."""


def frames(packed: Stretch, codec: Codec, damaged: Callable[[str], None]) -> Iterator[bytes]:
    """Unpack a file of one or more frames; ``damaged`` is told where it is cut, broken or followed by other bytes."""
    try:
        yield from _frames(packed, codec)
    except _Damage as damage:
        damaged(str(damage))


def _frames(packed: Stretch, codec: Codec) -> Iterator[bytes]:
    stream = packed.open()
    pending = stream.read(codec.step)
    done, begun = 0, False
    while pending:
        if begun and not codec.magic.match(pending):
            if _only_zeros(pending, stream):  # padding of tapes and xz files
                return
            raise _Damage(f"other bytes follow after {done} unpacked bytes")
        decoder, begun = codec.decoder(), True
        finished = False
        while not finished:
            if not pending:
                raise _Damage(f"the packed data ends early, after {done} unpacked bytes")
            for piece in _steps(codec, decoder, pending, done):
                done += len(piece)
                yield piece
            finished = decoder.eof
            pending = b"" if finished else stream.read(codec.step)
        pending = decoder.unused_data
        if len(pending) < codec.step:
            pending += stream.read(codec.step - len(pending))


def _only_zeros(pending: bytes, stream: BinaryIO) -> bool:
    while pending:
        if pending.strip(b"\0"):
            return False
        pending = stream.read(1 << 20)
    return True


def _steps(codec: Codec, decoder: _Decoder, data: bytes, done: int) -> Iterator[bytes]:
    """What ``data`` unpacks to, in bounded pieces; ``done`` bytes came before."""
    try:
        if not codec.bounded:
            yield decoder.decompress(data)
            return
        bounded = cast("_BoundedDecoder", decoder)
        yield bounded.decompress(data, _LARGEST)
        while not (bounded.eof or bounded.needs_input):
            yield bounded.decompress(b"", _LARGEST)
    except _FAILURES as error:
        raise _Damage(f"broken after {done} unpacked bytes or more: {error}") from error


class Unpacked(io.RawIOBase):
    """One packed member as a seekable stream of exactly ``size`` bytes, or fewer where it is damaged.

    Going forward unpacks; going back starts anew. ``damaged`` is told once why fewer bytes than stated came, why
    more would, or that the checksum does not agree. CRC-32 is compared when a pass reaches the end.
    """

    def __init__(
        self, packed: Stretch, codec: Codec, size: int, crc: int | None, damaged: Callable[[str], None]
    ) -> None:
        self._packed = packed
        self._codec = codec
        self._size = size
        self._crc = crc
        self._damaged = damaged
        self._at = 0
        self._restart()

    def _restart(self) -> None:
        self._pieces = self._unpack()
        self._piece = memoryview(b"")
        self._reached = 0

    def _unpack(self) -> Iterator[bytes]:
        decoder = self._codec.decoder()
        stream = self._packed.open()
        done, crc = 0, 0
        try:
            while not decoder.eof:
                data = stream.read(self._codec.step)
                if not data:
                    raise _Damage(f"the packed data ends after {done} of {self._size} bytes")
                for piece in _steps(self._codec, decoder, data, done):
                    if done + len(piece) > self._size:
                        yield piece[: self._size - done]
                        raise _Damage(f"unpacks to more than the {self._size} bytes it states")
                    done += len(piece)
                    crc = zlib.crc32(piece, crc)
                    yield piece
            if done != self._size:
                raise _Damage(f"unpacks to {done} bytes and states {self._size}")
            if decoder.unused_data or stream.read(1):
                raise _Damage("its packed data goes on after its end")
            if self._crc is not None and crc != self._crc:
                raise _Damage(f"its checksum is {crc:08x} and it states {self._crc:08x}")
        except _Damage as damage:
            self._damaged(str(damage))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative position {base + offset}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than WriteableBuffer
        if self._at < self._reached:
            self._restart()
        while self._reached < self._at or not self._piece:
            ahead = min(self._at - self._reached, len(self._piece))
            self._piece = self._piece[ahead:]
            self._reached += ahead
            if not self._piece:
                following = next(self._pieces, None)
                if following is None:
                    return 0
                self._piece = memoryview(following)
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        self._at += count
        self._reached += count
        return count


def checked(stored: Stretch, crc: int, damaged: Callable[[str], None]) -> BinaryIO:
    """A member that lies in its archive as it is; its checksum is compared when a pass from the start reaches the end."""
    return io.BufferedReader(_Checked(stored, crc, damaged), _BUFFER)


class _Checked(Stream):
    """A stream on a stretch that sums up what is read in order."""

    def __init__(self, stretch: Stretch, crc: int, damaged: Callable[[str], None]) -> None:
        super().__init__(stretch)
        self._end = stretch.length
        self._stated = crc
        self._damaged = damaged
        self._summed = 0
        self._crc = 0

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than WriteableBuffer
        before = self.tell()
        count = super().readinto(buffer)
        if before == self._summed and count:
            self._crc = zlib.crc32(memoryview(buffer)[:count], self._crc)
            self._summed += count
            if self._summed == self._end and self._crc != self._stated:
                self._damaged(f"its checksum is {self._crc:08x} and it states {self._stated:08x}")
        return count
