"""A ``model`` element of a UFDR report as a plain value: its fields, lists and the models inside."""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from filon.evidence.fields import integer

__all__ = ["Model", "head_of", "model_of"]


class Asked(dict[str, str]):
    """Fields by name, which know which of them somebody asked for."""

    __slots__ = ("names",)

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)


class Model(msgspec.Struct):
    """One model. ``formatted``: the ``formattedTimestamp`` of fields that are times.

    It knows what of it was asked for, so that all else can be counted as unread without any reader's help.
    """

    type: str
    id: str | None
    deleted: str | None
    extraction: str | None
    fields: Asked = msgspec.field(default_factory=Asked)
    formatted: dict[str, str] = msgspec.field(default_factory=dict)
    strange: list[str] = msgspec.field(default_factory=list)
    """Names of what is written in another way than fields and models are."""
    asked: set[str] = msgspec.field(default_factory=set)
    """Names of the models that were asked for."""
    models: dict[str, list["Model"]] = msgspec.field(default_factory=dict)

    def one(self, name: str) -> "Model | None":
        """The first model of a field, or None."""
        self.asked.add(name)
        found = self.models.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list["Model"]:
        """The models of a field."""
        self.asked.add(name)
        return self.models.get(name, [])

    def texts(self) -> list[str]:
        """What every field says."""
        self.fields.names |= self.fields.keys()
        return list(self.fields.values())

    def said(self, name: str, words: Collection[str]) -> str | None:
        """A field that is one of a few words, in lower case; another word is left as if nobody had asked."""
        written = dict.get(self.fields, name, "").casefold()
        if written not in words:
            return None
        self.fields.names.add(name)
        return written

    def whole(self, name: str) -> int | None:
        """A field that is a whole number; anything else is left as if nobody had asked."""
        number = integer(dict.get(self.fields, name))
        if number is not None:
            self.fields.names.add(name)
        return number

    def unread(self, path: str = "") -> Iterator[str]:
        """The names of all that nobody asked for, with the path to them."""
        path = path or f"{self.type}/"
        for name in sorted(self.fields.keys() - self.fields.names):
            yield path + name
        for name in self.strange:
            yield path + name
        for name, models in self.models.items():
            if name in self.asked:
                for model in models:
                    yield from model.unread(f"{path}{name}/")
            elif models:
                yield path + name


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
    field, model = space + "field", space + "model"
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
        elif tag in models and (wanted is None or name == wanted):
            inside = found.models.setdefault(name, [])
            inside += [_taken(one, space, None) for one in child if one.tag == model]
        if tag not in models and _is_strange(child, tag == field, space):
            found.strange.append(name)
    return found


def _is_strange(child: Any, field: bool, space: str) -> bool:
    """Whether something stands in a field that is no text, or anything at all in what is no field."""
    if field:
        return any(len(value) and value.tag == space + "value" for value in child)
    return any((text or "").strip() for text in child.itertext())


def _values(field: Any, space: str) -> Iterator[tuple[Any, str]]:
    """The values of a field that say something; ``<empty/>`` and white space do not."""
    for value in field:
        if value.tag == space + "value" and (written := (value.text or "").strip()):
            yield value, written
