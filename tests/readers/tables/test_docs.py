"""The page on mappings: its example is a mapping, and it names every key, form and shipped mapping there is."""

import re
from pathlib import Path

import msgspec

from filon.readers.tables import Mapping, shipped_names
from filon.readers.tables.mapping import FORMS, Columns, Conversations, Device, Rows, Time, Words

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "mappings.md"


def test_the_example_is_a_mapping() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert found
    for example in found:
        mapping = Mapping.from_toml(example)
        assert Mapping.from_toml(mapping.to_toml()) == mapping


def test_everything_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    keys = {
        key for part in (Mapping, Columns, Time, Device, Rows, Words, Conversations) for key in part.__struct_fields__
    }
    missing = {name for name in keys | set(FORMS) | set(shipped_names()) if name not in text}
    assert not missing


def test_unknown_keys_are_refused() -> None:
    for part in (Mapping, Columns, Time, Device, Rows, Words, Conversations):
        assert msgspec.inspect.type_info(part).forbid_unknown_fields  # type: ignore[attr-defined]  # a struct type
