"""Which character set delimited text is written in: a mark at its start, UTF-8 where it fits, else a guess that is told.

A file put together out of several may hold rows of both kinds. So each line is UTF-8 where it can be, whatever the file
is: text in a single-byte charset is hardly ever UTF-8 by chance.

Excel writes ``Unicode text`` as UTF-16 with tabs, ``CSV UTF-8`` with a mark, and plain CSV in the Windows character set of the
machine, which the file does not name.
"""

import codecs
import re

from charset_normalizer import from_bytes

from filon.evidence.lines import decode

__all__ = ["MARKS", "charset_of", "decode_line", "is_guess", "mark_of", "may_hold_utf8"]

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LEGACY = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "iso8859_15", "cp850", "mac_roman")
_COMMONEST = _LEGACY[0]
_LETTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_SAMPLE = 32768
_FEW = 2
_ENOUGH = 32
"""Letters beyond ASCII in the rows that are not UTF-8; fewer say nothing about their charset, and the commonest is taken."""


def mark_of(head: bytes) -> tuple[bytes, str] | None:
    """The byte order mark at the start and the charset it states."""
    return next(((mark, name) for mark, name in MARKS if head.startswith(mark)), None)


def charset_of(head: bytes) -> str:
    """The charset of text that begins with ``head``: ``utf-8``, ``utf-16-le``, ``utf-16-be`` or a legacy code page."""
    marked = mark_of(head)
    if marked:
        return marked[1]
    sample = head[:_SAMPLE]
    wide = _wide(sample)
    if wide:
        return wide
    if _fits_utf8(head):
        return "utf-8"
    written, others = _sorted_lines(head)
    if not written:
        return _guess(sample)
    rest = b"\n".join(others)[:_SAMPLE]
    beyond = sum(byte > 0x7F for byte in rest)
    charset = _guess(rest) if beyond >= _ENOUGH else _COMMONEST
    return "utf-8" if charset == _COMMONEST and written >= len(others) else charset


def decode_line(data: bytes, charset: str) -> tuple[str, str | None]:
    """The text of one line of a file in ``charset``, and the charset it is in where that is another one."""
    if charset == "utf-8":
        return decode(data)
    if is_guess(charset) and may_hold_utf8(data):
        try:
            return data.decode(), "utf-8"
        except UnicodeDecodeError:
            pass
    try:
        return data.decode(charset), None
    except UnicodeDecodeError:
        return data.decode("iso-8859-1"), "iso-8859-1"


def may_hold_utf8(data: bytes) -> bool:
    """Whether any bytes could be a character of UTF-8 that is not ASCII."""
    return not data.isascii() and _LETTER.search(data) is not None


def _sorted_lines(head: bytes) -> tuple[int, list[bytes]]:
    """How many lines are UTF-8 and not just ASCII, and those that are not UTF-8. One cut in a character is neither."""
    written, others = 0, []
    for line in head.split(b"\n"):
        if line.isascii():
            continue
        if not _fits_utf8(line):
            others.append(line)
        elif decode(line)[1] is None:
            written += 1
    return written, others


def _guess(sample: bytes) -> str:
    best = from_bytes(sample, cp_isolation=list(_LEGACY), threshold=0.4).best()
    if best is None or best.encoding not in _LEGACY:
        return _COMMONEST
    # western text is the same in several of them: then the commonest is told
    return _COMMONEST if _same_in_cp1252(sample, best.encoding) else best.encoding


def _same_in_cp1252(sample: bytes, charset: str) -> bool:
    try:
        return sample.decode("cp1252") == sample.decode(charset)
    except UnicodeDecodeError:
        return False


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: in most of its western text one byte of each pair is NUL, and hardly ever the other."""
    left, right = sample[0::2].count(0), sample[1::2].count(0)
    pairs = len(sample) // 2
    if pairs < _FEW or max(left, right) < pairs // 2 or min(left, right) > pairs // 20:
        return None
    return "utf-16-le" if right > left else "utf-16-be"


def is_guess(charset: str) -> bool:
    """True where nothing in the file states the charset."""
    return charset in _LEGACY


def _fits_utf8(head: bytes) -> bool:
    """Whether ``head`` is UTF-8, apart from a character cut at its end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
    except UnicodeDecodeError:
        return False
    return True
