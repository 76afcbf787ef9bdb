"""A ``model`` element of a UFDR report as a plain value: its fields, lists and the models inside."""

from collections.abc import Iterator
from typing import Any

import msgspec

__all__ = ["Model", "head_of", "model_of"]


class Model(msgspec.Struct):
    """One model. ``formatted``: the ``formattedTimestamp`` of fields that are times."""

    type: str
    id: str | None
    deleted: str | None
    extraction: str | None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    formatted: dict[str, str] = msgspec.field(default_factory=dict)
    lists: dict[str, list[str]] = msgspec.field(default_factory=dict)
    models: dict[str, list["Model"]] = msgspec.field(default_factory=dict)

    def one(self, name: str) -> "Model | None":
        """The first model of a field, or None."""
        found = self.models.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list["Model"]:
        """The models of a field."""
        return self.models.get(name, [])


def model_of(element: Any) -> Model:
    """The whole model. Depth is bounded by the parser (256)."""
    return _taken(element, element.tag.removesuffix("model"), None)


def head_of(element: Any, wanted: str) -> Model:
    """What a model that may not have ended says so far: its fields, and of its models only those of one field."""
    return _taken(element, element.tag.removesuffix("model"), wanted)


def _taken(element: Any, space: str, wanted: str | None) -> Model:
    """``space``: the namespace in braces; what stands in another one is none of this format's."""
    found = Model(
        element.get("type") or "",
        element.get("id"),
        element.get("deleted_state"),
        element.get("extractionId") or element.get("source_extraction"),
    )
    field, lists, model = space + "field", space + "multiField", space + "model"
    models = (space + "modelField", space + "multiModelField")
    for child in element:
        name, tag = child.get("name"), child.tag
        if name is None:
            continue
        if tag == field:
            for value, written in _values(child, space):
                found.fields[name] = written
                if (formatted := value.get("formattedTimestamp")) is not None:
                    found.formatted[name] = formatted
        elif tag in models:
            if wanted is None or name == wanted:
                inside = found.models.setdefault(name, [])
                inside += [_taken(one, space, None) for one in child if one.tag == model]
        elif tag == lists:
            found.lists[name] = [written for _, written in _values(child, space)]
    return found


def _values(field: Any, space: str) -> Iterator[tuple[Any, str]]:
    """The values of a field that say something; ``<empty/>`` and white space do not."""
    for value in field:
        if value.tag == space + "value" and (written := (value.text or "").strip()):
            yield value, written
