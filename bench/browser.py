"""What a person sees: how soon the first page is painted, and whether a conversation of any length ever scrolls into nothing.

A real Chromium, 1440 x 900, driven by Playwright. What happens in the page is timed in the page.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from playwright.sync_api import Page, sync_playwright

__all__ = ["FirstPage", "Scrolled", "Visit", "first_page", "scroll"]

SIZE = {"width": 1440, "height": 900}
_VISITS = 20
_JUMPS = 50

_WATCH = """() => {
  const box = document.querySelector('.scroller');
  const seen = { blank: 0, thin: 0, wait: 0, frame: 0, frames: 0, places: 0 };
  const since = { blank: null, thin: null, wait: null };
  let last = performance.now(), top = box.scrollTop;
  const hold = (what, holds, now) => {
    if (!holds) { since[what] = null; return; }
    since[what] ??= last;
    seen[what] = Math.max(seen[what], now - since[what]);
  };
  const total = Number(document.querySelector('[data-reader]').dataset.total);
  const look = () => {
    const now = performance.now();
    const { top: from, bottom: to, height } = box.getBoundingClientRect();
    let covered = 0, first = null, end = null;
    for (const chunk of box.querySelectorAll('.chunk')) {
      const around = chunk.getBoundingClientRect();
      const rows = chunk.querySelectorAll('article');
      first ??= rows[0]; end = rows[rows.length - 1];
      if (around.bottom < from || around.top > to) continue;
      for (const row of rows) {
        const { top: a, bottom: b } = row.getBoundingClientRect();
        covered += Math.max(0, Math.min(b, to) - Math.max(a, from));
      }
    }
    hold('blank', covered <= 0, now);
    hold('thin', covered < height / 2, now);
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 1 && Number(end?.dataset.place) < total - 1;
    const atStart = box.scrollTop <= 0 && Number(first?.dataset.place) > 0;
    hold('wait', atEnd || atStart, now);
    seen.frame = Math.max(seen.frame, now - last);
    seen.frames += 1;
    last = now;
    if (window.filonWatched) requestAnimationFrame(look); else window.filonSeen = seen;
  };
  window.filonWatched = true;
  requestAnimationFrame((now) => { last = performance.now(); look(); });
}"""
"""Looks at every frame. ``blank``: longest time without any row in view; ``thin``: with rows over less than half of the
height; ``wait``: at the edge of what is loaded though the conversation goes on; ``frame``: between two frames."""


@dataclass(frozen=True)
class Visit:
    """Milliseconds from the start of a navigation to the first byte, the first content painted, and everything loaded."""

    answer: float
    paint: float
    load: float


@dataclass(frozen=True)
class FirstPage:
    """The very first visit; later ones of browsers that know nothing yet; and of one that has the scripts and fonts."""

    first: Visit
    new: list[Visit]
    known: list[Visit]


@dataclass(frozen=True)
class Scrolled:
    """Milliseconds, each the longest of its kind, by way of moving; and how long jumps took until rows stood there."""

    way: str
    blank: float
    thin: float
    wait: float
    frame: float
    frames: int
    jumps: list[float]


def first_page(link: str) -> FirstPage:
    """Open the overview again and again."""
    with _chromium() as browser:
        context = browser.new_context(viewport=SIZE)
        page = context.new_page()
        first = _visit(page, link)
        entered, address = context.storage_state(), page.url
        known = [_visit(page, address) for _ in range(_VISITS)]
        context.close()
        new = []
        for _ in range(_VISITS):
            context = browser.new_context(viewport=SIZE, storage_state=entered)
            page = context.new_page()
            new.append(_visit(page, address))
            context.close()
    return FirstPage(first, new, known)


def scroll(link: str, conversation: int, total: int, seed: int) -> list[Scrolled]:
    """Move through one conversation in every way a hand can, watched frame by frame."""
    random = Random(seed)
    with _chromium() as browser:
        page = browser.new_context(viewport=SIZE).new_page()
        page.goto(link)
        page.goto(page.url.rstrip("/") + f"/conversations/{conversation}")
        page.wait_for_selector(".scroller article")
        page.wait_for_load_state("networkidle")
        found = [
            _watched(page, "the keys End and Home", lambda: [_key(page, key, total) for key in ("End", "Home") * 5]),
            _watched(
                page,
                f"the strip, {_JUMPS} random places",
                lambda: [_strip(page, part, total) for part in _apart(random, _JUMPS)],
            ),
            _watched(page, "the strip, dragged from the first message to the last", lambda: _drag(page, total)),
        ]
        for place, name in ((0.0, "from the start"), (0.5, "from the middle"), (1.0, "from the end, upwards")):
            _strip(page, place, total)
            page.wait_for_load_state("networkidle")
            found.append(_watched(page, f"the wheel, {name}", lambda way=-1 if place == 1.0 else 1: _wheel(page, way)))
        found.append(_watched(page, "the key Page Down, held", lambda: _hold(page)))
        return found


def _watched(page: Page, way: str, move: Any) -> Scrolled:
    page.evaluate(_WATCH)
    jumps = move()
    page.wait_for_timeout(300)
    page.evaluate("window.filonWatched = false")
    while (seen := page.evaluate("window.filonSeen ?? null")) is None:
        page.wait_for_timeout(10)
    page.evaluate("window.filonSeen = undefined")
    return Scrolled(way, seen["blank"], seen["thin"], seen["wait"], seen["frame"], seen["frames"], jumps)


def _key(page: Page, key: str, total: int) -> float:
    page.locator(".scroller").focus()
    return _until_shown(page, total - 1 if key == "End" else 0, "keydown", lambda: page.keyboard.press(key))


def _strip(page: Page, part: float, total: int) -> float:
    box = page.locator(".strip").bounding_box()
    assert box is not None
    thumb = page.evaluate("document.querySelector('.strip .thumb').getBoundingClientRect().height")
    y = thumb / 2 + part * (box["height"] - thumb)
    place = round(min(max((round(box["y"] + y) - box["y"] - thumb / 2) / (box["height"] - thumb), 0), 1) * (total - 1))
    return _until_shown(
        page, place, "pointerdown", lambda: page.mouse.click(box["x"] + box["width"] / 2, round(box["y"] + y))
    )


def _apart(random: Random, count: int) -> Iterator[float]:
    """Places along the strip, each far enough from the one before not to be a click on its thumb."""
    last = 0.0
    while count:
        part = random.random()
        if abs(part - last) > 0.06:
            last = part
            count -= 1
            yield part


def _until_shown(page: Page, place: int, event: str, move: Any) -> float:
    """Milliseconds from the hand's first ``event`` until a row within a hundred of the place is in view, timed in the page."""
    page.evaluate(
        """([place, event]) => { window.filonTook = undefined; let began;
        const start = () => { began = performance.now(); requestAnimationFrame(look); };
        addEventListener(event, start, { capture: true, once: true });
        const look = () => {
          const box = document.querySelector('.scroller').getBoundingClientRect();
          const there = [...document.querySelectorAll('.scroller article')].some((row) => {
            if (Math.abs(Number(row.dataset.place) - place) > 100) return false;
            const { top, bottom } = row.getBoundingClientRect();
            return bottom > box.top && top < box.bottom;
          });
          if (there) window.filonTook = performance.now() - began; else requestAnimationFrame(look);
        }; }""",
        [place, event],
    )
    move()
    for _ in range(1_000):
        if (took := page.evaluate("window.filonTook ?? null")) is not None:
            return float(took)
        page.wait_for_timeout(10)
    raise SystemExit(f"place {place} was not shown within ten seconds")


