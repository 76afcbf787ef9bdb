"""Write docs/performance.md and docs/pictures/cost-by-size.svg from the files in bench/results.

.venv/bin/python bench/performance.py
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from figures import RESULTS, Run, Scale
from page import written
from plot import drawn
from scale_page import goals, sections

__all__ = ["performance", "results"]

DOCS = Path(__file__).parents[1] / "docs"
_HEAD = """# Performance

Written by `bench/performance.py` from the files in `bench/results`; do not edit. To measure again, on your machine:

```
script/setup --dev
.venv/bin/python bench/scale.py --size 200k --size 2m     # add --size 20m for the whole; it says what disk it needs
.venv/bin/python bench/scale.py --size 2m --format csv    # and --format exports
.venv/bin/python bench/first_light.py                     # the demo case, the first page, scrolling; needs Chromium
.venv/bin/python bench/performance.py
```

What it means for larger networks: [What twenty million messages cost](why/scale.md). Where the time goes: `bench/profile.md`.
"""
_PLOT = "![Seconds of adding and milliseconds of searching against the number of messages](pictures/cost-by-size.svg)\n"


def results(folder: Path = RESULTS) -> tuple[list[Scale], Run | None]:
    """What was kept: runs of ``scale.py``, the smallest first, and the first light."""
    scales = [msgspec.json.decode(path.read_bytes(), type=Scale) for path in sorted(folder.glob("scale-*.json"))]
    first = folder / "first-light.json"
    light = msgspec.json.decode(first.read_bytes(), type=Run) if first.exists() else None
    return sorted(scales, key=lambda scale: (scale.real, scale.form != "jsonl", scale.form, scale.messages)), light


def performance(scales: Sequence[Scale], light: Run | None) -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, goals(scales)]
    if scales:
        parts += [_PLOT, *sections(scales)]
    if light:
        parts.append(written(light))
    return "\n".join(parts)


def main() -> None:
    """Write the page and its picture."""
    scales, light = results()
    (DOCS / "performance.md").write_text(performance(scales, light), encoding="utf-8")
    if scales:
        (DOCS / "pictures" / "cost-by-size.svg").write_text(drawn(scales), encoding="utf-8")


if __name__ == "__main__":
    main()
