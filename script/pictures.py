"""Photograph the pages of a synthetic case: light and dark, English and French, 1440 x 900, as small PNG files."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page, sync_playwright

SIZE = {"width": 1440, "height": 900}
MOST_BYTES = 150_000
DELIVERY = ("delivery/WhatsApp Chat with cliffte.zip", "delivery/handles.csv")
WAITING = "() => [...document.images].every((i) => i.complete) && document.fonts.status === 'loaded'"


def overview(page: Page, address: str) -> None:
    """The first page, with the activity over time."""
    page.goto(address + "/")
    page.wait_for_selector("svg")


def search(page: Page, address: str) -> None:
    """Hits, facets, and the conversation of the chosen hit."""
    page.goto(f"{address}/search?{urlencode({'q': '(tomorrow OR demain OR morgen) with:livelyrabbit'})}")
    page.wait_for_selector(".hit")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".reader-pane .line.target")


def conversation(page: Page, address: str) -> None:
    """A long conversation in the middle of it, with hits along the strip and everything about one message."""
    page.goto(f"{address}/conversations?order=messages")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".scroller article")
    page.goto(f"{page.url.split('?')[0]}?{urlencode({'time': '2020-05-15 12:00', 'q': 'demain'})}")
    page.wait_for_selector(".scroller article.chosen")
    page.locator(".scroller").focus()
    page.keyboard.press("j")
    page.keyboard.press("i")
    page.wait_for_selector("#drawer .detail")


def defects(page: Page, address: str) -> None:
    """Every place that could not be read as it should."""
    page.goto(address + "/defects")
    page.wait_for_selector("main table")


def add(page: Page, address: str) -> None:
    """What filon takes two files for, before anything is stored."""
    page.goto(address + "/add")
    page.fill("[name=paths]", "\n".join(DELIVERY))
    page.click("[data-paths] button")
    page.wait_for_selector("#draft .card")


PAGES: dict[str, Callable[[Page, str], None]] = {
    "overview": overview,
    "search": search,
    "conversation": conversation,
    "defects": defects,
    "add": add,
}


def main(case: Path, out: Path, names: list[str]) -> None:
    """Make the pictures whose names begin with one of ``names``, or all."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="filon-pictures-") as folder:
        copy = Path(folder) / "demo"
        shutil.copytree(case, copy)
        deliver(Path(folder))
        with serving(copy) as link, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), args=["--no-sandbox"] if os.geteuid() == 0 else []
            )
            context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
            page = context.new_page()
            page.goto(link)
            address = page.url.rstrip("/")
            for name, show in PAGES.items():
                for theme in ("light", "dark"):
                    for language in ("en", "fr"):
                        if not names or name.startswith(tuple(names)):
                            page.goto(
                                f"{address}/?{urlencode({'theme': theme, 'language': language, 'zone': 'Europe/Paris'})}"
                            )
                            show(page, address)
                            keep(page, out / f"{name}-{theme}-{language}.png")


def deliver(folder: Path) -> None:
    """Write the files of ``DELIVERY``: a chat from a phone, and a table."""
    chat, table = (folder / name for name in DELIVERY)
    filon("synth", str(folder / "phones"), "--messages", "2000", "--seed", "3", "--format", "whatsapp")
    chat.parent.mkdir()
    max((folder / "phones").rglob(chat.name), key=lambda path: path.stat().st_size).rename(chat)
    filon("synth", str(table), "--messages", "2000", "--seed", "3")


def keep(page: Page, path: Path) -> None:
    """Wait until nothing moves, photograph, and write with at most 256 colours."""
    page.wait_for_load_state("networkidle")
    for _ in range(100):
        if page.evaluate(WAITING):
            break
        page.wait_for_timeout(50)
    page.mouse.move(SIZE["width"] - 1, SIZE["height"] - 1)
    page.wait_for_timeout(300)
    path.write_bytes(smaller(page.screenshot()))
    print(f"{path}  {path.stat().st_size:,} bytes")
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path} has more than {MOST_BYTES:,} bytes")


def smaller(png: bytes) -> bytes:
    """The same picture with a palette of 256 colours."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    held = io.BytesIO()
    picture.save(held, "PNG", optimize=True)
    return min(png, held.getvalue(), key=len)


@contextmanager
def serving(case: Path) -> Iterator[str]:
    """The reading room of a case: its link."""
    command = [str(Path(sys.executable).with_name("filon")), "serve", str(case), "--port", "18350"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=case.parent) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def filon(*arguments: str) -> None:
    """Run a command of filon."""
    subprocess.run([str(Path(sys.executable).with_name("filon")), *arguments], check=True, stdout=subprocess.DEVNULL)


def chromium() -> str:
    """Where the system's Chromium is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("there is no Chromium on this machine (Debian: apt-get install chromium)")
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
