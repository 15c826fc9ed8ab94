"""How soon all who watch one doctor know of a change, and what a watcher costs."""

import asyncio
import re
import statistics
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
import uvloop

from answers.watching import QueueMessage
from bench import day, procs
from bench.access import BEARER
from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import SERVICE, Server, own_database, serving
from models.events import EventType

WATCHERS = 1000
BEFORE = 20
"""In the line, all the time."""
ONE_BY_ONE, AT_ONCE, BURSTS = 50, 50, 3

_DOCTOR = "bench"
_CONNECTING = 50
_SECONDS = 120.0
_MOST_READ = 2**18
_MOST_KEPT = 64
"""Of a line of the stream that need not be understood: it costs what reading costs, no more."""

_TEXT = f"""
One worker, {WATCHERS:,} watchers of one doctor by `GET /api/stream`, all of them and who asks in one
process beside it. From the acknowledgement of a change to the last byte that the last watcher gets
of the message that tells of it, in milliseconds; each message shows the whole line, {BEFORE} tokens and
those that come and go. One by one: {ONE_BY_ONE} times a booking and then its cancellation. {AT_ONCE}
at once: {BURSTS} times so many bookings, then all their cancellations. The aim: p99 under 250 ms.
The processor time is the worker's for one message to all of them: to write the change, to relay,
paint and send it, and to look whether each may still watch.
"""


class _Burst(msgspec.Struct):
    """Changes one by one, or so many at once: the seconds of each, and what they cost."""

    seconds: list[float] = []
    messages: int = 0
    cpu: float = 0.0


def measure(bench: Bench) -> list[Section]:
    """Latencies, then memory."""
    bench.step(f"{WATCHERS} watchers")
    with (
        own_database(bench.server_uri) as uri,
        serving(SERVICE, uri, FACILITY_TIMEZONE=_zone_where_it_is_morning()) as server,
    ):
        slot_id = _plan(server)
        day.ask(server, day.bookings([slot_id] * BEFORE), clients=4)
        before = procs.resident_bytes(server.pid)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            one_by_one, at_once, after = runner.run(_watch(server, slot_id))
    latency = Table(
        ["", "changes", "p50", "p99", "most", "messages to each", "ms of processor a message"],
        [_row("one by one", one_by_one), _row(f"{AT_ONCE} at once", at_once)],
    )
    kib = f"{(after - before) / WATCHERS / 1024:.0f}"
    return [Section("Watching", _TEXT, [latency, Table(["KiB for each watcher"], [[kib]])])]


def steps(_: Bench) -> int:
    """How many rounds that takes."""
    return 1


def _row(name: str, burst: _Burst) -> list[str]:
    p99 = statistics.quantiles(burst.seconds, n=100, method="inclusive")[98]
    figures = (statistics.median(burst.seconds), p99, max(burst.seconds))
    return [
        name,
        str(len(burst.seconds)),
        *(f"{figure * 1000:.0f}" for figure in figures),
        str(burst.messages),
        f"{burst.cpu / burst.messages * 1000:.0f}",
    ]


