"""The demo: a second service that keeps nothing, in a process of its own, whose days pass by themselves.

One at a time, for each process that starts it. It shows itself to this machine alone, and does not
outlive who started it: it ends as soon as nobody holds the other end of its standard input.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

_PROGRAM = Path(__file__).parents[1] / "demo.py"
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class DemoFailed(Exception):
    """It did not begin."""


class Demo:
    """Starts it, and ends it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._link = ""

    @property
    def running(self) -> bool:
        """Whether there is one."""
        return self._process is not None and self._process.returncode is None

    @property
    def link(self) -> str | None:
        """That signs in to the one that runs."""
        return self._link if self.running and self._link else None

    async def start(self, speed: int) -> str:
        """A link that signs in to it, as soon as there is something to see; that of the running one.

        `speed`: so many times as fast as life. Raises DemoFailed.
        """
        async with self._turn:
            if not self.running:
                self._link = ""
                self._link = await self._begin(speed)
            return self._link

    async def stop(self) -> None:
        """End it, if there is one."""
        async with self._turn:
            await self._end()

    async def _begin(self, speed: int) -> str:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_PROGRAM),
            "--attached",
            f"--speed={speed}",
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for who started it, which ends it
        )
        line = b""
        if self._process.stdout is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_START_SECONDS):
                    line = await self._process.stdout.readline()
        if not line:
            await self._end()
            raise DemoFailed
        return line.decode().strip()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
