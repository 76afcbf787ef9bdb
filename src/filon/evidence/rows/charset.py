"""Which character set delimited text is written in: a mark at its start, UTF-8 where it fits, else a guess that is told.

Excel writes ``Unicode text`` as UTF-16 with tabs, ``CSV UTF-8`` with a mark, and plain CSV in the Windows character set of the
machine, which the file does not name.
"""

import codecs

from charset_normalizer import from_bytes

__all__ = ["MARKS", "charset_of", "is_guess", "mark_of"]

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LEGACY = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "iso8859_15", "cp850", "mac_roman")
_SAMPLE = 32768
_FEW = 2


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
    best = from_bytes(sample, cp_isolation=list(_LEGACY), threshold=0.4).best()
    if best is None or best.encoding not in _LEGACY:
        return "cp1252"
    # western text is the same in several of them: then the commonest is told
    return "cp1252" if _same_in_cp1252(sample, best.encoding) else best.encoding


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
