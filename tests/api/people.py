"""One process of the service, as far as people sign in there, and who works in the hospital."""

from argon2 import PasswordHasher
from msgspec.structs import replace

from database import Database
from models.access import Grant, Kind, Role
from models.account import Account
from models.audit import AuditRecord, Deed
from services.access.access import Access
from services.access.doorkeeper import Credentials
from services.access.passwords import Passwords
from services.clock import ManualClock
from services.ids import Ids
from services.store.accounts import Change
from tests.api.service import OPENING

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "monsoon teacup ladder"
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
DESK = Grant(id="g1", role=Role.RECEPTIONIST, facility_id="main")


class Process(Access):
    """What one process of the service has of access."""

    def __init__(
        self, database: Database, clock: ManualClock, ids: Ids, hasher: PasswordHasher = CHEAP
    ) -> None:
        super().__init__(
            database,
            clock,
            ids,
            facility_id="main",
            passwords=Passwords(hasher),
        )

    async def hire(self, name: str = "asha", *, kind: Kind = Kind.PERSON) -> None:
        """An account without a password."""
        account = Account(
            id=name, kind=kind, name=f"{name} rao", facility_id="main", grants=(DESK,), version=1
        )
        record = AuditRecord(
            id=f"made-{name}", at=OPENING, actor="admin", what=Deed.ACCOUNT_MADE, whom=name
        )
        await self.directory.change(lambda _: Change(account=account, record=record))

    async def disable(self, name: str = "asha") -> None:
        account = self.directory.accounts[name]
        changed = replace(account, disabled=True, version=account.version + 1)
        record = AuditRecord(
            id=f"disabled-{name}", at=OPENING, actor="admin", what=Deed.ACCOUNT_DISABLED, whom=name
        )
        await self.directory.change(lambda _: Change(account=changed, record=record))

    async def link(self, name: str = "asha") -> str:
        given = await self.sign_in.give_link(name, actor="admin", request_id=None)
        return given.secret

    async def choose(self, link: str, password: str = PASSWORD, *, address: str = HOME) -> str:
        """The secret of the session that begins with it."""
        signed_in = await self.sign_in.choose_password(
            link, password, address=address, request_id=None
        )
        return signed_in.secret

    async def signs_in(
        self, name: str = "asha", password: str = PASSWORD, *, address: str = HOME
    ) -> str:
        signed_in = await self.sign_in.by_password(name, password, address=address, request_id=None)
        return signed_in.secret

    async def asks(self, held: str) -> str:
        """Who asks with this session."""
        principal = await self.door.recognise(Credentials(session=held))
        return principal.id

    async def look(self) -> None:
        """As it does once a second."""
        await self.directory.look()
        await self.sessions.look()
