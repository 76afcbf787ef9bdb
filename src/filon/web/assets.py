"""The built scripts and styles: where the manifest of the build says they are."""

import json
from functools import cache
from pathlib import Path

from filon.errors import StoreError

__all__ = ["BUILT", "Assets", "assets"]

BUILT = Path(__file__).parent / "static" / "built"


class Assets:
    """Addresses of one entry of the build: its script, its styles and the fonts to load early."""

    def __init__(self, script: str, styles: tuple[str, ...], fonts: tuple[str, ...]) -> None:
        self.script = script
        self.styles = styles
        self.fonts = fonts


@cache
def assets(built: Path = BUILT) -> Assets:
    """Read ``manifest.json`` once; StoreError where the pages were never built."""
    try:
        manifest = json.loads((built / "manifest.json").read_bytes())
    except OSError as error:
        raise StoreError("the pages are not built", hint="run script/setup once, it needs Node.js") from error
    entry = manifest["main.ts"]
    fonts = (f for f in (*entry.get("assets", ()),) if "inter-latin-wght-normal" in f)
    return Assets(
        f"/assets/{entry['file']}",
        tuple(f"/assets/{style}" for style in entry.get("css", ())),
        tuple(f"/assets/{font}" for font in fonts),
    )
