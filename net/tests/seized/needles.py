"""Secrets in every dress they might lie in somewhere, and the search for them."""

import base64

__all__ = ["dresses", "found_in", "sightings", "without_blank_pages"]

PAGE = 4_096


def dresses(value: bytes | str) -> set[bytes]:
    """The byte strings that give a value away: text as UTF-8 and UTF-16, and of those and of bytes hex and base64.

    Base64 depends on where the value begins inside of what is encoded: all three ways, without the characters that
    neighbours share, in both alphabets. Of long values the first 24 bytes do.
    """
    plain = (
        {value} if isinstance(value, bytes) else {value.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")}
    )
    made: set[bytes] = set()
    for one in plain:
        short = one[:24]
        assert len(short) >= 12, "too short to be found by chance never"
        made |= {short, short.hex().encode(), short.hex().upper().encode()}
        for lead in range(3):
            cut = base64.b64encode(b"\0" * lead + short)[(0, 2, 3)[lead] :].rstrip(b"=")
            core = cut[: len(cut) // 4 * 4 - 4]
            made |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return made


def found_in(haystack: bytes, value: bytes | str) -> int:
    """How many dresses of a value occur in the haystack."""
    return sum(one in haystack for one in dresses(value))


def sightings(
    haystacks: dict[str, bytes], values: dict[str, list[bytes]] | dict[str, list[str]]
) -> dict[str, set[str]]:
    """For every kind of value the haystacks in which at least one value of the kind lies, in whatever dress."""
    return {
        kind: {where for where, haystack in haystacks.items() if any(found_in(haystack, one) for one in each)}
        for kind, each in values.items()
    }


def without_blank_pages(data: bytes) -> bytes:
    """The data without pages of zero bytes, in which nothing can lie: memory and databases are mostly those."""
    blank = bytes(PAGE)
    pages = (data[at : at + PAGE] for at in range(0, len(data), PAGE))
    return b"".join(page for page in pages if page != blank)
