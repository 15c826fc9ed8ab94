"""The service as a user runs it: `python main.py`, as processes that can be killed."""

import asyncio
import atexit
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from services.clock import stopwatch
from tests.integration.client import Client, Gone

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
POLL_SECONDS = 0.02

_claims = ExitStack()
atexit.register(_claims.close)


def free_port() -> int:
    """A port nobody listens on, below those that outgoing connections are given.

    It is this process's until that ends, so that no test beside this one takes it while its
    service is down: the UDP port of the same number is held.
    """
    for port in range(20000, 27000):
        claim = socket.socket(type=socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims.enter_context(claim)
        return port
    raise AssertionError("no free port")


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait until it holds; how long that took."""
    began = stopwatch()
    while not holds():
        assert stopwatch() < began + seconds, f"not within {seconds} s"
        await asyncio.sleep(POLL_SECONDS)
    return stopwatch() - began


async def until_so(holds: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> float:
    """Wait until it holds, which has to be asked for; how long that took."""
    began = stopwatch()
    while not await holds():
        assert stopwatch() < began + seconds, f"not within {seconds} s"
        await asyncio.sleep(POLL_SECONDS)
    return stopwatch() - began


class Service:
    """One process of the service. It keeps its port and its log through restarts."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *arguments: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._log = folder / f"service-{self.port}.log"
        self._settings = settings
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return self._log.read_text()

    def start(self) -> None:
        """Start it, in a folder without a .env file."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "main.py"), *self._arguments],
                cwd=self._folder,
                env={**os.environ, **self._settings, "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def serve(self) -> float:
        """Start it; the seconds until it was ready."""
        began = stopwatch()
        self.start()
        await self.ready()
        return stopwatch() - began

    async def ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it takes requests."""
        deadline = stopwatch() + seconds
        async with Client(self.port) as client:
            while stopwatch() < deadline:
                assert self.running, f"it ended by itself:\n{self.log[-2000:]}"
                try:
                    if (await client.ask("GET", "/readyz")).status == 200:
                        return
                except Gone:
                    pass
                await asyncio.sleep(POLL_SECONDS)
        raise AssertionError(f"not ready within {seconds} s:\n{self.log[-2000:]}")

    @property
    def listens(self) -> bool:
        """Whether it takes new connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def megabytes(self) -> int:
        """The memory that it holds now."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = [each for each in status.splitlines() if each.startswith("VmRSS")]
        return int(line.split()[1]) // 1024

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float) -> int:
        """Wait until it has ended; its exit code."""
        assert self._process is not None
        await until(lambda: not self.running, seconds)
        return self._process.wait()

    def end(self) -> None:
        """End it, if it runs."""
        if self.running:
            self.kill()
