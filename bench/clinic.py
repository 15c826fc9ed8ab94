"""The embedded database with years of a clinic in it: how soon it starts, how fast it books."""

import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import bson

from bench import day, procs
from bench.access import give_access_in
from bench.drive import drive
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import SERVICE, Server

SHEETS = 2_000
TOKENS = 60
EVENTS = 250
"""Of each sheet."""
CLIENTS = (1, 8)

_STARTS = 5
_BOOKINGS = 2_000
_SEATS = 100

_TEXT = f"""
`python main.py` without MONGODB_URI, on a SQLite file with {SHEETS:,} sheets of {TOKENS} tokens each
and {SHEETS * EVENTS:,} events; bookings are spread over all sheets, and each is on the disk before it is
answered. The start ends with `/readyz` green.
"""


def measure(bench: Bench) -> list[Section]:
    """Starts, then bookings."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "opd.sqlite"
        bench.step("one day")
        sheets = _multiply(file, _play_a_day(file))
        starts = []
        for number in range(1, _STARTS + 1):
            bench.step(f"start {number}")
            with _serving(file) as server:
                starts.append(server.wait_for("/readyz"))
        size = file.stat().st_size
        rows = []
        with _serving(file) as server:
            server.wait_for("/readyz")
            for clients in CLIENTS:
                bench.step(f"{clients} clients")
                rows.append(_book(server, sheets, clients))
            memory = procs.resident_bytes(server.pid)
    state = Table(
        ["start, s", "file, MiB", "memory at the end, MiB"],
        [
            [
                f"{statistics.median(starts):.1f} ({min(starts):.1f} to {max(starts):.1f})",
                f"{size / 2**20:.0f}",
                f"{memory / 2**20:.0f}",
            ]
        ],
    )
    books = Table(["clients", "bookings a second", "p50, ms", "p99, ms", "not 2xx"], rows)
    return [Section("The embedded database", _TEXT, [state, books])]


def steps(_: Bench) -> int:
    """How many rounds that takes."""
    return 1 + _STARTS + len(CLIENTS)


@contextmanager
def _serving(file: Path) -> Iterator[Server]:
    if not file.exists():
        give_access_in(file)
    server = Server(SERVICE, None, EMBEDDED_FILE=str(file), ALLOWED_HOSTS="*")
    try:
        yield server
    finally:
        server.stop()


def _play_a_day(file: Path) -> day.Sheet:
    """One doctor's day with as many tokens and events as each sheet is to have; its slots."""
    with _serving(file) as server:
        server.wait_for("/readyz")
        (slots,) = day.make_sheets(server, 1, seats=_SEATS)
        day.ask(server, day.bookings(day.spread([slots], TOKENS)))
        for number in range(EVENTS - TOKENS - len(slots)):
            path = f"/api/slots/{slots[-1]}/delay?delay_minutes={10 + number % 2 * 10}"
            day.ask(server, [day.request("PATCH", path)])
    return slots


def _multiply(file: Path, slots: day.Sheet) -> list[day.Sheet]:
    """Give as many other doctors the same day."""
    doctor = slots[0].partition("-")[0]
    others = [f"many{number:0{len(doctor) - 4}}" for number in range(1, SHEETS)]
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        documents = connection.execute(
            "SELECT collection, id, document FROM documents "
            "WHERE collection IN ('day_sheets', 'doctors')"
        ).fetchall()
        events = connection.execute("SELECT * FROM events ORDER BY seq").fetchall()
        if len(events) != EVENTS:
            raise RuntimeError(f"a sheet was to have {EVENTS} events, and has {len(events)}")
        seq = len(events)
        connection.execute("BEGIN")
        for other in others:
            for collection, key, raw in documents:
                connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?)",
                    (collection, key.replace(doctor, other), _of(other, doctor, raw)),
                )
            for _, sheet, n, token, patient, raw in events:
                seq += 1
                event = bson.encode({**bson.decode(_of(other, doctor, raw)), "_id": seq})
                row = (sheet.replace(doctor, other), n, token and token.replace(doctor, other))
                connection.execute(
                    "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", (seq, *row, patient, event)
                )
        connection.execute("COMMIT")
    return [[slot.replace(doctor, name) for slot in slots] for name in (doctor, *others)]


def _of(other: str, doctor: str, raw: bytes) -> bytes:
    """The same document of another doctor, whose id is as long."""
    return raw.replace(doctor.encode(), other.encode())


def _book(server: Server, sheets: list[day.Sheet], clients: int) -> list[str]:
    script = day.bookings(day.spread(sheets, _BOOKINGS))
    outcome = drive(Job(ports=[server.port], clients=clients, scripts=[script]), {}).outcome
    return [
        str(clients),
        f"{outcome.rate:,.0f}",
        f"{outcome.p50 * 1e3:.1f}",
        f"{outcome.p99 * 1e3:.1f}",
        str(outcome.failures),
    ]
