"""The end of a run: statistics, and the verdict on the rules."""

from rich.bar import Bar
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from models.source import Source
from simulator.narration import table_of, whole_minutes
from simulator.report import Report, Traffic

_MOST_FAULTS = 20


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
    names = ["Tokens", "Seated", "Bumped", "Waitlisted", "No-show", "Cancel"]
    names += ["Refused"] if refused else []
    table = table_of("Source", *names, "Seen", "Wait", "p95", gap=1)
    for row in report.by_source:
        last = row.source == "ALL"
        counts = [row.tokens, row.seated, row.bumped, row.waitlisted, row.no_shows, row.cancelled]
        counts += [row.refused] if refused else []
        if last:
            table.add_section()
        table.add_row(
            "All" if last else Source[row.source].row.words.capitalize(),
            *(str(count) if count else "·" for count in [*counts, row.seen]),
            whole_minutes(row.mean_wait_minutes),
            whole_minutes(row.p95_wait_minutes),
            style="bold" if last else None,
        )
    return table


def _by_doctor(report: Report) -> Table:
    table = table_of("Doctor", "Specialization", "Seen", "Seats", "Fill rate", "", left=2)
    for row in report.by_doctor:
        rate = row.fill_rate or 0.0
        table.add_row(
            row.doctor,
            row.specialization,
            str(row.seen),
            f"{row.taken}/{row.seats}",
            f"{rate:.0%}",
            Bar(1.0, 0.0, min(rate, 1.0), width=16, color="green"),
        )
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
    if report.is_well:
        console.print(
            Text.assemble(
                ("✔ The rules held. ", "bold green"),
                f"{len(report.invariants)} invariants, checked on the service's answers "
                f"{report.checks} times.",
            )
        )
        return
    console.print(Text("✘ The rules did not hold.", style="bold red"))
    for fault in report.broken[:_MOST_FAULTS]:
        console.print(Padding(Text(f"{fault.invariant}: {fault.where}"), (0, 0, 0, 2)))
    if len(report.broken) > _MOST_FAULTS:
        console.print(f"  … and {len(report.broken) - _MOST_FAULTS} more")
