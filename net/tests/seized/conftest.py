"""Tests of what somebody finds who seizes a relay. The measurement lies in ``net/bench`` and is loaded file by file:
the folder itself on the path would hide folders of tests that are named as its programs are."""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE.parent, HERE.parent / "phone"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
for name in ("graph_people", "graph_phones", "graph_attack", "graph_dump", "graph_score", "graph_page", "graph"):
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE.parents[1] / "bench" / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
