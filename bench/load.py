"""The load: a process of its own that keeps a fixed number of clients busy over HTTP/1.1.

A closed loop: each client sends its next request when the last one is answered. The requests are
made beforehand, so that while the time is taken only their bytes travel. `python -m bench.load`
reads a Job from standard input and writes its Outcome to standard output.
"""

import asyncio
import functools
import gc
import math
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
import uvloop
from msgspec import Struct

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "
_MOST_SECONDS = 300.0
"""How long a job without an end may take."""
_LINGER_SECONDS = 12.0
"""How long an answer may take: the service itself gives up after ten seconds."""


class Job(Struct, frozen=True, kw_only=True):
    """`clients` take requests from the `scripts` in turn; with one script all share it.

    Ends after `warm` and then `seconds`, or when the scripts are used up. Client i talks to port i
    modulo the number of ports.
    """

    ports: list[int]
    clients: int
    scripts: list[list[bytes]]
    seconds: float = math.inf
    warm: float = 0.0
    cycle: bool = False
    keep: bool = False


class Outcome(Struct, frozen=True, kw_only=True):
    """What the clients saw. Latencies in seconds.

    `sent` counts all requests, `counted` the 2xx that came after the warm-up and before the end:
    who refuses does no work. Latencies are of all answers after the warm-up, statuses of all. `cpu`
    is the processor time that the load itself took, in seconds.
    """

    sent: int
    counted: int
    seconds: float
    p50: float
    p99: float
    statuses: dict[int, int]
    cpu: float
    bodies: list[bytes]

    @property
    def rate(self) -> float:
        """2xx a second."""
        return self.counted / self.seconds if self.seconds else 0.0

    @property
    def failures(self) -> int:
        """Answers other than 2xx, and requests that got none (status 0)."""
        return sum(count for status, count in self.statuses.items() if status // 100 != 2)

    @property
    def done(self) -> int:
        """2xx of all requests."""
        return sum(count for status, count in self.statuses.items() if status // 100 == 2)


class _Run:
    """What the clients of a job share."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.scripts: Sequence[Iterator[bytes]] = [
            _endless(script) if job.cycle else iter(script) for script in job.scripts
        ]
        self.begin = math.inf
        self.end = math.inf
        self.last = 0.0
        self.sent = 0
        self.counted = 0
        self.latencies = array("d")
        self.statuses: Counter[int] = Counter()
        self.bodies: list[bytes] = []
        self.used_up = False
        self.active = job.clients
        self.done = asyncio.Event()

    def leave(self) -> None:
        self.active -= 1
        if not self.active:
            self.done.set()


def _endless(script: list[bytes]) -> Iterator[bytes]:
    while script:
        yield from script


class _Client(asyncio.Protocol):
    """One client: a connection, and one request under way on it."""

    def __init__(self, run: _Run, script: Iterator[bytes]) -> None:
        self._run = run
        self._script = script
        self._buffer = b""
        self._sent_at = 0.0
        self._waiting = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own class

    def send_next(self) -> None:
        """Send the next request, or leave when there is none or the time is over."""
        now = time.perf_counter()
        request = next(self._script, None) if now < self._run.end else None
        if request is None and now < self._run.end:
            self._run.used_up = True
        if request is None or self._transport is None:
            self._leave()
            return
        self._sent_at = now
        self._waiting = True
        self._run.sent += 1
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        head = data.find(_END_OF_HEAD)
        if head < 0:
            self._buffer = data
            return
        at = data.find(_LENGTH, 0, head)
        length = 0 if at < 0 else int(data[at + len(_LENGTH) : data.index(b"\r", at)])
        if len(data) < head + len(_END_OF_HEAD) + length:
            self._buffer = data
            return
        self._buffer = b""
        self._waiting = False
        self._count(int(data[9:12]))
        if self._run.job.keep:
            self._run.bodies.append(data[head + len(_END_OF_HEAD) :])
        self.send_next()

    def _count(self, status: int) -> None:
        run = self._run
        now = time.perf_counter()
        run.statuses[status] += 1
        if now < run.begin:
            return
        run.latencies.append(now - self._sent_at)
        if now <= run.end:
            run.counted += status // 100 == 2
            run.last = now

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        if self._waiting:
            self._waiting = False
            self._count(0)
        self._leave()

    def _leave(self) -> None:
        if self._transport is not None:
            transport, self._transport = self._transport, None
            self._run.leave()
            transport.close()


async def run_job(job: Job) -> Outcome:
    """Do the job in this process."""
    run = _Run(job)
    loop = asyncio.get_running_loop()
    clients: list[_Client] = []

    def make(script: Iterator[bytes]) -> _Client:
        clients.append(_Client(run, script))
        return clients[-1]

    for number in range(job.clients):
        script = run.scripts[number % len(run.scripts)]
        port = job.ports[number % len(job.ports)]
        await loop.create_connection(functools.partial(make, script), "127.0.0.1", port)
    gc.collect()
    gc.disable()
    cpu = time.process_time()
    run.begin = time.perf_counter() + job.warm
    run.end = run.begin + job.seconds
    for client in clients:
        client.send_next()
    limit = job.warm + min(job.seconds, _MOST_SECONDS) + _LINGER_SECONDS
    try:
        async with asyncio.timeout(limit):
            await run.done.wait()
    except TimeoutError:
        run.statuses[0] += run.active  # as many clients still wait for an answer
    cpu = time.process_time() - cpu
    gc.enable()
    return _outcome(run, cpu)


def _outcome(run: _Run, cpu: float) -> Outcome:
    latencies = sorted(run.latencies)
    return Outcome(
        sent=run.sent,
        counted=run.counted,
        seconds=_span(run),
        p50=percentile(latencies, 0.5),
        p99=percentile(latencies, 0.99),
        statuses=dict(run.statuses),
        cpu=cpu,
        bodies=run.bodies,
    )


def _span(run: _Run) -> float:
    """The seconds in which answers were counted; scripts may be used up before the end."""
    if run.used_up:
        return run.last - run.begin if run.counted else 0.0
    return run.job.seconds


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the ordered values do not exceed."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def run_here(job: Job) -> Outcome:
    """Do the job in this process, on a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run_job(job))


def main() -> None:
    """Do the job that stands in the input."""
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.msgpack.encode(run_here(job)))


if __name__ == "__main__":
    main()
