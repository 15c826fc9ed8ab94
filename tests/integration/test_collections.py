"""The table of collections is the whole list: of what is made at the start, and of what is kept."""

from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from answers.tokens import BookingOut
from database import connect
from engine.accuracy import Accuracy
from models.access import Kind
from models.account import Account
from models.audit import AuditRecord, Deed
from models.experience import Experience
from services.access.access import Access
from services.clock import SystemClock
from services.ids import Ids
from services.store.accounts import Change
from services.store.collections import COLLECTIONS
from services.store.experiences import Experiences
from services.store.sessions import SessionStore
from services.store.sign_ins import BegunSignIn, SignInStore
from tests.api.service import GivenSettings
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import DAY, booking, open_day
from tests.integration.processes import until
from tests.integration.stored import Stored

INSTANT = datetime(2030, 1, 15, tzinfo=UTC)

pytestmark = pytest.mark.integration


async def test_a_start_makes_the_indexes_of_the_table_and_no_others(
    start_services: StartServices, stored: Stored
) -> None:
    await start_services(1)

    made = {
        (name, tuple(index["key"]), bool(index.get("unique")), bool(index.get("sparse")))
        for name in stored.collections()
        for index in stored[name].list_indexes()
        if list(index["key"]) != ["_id"]
    }

    assert made == {
        (kind.name, index.fields, index.unique, index.sparse)
        for kind in COLLECTIONS
        for index in kind.indexes
    }


async def _change_access(address: str) -> None:
    record = AuditRecord(id="1", at=INSTANT, actor="asha", what=Deed.ACCOUNT_MADE, whom="portal")
    account = Account(id="portal", kind=Kind.CLIENT, name="A portal", facility_id="main", version=1)
    database = connect(GivenSettings(mongodb_uri=SecretStr(address)))
    sessions = SessionStore(database)
    access = Access(database, SystemClock(), Ids(), facility_id="main")
    await access.directory.change(lambda _: Change(account=account, record=record))
    await access.sessions.begin(account.id, account.epoch)
    await access.devices.begin("203.0.113.7")
    await sessions.remember_address("portal", "203.0.113.7", INSTANT)
    await SignInStore(database).add(BegunSignIn(id="1", next_path="/", expires_at=INSTANT))
    await database.close()


async def _learn(address: str) -> None:
    database = connect(GivenSettings(mongodb_uri=SecretStr(address)))
    stored = Experiences(database)
    known = await stored.learned("rao")
    await stored.put(known, date(2030, 1, 15), Experience(), Accuracy())
    await database.close()


async def test_every_document_is_of_a_collection_in_the_table_and_says_its_schema(
    start_services: StartServices, stored: Stored, address: str
) -> None:
    services = await start_services(2)
    (slot,) = await open_day(services[0].port, seats=[5])
    token_id = ""
    async with Client(services[0].port) as client:
        for path, asked in (
            ("book", booking(slot, "patient")),
            ("allocate", {"patientName": "Meera Iyer", "date": DAY, "source": "EMERGENCY"}),
        ):
            reply = await client.ask("POST", f"/api/tokens/{path}", asked, key=path)
            assert reply.status == 201, reply
            token_id = reply.read(BookingOut).id
        here = {"status": "CHECKED_IN", "anyDay": True, "reason": "to be seen"}
        await client.ask("PATCH", f"/api/tokens/{token_id}/status", here)
        assert (await client.ask("GET", f"/api/tokens/{token_id}/encounter")).status == 200
        assert (await client.ask("GET", "/api/patients?phone=9845012345")).status == 200
    await until(lambda: len(stored.relayed()) == 4)
    async with Client(services[0].port) as client:
        assert (await client.ask("GET", "/api/patients?id=patient")).status == 200
    await _change_access(address)
    await _learn(address)

    assert set(stored.collections()) == {kind.name for kind in COLLECTIONS}
    for kind in COLLECTIONS:
        documents = list(stored[kind.name].find())
        assert documents, kind.name
        assert all(isinstance(each.get("schemaVersion"), int) for each in documents), kind.name
