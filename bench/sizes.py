"""What a booking costs on a sheet that already holds many tokens."""

import statistics

from bench import day
from bench.booking import SERVER
from bench.drive import LOAD, Round, drive
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import PLAIN, SERVICE, Server, own_database, serving

SIZES = (50, 200, 1000)
CLIENTS = 32

_SHEETS = 10
_AROUND = 20
_ROUNDS = 2
_SLOTS = 4

_TEXT = f"""
{_SHEETS} sheets grow together from empty to {max(SIZES):,} tokens, in {_SLOTS} slots of
{max(SIZES) // _SLOTS + _AROUND} seats. Measured is the growth from {_AROUND} tokens before a size to
{_AROUND} after it, {2 * _AROUND * _SHEETS} bookings by {CLIENTS} clients over all of the sheets in
turn; the plain app has its round just before. Microseconds of processor time for one booking,
by process. Means of {_ROUNDS} rounds.
"""


def measure(bench: Bench) -> list[Section]:
    """The cost of a booking by the size of its sheet."""
    rounds: dict[int, list[tuple[Round, Round]]] = {size: [] for size in SIZES}
    with (
        own_database(bench.server_uri) as uri,
        serving(SERVICE, uri) as service,
        serving(PLAIN, uri) as plain,
    ):
        for _ in range(_ROUNDS):
            seats = max(SIZES) // _SLOTS + _AROUND
            sheets = day.make_sheets(service, _SHEETS, seats)
            held = 0
            for size in SIZES:
                bench.step(f"{size} tokens")
                grow = size - _AROUND - held
                day.ask(service, day.bookings(day.spread(sheets, grow * _SHEETS)))
                count = 2 * _AROUND * _SHEETS
                base = _play(bench, plain, day.made_up_sheets(_SHEETS), count)
                played = _play(bench, service, sheets, count)
                rounds[size].append((played, base))
                held = size + _AROUND
    return [Section("Cost by the size of the sheet", _TEXT, [_table(bench, rounds)])]


def steps(_: Bench) -> int:
    """How many rounds that takes."""
    return _ROUNDS * len(SIZES)


def _play(bench: Bench, server: Server, sheets: list[day.Sheet], count: int) -> Round:
    requests = day.bookings(day.spread(sheets, count))
    job = Job(ports=[server.port], clients=CLIENTS, scripts=[requests])
    return drive(job, {SERVER: server.pid, **bench.database})


def _table(bench: Bench, rounds: dict[int, list[tuple[Round, Round]]]) -> Table:
    names = [SERVER, *sorted(bench.database), LOAD]
    rows = []
    for size, played in rounds.items():
        mean = [statistics.mean(each.cpu_per_request(name) for each, _ in played) for name in names]
        rate = statistics.mean(each.outcome.rate for each, _ in played)
        ratio = statistics.mean(each.outcome.rate / base.outcome.rate for each, base in played)
        p50 = statistics.mean(each.outcome.p50 for each, _ in played)
        rows.append(
            [
                f"{size:,}",
                f"{rate:,.0f}",
                f"{ratio:.0%}",
                f"{p50 * 1000:.1f}",
                *(f"{cost:.0f}" for cost in mean),
                str(sum(each.outcome.failures for each, _ in played)),
            ]
        )
    return Table(["tokens", "per second", "of plain", "p50", *names, "not 2xx"], rows)
