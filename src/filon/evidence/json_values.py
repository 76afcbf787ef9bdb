"""One JSON value out of bytes, as forgiving as evidence needs and no more.

Real exports hold JSON that no strict parser takes: Telegram Desktop writes control characters as ``\\x1F``, other
programs write NaN, raw control characters, half a surrogate pair or bytes that are not UTF-8. Each of these is
mended by a named rule, and the rules used are returned, so that a reader can state them. What is beyond them is
an error. The bytes themselves are never changed: a record's locator leads back to them.
"""

import json
import math
import re
from typing import Any

import msgspec

__all__ = ["Undecodable", "decode", "names_keys_once"]

_DECODE = msgspec.json.Decoder().decode
_ENCODE = msgspec.json.Encoder().encode
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_UNCLEAR = re.compile(rb'"[ \t\r\n]+:|\\u00(?:22|3[Aa])')
"""Spellings under which counting ``":`` says nothing: a blank before the colon, a quote or a colon written as its number."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = 40
"""An integer of more digits stays the text it is: no identifier or time needs them, and int() of millions is slow."""


class Undecodable(ValueError):
    """The bytes hold no single JSON value, even after mending."""


def names_keys_once(raw: bytes, encoded: bytes) -> bool:
    """Whether no object in ``raw`` names a key twice; ``encoded``: what an encoder makes of its value, each key once.

    False too where that cannot be told without looking closely. Each key in ``raw`` shows as ``":``; the same inside a string
    is written alike on both sides. So with as many in ``encoded`` no key was lost, unless a key or a string is spelled unusually.
    """
    return raw == encoded or (raw.count(b'":') == encoded.count(b'":') and _UNCLEAR.search(raw) is None)


def decode(raw: bytes) -> tuple[Any, tuple[str, ...]]:
    """The value of ``raw`` (UTF-8) and the codes of the rules needed to read it, mostly none.

    ``json-escape``: ``\\x1F`` read as ``\\u001F``, where the backslash is not itself escaped. ``json-utf8``: bytes
    that are not UTF-8 became U+FFFD. ``json-surrogate``: half a surrogate pair became U+FFFD. ``json-control``: control
    characters stood in a string as they are. ``json-number``: NaN, an infinity or a number out of range became None.
    ``json-digits``: an integer of more than 40 digits is given as text. ``json-duplicate-key``: an object named a key
    twice and the last one stands. Raises Undecodable.
    """
    try:
        value = _DECODE(raw)
        if names_keys_once(raw, _ENCODE(value)):
            return value, ()
    except (msgspec.MsgspecError, UnicodeDecodeError, OverflowError, RecursionError):
        pass
    try:
        return _mend(raw)
    except RecursionError as error:
        raise Undecodable("nested too deeply") from error
    except ValueError as error:
        raise Undecodable(str(error)) from error


def _mend(raw: bytes) -> tuple[Any, tuple[str, ...]]:
    rules: dict[str, None] = {}
    text = raw.decode("utf-8", errors="replace")
    if "\ufffd" in text and text.encode() != raw:
        rules["json-utf8"] = None

    def escape(found: "re.Match[str]") -> str:
        if found[1] is None:
            return found[0]
        rules["json-escape"] = None
        return "\\u00" + found[1]

    def number(written: str) -> float | None:
        value = float(written)
        if math.isfinite(value):
            return value
        rules["json-number"] = None
        return None

    def integer(written: str) -> int | str:
        if len(written) <= _DIGITS:
            return int(written)
        rules["json-digits"] = None
        return written

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            rules["json-duplicate-key"] = None
        return found

    if "\\x" in text:
        text = _ESCAPE.sub(escape, text)
    hooks: dict[str, Any] = {
        "parse_float": number,
        "parse_constant": number,
        "parse_int": integer,
        "object_pairs_hook": members,
    }
    try:
        value = json.loads(text, **hooks)
    except json.JSONDecodeError:
        value = json.loads(text, strict=False, **hooks)
        rules["json-control"] = None
    return _whole(value, rules), tuple(rules)


def _whole(value: Any, rules: dict[str, None]) -> Any:
    """The value with every half surrogate replaced: no encoder downstream could write it."""
    if isinstance(value, str):
        if _SURROGATE.search(value) is None:
            return value
        rules["json-surrogate"] = None
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(one, rules) for one in value]
    if isinstance(value, dict):
        return {_whole(key, rules): _whole(one, rules) for key, one in value.items()}
    return value
