"""Access as one piece: who is known, what each way in needs of the background, and the door."""

from collections.abc import Sequence

from database import Database
from models.access import Principal
from models.errors import DatabaseUnavailable
from oidc_settings import OidcSettings
from services.access.devices import Devices
from services.access.directory import Directory
from services.access.doorkeeper import Doorkeeper, Way
from services.access.identity_provider import IdentityProvider
from services.access.keys import Keys
from services.access.oidc import OidcSignIn
from services.access.passwords import Passwords
from services.access.provided_accounts import ProvidedAccounts
from services.access.sessions import Sessions
from services.access.sign_in import SignIn
from services.access.try_out import TryOut
from services.clock import Clock
from services.ids import Ids
from services.runtime.loop import BackgroundLoop, Pause
from services.store.accounts import AccountStore
from services.store.devices import DeviceStore
from services.store.sessions import SessionStore
from services.store.sign_ins import SignInStore

_LOOK_AGAIN = Pause(1.0)
_LOOK_SOON = Pause(0.25)
"""While the database does not answer."""
_LOOKS_PER_USE = 60
"""The use of keys is written once a minute."""
_LOOKS_PER_CLEANING = 3600


class Access:
    """`door` tells who asks. Each second it looks whether access was changed.

    `others` are ways in that need nothing of the background. `oidc` is None without an issuer.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        *,
        facility_id: str,
        dev_key: str | None = None,
        others: Sequence[Way] = (),
        passwords: Passwords | None = None,
        oidc: OidcSettings | None = None,
    ) -> None:
        store, session_store = AccountStore(database), SessionStore(database)
        self.directory = Directory(store)
        self._keys = Keys(self.directory, store, clock)
        self.try_out: TryOut | None = None
        if dev_key is not None:
            self.try_out = TryOut(dev_key, self.directory, clock, facility_id)
        self.sessions = Sessions(self.directory, session_store, clock, self.try_out)
        self.sign_in = SignIn(
            self.directory,
            self.sessions,
            session_store,
            clock,
            ids,
            passwords=passwords or Passwords(),
            try_out=self.try_out,
        )
        self.devices = Devices(self.directory, self.sessions, DeviceStore(database), clock, ids)
        self.oidc: OidcSignIn | None = None
        if oidc is not None and oidc.oidc_issuer:
            self.oidc = OidcSignIn(
                IdentityProvider(oidc, clock),
                ProvidedAccounts(oidc.group_roles, self.directory, clock, ids, home_id=facility_id),
                self.sessions,
                SignInStore(database),
                clock,
                ids,
                name=oidc.oidc_name,
            )
        ways: list[Way] = [self._keys, self.sessions, *others]
        if self.try_out is not None:
            ways.insert(0, self.try_out)
        self.door = Doorkeeper(ways)
        self._clock = clock
        self._begun = dev_key is not None
        self._looks = 0
        self._loop = BackgroundLoop("access", self._turn, after_failure=_LOOK_AGAIN.seconds)

    def name_of(self, principal: Principal) -> str:
        """What people call it."""
        account = self.directory.accounts.get(principal.id)
        return principal.id if account is None else account.name

    def lacks_an_admin(self) -> bool:
        """Whether it is known that nobody has any right yet, and no try-out has."""
        if not self._begun and self.directory.warm:
            self._begun = self.directory.has_admin(self._clock.now())  # the last one stays
            return not self._begun
        return False

    def start(self) -> None:
        """Begin to look."""
        self._loop.start()

    async def stop(self) -> None:
        """End the looking."""
        await self._loop.stop()
        if self.oidc is not None:
            await self.oidc.close()

    async def _turn(self) -> Pause:
        try:
            await self.directory.look()
            await self.sessions.look()
            self._looks += 1
            if self._looks % _LOOKS_PER_USE == 0:
                await self._keys.note_use()
            if self._looks % _LOOKS_PER_CLEANING == 1:
                await self.sessions.drop_past()
                await self.devices.drop_past()
                if self.oidc is not None:
                    await self.oidc.drop_past()
        except DatabaseUnavailable:  # the log has it from services/health.py
            return _LOOK_SOON
        return _LOOK_AGAIN
