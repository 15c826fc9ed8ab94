"""A facility whose zone is changed: days that stand keep theirs, new ones get the new one."""

import pytest
from pydantic import SecretStr

from services.clock import ManualClock
from tests.api.conftest import OpenDesk
from tests.api.desk import refused
from tests.api.service import GivenSettings, at

pytestmark = pytest.mark.integration

BERLIN = "Europe/Berlin"


@pytest.fixture
def settings(address: str) -> GivenSettings:
    """A database that outlives the service."""
    return GivenSettings(mongodb_uri=SecretStr(address))


async def test_a_standing_day_is_told_in_its_own_zone(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        slot = await desk.make_slot()
        token = await desk.book(slot.id)
        paths = [
            f"/api/slots/{slot.id}",
            f"/api/slots/doctor/{slot.doctor_id}",
            f"/api/tokens/{token.id}",
            f"/api/tokens/queue/{slot.id}",
            f"/api/tokens/{token.id}/history",
            f"/api/tokens/{token.id}/explain",
        ]
        before = [(await desk.ask("GET", path)).text for path in paths]
    async with open_desk(facility_timezone=BERLIN) as desk:
        assert [(await desk.ask("GET", path)).text for path in paths] == before
    assert all("+05:30" in text for text in before)


async def test_a_slot_added_to_a_standing_day_is_of_its_zone(open_desk: OpenDesk) -> None:
    key = {"Idempotency-Key": "k1"}
    async with open_desk() as desk:
        first = await desk.make_slot("09:00", "10:00")
        again = await desk.add_slot(first.doctor_id, "10:00", "11:00", headers=key)
    async with open_desk(facility_timezone=BERLIN) as desk:
        repeated = await desk.add_slot(first.doctor_id, "10:00", "11:00", headers=key)
        later = await desk.add_slot(first.doctor_id, "11:00", "12:00")
        other_day = await desk.add_slot(first.doctor_id, "11:00", "12:00", date="2030-01-16")
    assert repeated == again
    assert (later.start, later.start_time) == (at("11:00"), "11:00")
    assert later.id == f"{first.doctor_id}-20300115-1100"
    assert other_day.start == at("11:00", days=1, zone=BERLIN)


async def test_a_slot_passes_the_midnight_of_its_own_day(open_desk: OpenDesk) -> None:
    """22:00 to 01:00 in Kolkata is an afternoon in Berlin, and takes hours of the next day."""
    async with open_desk() as desk:
        doctor = (await desk.make_slot()).doctor_id
        await desk.add_slot(doctor, "09:00", "10:00", date="2030-01-16")
    async with open_desk(facility_timezone=BERLIN) as desk:
        night = await desk.add_slot(doctor, "22:00", "01:00")
        assert (night.start, night.end) == (at("22:00"), at("01:00", days=1))
        with refused(409, "slot_overlap"):
            await desk.add_slot(doctor, "00:30", "02:00", date="2030-01-16")


async def test_today_is_the_facilitys_new_one(open_desk: OpenDesk, clock: ManualClock) -> None:
    async with open_desk() as desk:
        doctor = await desk.add_doctor()
        slots = [
            await desk.add_slot(doctor.id, "23:00", "23:59", date=f"2030-01-{day}")
            for day in (15, 16)
        ]
    clock.set(at("00:30", days=1))  # in Berlin still the 15th
    async with open_desk(facility_timezone=BERLIN) as desk:
        assert await desk.available(doctor.id) == []  # its day is over
        clock.set(at("06:00", days=1))  # in Berlin the 16th
        assert [slot.id for slot in await desk.available(doctor.id)] == [slots[1].id]
