"""The bench is a folder of scripts: its modules are found where its scripts find them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
