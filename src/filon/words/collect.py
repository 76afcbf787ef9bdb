"""Collect every sentence there is to translate: ``python -m filon.words.collect`` rewrites the catalogues.

Sentences come from the templates, from ``_()`` and ``gettext()`` in Python, and from the errors of ``filon.errors``,
whose message and hint are worded at the edge. What a catalogue already says is kept; what is no longer said is dropped.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from filon import errors
from filon.words.catalogue import HERE, LANGUAGES

__all__ = ["collect", "main"]

SOURCE = HERE.parent
ERRORS = frozenset(name for name in errors.__all__ if name != "FilonError")
CALLS = {"_", "gettext"}
WIDTH = 120


def collect(source: Path = SOURCE) -> Catalog:
    """A catalogue of every sentence, with the files it stands in."""
    catalogue = Catalog(domain="filon", project="filon", copyright_holder="the filon authors", version="")
    for path in sorted(source.rglob("*.html")):
        with path.open("rb") as file:
            for line, message, _, _ in extract("jinja2.ext:babel_extract", file):
                _add(catalogue, message, path.relative_to(source), line)
    for path in sorted(source.rglob("*.py")):
        for line, message in _sentences(ast.parse(path.read_text("utf-8"))):
            _add(catalogue, message, path.relative_to(source), line)
    return catalogue


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


def _sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = node.args[:1] if name in CALLS | ERRORS else []
        hints = [k.value for k in node.keywords if k.arg == "hint"] if name in ERRORS else []
        for value in (*given, *hints):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.lineno, value.value


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
