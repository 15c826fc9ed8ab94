"""deploy/haproxy.cfg as it is shipped, in front of workers of the test's own."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from bench.front import configured
from services.clock import stopwatch
from tests.integration.processes import free_port

START_SECONDS = 120.0
POLL_SECONDS = 0.02


def need_haproxy() -> str:
    """The program; the test is skipped where there is none."""
    program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("haproxy is not installed")
    return program


class Haproxy:
    """One process of it. `changed` lines of the file are replaced, for what takes long in earnest."""

    def __init__(
        self,
        folder: Path,
        workers: Sequence[int],
        *,
        environment: Mapping[str, str] | None = None,
        changed: Mapping[str, str] | None = None,
    ) -> None:
        self._program = need_haproxy()
        self.port, self.figures = free_port(), free_port()
        self._file = folder / f"haproxy-{self.port}.cfg"
        self._log = folder / f"haproxy-{self.port}.log"
        self._file.write_text(_with_workers(workers, changed or {}))
        self._environment = {
            **os.environ,
            "OPD_BIND": f"127.0.0.1:{self.port}",
            "OPD_FIGURES": f"127.0.0.1:{self.figures}",
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> "Haproxy":
        self._process = process = self._start()
        async with asyncio.timeout(START_SECONDS):
            while not await self._listens():
                assert process.poll() is None, self.log
                await asyncio.sleep(POLL_SECONDS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def user(self) -> int:
        """As whom it runs."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}").stat().st_uid

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return self._log.read_text()

    async def up(self) -> set[int]:
        """The workers, counted from 1, that it takes for ready."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.figures)
        writer.write(b"GET /metrics?scope=server HTTP/1.0\r\n\r\n")
        told = (await reader.read()).decode()
        writer.close()
        lines = re.findall(
            r'haproxy_server_status\{proxy="workers",server="opd(\d+)",state="UP"\} 1', told
        )
        return {int(number) for number in lines}

    async def until_up(self, *workers: int) -> None:
        """Wait until it takes exactly these workers for ready."""
        deadline = stopwatch() + START_SECONDS
        while (found := await self.up()) != set(workers):
            assert stopwatch() < deadline, f"{found}, not {workers}:\n{self.log}"
            await asyncio.sleep(POLL_SECONDS)

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [self._program, "-db", "-f", str(self._file)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def _listens(self) -> bool:
        try:
            await self.up()
        except OSError:
            return False
        return True


def _with_workers(workers: Sequence[int], changed: Mapping[str, str]) -> str:
    text = configured(workers)
    for line, other in changed.items():
        assert line in text, f"deploy/haproxy.cfg has no {line!r}"
        text = text.replace(line, other)
    return text
