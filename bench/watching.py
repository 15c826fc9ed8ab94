"""How soon all who watch one doctor know of a booking, and what a watcher costs."""

import asyncio
import re
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from answers.watching import QueueMessage
from bench import day, procs
from bench.access import BEARER
from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import SERVICE, Server, own_database, serving

WATCHERS = 1000
BEFORE = 20
"""In the line before the first booking that counts."""
ONE_BY_ONE, AT_ONCE = 30, 50

_DOCTOR = "bench"
_CONNECTING = 50
_SECONDS = 60.0
_BEGINS, _ENDS = b"\nid: ", b"\n\n\r\n"
"""Of a message in its chunk. It is cut by hand: what it costs to find it is no cost of the service."""

_TEXT = f"""
One worker, {WATCHERS:,} watchers of one doctor by `GET /api/stream`, all of them and who books in one
process beside it. From the acknowledgement of a booking to the last byte that the last watcher gets
of the message that tells of it, in milliseconds; each message shows the whole line, {BEFORE} tokens at
first. {ONE_BY_ONE} bookings one after the other, then {AT_ONCE} at once. The aim: p99 under 250 ms.
"""


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
        one_by_one, at_once, after, messages = asyncio.run(_watch(server, slot_id))
    latency = Table(
        ["", "p50", "p99", "most", "messages to each"],
        [
            _row("one by one", one_by_one, messages[0]),
            _row(f"{AT_ONCE} at once", at_once, messages[1]),
        ],
    )
    kib = f"{(after - before) / WATCHERS / 1024:.0f}"
    return [Section("Watching", _TEXT, [latency, Table(["KiB for each watcher"], [[kib]])])]


def steps(_: Bench) -> int:
    """How many rounds that takes."""
    return 1


def _row(name: str, seconds: Sequence[float], messages: int) -> list[str]:
    p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
    figures = (statistics.median(seconds), p99, max(seconds))
    return [name, *(f"{figure * 1000:.0f}" for figure in figures), str(messages)]


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


class _Watcher(asyncio.Protocol):
    """Notes when each message had come whole; the first of all also which tokens it tells of."""

    def __init__(self, told: "dict[str, int] | None") -> None:
        self._told = told
        self._parts: list[bytes] = []
        self.came: list[tuple[int, float]] = []
        self.began = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # of a TCP connection
        head = f"GET /api/stream?doctorId={_DOCTOR} HTTP/1.1\r\nHost: localhost\r\n{BEARER}\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)
        if not data.endswith(_ENDS):
            return
        now = time.perf_counter()
        for each in b"".join(self._parts).split(_BEGINS)[1:]:
            seq, _, message = each.partition(b"\ndata: ")
            self.came.append((int(seq), now))
            if self._told is not None:
                told = message.partition(b"\n\n")[0]
                for change in msgspec.json.decode(told, type=QueueMessage).changes:
                    if change.token_id is not None:
                        self._told[change.token_id] = change.seq
        self._parts.clear()
        if self.came:
            self.began.set()

    def since(self, seq: int) -> float:
        """When it had been told of an event."""
        return next((when for known, when in self.came if known >= seq), float("inf"))


async def _watch(
    server: Server, slot_id: str
) -> tuple[list[float], list[float], int, tuple[int, int]]:
    loop = asyncio.get_running_loop()
    told: dict[str, int] = {}
    watchers: list[_Watcher] = []
    async with asyncio.timeout(_SECONDS):
        for begin in range(0, WATCHERS, _CONNECTING):
            some = [_Watcher(None if watchers or n else told) for n in range(_CONNECTING)]
            watchers += some[: WATCHERS - begin]
            await asyncio.gather(
                *(
                    loop.create_connection(partial(_same, it), "127.0.0.1", server.port)
                    for it in some
                )
            )
        await asyncio.gather(*(watcher.began.wait() for watcher in watchers))
        memory = procs.resident_bytes(server.pid)
        first = len(watchers[0].came)
        one_by_one = []
        for request in day.bookings([slot_id] * ONE_BY_ONE):
            acknowledged = await _book(server, request)
            one_by_one.append(await _all_know(watchers, told, *acknowledged))
        second = len(watchers[0].came)
        booked = await asyncio.gather(
            *(_book(server, request) for request in day.bookings([slot_id] * AT_ONCE))
        )
        at_once = [await _all_know(watchers, told, *acknowledged) for acknowledged in booked]
        third = len(watchers[0].came)
    return one_by_one, at_once, memory, (second - first, third - second)


def _same(watcher: _Watcher) -> _Watcher:
    return watcher


class _Token(msgspec.Struct):
    id: str


async def _book(server: Server, request: bytes) -> tuple[str, float]:
    """The new token's id, and when it was acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    now = time.perf_counter()
    (length,) = re.findall(rb"content-length: (\d+)", head)
    token = msgspec.json.decode(await reader.readexactly(int(length)), type=_Token)
    writer.close()
    return token.id, now


async def _all_know(
    watchers: Sequence[_Watcher], told: dict[str, int], token_id: str, acknowledged: float
) -> float:
    """Seconds until the last of them knew."""
    while token_id not in told or any(watcher.came[-1][0] < told[token_id] for watcher in watchers):  # noqa: ASYNC110  # what is awaited is another process
        await asyncio.sleep(0.005)
    return max(watcher.since(told[token_id]) for watcher in watchers) - acknowledged
