"""What is asked for between bookings: queues, tokens, free slots, calls and completions."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import msgspec
from msgspec import Struct

from bench import day
from bench.booking import SERVER
from bench.drive import Round, drive
from bench.load import Job
from bench.plain import QUEUE_LENGTH
from bench.report import Section, Table
from bench.rounds import Bench, Results
from bench.subject import PLAIN, SERVICE, Server, own_database, serving

CLIENTS = (32, 128)
SHORT_QUEUE, LONG_QUEUE = QUEUE_LENGTH, 100

_PLAIN = f"plain FastAPI, a queue of {SHORT_QUEUE}"
_QUEUE = f"queue view, {SHORT_QUEUE} in the slot"
_LONG = f"queue view, {LONG_QUEUE} in the slot"
_PATIENT = "a patient's tokens"
_FREE = "available slots of a doctor"
_MOVES = "call, start, complete"
_PROBE = 6000
"""Commands of the first round: more than fit into its warm-up."""
_KINDS = (_PLAIN, _QUEUE, _LONG, _PATIENT, _FREE, _MOVES)
_WAY = ("CALLED", "IN_CONSULTATION", "COMPLETED")
_PASSES = 3
_LONG_SHEETS = 15

_TEXT = f"""
One worker. The day has {day.SPREAD_SHEETS} sheets of four slots with {SHORT_QUEUE} tokens each,
and {_LONG_SHEETS} with {LONG_QUEUE}; reads go to all of its slots, doctors or patients in turn. *Call,
start, complete* are three commands on each of the checked-in tokens of sheets made for the round,
with {SHORT_QUEUE} in each slot, spread over all sheets; the tokens of one client are its own. The
baseline is the plain app, which answers a queue of {SHORT_QUEUE} that it holds ready as a model. No slot
runs yet and nobody books, so each queue is written once (decision 29); of a slot that runs the times
go on, and it is written for each reader.
"""


class _Token(Struct):
    id: str


class _Case(Struct, frozen=True):
    kind: str
    clients: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.clients} clients"


def measure(bench: Bench) -> list[Section]:
    """Each kind beside the plain app."""
    results: Results[_Case] = Results()
    cases = [_Case(kind, clients) for kind in _KINDS for clients in CLIENTS]
    with ExitStack() as stack:
        uri = stack.enter_context(own_database(bench.server_uri))
        service = stack.enter_context(serving(SERVICE, uri))
        plain = stack.enter_context(serving(PLAIN, uri))
        bench.step("preparing the days")
        reads = _reads(service)
        moves = _Moves(bench, service)

        def play(case: _Case) -> Callable[[], Round]:
            if case.kind == _MOVES:
                return lambda: moves.play(case.clients)
            if case.kind == _PLAIN:
                return lambda: _play(bench, plain, case.clients, reads[_QUEUE])
            return lambda: _play(bench, service, case.clients, reads[case.kind])

        results.play(bench, min(_PASSES, bench.passes), {case: play(case) for case in cases})
    table = Table(
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
    return [Section("Reading, calling, completing", _TEXT, [table])]


def steps(bench: Bench) -> int:
    """How many rounds that takes, the preparation counted as one."""
    return 1 + len(CLIENTS) * len(_KINDS) * min(_PASSES, bench.passes)


def _play(bench: Bench, server: Server, clients: int, requests: list[bytes]) -> Round:
    return drive(
        Job(
            ports=[server.port],
            clients=clients,
            scripts=[requests],
            seconds=bench.seconds,
            warm=bench.warm,
            cycle=True,
        ),
        {SERVER: server.pid, **bench.database},
    )


def _reads(server: Server) -> Mapping[str, list[bytes]]:
    short = day.make_sheets(server, day.SPREAD_SHEETS)
    long = day.make_sheets(server, _LONG_SHEETS)
    bodies = day.ask(server, day.bookings(_fill(short, SHORT_QUEUE)))
    patients = [msgspec.json.decode(body, type=_Owned).patientId for body in bodies]
    day.ask(server, day.bookings(_fill(long, LONG_QUEUE)))
    doctors = [sheet[0].split("-")[0] for sheet in short]
    return {
        _QUEUE: [_get(f"/api/tokens/queue/{slot}") for sheet in short for slot in sheet],
        _LONG: [_get(f"/api/tokens/queue/{slot}") for sheet in long for slot in sheet],
        _PATIENT: [_get(f"/api/tokens/patient/{patient}") for patient in patients],
        _FREE: [_get(f"/api/slots/doctor/{each}/available?date={day.DAY}") for each in doctors],
    }


class _Owned(Struct):
    patientId: str  # noqa: N815  # as it travels


def _fill(sheets: Sequence[day.Sheet], tokens: int) -> list[str]:
    return day.spread(sheets, tokens * sum(map(len, sheets)))


def _get(path: str) -> bytes:
    return day.request("GET", path)


class _Moves:
    """Commands on tokens that wait to be called."""

    def __init__(self, bench: Bench, server: Server) -> None:
        self._bench = bench
        self._server = server
        self._rate: float | None = None

    def play(self, clients: int) -> Round:
        """A round of them, with enough of them, as far as a first short one tells."""
        if self._rate is None:
            self._rate = self._play(clients, _PROBE).outcome.rate
        wanted = math.ceil(1.5 * self._rate * (self._bench.seconds + self._bench.warm))
        return self._play(clients, wanted)

    def _play(self, clients: int, commands: int) -> Round:
        tokens = self._checked_in(math.ceil(commands / len(_WAY)))
        scripts: list[list[bytes]] = [[] for _ in range(clients)]
        for number, token in enumerate(tokens):
            scripts[number % clients] += [_move(token, status) for status in _WAY]
        job = Job(
            ports=[self._server.port],
            clients=clients,
            scripts=scripts,
            seconds=self._bench.seconds,
            warm=self._bench.warm,
        )
        return drive(job, {SERVER: self._server.pid, **self._bench.database})

    def _checked_in(self, count: int) -> list[str]:
        sheets = day.make_sheets(self._server, math.ceil(count / SHORT_QUEUE / 4))
        bodies = day.ask(self._server, day.bookings(_fill(sheets, SHORT_QUEUE)))
        tokens = [msgspec.json.decode(body, type=_Token).id for body in bodies]
        day.ask(self._server, [_move(token, "CHECKED_IN") for token in tokens])
        self._bench.chance.shuffle(tokens)
        return tokens


def _move(token: str, status: str) -> bytes:
    """The bench's bookings are for days to come."""
    body = {"status": status, "anyDay": True, "reason": "A bench"}
    return day.request("PATCH", f"/api/tokens/{token}/status", body)
