"""What a run came to, in tables for people."""

from collections.abc import Sequence

from rich import box
from rich.bar import Bar
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from models.source import Source
from simulator.clinic import Clinic, Kind
from simulator.report import (
    Accuracy,
    AccuracyRow,
    Report,
    SourceFigures,
    Traffic,
    figures_by_source,
)

_MOST_FAULTS = 20


def print_days(console: Console, days: Sequence[Clinic]) -> None:
    """A row for each day, for runs too long to be told."""
    names = ("Tokens", "Bumped", "Waitlisted", "Extra", "No-show", "Seen", "Wait", "p95")
    table = plain_table("Day", *names, gap=1)
    for day in days:
        *_, every = figures_by_source([day])
        extra = sum(entry.kind is Kind.EXTRA_SEAT for entry in day.entries)
        counts = (every.tokens, every.bumped, every.waitlisted, extra, every.no_shows, every.seen)
        waits = _waits(every)
        table.add_row(f"{day.date:%a %d %b %Y}", *map(str, counts), *waits)
    console.print()
    console.print(table)


def print_closing(console: Console, report: Report) -> None:
    """Statistics by source and by doctor, then whether the rules held."""
    console.print()
    console.print(Rule(Text("What the day came to", style="bold"), align="left"))
    console.print()
    console.print(_by_source(report))
    console.print(
        Text(
            "Seated, waitlisted: had a seat, stood on a waitlist at some time. Wait: mean minutes "
            "from check-in to the doctor's door; p95: 95 of 100 waited no longer.",
            style="dim",
        )
    )
    if report.came_late:
        late = f"{report.came_late} more came late and count as what became of them."
        console.print(Text(f"No-show: absent to the end. {late}", style="dim"))
    console.print()
    console.print(_by_doctor(report))
    if any((row.fill_rate or 0.0) > 1.0 for row in report.by_doctor):
        console.print(Text("Above 100%: extra seats of emergencies and late returns.", style="dim"))
    if report.traffic is not None:
        console.print()
        console.print(_traffic(report.traffic))
    console.print()
    _print_verdict(console, report)


def _by_source(report: Report) -> Table:
    refused = any(row.refused for row in report.by_source)
    unseen = any(row.unseen for row in report.by_source)
    names = ["Tokens", "Seated", "Bumped", "Waitlisted", "No-show", "Cancel"]
    names += ["Refused"] if refused else []
    names += ["Unseen"] if unseen else []
    table = plain_table("Source", *names, "Seen", "Wait", "p95", gap=1)
    for row in report.by_source:
        last = row.source == "ALL"
        counts = [row.tokens, row.seated, row.bumped, row.waitlisted, row.no_shows, row.cancelled]
        counts += [row.refused] if refused else []
        counts += [row.unseen] if unseen else []
        if last:
            table.add_section()
        table.add_row(
            "All" if last else Source[row.source].row.words.capitalize(),
            *(str(count) if count else "·" for count in [*counts, row.seen]),
            *_waits(row),
            style="bold" if last else None,
        )
    return table


def _waits(row: SourceFigures) -> list[str]:
    """Mean and p95 in whole minutes."""
    waits = (row.mean_wait_minutes, row.p95_wait_minutes)
    return ["·" if wait is None else f"{wait:.0f}" for wait in waits]


def _by_doctor(report: Report) -> Table:
    table = plain_table("Doctor", "Specialization", "Seen", "Seats", "Fill rate", "", left=2)
    for row in report.by_doctor:
        rate = row.fill_rate or 0.0
        bar = Bar(1.0, 0.0, min(rate, 1.0), width=16, color="green")
        seats = f"{row.taken}/{row.seats}"
        table.add_row(row.doctor, row.specialization, str(row.seen), seats, f"{rate:.0%}", bar)
    return table


def _traffic(traffic: Traffic) -> Text:
    repeats = f", {traffic.repeats} requests repeated" if traffic.repeats else ""
    return Text.assemble(
        (f"{traffic.bookings} bookings", "bold"),
        f" at {traffic.bookings_per_second:.0f} a second{repeats}; each took "
        f"{traffic.p50_ms:.0f} ms in the median, {traffic.p95_ms:.0f} ms at p95, "
        f"{traffic.p99_ms:.0f} ms at p99, {traffic.slowest_ms:.0f} ms at most.",
    )


def _print_verdict(console: Console, report: Report) -> None:
    if not report.broken:
        told = (
            f"{len(report.invariants)} invariants, checked on the service's answers "
            f"{report.checks} times."
        )
        console.print(Text.assemble(("✔ The rules held. ", "bold green"), told))
        return
    console.print(Text("✘ The rules did not hold.", style="bold red"))
    for fault in report.broken[:_MOST_FAULTS]:
        console.print(Padding(Text(f"{fault.invariant}: {fault.where}"), (0, 0, 0, 2)))
    if len(report.broken) > _MOST_FAULTS:
        console.print(f"  … and {len(report.broken) - _MOST_FAULTS} more")


def print_accuracy(console: Console, accuracy: Accuracy) -> None:
    """How far estimated times were off in a replay."""
    console.print(
        f"{accuracy.consultations} real consultations in {accuracy.sessions} sessions were "
        f"replayed. They lasted {accuracy.mean_minutes:.1f} minutes in the mean; "
        f"DEFAULT_SLOT_DURATION says {accuracy.assumed_minutes}."
    )
    if accuracy.overall is None:
        console.print("No two of them follow each other without a long pause: nothing to compare.")
        return
    names = ("Places back", "Pairs", "Mean absolute error", "Within ±10 min", "Bias")
    table = plain_table(*names, left=0, gap=3)
    for row in accuracy.by_places:
        table.add_row(str(row.places), *_errors(row))
    table.add_section()
    table.add_row("All", *_errors(accuracy.overall), style="bold")
    console.print()
    console.print(table)
    console.print(
        Text(
            "estimatedTime as told at each consultation's start, less when it came true; spans "
            "with a pause of more than 20 minutes left out. A negative bias: patients waited "
            "longer than they were told.",
            style="dim",
        )
    )


def _errors(row: AccuracyRow) -> tuple[str, ...]:
    return (
        f"{row.pairs:,}",
        f"{row.mean_absolute_error_minutes:.2f} min",
        f"{row.share_within10_minutes:.1%}",
        f"{row.bias_minutes:+.2f} min",
    )


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
