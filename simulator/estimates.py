"""How far estimated times were off, by the number of places between patient and doctor."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

NEAR = timedelta(minutes=10)
"""An estimate within this of what happened is a good one."""


class Pair(Struct, frozen=True):
    """A patient so many places back: the estimated time less the time that it came true."""

    places: int
    error: timedelta


class Row(Struct, frozen=True, kw_only=True, rename="camel"):
    """`bias` is the mean error: negative when patients waited longer than they were told."""

    places: int | None
    pairs: int
    mean_absolute_error_minutes: float
    share_within10_minutes: float
    bias_minutes: float


class Accuracy(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of a replay. `places` None in `overall`: all distances together."""

    sessions: int
    consultations: int
    assumed_minutes: int
    mean_minutes: float
    overall: Row | None
    by_places: list[Row]


def summarize(
    pairs: Sequence[Pair],
    *,
    sessions: int,
    lengths: Sequence[timedelta],
    consultation_minutes: int,
) -> Accuracy:
    """The figures over all pairs and by distance."""
    distances = sorted({pair.places for pair in pairs})
    return Accuracy(
        sessions=sessions,
        consultations=len(lengths),
        assumed_minutes=consultation_minutes,
        mean_minutes=round(_minutes(sum(lengths, timedelta())) / len(lengths), 2),
        overall=_row(None, pairs) if pairs else None,
        by_places=[
            _row(places, [pair for pair in pairs if pair.places == places]) for places in distances
        ],
    )


def print_accuracy(console: Console, accuracy: Accuracy) -> None:
    """The figures as a table."""
    console.print(
        f"{accuracy.consultations} real consultations in {accuracy.sessions} sessions were "
        f"replayed. They lasted {accuracy.mean_minutes:.1f} minutes in the mean; "
        f"DEFAULT_SLOT_DURATION says {accuracy.assumed_minutes}."
    )
    if accuracy.overall is None:
        console.print("No two of them follow each other without a long pause: nothing to compare.")
        return
    console.print()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("Places back", "Pairs", "Mean absolute error", "Within ±10 min", "Bias"):
        table.add_column(name, justify="right")
    for row in accuracy.by_places:
        table.add_row(str(row.places), *_cells(row))
    table.add_section()
    table.add_row("All", *_cells(accuracy.overall), style="bold")
    console.print(table)
    console.print(
        Text(
            "estimatedTime as told at each consultation's start, less when it came true; spans "
            "with a pause of more than 20 minutes left out. A negative bias: patients waited "
            "longer than they were told.",
            style="dim",
        )
    )


def _row(places: int | None, pairs: Sequence[Pair]) -> Row:
    errors = [pair.error for pair in pairs]
    count = len(errors)
    return Row(
        places=places,
        pairs=count,
        mean_absolute_error_minutes=round(_minutes(sum(map(abs, errors), timedelta())) / count, 2),
        share_within10_minutes=round(sum(abs(error) <= NEAR for error in errors) / count, 4),
        bias_minutes=round(_minutes(sum(errors, timedelta())) / count, 2),
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.pairs:,}",
        f"{row.mean_absolute_error_minutes:.2f} min",
        f"{row.share_within10_minutes:.1%}",
        f"{row.bias_minutes:+.2f} min",
    )


def _minutes(span: timedelta) -> float:
    return span.total_seconds() / 60