def _drag(page: Page, total: int) -> list[float]:
    _strip(page, 0.0, total)
    box = page.locator(".strip").bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + 8)
    page.mouse.down()
    for step in range(120):
        page.mouse.move(x, box["y"] + 8 + (box["height"] - 16) * step / 119)
        page.wait_for_timeout(16)
    page.mouse.up()
    return []


def _wheel(page: Page, way: int) -> list[float]:
    page.locator(".scroller").hover()
    for _ in range(200):
        page.mouse.wheel(0, way * 1_200)
        page.wait_for_timeout(16)
    return []


def _hold(page: Page) -> list[float]:
    page.locator(".scroller").focus()
    for _ in range(120):
        page.keyboard.press("PageDown")
        page.wait_for_timeout(33)
    return []


def _visit(page: Page, address: str) -> Visit:
    answer = page.goto(address)
    if answer is None or not answer.ok:
        raise SystemExit(f"{address} did not answer as it should: {answer and answer.status}")
    for _ in range(500):
        first_byte, paint, loaded = page.evaluate(
            """() => { const visit = performance.getEntriesByType('navigation')[0];
            const paint = performance.getEntriesByName('first-contentful-paint')[0];
            return [visit.responseStart, paint?.startTime ?? null, visit.loadEventEnd]; }"""
        )
        if paint is not None and loaded:
            return Visit(first_byte, paint, loaded)
        page.wait_for_timeout(10)
    raise SystemExit("the page was not painted within five seconds")


@contextmanager
def _chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=root)
        yield browser
        browser.close()
