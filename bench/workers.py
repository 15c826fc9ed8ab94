"""Several workers behind HAProxy: what each booking costs them, and whether they race."""

import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from msgspec import Struct

from bench import day
from bench.booking import SERVER
from bench.drive import Round, drive
from bench.front import Front, fronting
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench, Results
from bench.subject import SERVICE, Server, own_database, serving
from services.store.room import MOST_OF_ONE

COUNTS = (1, 2, 4)
CLIENTS = 128
"""For each worker."""

_HAPROXY = "haproxy"
_DIRECT = 0
"""In place of a number of workers: one, without HAProxy in front."""
_PASSES = 2
_CONFLICTS = "opd_conflicts_total"
_ANSWERS = "opd_requests_total"
_REFUSED = ('status="429"', 'status="503"')
"""Too many commands of one client, or of all."""
_MOST_RATE = 3000

_TEXT = f"""
{CLIENTS} clients a worker book over 60 doctors through `deploy/haproxy.cfg`, the one worker too; the
first line has no HAProxy. *Service* is the processor time of all workers for a booking, and its
share of that of one worker says what a machine with cores enough gains: at 100 % N workers book N
times. Here two cores are shared by workers, HAProxy, database and load, so the rate itself can't
grow. *Conflicts* are writes of a sheet that another worker's write had overtaken. *Busy* are the
answers 429 and 503 by the workers' own count, with those that no client waited for at the end: a
client asks again at once, so all clients gather at the worker that is slowest at the moment, or has
the most of the doctors, and it takes {MOST_OF_ONE} commands of one key at once. What is not 2xx counts
as no booking.
"""


class _Case(Struct, frozen=True):
    workers: int

    def __str__(self) -> str:
        if not self.workers:
            return "1 worker, no HAProxy"
        return "1 worker" if self.workers == 1 else f"{self.workers} workers"


class _Seen(Struct, frozen=True):
    """By the workers' own figures: conflicts a second, and answers 429 and 503."""

    conflicts: float
    busy: int


_CASES = [_Case(count) for count in (_DIRECT, *COUNTS)]
_ONE = _Case(1)


def measure(bench: Bench) -> list[Section]:
    """Spread bookings by the number of workers."""
    results: Results[_Case] = Results()
    seen: dict[_Case, list[_Seen]] = {case: [] for case in _CASES}
    with ExitStack() as stack:
        uri = stack.enter_context(own_database(bench.server_uri))
        servers = [stack.enter_context(serving(SERVICE, uri)) for _ in range(max(COUNTS))]
        fronts = {
            count: stack.enter_context(fronting([server.port for server in servers[:count]]))
            for count in COUNTS
        }

        def play(case: _Case) -> Callable[[], Round]:
            def round_() -> Round:
                asked = servers[: max(1, case.workers)]
                played, told = _play(bench, asked, fronts.get(case.workers))
                seen[case].append(told)
                return played

            return round_

        passes = min(_PASSES, bench.passes)
        results.play(bench, passes, {case: play(case) for case in _CASES})
    return [Section("Several workers", _TEXT, [_table(results, seen)])]


def steps(bench: Bench) -> int:
    """How many rounds that takes."""
    return len(_CASES) * min(_PASSES, bench.passes)


def _play(bench: Bench, servers: Sequence[Server], front: Front | None) -> tuple[Round, _Seen]:
    """A round, and what its workers saw."""
    count = math.ceil(_MOST_RATE * (bench.seconds + bench.warm))
    sheets = day.make_sheets(servers[0], day.sheets_for(count, hot=False))
    conflicts, busy = _sum(servers, _CONFLICTS), _busy(servers)
    job = Job(
        ports=[servers[0].port if front is None else front.port],
        clients=CLIENTS * len(servers),
        scripts=[day.bookings(day.spread(sheets, count))],
        seconds=bench.seconds,
        warm=bench.warm,
    )
    processes = {f"{SERVER} {number}": server.pid for number, server in enumerate(servers)}
    between = {} if front is None else {_HAPROXY: front.pid}
    played = drive(job, {**processes, **between, **bench.database})
    return played, _Seen(
        conflicts=(_sum(servers, _CONFLICTS) - conflicts) / (played.outcome.seconds + bench.warm),
        busy=round(_busy(servers) - busy),
    )


def _sum(servers: Sequence[Server], metric: str, label: str = "") -> float:
    return sum(server.metric(metric, label) for server in servers)


def _busy(servers: Sequence[Server]) -> float:
    return sum(_sum(servers, _ANSWERS, status) for status in _REFUSED)


def _service(played: Round) -> float:
    """Microseconds of all workers for one booking."""
    return sum(played.cpu_per_request(name) for name in played.cpu if name.startswith(SERVER))


def _table(results: Results[_Case], seen: dict[_Case, list[_Seen]]) -> Table:
    one = results.median(_ONE, _service)
    return Table(
        [
            "",
            "service µs",
            "of one worker",
            "HAProxy µs",
            "per second",
            "p50",
            "p99",
            "p99/p50",
            "conflicts/s",
            "not 2xx",
            "busy",
        ],
        [
            [
                str(case),
                f"{results.median(case, _service):,.0f}",
                f"**{results.median(case, _service) / one:.0%}**",
                f"{results.cpu(case, _HAPROXY):,.0f}" if case.workers else "",
                results.rates(case),
                *results.latencies(case),
                f"{statistics.fmean(told.conflicts for told in seen[case]):,.1f}",
                f"{results.failures([case]):,}",
                f"{sum(told.busy for told in seen[case]):,}",
            ]
            for case in _CASES
        ],
    )
