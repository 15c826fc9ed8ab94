"""Figures: each is one row that says how it counts and how it is shown, for machines and people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from msgspec import Struct
from rich import box
from rich.table import Table

from services.wording.catalogue import Catalogue

Thing = TypeVar("Thing")
Value = str | int | float | bool | None
Row = Mapping[str, Value]
"""The figures of one group of things, by name."""
Measure = TypeVar("Measure", float, timedelta)


class Figure(Struct, Generic[Thing], frozen=True):
    """`heading`: that of its column; empty: for machines alone. `count`: from a group of things;
    None: nothing is known. `always`: has a column though empty. `words`: is read, not compared.
    """

    heading: str
    count: Callable[[Sequence[Thing]], Value]
    shown: Callable[[Value], str] = "{:.0f}".format
    always: bool = True
    words: bool = False


def make_rows(
    key: str,
    groups: Iterable[tuple[Value, Sequence[Thing]]],
    figures: Mapping[str, Figure[Thing]],
) -> list[Row]:
    """A row for each group, whose name stands under `key`."""
    return [
        {key: group, **{name: figure.count(things) for name, figure in figures.items()}}
        for group, things in groups
    ]


def make_table(
    heading: str,
    labels: Sequence[str],
    rows: Sequence[Row],
    figures: Mapping[str, Figure[Thing]],
    words: Catalogue,
    *,
    gap: int = 2,
) -> Table:
    """The rows under their labels. On a narrow terminal headings fold, and no figure is cut."""
    named = {
        name: one
        for name, one in figures.items()
        if one.heading and (one.always or any(row[name] for row in rows))
    }
    headings = [words.say(each) for each in (heading, *(one.heading for one in named.values()))]
    table = plain_table(*headings, gap=gap)
    cells = [
        ["·" if row[name] in (None, 0) else one.shown(row[name]) for name, one in named.items()]
        for row in rows
    ]
    for label, shown in zip(labels, cells, strict=True):
        table.add_row(label, *shown)
    for place, one in enumerate(named.values(), start=1):
        column = table.columns[place]
        column.no_wrap, column.overflow = False, "fold"
        column.min_width = max(len(shown[place - 1]) for shown in cells)
        column.justify = "left" if one.words else "right"
    return table


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


def percentile(ordered: Sequence[Measure], percent: int) -> Measure:
    """The smallest value that at least `percent` of the values do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]
