"""What it costs to know who asks and what they may, and to record who reads.

Bookings by the service and by the same one without rights (bench/unguarded.py), and tokens that are
read for the first time in a minute, so that it is recorded, and once more.
"""

import itertools
import math
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import msgspec
from msgspec import Struct

from bench import day, recording, rights_parts
from bench.booking import SERVER
from bench.drive import Round, drive
from bench.load import Job
from bench.report import Section, Table
from bench.rounds import Bench, Results
from bench.subject import SERVICE, UNGUARDED, Server, own_database, serving

_CLIENTS = 128
_ROUND_SECONDS = 1.0
_TIMES = 5
"""Rounds of each in a pass: short ones in turn, so that what else the machine does hits all alike."""
_READERS = (1, 32, 128)
_MOST_RATE = 4000
"""Bookings and reads a second that a round is made ready for."""
_MINUTE = 60.0
_WITH, _WITHOUT = "with rights", "without"
_FIRST, _AGAIN = "recorded", "once more"

_BOOKING_TEXT = f"""
One worker, {_CLIENTS} clients, spread over {day.SPREAD_SHEETS} sheets and on one at a time (hot), as above.
*With rights* is the service: each request shows a key, its client's grants are asked for the route, the
doctor and the answer, it is counted, and the patient gets a link. *Without* is the same service to which
whoever asks may all and sees all, without a question, and which makes no links (bench/unguarded.py).
Both are played {_TIMES} times in each pass, for {_ROUND_SECONDS:g} s, in an order drawn anew each time; a ratio
is taken of two rounds of the same turn. *Service* is its processor time for one booking in microseconds;
its ratio, the mean of all with its standard error, suffers less than a rate from what else uses the
machine, but it does. Below, the parts of it by themselves, each the best of many rounds, in
microseconds: the least they cost, since there nothing else pushes them out of the processor's caches.
"""
_READING_TEXT = """
A token by its id, each of another patient, in one minute: the first time, which is recorded before it is
answered, and once more, which has its record already. Latencies are in milliseconds, the medians of the
passes; *added* is what the first has more in the same pass, which at many clients is most of all that the
service and the database have more to do. Below, how long a read waits for its record and nothing else.
"""


class _Case(Struct, frozen=True):
    kind: str
    scene: str

    def __str__(self) -> str:
        return f"{self.scene}, {self.kind}"


class _Token(Struct):
    id: str


def measure(bench: Bench) -> list[Section]:
    """Both."""
    return [_booking(bench), _reading(bench)]


def steps(bench: Bench) -> int:
    """How many rounds that takes, the preparation of the readings counted as one."""
    return 4 * _TIMES * bench.passes + 1 + 2 * len(_READERS) * bench.passes


def _booking(bench: Bench) -> Section:
    results: Results[_Case] = Results()
    short = replace(bench, seconds=_ROUND_SECONDS)
    scenes = {"spread": day.spread, "hot": day.hot}
    with ExitStack() as stack:

        def start(command: tuple[str, ...], **more: str) -> Server:
            uri = stack.enter_context(own_database(bench.server_uri))
            return stack.enter_context(serving(command, uri, **more))

        servers = {
            _WITH: start(SERVICE, LINK_KEYS=rights_parts.LINK_KEYS),
            _WITHOUT: start(UNGUARDED),
        }

        def play(case: _Case) -> Callable[[], Round]:
            def round_() -> Round:
                server, most = servers[case.kind], _most(short)
                sheets = day.make_sheets(server, day.sheets_for(most, hot=case.scene == "hot"))
                requests = day.bookings(scenes[case.scene](sheets, most))
                return _drive(short, server, _CLIENTS, requests)

            return round_

        cases = [_Case(kind, scene) for scene in scenes for kind in servers]
        results.play(short, _TIMES * bench.passes, {case: play(case) for case in cases})
    rows = []
    for case in cases:
        base = _Case(_WITHOUT, case.scene)
        spent = _ratio(
            results.rounds[case], results.rounds[base], lambda each: each.cpu_per_request(SERVER)
        )
        rows.append(
            [
                f"{case.scene}, {case.kind}",
                results.rates(case),
                results.ratios(case, base),
                f"{results.cpu(case, SERVER):.0f}",
                "1" if case == base else spent,
                str(results.failures([case])),
            ]
        )
    columns = ["", "per second", "of without", "service", "of without", "not 2xx"]
    with own_database(bench.server_uri) as uri:
        parts = rights_parts.measure(uri)
    return Section("What rights cost a booking", _BOOKING_TEXT, [Table(columns, rows), parts])


