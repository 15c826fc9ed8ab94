"""A client's key opens the door while it counts, and a change of access is made once, and recorded."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from database import Database
from models.access import Grant, Kind, Permission, Role
from models.account import Account, Accounts, Key
from models.audit import AuditRecord, Deed
from models.errors import DatabaseUnavailable, Unauthenticated
from services.access.directory import Directory
from services.access.doorkeeper import Credentials
from services.access.keys import Keys, make_key
from services.clock import ManualClock
from services.store.accounts import AccountStore, Change
from services.store.collections import ACCESS, AUDIT, PRINCIPALS
from tests.api.service import OPENING

pytestmark = pytest.mark.both_databases

HOUR = timedelta(hours=1)
PORTAL = Grant(id="g1", role=Role.PORTAL, facility_id="main")


class Process:
    """What one process of the service has of access."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.store = AccountStore(database)
        self.directory = Directory(self.store)
        self.keys = Keys(self.directory, self.store, clock)

    async def asks(self, key: str, *, scheme: str = "Bearer") -> str:
        """Who asks with this key."""
        principal = await self.keys.recognise(Credentials(authorization=f"{scheme} {key}"))
        assert principal is not None
        return principal.id


@pytest.fixture
def here(database: Database, clock: ManualClock) -> Process:
    """A process."""
    return Process(database, clock)


@pytest.fixture
def there(database: Database, clock: ManualClock) -> Process:
    """Another."""
    return Process(database, clock)


def changed(account: Account, n: int = 1) -> Change:
    """The account, and a record that it changed for the n-th time."""
    record = AuditRecord(
        id=f"{account.id}-{n}", at=OPENING, actor="asha", what=Deed.ACCOUNT_MADE, whom=account.id
    )
    return Change(account=replace(account, version=n), record=record)


def client(*keys: Key, id_: str = "portal", disabled: bool = False) -> Account:
    return Account(
        id=id_,
        kind=Kind.CLIENT,
        name=id_,
        facility_id="main",
        grants=(PORTAL,),
        keys=keys,
        disabled=disabled,
    )


def key(*, scope: tuple[Permission, ...] | None = None) -> tuple[str, Key]:
    return make_key("k1", OPENING, OPENING + HOUR, scope)


async def test_a_key_shows_whose_it_is_and_is_kept_as_its_hash_alone(
    here: Process, database: Database
) -> None:
    text, kept = key()
    await here.directory.change(lambda _: changed(client(kept)))

    assert await here.asks(text) == "portal"
    assert await here.asks(text, scheme="bearer") == "portal"
    assert len(text) == len("opd_k1_") + 43  # 256 bits
    for kind in (ACCESS, PRINCIPALS, AUDIT):
        stored = str(await kind.of(database).find({}))
        assert stored != "[]"
        assert text.removeprefix("opd_k1_") not in stored


async def test_a_key_that_ended_was_revoked_or_was_never_made_opens_nothing(
    here: Process, clock: ManualClock
) -> None:
    text, kept = key()
    await here.directory.change(lambda _: changed(client(kept)))
    for other in (text[:-1], text + "x", "opd_", f"opd_{kept.id}_{kept.hash}"):
        with pytest.raises(Unauthenticated):
            await here.asks(other)

    clock.advance(HOUR)
    with pytest.raises(Unauthenticated):
        await here.asks(text)
    clock.advance(-HOUR)
    revoked = client(replace(kept, revoked_at=OPENING))
    await here.directory.change(lambda _: changed(revoked, 2))
    with pytest.raises(Unauthenticated):
        await here.asks(text)
    await here.directory.change(lambda _: changed(client(kept, disabled=True), 3))
    with pytest.raises(Unauthenticated):
        await here.asks(text)
    await here.directory.change(lambda _: changed(client(kept), 4))
    assert await here.asks(text) == "portal"


@pytest.mark.parametrize("told", [None, "Bearer", "Basic opd_k1_x", "Bearer eyJhbGciOi"])
async def test_what_is_no_key_is_left_to_the_other_ways_in(here: Process, told: str | None) -> None:
    assert await here.keys.recognise(Credentials(authorization=told)) is None


async def test_a_key_allows_what_its_scope_and_the_clients_grants_do(here: Process) -> None:
    text, kept = key(scope=(Permission.BOOK_ONLINE, Permission.CALL))
    await here.directory.change(lambda _: changed(client(kept)))

    principal = await here.keys.recognise(Credentials(authorization=f"Bearer {text}"))

    assert principal is not None
    assert principal.permissions(OPENING) == {Permission.BOOK_ONLINE}


async def test_a_change_holds_in_another_process_after_its_next_look(
    here: Process, there: Process
) -> None:
    text, kept = key()
    await here.directory.change(lambda _: changed(client(kept)))
    assert await there.asks(text) == "portal"

    await here.directory.change(lambda _: changed(client(), 2))
    await there.directory.look()

    with pytest.raises(Unauthenticated):
        await there.asks(text)


async def test_a_change_is_decided_anew_after_another_process_was_faster(
    here: Process, there: Process
) -> None:
    """Both deciders see the same accounts; only one commits, and the other sees what it did."""
    seen: list[Accounts] = []
    await there.directory.look()

    async def be_faster() -> None:
        await there.directory.change(lambda _: changed(client(id_="board")))

    def decide(accounts: Accounts) -> Change:
        seen.append(accounts)
        return changed(client())

    version, _ = await here.store.changed_since(0)
    await be_faster()
    assert not await here.store.commit(version, changed(client()))
    await here.directory.change(decide)

    assert [sorted(accounts) for accounts in seen] == [["board"]]
    assert sorted(here.directory.accounts) == ["board", "portal"]


class _Crashing(AccountStore):
    """Writes a change, and then no more."""

    async def _settle(self) -> int:
        raise DatabaseUnavailable


@pytest.mark.parametrize("made_before", [False, True])
async def test_a_change_that_a_crash_left_half_done_is_finished_by_who_comes_next(
    here: Process, there: Process, database: Database, *, made_before: bool
) -> None:
    text, kept = key()
    if made_before:
        await here.directory.change(lambda _: changed(client()))
    version, _ = await here.store.changed_since(0)
    assert await _Crashing(database).commit(version, changed(client(kept), version + 1))
    n = version + 1

    assert await there.asks(text) == "portal"
    await there.directory.change(lambda _: changed(client(kept), n + 1))

    records = await AUDIT.of(database).find({}, order="_id")
    assert [record["_id"] for record in records] == [f"portal-{i + 1}" for i in range(n + 1)]


async def test_when_keys_were_used_last_is_written_once_and_changes_nothing_else(
    here: Process, there: Process, clock: ManualClock
) -> None:
    text, kept = key()
    await here.directory.change(lambda _: changed(client(kept)))
    await here.asks(text)
    assert await here.store.last_used() == {}
    clock.advance(timedelta(minutes=1))
    await here.keys.note_use()
    assert await here.store.last_used() == {"k1": clock.now()}

    clock.advance(timedelta(minutes=1))
    await here.keys.note_use()
    await there.directory.change(lambda _: changed(client(kept), 2))

    assert await here.store.last_used() == {"k1": clock.now() - timedelta(minutes=1)}
    assert await there.asks(text) == "portal"
