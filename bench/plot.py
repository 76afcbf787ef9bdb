"""Cost against size as a drawing: seconds of adding, and milliseconds of searches, both axes by powers of ten."""

from collections.abc import Sequence
from math import ceil, floor, log10

from figures import Scale
from goals import BASE, size_of

__all__ = ["drawn"]

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 420, 62, 190, 24, 44
_COLOURS = ("#0b6e99", "#b5492b", "#5b7f2b", "#7b4fa3", "#a0790b")


def drawn(scales: Sequence[Scale]) -> str:
    """An SVG with one line for each cost. Results of other formats and of real lines are left out."""
    known = sorted(
        (s for s in scales if s.form == BASE and not s.real and s.run == 1), key=lambda scale: scale.messages
    )
    lines: dict[str, list[tuple[int, float]]] = {
        "add, s": [(s.messages, s.subject.add.seconds) for s in known],
        "add, processor s": [(s.messages, s.subject.add.cpu) for s in known],
        "rare, newest 50, p95 ms": [(s.messages, s.subject.newest.classes["rare"].first.p95) for s in known],
        "over 20 %, facets, p95 ms": [(s.messages, s.subject.facets.classes["broad"].first.p95) for s in known],
        "page, p95 ms": [(s.messages, s.subject.pages.pages.p95) for s in known if s.subject.pages],
    }
    values = [value for line in lines.values() for _, value in line]
    sizes = [s.messages for s in known]
    across, up = _decades(sizes), _decades(values)
    parts = [*_axes(across, up)]
    for number, (name, points) in enumerate(lines.items()):
        colour = _COLOURS[number]
        at = [(_x(size, across), _y(value, up)) for size, value in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in at]
        line = _TOP + 14 + 20 * number
        parts.append(f'<rect x="{_WIDTH - _RIGHT + 14}" y="{line - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{_WIDTH - _RIGHT + 30}" y="{line}">{name}</text>')
    sized = ", ".join(map(size_of, known))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-family="sans-serif" '
        f'font-size="12" fill="#777"><title>Cost of adding and searching at {sized} messages</title>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def _x(value: float, decades: tuple[int, int]) -> float:
    low, high = decades
    return _LEFT + (log10(value) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, decades: tuple[int, int]) -> float:
    low, high = decades
    return _HEIGHT - _BOTTOM - (log10(value) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(across: tuple[int, int], up: tuple[int, int]) -> list[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for power in range(across[0], across[1] + 1):
        x = _x(10**power, across)
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#9994"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(up[0], up[1] + 1):
        y = _y(10.0**power, up)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#9994"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    parts.append(f'<text x="{(_LEFT + right) / 2:.0f}" y="{_HEIGHT - 8}" text-anchor="middle">messages</text>')
    return parts
