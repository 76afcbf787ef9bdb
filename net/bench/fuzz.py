"""Decoders under atheris: ``python net/bench/fuzz.py frames 120`` fuzzes one for 120 seconds; without a name it lists them.

Atheris (libFuzzer for Python) is not a dependency of the project: make a virtual environment of its own with the same Python,
``pip install atheris`` into it, and run this file by its Python with the project's packages on ``PYTHONPATH``. The targets
are those of ``net/tests/faults/decoders.py``. Anything but a refusal of ours is a finding: atheris stops, shows the
traceback and writes the input to ``crash-…`` in the corpus folder.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["filon_net"]):
        from faults.decoders import DECODERS, tried

    if len(sys.argv) < 2 or sys.argv[1] not in DECODERS:
        sys.exit("usage: fuzz.py NAME [SECONDS]; names: " + ", ".join(DECODERS))
    name, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 120
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name.replace(' ', '-')}-"))
    for number, good in enumerate(DECODERS[name].good):
        (corpus / f"good-{number}").write_bytes(good)
    os.chdir(corpus)
    options = [
        f"-max_total_time={seconds}",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: tried(name, data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
