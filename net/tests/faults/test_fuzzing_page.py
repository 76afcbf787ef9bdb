"""The page of the fuzzer says what its runs left, and names every decoder there is."""

import importlib.util
from pathlib import Path

from faults.decoders import DECODERS

BENCH = Path(__file__).parents[2] / "bench" / "fuzz.py"


def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz_bench", BENCH)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_page_says_what_the_runs_left():
    """Where this fails: python net/bench/fuzz.py --page, or a run of the decoder that is new."""
    bench = fuzz()
    assert bench.PAGE.read_text(encoding="utf-8") == bench.page(bench.kept(), list(DECODERS))
    assert set(bench.kept()) <= set(DECODERS), "figures of a decoder that is gone"


def test_figures_are_read_from_what_libfuzzer_says():
    said = (
        "#2\tINITED cov: 54 ft: 54 corp: 1/573b exec/s: 0 rss: 83Mb\n"
        "#124560\tDONE   cov: 74 ft: 283 corp: 56/17Kb lim: 1242 exec/s: 1020 rss: 83Mb\n"
        "Done 124560 runs in 122 second(s)\n"
    )
    figures = fuzz().read(said)
    assert (figures["executions"], figures["seconds"], figures["begun"], figures["reached"]) == (124_560, 122, 54, 74)
    assert (figures["features"], figures["kept"], figures["found"]) == (283, 56, "")
    crashed = fuzz().read(said.partition("#124560")[0] + " === Uncaught Python exception: ===\nKeyError: 'x'\n")
    assert crashed["found"] == "KeyError: 'x'"
    assert fuzz().read("")["found"] == "it did not end by itself"
