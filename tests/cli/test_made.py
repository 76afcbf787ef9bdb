"""demo, synth: what tries filon out."""

import json
import re

from cli.running import told


def test_synth_writes_an_export_and_its_truth(tmp_path):
    out = tmp_path / "network.csv"
    shown = told("synth", "--messages", 2_000, out)
    assert shown.code == 0
    assert shown.lines[1:3] == [f"  {out}", f"  {out}.truth.jsonl"]
    assert out.stat().st_size > 100_000
    again = told("synth", "--messages", 2_000, out)
    assert again.code == 7
    assert "is already there" in again.err
    made = json.loads(told("synth", "--messages", 2_000, "--no-faults", "--one-side", tmp_path / "b.csv", "--json").out)
    assert made["messages"] == 2_000
    assert sum(made["faults"].values()) == 0


def test_synth_takes_every_format_there_is(tmp_path):
    from filon.cli.made import synth
    from filon.synth import FORMATS

    kind = next(option for option in synth.params if option.name == "kind")
    assert tuple(kind.type.choices) == FORMATS


def test_the_demo_is_a_case_like_any_other(home):
    shown = told("demo", "--messages", 2_000)
    assert shown.code == 0, shown.err
    assert shown.lines[0] == f"Made the case demo of synthetic messages in {home / 'demo'}"
    found = json.loads(told("info", "demo", "--json").out)
    stated = {name: int(n.replace(",", "")) for n, name in re.findall(r"(\d[\d,]*) (\w+)", shown.lines[1])}
    assert {name: found[name] for name in ("items", "messages", "accounts", "defects")} == {
        name: stated[name] for name in ("items", "messages", "accounts", "defects")
    }
    assert "A passage around the first:" in shown.lines
    assert told("demo").code == 5
