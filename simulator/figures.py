"""Figures: each says how it counts a group of things, and what heads its column."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from rich import box
from rich.table import Table

from services.wording.catalogue import Catalogue

Thing = TypeVar("Thing")
Value = str | int | float | None
Row = Mapping[str, Value]
"""The figures of one group of things, by name; None: nothing is known."""
Figures = Mapping[str, tuple[str, Callable[[Sequence[Thing]], Value]]]
"""By name; a share, which is shown in percent, is named so."""
_READ = ("specialization", "fillRate")
"""What is read and not compared."""


def make_row(things: Sequence[Thing], figures: Figures[Thing]) -> Row:
    """The figures of a group of things."""
    return {name: count(things) for name, (_, count) in figures.items()}


def make_table(
    heading: str,
    rows: Mapping[str, Row],
    figures: Figures[Thing],
    words: Catalogue,
    *,
    digits: int = 0,
    gap: int = 2,
) -> Table:
    """The rows under their labels, without columns in which there is nothing.

    On a narrow terminal headings fold, and no figure is cut.
    """
    names = [name for name in figures if any(row[name] for row in rows.values())]
    headings = [heading, *(figures[name][0] for name in names)]
    table = plain_table(*map(words.say, headings), gap=gap)
    for label, row in rows.items():
        table.add_row(label, *(_shown(name, row[name], digits) for name in names))
    for column, name in zip(table.columns[1:], names, strict=True):
        column.min_width = max(len(_shown(name, row[name], digits)) for row in rows.values())
        column.no_wrap, column.overflow = False, "fold"
        column.justify = "left" if name in _READ else "right"
    return table


def _shown(name: str, value: Value, digits: int) -> str:
    if not value:
        return "·"
    if isinstance(value, str):
        return value
    if name == "fillRate":
        return f"{value:4.0%} {'█' * round(16 * min(value, 1.0)):16}"
    decimals = digits if isinstance(value, float) else 0
    return f"{value:.1%}" if "share" in name.lower() else f"{value:,.{decimals}f}"


def plain_table(*columns: str, left: int = 1, gap: int = 2) -> Table:
    """A plain table, `gap` wide between its columns, of which the first `left` are words."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, gap - 1, 0, 0),
        header_style="bold",
    )
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place < left else "right", no_wrap=True)
    return table


def minutes(span: timedelta, digits: int = 1) -> float:
    """In minutes."""
    return round(span.total_seconds() / 60, digits)


def mean(spans: Sequence[timedelta]) -> timedelta:
    """Of one at least."""
    return sum(spans, timedelta()) / len(spans)
