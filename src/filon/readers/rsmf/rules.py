"""The rules of a manifest (JSON schema 2.0.0 and the references it cannot express), checked object by object."""

from collections.abc import Iterator, Mapping
from typing import Any

from filon.evidence.unread import ANY, TEXT, WHOLE, WORD, Keys, listed_of
from filon.model.records import Defect, Locator

__all__ = ["READ", "Faults"]

_TEXT, _LIST, _NUMBER, _BOOLEAN = "a text", "a list", "a whole number", "true or false"
_TYPES: Mapping[str, tuple[type, ...]] = {_TEXT: (str,), _LIST: (list,), _NUMBER: (int,), _BOOLEAN: (bool,)}
_SCHEMAS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "participant": (
        ("id",),
        {"id": _TEXT, "display": _TEXT, "email": _TEXT, "avatar": _TEXT, "account_id": _TEXT, "custom": _LIST},
    ),
    "conversation": (
        ("id", "platform", "participants"),
        {
            "id": _TEXT,
            "display": _TEXT,
            "platform": _TEXT,
            "type": _TEXT,
            "participants": _LIST,
            "custodian": _TEXT,
            "custom": _LIST,
            "icon": _TEXT,
        },
    ),
    "event": (
        ("type",),
        {
            "id": _TEXT,
            "type": _TEXT,
            "parent": _TEXT,
            "body": _TEXT,
            "participant": _TEXT,
            "conversation": _TEXT,
            "timestamp": _TEXT,
            "deleted": _BOOLEAN,
            "importance": _TEXT,
            "direction": _TEXT,
            "reactions": _LIST,
            "attachments": _LIST,
            "edits": _LIST,
            "read_receipts": _LIST,
            "custom": _LIST,
        },
    ),
}
"""Required properties and the type of each defined one, by object."""
READ: Mapping[str, Keys] = {
    "document": {"version": TEXT, "eventcollectionid": WORD},
    "conversation": {"participants": listed_of(WORD), "*": ANY},
    "event": {
        "attachments": listed_of({"id": WORD, "display": WORD, "size": WHOLE}),
        "reactions": listed_of({"value": WORD, "participants": listed_of(WORD), "count": WHOLE}),
        "edits": listed_of({"participant": WORD, "timestamp": TEXT, "previous": WORD, "new": WORD}),
        "read_receipts": listed_of({"participant": WORD, "timestamp": TEXT, "action": WORD}),
        "*": ANY,
    },
}
"""What the schema leaves open: the shapes inside lists, by object. What stands beside them is checked by it."""
_WORDS = {
    ("conversation", "type"): ("direct", "channel"),
    ("event", "type"): ("message", "disclaimer", "join", "leave", "history", "unknown"),
    ("event", "importance"): ("normal", "high"),
    ("event", "direction"): ("incoming", "outgoing"),
}
_KINDS_KEPT = 500


class Faults:
    """Broken rules, each kept once with its first place and how often it was broken."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[Locator, int]] = {}

    def add(self, code: str, detail: str, locator: Locator) -> None:
        """One breach of a rule."""
        key = (code, detail[:200])
        if key not in self._found and len(self._found) >= _KINDS_KEPT:
            key = (code, "further ones")
        first, count = self._found.get(key, (locator, 0))
        self._found[key] = (first, count + 1)

    def check(self, kind: str, value: Mapping[str, Any], locator: Locator) -> None:
        """Check an object of the manifest against its schema."""
        required, types = _SCHEMAS[kind]
        for key in required:
            if key not in value:
                self.add("rsmf-schema", f"{kind}: {key} is missing", locator)
        for key, one in value.items():
            wanted = types.get(key)
            if wanted is None:
                self.add("rsmf-undefined-property", f"{kind}: {key}", locator)
            elif type(one) not in _TYPES[wanted]:
                self.add("rsmf-schema", f"{kind}: {key} is not {wanted}", locator)
            elif (kind, key) in _WORDS and one not in _WORDS[kind, key]:
                self.add("rsmf-schema", f"{kind}: {key} is none of {', '.join(_WORDS[kind, key])}", locator)

    def defects(self) -> Iterator[Defect]:
        """One defect for each broken rule."""
        for (code, detail), (first, count) in self._found.items():
            said = f"{detail} ({count} times)" if count > 1 else detail
            locator = Locator(first.path, first.offset, first.length, 0)
            yield Defect(locator=locator, code=code, detail=said)
