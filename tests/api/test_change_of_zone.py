"""A facility whose zone is changed: days that stand keep theirs, new ones get the new one."""

import pytest
from pydantic import SecretStr

from services.clock import ManualClock
from tests.api.client import refused
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings, at

pytestmark = pytest.mark.integration

BERLIN = "Europe/Berlin"


@pytest.fixture
def settings(address: str) -> GivenSettings:
    """A database that outlives the service."""
    return GivenSettings(mongodb_uri=SecretStr(address))


async def test_a_standing_day_is_told_in_its_own_zone(open_client: OpenClient) -> None:
    async with open_client() as api:
        slot = await api.make_slot()
        token = await api.book(slot.id)
        paths = [
            f"/api/slots/{slot.id}",
            f"/api/slots/doctor/{slot.doctor_id}",
            f"/api/tokens/{token.id}",
            f"/api/tokens/queue/{slot.id}",
            f"/api/tokens/{token.id}/history",
            f"/api/tokens/{token.id}/explain",
        ]
        before = [(await api.ask("GET", path)).text for path in paths]
    async with open_client(facility_timezone=BERLIN) as api:
        assert [(await api.ask("GET", path)).text for path in paths] == before
    assert all("+05:30" in text for text in before)


async def test_a_slot_added_to_a_standing_day_is_of_its_zone(open_client: OpenClient) -> None:
    key = {"Idempotency-Key": "k1"}
    async with open_client() as api:
        first = await api.make_slot("09:00", "10:00")
        again = await api.add_slot(first.doctor_id, "10:00", "11:00", headers=key)
    async with open_client(facility_timezone=BERLIN) as api:
        repeated = await api.add_slot(first.doctor_id, "10:00", "11:00", headers=key)
        later = await api.add_slot(first.doctor_id, "11:00", "12:00")
        other_day = await api.add_slot(first.doctor_id, "11:00", "12:00", date="2030-01-16")
    assert repeated == again
    assert (later.start, later.start_time) == (at("11:00"), "11:00")
    assert later.id == f"{first.doctor_id}-20300115-1100"
    assert other_day.start == at("11:00", days=1, zone=BERLIN)


async def test_a_slot_passes_the_midnight_of_its_own_day(open_client: OpenClient) -> None:
    """22:00 to 01:00 in Kolkata is an afternoon in Berlin, and takes hours of the next day."""
    async with open_client() as api:
        doctor = (await api.make_slot()).doctor_id
        await api.add_slot(doctor, "09:00", "10:00", date="2030-01-16")
    async with open_client(facility_timezone=BERLIN) as api:
        night = await api.add_slot(doctor, "22:00", "01:00")
        assert (night.start, night.end) == (at("22:00"), at("01:00", days=1))
        with refused(409, "slot_overlap"):
            await api.add_slot(doctor, "00:30", "02:00", date="2030-01-16")


async def test_today_is_the_facilitys_new_one(open_client: OpenClient, clock: ManualClock) -> None:
    async with open_client() as api:
        doctor = await api.add_doctor()
        slots = [
            await api.add_slot(doctor.id, "23:00", "23:59", date=f"2030-01-{day}")
            for day in (15, 16)
        ]
    clock.set(at("00:30", days=1))  # in Berlin still the 15th
    async with open_client(facility_timezone=BERLIN) as api:
        assert await api.available(doctor.id) == []  # its day is over
        clock.set(at("06:00", days=1))  # in Berlin the 16th
        assert [slot.id for slot in await api.available(doctor.id)] == [slots[1].id]
