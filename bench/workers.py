"""Several processes on the same sheets: what they gain, and what their races cost."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from msgspec import Struct

from bench import day
from bench.booking import SERVER
from bench.drive import Round, drive
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench, Results
from bench.subject import SERVICE, Server, own_database, serving

COUNTS = (1, 2, 4)
CLIENTS = 128

_SPREAD, _HOT = "booking, spread", "booking, hot"
_PASSES = 2
_CONFLICTS = "opd_conflicts_total"
_COMMANDS = "opd_commit_commands_sum"
_MOST_RATE = 3000

_TEXT = f"""
{CLIENTS} clients, evenly over the processes. Each process has counters of its own, and a request to
`/metrics` reaches only one of the workers that share a port; so here each worker is a process
`python main.py` with a port of its own, on one database, and their counters are summed. With
`--workers N` the kernel spreads the connections instead, else it is the same. *Conflicts* are writes
of a sheet that another process's write had overtaken; a write carries the commands of many callers,
and *retries* says how often a command was decided again. The cores are shared with the database.
"""


class _Case(Struct, frozen=True):
    kind: str
    workers: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.workers} workers"


class _Races(Struct, frozen=True):
    conflicts: float
    retries: float


def measure(bench: Bench) -> list[Section]:
    """Spread and hot sheets by the number of processes."""
    results: Results[_Case] = Results()
    races: dict[_Case, list[_Races]] = {}
    cases = [_Case(kind, workers) for kind in (_SPREAD, _HOT) for workers in COUNTS]
    with ExitStack() as stack:
        uri = stack.enter_context(own_database(bench.server_uri))
        servers = [stack.enter_context(serving(SERVICE, uri)) for _ in range(max(COUNTS))]

        def play(case: _Case) -> Callable[[], Round]:
            def round_() -> Round:
                played, seen = _play(bench, case, servers[: case.workers])
                races.setdefault(case, []).append(seen)
                return played

            return round_

        results.play(bench, min(_PASSES, bench.passes), {case: play(case) for case in cases})
    return [
        Section("Several workers", _TEXT, [_table(results, races, cases)]),
    ]


def steps(bench: Bench) -> int:
    """How many rounds that takes."""
    return 2 * len(COUNTS) * min(_PASSES, bench.passes)


def _play(bench: Bench, case: _Case, servers: Sequence[Server]) -> tuple[Round, _Races]:
    hot = case.kind == _HOT
    count = math.ceil(_MOST_RATE * (bench.seconds + bench.warm))
    sheets = day.make_sheets(servers[0], day.sheets_for(count, hot=hot))
    requests = day.bookings((day.hot if hot else day.spread)(sheets, count))
    before = [_sum(servers, name) for name in (_CONFLICTS, _COMMANDS)]
    job = Job(
        ports=[server.port for server in servers],
        clients=CLIENTS,
        scripts=[requests],
        seconds=bench.seconds,
        warm=bench.warm,
    )
    processes = {f"{SERVER} {number}": server.pid for number, server in enumerate(servers)}
    played = drive(job, {**processes, **bench.database})
    conflicts, commands = (
        _sum(servers, name) - then
        for name, then in zip((_CONFLICTS, _COMMANDS), before, strict=True)
    )
    seconds = played.outcome.seconds + bench.warm
    answered = played.outcome.sent
    return played, _Races(conflicts / seconds, max(0.0, commands - answered) / answered)


def _sum(servers: Sequence[Server], name: str) -> float:
    return sum(server.metric(name) for server in servers)


def _table(
    results: Results[_Case], races: dict[_Case, list[_Races]], cases: Sequence[_Case]
) -> Table:
    return Table(
        [
            "",
            "workers",
            "per second",
            "of one worker",
            "p50",
            "p99",
            "p99/p50",
            "conflicts/s",
            "retries per command",
            "not 2xx",
        ],
        [
            [
                case.kind,
                str(case.workers),
                results.rates(case),
                results.ratios(case, _Case(case.kind, 1)),
                *results.latencies(case),
                _mean([each.conflicts for each in races[case]], 1),
                _mean([each.retries for each in races[case]], 3),
                str(results.failures([case])),
            ]
            for case in cases
        ],
    )


def _mean(values: Sequence[float], digits: int) -> str:
    return f"{sum(values) / len(values):,.{digits}f}"
