"""Each doctor belongs to a facility for good; the doctor's days are told in its zone."""

import pytest
from pydantic import SecretStr, ValidationError

from database import connect
from models.access import Grant, Kind, Principal, Role
from services.clock import ManualClock
from services.store.collections import FACILITIES
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import DAY, ZONE, GivenSettings, at
from tests.principals import as_, knowing, letting_in, make_principal

pytestmark = pytest.mark.both_databases

NEW_YORK = "America/New_York"
NORTH = {"facility_id": "north", "facility_timezone": NEW_YORK}
AT_BOTH = letting_in(
    Principal(
        id="owner",
        kind=Kind.PERSON,
        grants=tuple(
            Grant(id=where, role=Role.ADMIN, facility_id=where) for where in ("main", "north")
        ),
    ),
)


async def test_a_doctor_belongs_to_the_facility_of_the_settings(api: ApiClient) -> None:
    assert (await api.add_doctor()).facility_id == "main"
    assert (await api.add_doctor(facilityId="main")).facility_id == "main"


async def test_a_doctor_of_an_unknown_facility_is_refused(api: ApiClient) -> None:
    with refused(404, "unknown_facility"):
        await api.add_doctor(facilityId="nowhere")


@pytest.mark.parametrize("bad", ["", "St. Mary", "a-b", "a" * 33])
def test_a_facilitys_id_is_as_short_and_plain_as_a_doctors(bad: str) -> None:
    with pytest.raises(ValidationError):
        GivenSettings(facility_id=bad)


@pytest.mark.integration
class TestTwo:
    """On one database, each with a service that was started for it."""

    @pytest.fixture
    def settings(self, address: str) -> GivenSettings:
        return GivenSettings(mongodb_uri=SecretStr(address))

    async def test_a_start_stores_the_facility_as_its_settings_say(
        self, open_client: OpenClient, settings: GivenSettings
    ) -> None:
        for name in ("Old", "Northern"):
            async with open_client(
                facility_id="north", facility_name=name, facility_timezone=NEW_YORK
            ):
                pass
        database = connect(settings)
        (stored,) = await FACILITIES.of(database).find({})
        await database.close()
        assert (stored["_id"], stored["name"], stored["timezone"]) == ("north", name, NEW_YORK)

    async def test_an_id_that_can_not_be_used_does_not_tell_whose_it_is(
        self, open_client: OpenClient
    ) -> None:
        """Ids are of the whole database: one's own doctors', retired ones' and another facility's."""
        async with open_client(AT_BOTH, **NORTH) as north:
            await north.add_doctor(id="theirs", facilityId="north")
        manager = make_principal("manager", Role.MANAGER)
        async with open_client(knowing(manager)) as api:
            api.client.headers.update(as_("manager"))
            for own in ("own", "gone"):
                await api.add_doctor(id=own)
            await api.ask("PATCH", "/api/doctors/gone", {"retired": True})
            told = []
            for taken in ("own", "gone", "theirs", "THEIRS"):
                body = {"id": taken, "name": "Dr Sen", "specialization": "ENT"}
                answer = await api.client.post("/api/doctors", json=body)
                assert answer.status_code == 409
                told.append(answer.json())
            assert told == [told[0]] * 4
            assert told[0]["code"] == "unusable_id"
            assert not [word for word in ("north", "theirs", "exist") if word in str(told[0])]

    async def test_an_accounts_id_that_is_taken_does_not_tell_by_whom(
        self, open_client: OpenClient
    ) -> None:
        """Events tell who did it by the id, so that is an account's of the whole database."""

        def person(id_: str) -> dict[str, str]:
            return {"id": id_, "kind": "person", "name": "Asha Sen"}

        path = "/api/access/accounts"
        async with open_client(AT_BOTH, **NORTH) as north:
            await north.ask("POST", path, {**person("theirs"), "facilityId": "north"})
        async with open_client(knowing(make_principal("admin", Role.ADMIN))) as api:
            api.client.headers.update(as_("admin"))
            for own in ("own", "locked-out"):
                await api.ask("POST", path, person(own))
            await api.ask("PATCH", f"{path}/locked-out", {"disabled": True})
            told = []
            for taken in ("own", "locked-out", "theirs"):
                answer = await api.client.post(path, json=person(taken))
                assert answer.status_code == 409
                told.append(answer.json())
            assert told == [told[0]] * 3
            assert told[0]["code"] == "unusable_id"
            assert not [word for word in ("north", "theirs", "exist") if word in str(told[0])]

    async def test_a_days_hours_are_those_of_the_doctors_facility(
        self, open_client: OpenClient, clock: ManualClock
    ) -> None:
        """Whichever facility's service is asked."""
        async with open_client(AT_BOTH, **NORTH) as north:
            there = await north.add_doctor(id="there")
            async with open_client(AT_BOTH) as main:
                here = await main.add_doctor(id="here")
                for api in (north, main):
                    start, end = ("20:00", "21:00") if api is north else ("21:00", "22:00")
                    of_there = await api.add_slot(there.id, start, end)
                    of_here = await api.add_slot(here.id, start, end)
                    assert of_there.start == at(start, zone=NEW_YORK)
                    assert of_here.start == at(start, zone=ZONE)

                clock.set(at("01:00", days=1))  # in New York still the day before
                for api in (north, main):
                    assert len(await api.available(there.id)) == 2
                    assert await api.available(here.id) == []
                    assert (await api.line(there.id)).date == DAY
                    assert (await api.line(here.id)).date != DAY

    async def test_allocation_today_is_the_doctors_facilitys(
        self, open_client: OpenClient, clock: ManualClock
    ) -> None:
        async with open_client(AT_BOTH, **NORTH) as north:
            there = await north.add_doctor(id="there")
            slot = await north.add_slot(there.id, "20:00", "21:00")
        clock.set(at("01:00", days=1))
        async with open_client(AT_BOTH) as main:
            assert (await main.allocate(doctorId=there.id)).slot_id == slot.id

    async def test_a_slot_past_midnight_reserves_the_hours_of_its_own_zone(
        self, open_client: OpenClient
    ) -> None:
        async with open_client(AT_BOTH, **NORTH) as north:
            there = await north.add_doctor(id="there")
        async with open_client(AT_BOTH) as main:
            await main.add_slot(there.id, "23:00", "01:00")
            with refused(409, "slot_overlap"):
                await main.add_slot(there.id, "00:30", "02:00", date="2030-01-16")
            late = await main.add_slot(there.id, "01:00", "02:00", date="2030-01-16")
            assert late.start == at("01:00", days=1, zone=NEW_YORK)
