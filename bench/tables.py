"""Figures as Markdown: tables and numbers."""

from collections.abc import Iterable, Sequence

__all__ = ["figure", "megabytes", "table"]


def table(head: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> str:
    """A table; the columns ``right`` hold numbers."""
    numbers = set(right)
    rule = ["---:" if place in numbers else "---" for place in range(len(head))]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in [head, rule, *rows])


def figure(value: float) -> str:
    """Three digits that mean something: 0.123, 1.23, 12.3, 123, 1,234."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def megabytes(size: float) -> str:
    """Bytes as MB."""
    return f"{figure(size / 1e6)} MB"
