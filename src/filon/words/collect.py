"""Collect every sentence there is to translate: ``python -m filon.words.collect`` rewrites the catalogues.

Sentences come from the templates, from ``_()``, ``gettext()``, ``sentence()`` and ``question()`` in Python, and from
the errors of ``filon.errors``, whose message and hint are worded at the edge. What a catalogue already says is kept;
what is no longer said is dropped.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from filon import errors
from filon.words.catalogue import HERE, LANGUAGES

__all__ = ["collect", "composed", "main"]

SOURCE = HERE.parent
ERRORS = frozenset(name for name in errors.__all__ if name != "FilonError")
CALLS = frozenset(("_", "gettext", "question", "sentence"))
WIDTH = 120


def collect(source: Path = SOURCE) -> Catalog:
    """A catalogue of every sentence, with the files it stands in."""
    catalogue = Catalog(domain="filon", project="filon", copyright_holder="the filon authors", version="")
    for path in sorted(source.rglob("*.html")):
        with path.open("rb") as file:
            for line, message, _, _ in extract("jinja2.ext:babel_extract", file):
                _add(catalogue, message, path.relative_to(source), line)
    for path in sorted(source.rglob("*.py")):
        for value in _worded(ast.parse(path.read_text("utf-8"))):
            for constant in _constants(value):
                _add(catalogue, constant.value, path.relative_to(source), constant.lineno)
    return catalogue


def composed(source: Path = SOURCE) -> list[str]:
    """Where a sentence is put together of pieces and so cannot be looked up: ``file:line``."""
    return [
        f"{path.relative_to(source).as_posix()}:{value.lineno}"
        for path in sorted(source.rglob("*.py"))
        for value in _worded(ast.parse(path.read_text("utf-8")))
        if isinstance(value, ast.BinOp | ast.JoinedStr)
    ]


def main() -> None:
    """Write ``messages.pot`` and bring every ``.po`` up to date."""
    template = collect()
    _write(template, HERE / "messages.pot")
    for language in LANGUAGES:
        path = HERE / f"{language}.po"
        if path.exists():
            with path.open("rb") as file:
                catalogue = read_po(file, locale=language, domain="filon")
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalogue.obsolete.clear()
            _write(catalogue, path)


def _worded(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands where a sentence is expected."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(_name(base) in ERRORS for base in node.bases):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                    yield from _said(call)
        elif isinstance(node, ast.Call) and _name(node.func) in ERRORS:
            yield from _said(node)
        elif isinstance(node, ast.Call) and _name(node.func) in CALLS:
            yield from node.args[:1]


def _said(error: ast.Call) -> Iterator[ast.expr]:
    yield from error.args[:1]
    yield from (keyword.value for keyword in error.keywords if keyword.arg == "hint")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _constants(value: ast.expr) -> Iterator[ast.Constant]:
    """The text, or both texts of ``one if so else another``."""
    if isinstance(value, ast.IfExp):
        yield from _constants(value.body)
        yield from _constants(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value


def _add(catalogue: Catalog, message: object, path: Path, line: int) -> None:
    if not message or not isinstance(message, str | tuple):
        return
    sentence = message if isinstance(message, str) else tuple(m for m in message if m)[:2]
    catalogue.add(sentence, locations=[(path.as_posix(), line)])


def _write(catalogue: Catalog, path: Path) -> None:
    """A short header of our own: without names and dates, the same sentences give the same file."""
    language = f'"Language: {catalogue.locale}\\n"\n' if catalogue.locale else ""
    plural = f'"Plural-Forms: {catalogue.plural_forms}\\n"\n' if catalogue.locale else ""
    header = f'msgid ""\nmsgstr ""\n{language}{plural}"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(file, catalogue, width=WIDTH, sort_output=True, omit_header=True, include_lineno=False)


if __name__ == "__main__":
    main()
