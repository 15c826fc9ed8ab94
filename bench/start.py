"""How soon a worker answers, and how much memory it takes."""

import math
import statistics
import time

from bench import day, procs
from bench.drive import drive
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import SERVICE, Server, own_database, serving

STARTS = 5
CLIENTS = 128

_CHUNKS = 5
_IDLE_SECONDS = 2.0
_DATABASE_PATH = "/api/doctors"

_START_TEXT = """
From the start of `python main.py`, one worker, to its first answer that needs the database. The
first start finds a new database and makes its indexes; the others are restarts.
"""


def measure(bench: Bench) -> list[Section]:
    """Cold start, then memory."""
    with own_database(bench.server_uri) as uri:
        started = []
        for number in range(1, STARTS + 1):
            bench.step(f"start {number}")
            server = Server(SERVICE, uri)
            try:
                started.append(server.wait_for(_DATABASE_PATH))
            finally:
                server.stop()
        again = started[1:]
        starts = Table(
            ["", "seconds"],
            [
                ["new database", f"{started[0]:.2f}"],
                [
                    "restart",
                    f"{statistics.median(again):.2f} ({min(again):.2f} to {max(again):.2f})",
                ],
            ],
        )
    return [
        Section("Cold start", _START_TEXT, [starts]),
        Section("Memory", _memory_text(bench), [_memory(bench)]),
    ]


def steps(_: Bench) -> int:
    """How many rounds that takes."""
    return STARTS + _CHUNKS


def _memory_text(bench: Bench) -> str:
    sheets = day.sheets_for(bench.bookings, hot=False)
    return f"""
Resident memory of one worker, {_IDLE_SECONDS:.0f} s after it was ready, and while it takes
{bench.bookings:,} bookings, spread over {sheets} sheets of {day.TOKENS_PER_SHEET} tokens each, by
{CLIENTS} clients. It keeps decoded sheets in a cache that is bounded by their number.
"""


def _memory(bench: Bench) -> Table:
    rows = []
    with own_database(bench.server_uri) as uri, serving(SERVICE, uri) as server:
        time.sleep(_IDLE_SECONDS)
        rows.append(["0", _mebibytes(server), "", ""])
        sheets = day.make_sheets(server, day.sheets_for(bench.bookings, hot=False))
        slots = day.spread(sheets, bench.bookings)
        chunk = math.ceil(bench.bookings / _CHUNKS)
        for begin in range(0, len(slots), chunk):
            done = min(begin + chunk, len(slots))
            bench.step(f"{done:,} bookings")
            job = Job(
                ports=[server.port],
                clients=CLIENTS,
                scripts=[day.bookings(slots[begin:done])],
            )
            outcome = drive(job, {}).outcome
            rows.append(
                [f"{done:,}", _mebibytes(server), f"{outcome.rate:,.0f}", str(outcome.failures)]
            )
    return Table(["bookings", "MiB", "per second since the row above", "not 2xx"], rows)


def _mebibytes(server: Server) -> str:
    return f"{procs.resident_bytes(server.pid) / 2**20:.0f}"