def _zone_where_it_is_morning() -> str:
    """Only a day that is today can be watched, and only hours to come can be booked."""
    east = (6 - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def _plan(server: Server) -> str:
    """The id of a slot of today."""
    doctor = {"id": _DOCTOR, "name": "B", "specialization": "B"}
    day.ask(server, [day.request("POST", "/api/doctors", doctor)])
    east = (6 - datetime.now(UTC).hour + 11) % 24 - 11
    slot = {
        "doctorId": _DOCTOR,
        "date": str((datetime.now(UTC) + timedelta(hours=east)).date()),
        "startTime": "09:00",
        "endTime": "17:00",
        "maxCapacity": 200,
    }
    (made,) = day.ask(server, [day.request("POST", "/api/slots", slot)])
    return msgspec.json.decode(made, type=day.Slot).id


_Change = tuple[str, EventType]
"""The id of a token, and what happened to it."""


class _Watcher(asyncio.BufferedProtocol):
    """Notes when each message had come whole; the first of all also which changes it tells of."""

    _buffer = bytearray(_MOST_READ)
    """One for all: what was read is looked at before the next reads."""

    def __init__(self, told: "dict[_Change, int] | None") -> None:
        self._told = told
        self._line = b""
        self._seq: int | None = None
        self.came: list[tuple[int, float]] = []
        self.began = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        head = f"GET /api/stream?doctorId={_DOCTOR} HTTP/1.1\r\nHost: localhost\r\n{BEARER}\r\n"
        cast(asyncio.WriteTransport, transport).write(head.encode())  # uvloop's own class

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002  # asyncio's signature
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Line by line: what frames the chunks looks like lines too, between two messages."""
        begin = 0
        while (end := self._buffer.find(b"\n", begin, nbytes)) >= 0:
            self._keep(begin, end)
            self._end_of_line()
            begin = end + 1
        self._keep(begin, nbytes)

    def _keep(self, begin: int, end: int) -> None:
        if self._told is None:
            end = min(end, begin + _MOST_KEPT - len(self._line))
        if end > begin:
            self._line += self._buffer[begin:end]

    def _end_of_line(self) -> None:
        line, self._line = self._line, b""
        if line.startswith(b"id: "):
            self._seq = int(line[4:])
        elif line.startswith(b"data: ") and self._told is not None:
            for change in msgspec.json.decode(line[6:], type=QueueMessage).changes:
                if change.token_id is not None:
                    self._told[change.token_id, change.type] = change.seq
        elif not line and self._seq is not None:
            self.came.append((self._seq, time.perf_counter()))
            self._seq = None
            self.began.set()

    def since(self, seq: int) -> float:
        """When it had been told of an event."""
        return next((when for known, when in self.came if known >= seq), float("inf"))


async def _watch(server: Server, slot_id: str) -> tuple[_Burst, _Burst, int]:
    """One by one, at once; and the memory that the service takes then."""
    told: dict[_Change, int] = {}
    watchers: list[_Watcher] = []
    one_by_one, at_once = _Burst(), _Burst()
    async with asyncio.timeout(_SECONDS):
        while len(watchers) < WATCHERS:
            some = [_Watcher(None if watchers or n else told) for n in range(_CONNECTING)]
            watchers += some
            await asyncio.gather(*(_connect(server, watcher) for watcher in some))
        memory = procs.resident_bytes(server.pid)
        for _ in range(ONE_BY_ONE):
            await _book_and_cancel(server, [slot_id], watchers, told, one_by_one)
        for _ in range(BURSTS):
            await _book_and_cancel(server, [slot_id] * AT_ONCE, watchers, told, at_once)
    return one_by_one, at_once, memory


async def _connect(server: Server, watcher: _Watcher) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: watcher, "127.0.0.1", server.port)
    await watcher.began.wait()


async def _book_and_cancel(
    server: Server,
    slot_ids: Iterable[str],
    watchers: Sequence[_Watcher],
    told: dict[_Change, int],
    burst: _Burst,
) -> None:
    before, cpu = len(watchers[0].came), procs.cpu_seconds(server.pid)
    booked = await asyncio.gather(*(_ask(server, each) for each in day.bookings(slot_ids)))
    token_ids = [msgspec.json.decode(body, type=_Token).id for body, _ in booked]
    acknowledged = {
        (token_id, EventType.BOOKED): when
        for token_id, (_, when) in zip(token_ids, booked, strict=True)
    }
    burst.seconds += await _all_know(watchers, told, acknowledged)
    cancels = [day.request("DELETE", f"/api/tokens/{each}/cancel") for each in token_ids]
    cancelled = await asyncio.gather(*(_ask(server, each) for each in cancels))
    acknowledged = {
        (token_id, EventType.STATUS_CHANGED): when
        for token_id, (_, when) in zip(token_ids, cancelled, strict=True)
    }
    burst.seconds += await _all_know(watchers, told, acknowledged)
    burst.messages += len(watchers[0].came) - before
    burst.cpu += procs.cpu_seconds(server.pid) - cpu


class _Token(msgspec.Struct):
    id: str


async def _ask(server: Server, request: bytes) -> tuple[bytes, float]:
    """The answer's body, and when it began to come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    now = time.perf_counter()
    (length,) = re.findall(rb"content-length: (\d+)", head)
    body = await reader.readexactly(int(length))
    writer.close()
    return body, now


async def _all_know(
    watchers: Sequence[_Watcher],
    told: dict[_Change, int],
    acknowledged: dict[_Change, float],
) -> list[float]:
    """Seconds until the last of them knew, of each change."""
    while not acknowledged.keys() <= told.keys() or any(  # noqa: ASYNC110  # what is awaited is another process
        watcher.came[-1][0] < max(told[change] for change in acknowledged) for watcher in watchers
    ):
        await asyncio.sleep(0.005)
    return [
        max(watcher.since(told[change]) for watcher in watchers) - when
        for change, when in acknowledged.items()
    ]