def _reading(bench: Bench) -> Section:
    results: Results[_Case] = Results()
    with own_database(bench.server_uri) as uri, serving(SERVICE, uri) as server:
        bench.step("preparing tokens")
        reads = {clients: _reads(server, _most(bench)) for clients in _READERS}
        for _ in range(bench.passes):
            _wait_for_a_fresh_minute()
            for clients, kind in itertools.product(_READERS, (_FIRST, _AGAIN)):
                bench.step(f"reading, {kind}, {clients} clients")
                played = _drive(bench, server, clients, reads[clients])
                results.rounds.setdefault(_Case(kind, str(clients)), []).append(played)
    rows = []
    for clients, kind in itertools.product(_READERS, (_FIRST, _AGAIN)):
        case, base = _Case(kind, str(clients)), _Case(_AGAIN, str(clients))
        p50, p99, _ = results.latencies(case)
        rounds = list(zip(results.rounds[case], results.rounds[base], strict=True))
        added = [
            statistics.median(1000 * (figure(one) - figure(other)) for one, other in rounds)
            for figure in (_p50, _p99)
        ]
        told = ["", ""] if case == base else [f"**{span:.1f}**" for span in added]
        rate = results.rates(case)
        rows.append(
            [kind, str(clients), rate, p50, told[0], p99, told[1], str(results.failures([case]))]
        )
    columns = ["", "clients", "per second", "p50", "added", "p99", "added", "not 2xx"]
    with own_database(bench.server_uri) as uri:
        waits = recording.measure(uri)
    return Section("What it costs to record a read", _READING_TEXT, [Table(columns, rows), waits])


def _reads(server: Server, count: int) -> list[bytes]:
    """The first look at each of so many tokens."""
    sheets = day.make_sheets(server, day.sheets_for(count, hot=False))
    bodies = day.ask(server, day.bookings(day.spread(sheets, count)))
    tokens = [msgspec.json.decode(body, type=_Token).id for body in bodies]
    return [day.request("GET", f"/api/tokens/{token}") for token in tokens]


def _wait_for_a_fresh_minute() -> None:
    """So that a pass has a minute of the clock to itself, in which nothing has been read yet."""
    time.sleep(_MINUTE - time.time() % _MINUTE + 0.5)


def _drive(bench: Bench, server: Server, clients: int, requests: list[bytes]) -> Round:
    job = Job(
        ports=[server.port],
        clients=clients,
        scripts=[requests],
        seconds=bench.seconds,
        warm=bench.warm,
    )
    return drive(job, {SERVER: server.pid, **bench.database})


def _most(bench: Bench) -> int:
    return math.ceil(_MOST_RATE * (bench.seconds + bench.warm))


def _ratio(rounds: Sequence[Round], base: Sequence[Round], figure: Callable[[Round], float]) -> str:
    """The mean of the ratios, with its standard error."""
    ratios = [figure(one) / figure(other) for one, other in zip(rounds, base, strict=True)]
    error = statistics.stdev(ratios) / math.sqrt(len(ratios))
    return f"**{statistics.mean(ratios):.1%}** ± {error:.1%}"


def _p50(each: Round) -> float:
    return each.outcome.p50


def _p99(each: Round) -> float:
    return each.outcome.p99
