"""Write docs/performance.md and docs/pictures/cost-by-size.svg from the files in bench/results.

.venv/bin/python bench/performance.py
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import live_page
import msgspec
import originals_page
from figures import RESULTS, Profile, Run, Scale
from goals import BASE
from page import written
from plot import drawn
from scale_page import goals, sections
from scale_why import explained
from tables import table

__all__ = ["performance", "results"]

DOCS = Path(__file__).parents[1] / "docs"
_HEAD = """# Performance

Written by `bench/performance.py` from the files in `bench/results`; do not edit. To measure again, on your machine:

```
script/setup --dev
.venv/bin/python bench/scale.py --size 200k --size 2m     # add --size 20m for the whole; it says what disk it needs
.venv/bin/python bench/scale.py --size 2m --format csv    # and --format exports, --format jsonl
.venv/bin/python bench/scale.py --size 2m --run 2         # a second run, kept beside the first
.venv/bin/python bench/live.py --seconds 3600 > bench/results/live.txt
.venv/bin/python bench/originals.py --size 2m             # records read back from zip, workbook, Parquet
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
    return sorted(
        scales, key=lambda scale: (scale.real, scale.form != BASE, scale.form, scale.messages, scale.run)
    ), light


def profiles(folder: Path = RESULTS) -> list[Profile]:
    """What ``profiling.py`` kept."""
    return [msgspec.json.decode(path.read_bytes(), type=Profile) for path in sorted(folder.glob("profile-*.json"))]


def _shares(profile: Profile) -> str:
    """Where the time goes in one piece of work."""
    rows = [
        (f"`{name}`", ", ".join(f"`{f}`" for f in busiest), f"{share:.1%}") for name, busiest, share in profile.shares
    ]
    head = f"## Where the time goes: {profile.what}\n\n{profile.learned}\n\n"
    return head + table((f"{profile.samples:,} samples", "mostly", "of the processor"), rows, (2,))


def performance(scales: Sequence[Scale], profiled: Sequence[Profile], light: Run | None) -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, goals(scales)]
    if scales:
        parts += [_PLOT, *sections(scales)]
    parts += [section for section in (live_page.section(), originals_page.section()) if section]
    parts += map(_shares, profiled)
    if light:
        parts.append(written(light))
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    """Every file that follows from the results."""
    scales, light = results()
    found = {
        DOCS / "performance.md": performance(scales, profiles(), light),
        DOCS / "why" / "scale.md": explained(scales),
    }
    if any(scale.form == BASE and not scale.real for scale in scales):
        found[DOCS / "pictures" / "cost-by-size.svg"] = drawn(scales)
    return found


def main() -> None:
    """Write the pages, or hold them against the results."""
    other = []
    for path, text in pages().items():
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            other.append(path.name)
    if other:
        raise SystemExit(f"not what bench/results says: {', '.join(other)}; run bench/performance.py")


if __name__ == "__main__":
    main()
