"""Devices: a board or a kiosk, where nobody types a key on a wall.

It asks for a code and shows it. Who manages access confirms the code for a client; then the device,
which holds a secret beside the code, gets a session of that client, once. The code alone is worth
nothing to who reads it off the wall.
"""

from datetime import timedelta
from hashlib import sha256

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from msgspec import Struct

from models.errors import Busy, UnknownDevice
from services.access.directory import Directory
from services.access.limits import Limits, network_of
from services.access.sessions import Sessions, SignedIn
from services.clock import Clock
from services.ids import Ids, secret
from services.store.devices import DeviceStore, WaitingDevice

CODE_LASTS = timedelta(minutes=10)
_NEW_ONES = RateLimitItemPerHour(120, namespace="devices")
"""From one address, which a hospital full of boards may share."""
_GUESSES = RateLimitItemPerMinute(10, namespace="codes")
_DRAWS = 5


class NewDevice(Struct, frozen=True):
    """What a device is told: what it shows, what it keeps to itself, and how long it may wait."""

    secret: str
    waiting: WaitingDevice


class Devices:
    """Raises DatabaseUnavailable."""

    def __init__(
        self, directory: Directory, sessions: Sessions, store: DeviceStore, clock: Clock, ids: Ids
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._store = store
        self._clock = clock
        self._ids = ids
        self._limits = Limits(clock)

    async def begin(self, address: str | None) -> NewDevice:
        """A code for a new device. Raises RateLimited."""
        self._limits.take(_NEW_ONES, network_of(address))
        held, ends = secret(), self._clock.now() + CODE_LASTS
        for _ in range(_DRAWS):
            device = WaitingDevice(id=_hash(held), code=self._ids.device_code(), expires_at=ends)
            if await self._store.add(device):
                return NewDevice(held, device)
        raise Busy

    async def confirm(self, code: str, client_id: str, *, by: str) -> WaitingDevice:
        """Let the device that shows this code in as this client.

        Raises UnknownDevice, RateLimited after too many of them, OutcomeUnknown.
        """
        self._limits.refuse_if_spent(_GUESSES, by)
        found = await self._store.find_code(_spelled(code), self._clock.now())
        if found is None or not await self._store.confirm(found.id, client_id):
            self._limits.take(_GUESSES, by)
            raise UnknownDevice
        return found

    async def begin_session(self, held: str) -> SignedIn | None:
        """The session of a device that was let in; None while it waits.

        Raises UnknownDevice where it waits no longer, OutcomeUnknown.
        """
        now = self._clock.now()
        device = await self._store.find(_hash(held), now)
        if device is None:
            raise UnknownDevice
        if device.client_id is None:
            return None
        await self._directory.be_warm()
        client = self._directory.accounts.get(device.client_id)
        if client is None or client.disabled or not await self._store.take(device.id, now):
            raise UnknownDevice
        return await self._sessions.begin(client.id, client.epoch, lasts=None)

    async def drop_past(self) -> None:
        """Let go what waits no longer."""
        await self._store.drop_past(self._clock.now())


def _spelled(code: str) -> str:
    """As it was drawn, however it is typed."""
    return code.replace("-", "").replace(" ", "").lower()


def _hash(held: str) -> str:
    return sha256(held.encode()).hexdigest()
