"""Booking beside the no-op endpoint and the obvious design, and who took the processor for it."""

import math
import os
from collections.abc import Callable
from contextlib import ExitStack

from msgspec import Struct

from bench import day
from bench.drive import LOAD, Round, drive
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench, Results
from bench.subject import (
    NOOP_PATH,
    OBVIOUS,
    PLAIN,
    SERVICE,
    WITH_NOOP,
    Server,
    own_database,
    serving,
)

CLIENTS = (1, 32, 128)
SERVER = "service"

_PLAIN, _NOOP = "plain FastAPI", "no-op"
_SPREAD, _HOT = "booking, spread", "booking, hot"
_OBVIOUS_SPREAD, _OBVIOUS_HOT = "obvious design, spread", "obvious design, hot"
_OBVIOUS_PASSES = 2

_TEXT = f"""
One worker, and beside it a *plain FastAPI* app, the baseline: a booking's body and answer as pydantic
models, and nothing else (bench/plain.py). The *no-op* is the service with one endpoint more, which
takes a booking's request and gives its answer by all that the service has around it, and does
nothing in between. *Spread*: over
{day.SPREAD_SHEETS} sheets in turn. *Hot*: all clients on one sheet at a time, until it has
{day.TOKENS_PER_SHEET} tokens, a big day of one doctor; then on the next. Each round has sheets of
its own, with four slots of {day.SEATS} seats, so no seat runs out. Clients wait for each answer
before they send the next request (a closed loop), from a process of their own on the same machine.

The obvious design stores a document for each token and renumbers the slot's queue at each booking
(bench/obvious.py); it has the same driver, database and slots. Its cost grows with the queue: when
its hot rounds ended after a few hundred bookings, the service had filled several sheets. It takes
part in {_OBVIOUS_PASSES} of the passes, with rounds twice as long, since its answers take so long.

Rates are the median of the passes, with the lowest and the highest; a ratio is taken within a pass.
Latencies are in milliseconds.
"""

_CPU_TEXT = """
Microseconds of processor time for one request, by process, with all its threads and children, and
with what it did when the round was over.
*Busy* is how much of one core the service took. *Ceiling*: the requests per second at which either
the service had one core full, or all of these together had all cores full.
"""


class _Case(Struct, frozen=True):
    kind: str
    clients: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.clients} clients"


def measure(bench: Bench) -> list[Section]:
    """The comparison and the processor time."""
    results: Results[_Case] = Results()
    with ExitStack() as stack:
        uri = stack.enter_context(own_database(bench.server_uri))
        obvious_uri = stack.enter_context(own_database(bench.server_uri))
        stage = _Stage(
            bench,
            service=stack.enter_context(serving(SERVICE, uri)),
            noop=stack.enter_context(serving(WITH_NOOP, uri)),
            plain=stack.enter_context(serving(PLAIN, uri)),
            obvious=stack.enter_context(serving(OBVIOUS, obvious_uri)),
        )
        ours = [
            _Case(kind, clients) for kind in (_PLAIN, _NOOP, _SPREAD, _HOT) for clients in CLIENTS
        ]
        theirs = [
            _Case(kind, clients) for kind in (_OBVIOUS_SPREAD, _OBVIOUS_HOT) for clients in CLIENTS
        ]
        both = min(_OBVIOUS_PASSES, bench.passes)
        results.play(bench, both, {case: stage.play(case) for case in (*ours, *theirs)})
        results.play(bench, bench.passes - both, {case: stage.play(case) for case in ours})
    return [
        Section("Booking", _TEXT, [_comparison(results, [*ours, *theirs])]),
        Section("Processor time by process", _CPU_TEXT, [_processor_time(results, ours)]),
    ]


def steps(bench: Bench) -> int:
    """How many rounds that takes."""
    return len(CLIENTS) * (4 * bench.passes + 2 * min(_OBVIOUS_PASSES, bench.passes))


class _Stage:
    """The servers, and how a round is played on them."""

    def __init__(
        self, bench: Bench, *, service: Server, noop: Server, plain: Server, obvious: Server
    ) -> None:
        self._bench = bench
        self._service = service
        self._noop = noop
        self._plain = plain
        self._obvious = obvious
        self._most = self._enough()

    def _enough(self) -> int:
        """More requests than a round can use up: what the plain app answers in the time."""
        probe = day.bookings(day.spread(day.made_up_sheets(1), 1000))
        job = Job(ports=[self._plain.port], clients=128, scripts=[probe], seconds=1, cycle=True)
        rate = drive(job, {}).outcome.rate
        return math.ceil(
            1.3 * rate * (math.ceil(self._bench.seconds) + math.ceil(self._bench.warm))
        )

    def play(self, case: _Case) -> Callable[[], Round]:
        """A round of this case, to be called when its turn comes."""

        def round_() -> Round:
            server, path, sheets = self._prepare(case)
            pick = day.hot if case.kind in (_HOT, _OBVIOUS_HOT) else day.spread
            requests = day.bookings(pick(sheets, self._most), path)
            job = Job(
                ports=[server.port],
                clients=case.clients,
                scripts=[requests],
                seconds=self._bench.seconds * (2 if server is self._obvious else 1),
                warm=self._bench.warm,
            )
            return drive(job, {SERVER: server.pid, **self._bench.database})

        return round_

    def _prepare(self, case: _Case) -> tuple[Server, str, list[day.Sheet]]:
        count = day.sheets_for(self._most, hot=case.kind in (_HOT, _OBVIOUS_HOT))
        if case.kind == _PLAIN:
            return self._plain, day.BOOK_PATH, day.made_up_sheets(count)
        if case.kind == _NOOP:
            return self._noop, NOOP_PATH, day.made_up_sheets(count)
        if case.kind in (_SPREAD, _HOT):
            return self._service, day.BOOK_PATH, day.make_sheets(self._service, count)
        sheets = day.made_up_sheets(count)
        day.ask(
            self._obvious,
            [
                day.request("POST", "/slots", {"id": slot, "maxCapacity": day.SEATS})
                for sheet in sheets
                for slot in sheet
            ],
        )
        return self._obvious, day.BOOK_PATH, sheets


def _comparison(results: Results[_Case], cases: list[_Case]) -> Table:
    return Table(
        ["", "clients", "per second", "of plain", "p50", "p99", "p99/p50", "not 2xx"],
        [
            [
                case.kind,
                str(case.clients),
                results.rates(case),
                results.ratios(case, _Case(_PLAIN, case.clients)),
                *results.latencies(case),
                str(results.failures([case])),
            ]
            for case in cases
        ],
    )


def _processor_time(results: Results[_Case], cases: list[_Case]) -> Table:
    names = sorted(
        {name for each in results.rounds[cases[0]] for name in each.cpu} - {SERVER, LOAD}
    )
    shown = [SERVER, *names, LOAD]
    rows = []
    for case in cases:
        costs = [results.cpu(case, name) for name in shown]
        rate = results.median(case, lambda each: each.outcome.rate)
        ceiling = min(1e6 / costs[0], (os.cpu_count() or 1) * 1e6 / sum(costs))
        rows.append(
            [
                case.kind,
                str(case.clients),
                *(f"{cost:.0f}" for cost in costs),
                f"{sum(costs):.0f}",
                f"{rate * costs[0] / 1e6:.0%}",
                f"{ceiling:,.0f}",
            ]
        )
    return Table(["", "clients", *shown, "together", "busy", "ceiling"], rows)
