"""Each driver does all that the service asks of the database: what is stored, found and told."""

from datetime import timedelta

import pytest

from config import Driver
from models.errors import IdempotencyMismatch, UnusableId
from models.source import Source
from models.token import Status
from services.requests import NewDoctor
from tests.integration.houses import DAY, Houses, add_slot, allocate, asking, book, cancel, plan_day
from tests.integration.processes import until
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration


async def test_doctors_are_added_once_and_listed_by_page(houses: Houses, driver: Driver) -> None:
    opd = await houses.build(driver=driver)
    for doctor in ("chitra", "asha", "bela"):
        await plan_day(opd, doctor, seats=[])
    again = NewDoctor(name="Dr Rao", specialization="Skin", doctor_id="asha")
    with pytest.raises(UnusableId):
        await opd.doctors.add(make_caller(), again)
    keyed = NewDoctor(name="Dr Sen", specialization="Skin", opd_days=())
    first, replayed = await opd.doctors.add(asking(opd, key="k"), keyed)
    assert not replayed
    assert await opd.doctors.add(asking(opd, key="k"), keyed) == (first, True)
    with pytest.raises(IdempotencyMismatch):
        await opd.doctors.add(asking(opd, key="k"), again)

    page, after = await opd.doctors.list(
        make_caller(), specialization="CARDIOLOGY", after="", limit=2
    )
    rest, end = await opd.doctors.list(
        make_caller(), specialization="cardiology", after=after or "", limit=2
    )

    assert [doctor.id for doctor in page + rest] == ["asha", "bela", "chitra"]
    assert end is None


async def test_a_day_goes_its_way(houses: Houses, stored: Stored, driver: Driver) -> None:
    opd, other = await houses.build(driver=driver), await houses.build(driver=driver)
    (slot,) = await plan_day(opd, seats=[1])
    tomorrow = await add_slot(opd, "asha", "08:00", "09:00", day=DAY + timedelta(days=1))
    first = await book(opd, slot, "p1", Source.WALKIN)
    paid = await book(other, slot, "p2", Source.PRIORITY, key="k")  # on the other's cached sheet
    assert (paid.bumped, (await book(opd, slot, "p2", Source.PRIORITY, key="k")).replayed) == (
        first.number,
        True,
    )
    await book(opd, tomorrow, "p1")
    assert (await cancel(other, paid.token_id)).promoted == (first.token_id,)
    await opd.tokens.change_status(asking(opd), first.token_id, Status.CHECKED_IN, any_day=True)

    slots, _ = await opd.slots.of_doctor(
        make_caller(), "asha", first=DAY, last=DAY + timedelta(days=9), after=None, limit=9
    )
    assert [view.timed.slot.id for view in slots] == [slot, tomorrow]
    assert [
        view.token.slot_id for view in (await opd.tokens.of_patient(make_caller(), "p1")).tokens
    ] == [
        tomorrow,
        slot,
    ]
    told = sum(sheet.next_event - 1 for sheet in stored.sheets())
    await until(lambda: len(stored.relayed()) == told)
    page = await opd.history.events(make_caller(), after=0, sheet_id=None, token_id=None, limit=99)
    assert [each.seen.seq for each in page.events] == list(range(1, told + 1))
    _, entries = await other.history.of_token(make_caller(), first.token_id)
    assert len(entries) == 4  # booked, bumped, promoted, checked in


async def test_an_allocation_keeps_to_its_claim(houses: Houses, driver: Driver) -> None:
    opd = await houses.build(driver=driver)
    await plan_day(opd, seats=[1])
    first = await allocate(opd, "k")
    again = await allocate(opd, "k")
    assert (again.token_id, again.replayed) == (first.token_id, True)
    with pytest.raises(IdempotencyMismatch):
        await allocate(opd, "k", Source.WALKIN)
