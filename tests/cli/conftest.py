"""A case that commands can be asked about, made once, and an empty home for those that change something."""

import os

import pytest

from case import made_exports as exports
from filon.case import create_case
from filon.settings import Settings

EVIL = "a\x1b[2J\x1b]0;owned\x07 {} \u202egpj.exe\u200b \x9b31m\nlivraison\tsecond"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home of cases, a known person, and no setting from outside."""
    for name in [name for name in os.environ if name.startswith("FILON_") and name != "FILON_SAMPLES"]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    folder = tmp_path / "home of cases"
    monkeypatch.setenv("FILON_HOME", str(folder))
    monkeypatch.setenv("FILON_WHO", "ada")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return folder


@pytest.fixture(scope="session")
def read_only(tmp_path_factory):
    """A case of mixed exports by path. Nobody changes it."""
    root = tmp_path_factory.mktemp("cases")
    with create_case("ops", Settings(home=root, who="ada")) as case:
        case.add(case.view(), [exports.folder(root / "in")])
    return str(root / "ops")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A case whose texts, names and file names try to act on a terminal."""
    import json

    root = tmp_path_factory.mktemp("hostile")
    row = {"recipient": "bob\x1b[31m", "sent": "2020-04-01T10:00:00Z"}
    rows = [row | {"id": str(n), "sender": "al\u202eice\n", "text": EVIL.format(f"hello number {n}")} for n in range(3)]
    rows.append(row | {"id": "9", "sender": "x", "text": "half a character: \ud800 livraison"})
    (root / "evil\x1b[31m\nname \u202e.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    with create_case("evil", Settings(home=root, who="ada")) as case:
        case.add(case.view(), list(root.glob("*.jsonl")))
    return str(root / "evil")
