"""Access as one piece: who is known, what each way in needs of the background, and the door."""

from models.errors import DatabaseUnavailable
from services.access.directory import Directory
from services.access.doorkeeper import Doorkeeper
from services.access.keys import Keys
from services.clock import Clock
from services.runtime.loop import BackgroundLoop, Pause
from services.store.accounts import AccountStore

_LOOK_AGAIN = Pause(1.0)
_LOOK_SOON = Pause(0.25)
"""While the database does not answer."""
_LOOKS_PER_USE = 60
"""The use of keys is written once a minute."""


class Access:
    """`door` tells who asks. Each second it looks whether access was changed."""

    def __init__(self, store: AccountStore, clock: Clock) -> None:
        self.directory = Directory(store)
        self._keys = Keys(self.directory, store, clock)
        self.door = Doorkeeper([self._keys])
        self._looks = 0
        self._loop = BackgroundLoop("access", self._turn, after_failure=_LOOK_AGAIN.seconds)

    def start(self) -> None:
        """Begin to look."""
        self._loop.start()

    async def stop(self) -> None:
        """End the looking."""
        await self._loop.stop()

    async def _turn(self) -> Pause:
        try:
            await self.directory.look()
            self._looks += 1
            if self._looks % _LOOKS_PER_USE == 0:
                await self._keys.note_use()
        except DatabaseUnavailable:  # the log has it from services/health.py
            return _LOOK_SOON
        return _LOOK_AGAIN
