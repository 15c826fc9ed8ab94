"""The one background loop: a turn, a pause, the next turn, from start to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.log import log


@dataclass(frozen=True, slots=True)
class Pause:
    """Until the next turn; `wakeable`: unless there is something to do earlier."""

    seconds: float
    wakeable: bool = False


class BackgroundLoop:
    """Takes turns. One that fails is logged, and the next comes after `after_failure` seconds."""

    def __init__(
        self, name: str, turn: Callable[[], Awaitable[Pause]], *, after_failure: float
    ) -> None:
        self._name = name
        self._turn = turn
        self._after_failure = Pause(after_failure)
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def started(self) -> bool:
        """Whether it ever was."""
        return self._task is not None

    def start(self, *, after: float = 0) -> None:
        """Take the first turn in so many seconds."""
        self._task = asyncio.create_task(self._run(Pause(after)))

    def wake(self) -> None:
        """There is something to do: end a pause that is wakeable, this one or the next."""
        self._wake.set()

    async def stop(self) -> None:
        """Cut short the turn that is under way, and take no other."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, pause: Pause) -> None:
        # PyMongo's async client may turn a cancellation into an error of its own.
        while not self._stopping:
            await self._rest(pause)
            self._wake.clear()
            try:
                pause = await self._turn()
            except Exception as error:  # noqa: BLE001  # one bad turn must not end the loop
                log.error(f"{self._name}_failed", exc_info=error)
                pause = self._after_failure

    async def _rest(self, pause: Pause) -> None:
        if not pause.wakeable:
            await asyncio.sleep(pause.seconds)
            return
        try:
            async with asyncio.timeout(pause.seconds):
                await self._wake.wait()
        except TimeoutError:
            return
