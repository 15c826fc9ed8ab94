"""Measure the service and write RESULTS.md: `python -m bench.run`, or `make bench`.

Starts what it measures, on the real database of TEST_MONGODB_URI or tools/testdb, in databases of
its own, which it drops. Ends by itself. Nothing else should run on the machine meanwhile.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bench import (
    booking,
    clinic,
    dearest,
    reads,
    relay,
    report,
    rights,
    sizes,
    start,
    watching,
    workers,
    wrk,
)
from bench.report import Section
from bench.rounds import Bench
from bench.subject import ROOT, database_processes, database_server


class _Part(Struct, frozen=True):
    """A part of the bench, and how many steps it reports."""

    measure: Callable[[Bench], list[Section]]
    steps: Callable[[Bench], int]


PARTS: Mapping[str, _Part] = {
    "booking": _Part(booking.measure, booking.steps),
    "rights": _Part(rights.measure, rights.steps),
    "reads": _Part(reads.measure, reads.steps),
    "workers": _Part(workers.measure, workers.steps),
    "relay": _Part(relay.measure, relay.steps),
    "watching": _Part(watching.measure, watching.steps),
    "sizes": _Part(sizes.measure, sizes.steps),
    "clinic": _Part(clinic.measure, clinic.steps),
    "start": _Part(start.measure, start.steps),
    "profile": _Part(dearest.measure, dearest.steps),
}


class Options(argparse.Namespace):
    """What the command line said."""

    only: str
    seconds: float
    passes: int
    bookings: int
    seed: int
    out: Path


def main() -> None:
    """Measure what was asked for."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    wanted = [name.strip() for name in options.only.split(",")]
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"--only: no such part: {', '.join(sorted(unknown))}; there are {_names()}")
    console = Console(stderr=True)
    server_uri = database_server()
    processes = database_processes(server_uri)
    load_before = os.getloadavg()[0]
    began = time.monotonic()
    sections: list[Section] = []
    with Progress(
        TextColumn("{task.description}", table_column=None),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}  {task.fields[now]}"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        for name, part in PARTS.items():
            if name not in wanted:
                continue
            task = progress.add_task(name, total=None, now="")
            bench = Bench(
                server_uri=server_uri,
                database=processes,
                seconds=options.seconds,
                passes=options.passes,
                bookings=options.bookings,
                chance=random.Random(options.seed),
                step=_stepper(progress, task),
            )
            total = part.steps(bench)
            progress.update(task, total=total)
            sections += part.measure(bench)
            progress.update(task, completed=total, now="")
    minutes = (time.monotonic() - began) / 60
    facts = [
        *report.machine(),
        report.database(server_uri),
        report.commit(),
        wrk.described(),
        (
            f"Rounds of {options.seconds:g} s, {options.passes} passes, seed {options.seed}; "
            f"{minutes:.0f} minutes in all"
        ),
        f"Load average before the start: {load_before:.2f}"
        + (
            " (something else was running: take the figures with care)" if load_before > 0.5 else ""
        ),
        f"Parts: {', '.join(name for name in PARTS if name in wanted)}"
        + ("" if len(wanted) == len(PARTS) else " (not all)"),
    ]
    report.write(options.out, facts, sections)
    console.print(f"Written to {options.out} in {minutes:.1f} minutes.")


def _stepper(progress: Progress, task: TaskID) -> Callable[[str], None]:
    begun = False

    def step(now: str) -> None:
        """What was under way is done, and this begins."""
        nonlocal begun
        progress.update(task, advance=1 if begun else 0, now=now)
        begun = True

    return step


def _options() -> Options:
    parser = argparse.ArgumentParser(description="Measure the service, write RESULTS.md.")
    parser.add_argument(
        "--only", default=",".join(PARTS), help=f"parts to measure, of {_names()} (default: all)"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round (default: 2)")
    parser.add_argument("--passes", type=int, default=5, help="for each comparison (default: 5)")
    parser.add_argument(
        "--bookings", type=int, default=100_000, help="for the memory (default: 100000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the order of rounds (default: 1)")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "bench" / "RESULTS.md", help="default: bench/RESULTS.md"
    )
    return parser.parse_args(namespace=Options())


def _names() -> str:
    return ", ".join(PARTS)


if __name__ == "__main__":
    main()
