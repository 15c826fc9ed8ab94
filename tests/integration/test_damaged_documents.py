"""A document damaged by hand is an error of its own: the other days go on."""

import asyncio
from collections.abc import Mapping

import pytest
from bson.datetime_ms import DatetimeMS

from models.errors import DocumentDamaged, Refusal
from services.opd import Opd
from services.store.outboxes import MOST_SHEETS
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, book, cancel, plan_day
from tests.integration.insistent_client import booking, open_day
from tests.integration.invariants import Booked
from tests.integration.processes import until
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration

SHEET = "asha-20900605"
YEAR_20000 = DatetimeMS(569_000_000_000_000)

DAMAGE: Mapping[str, Mapping[str, object]] = {
    "a missing field": {"$unset": {"slots": ""}},
    "no schemaVersion": {"$unset": {"schemaVersion": ""}},
    "a newer schemaVersion": {"$set": {"schemaVersion": 99}},
    "an unknown status": {"$set": {"tokens.0.status": "ASLEEP"}},
    "a token without its slot": {"$unset": {"tokens.0.slotId": ""}},
    "a token out of place": {"$set": {"tokens.0.number": 2}},
    "tokens that are no list": {"$set": {"tokens": "none"}},
    "a version that is no number": {"$set": {"version": "new"}},
    "a time that is none": {"$set": {"time": "noon"}},
    "a time beyond the calendar": {"$set": {"time": YEAR_20000}},
    "an outbox that is no list": {"$set": {"outbox": "full"}},
    "writers that are no document": {"$set": {"writers": "all"}},
}
HIDDEN = ("an outbox that is no list", "writers that are no document")
"""Only a write meets these: no read wants those fields."""


async def outcome(opd: Opd, slot: str, patient: str) -> Booked | Refusal:
    try:
        return await book(opd, slot, patient)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("known", [True, False], ids=["cached", "unseen"])
async def test_a_damaged_sheet_refuses_alone(
    houses: Houses, stored: Stored, what: str, *, known: bool
) -> None:
    keeper = await houses.build()
    slots = [(await plan_day(keeper, doctor, seats=[20]))[0] for doctor in ("asha", "bela")]
    token = await book(keeper, slots[0], "patient")
    await book(keeper, slots[1], "patient")
    opd = keeper if known else await houses.build()
    stored.day_sheets.update_one({"_id": SHEET}, DAMAGE[what])
    if known and what != "a version that is no number":
        # Who edits a sheet by hand raises its version, or nobody looks at it again.
        stored.day_sheets.update_one({"_id": SHEET}, {"$inc": {"version": 1}})

    for n in range(3):
        damaged, *intact = await asyncio.gather(
            outcome(opd, slots[0], f"new{n}"),
            *(outcome(opd, slots[1], f"new{n}.{m}") for m in range(3)),
        )
        assert isinstance(damaged, DocumentDamaged)
        assert damaged.document_id == SHEET
        assert [type(each) for each in intact] == [Booked] * 3
    if what not in HIDDEN:
        with pytest.raises(DocumentDamaged):
            await opd.tokens.queue(make_caller(), slots[0])
        with pytest.raises(DocumentDamaged):
            await cancel(opd, token.token_id)
    assert len((await opd.tokens.queue(make_caller(), slots[1])).queue) == 10


@pytest.mark.parametrize("what", HIDDEN)
@pytest.mark.parametrize("first", ["asha", "cara"])
async def test_in_one_bulk_the_damaged_sheet_alone_is_refused(
    houses: Houses, stored: Stored, what: str, first: str
) -> None:
    """Whichever was asked of first: the bulk is sent in another order."""
    opd = await houses.build()
    slots = {
        doctor: (await plan_day(opd, doctor, seats=[20]))[0] for doctor in ("asha", "bela", "cara")
    }
    stored.day_sheets.update_one({"_id": SHEET}, DAMAGE[what])
    doctors = sorted(slots, reverse=first == "cara")

    outcomes = await asyncio.gather(*(outcome(opd, slots[each], "patient") for each in doctors))

    told = dict(zip(doctors, outcomes, strict=True))
    assert isinstance(told["asha"], DocumentDamaged)
    assert [type(told[doctor]) for doctor in ("bela", "cara")] == [Booked, Booked]
    for doctor in ("bela", "cara"):
        sheet = stored.sheet(SHEET.replace("asha", doctor))
        assert [token.slot_id for token in sheet.tokens] == [slots[doctor]]


@pytest.mark.parametrize("what", HIDDEN)
async def test_a_damaged_outbox_stops_no_other_events(
    houses: Houses, stored: Stored, what: str
) -> None:
    opd = await houses.build()
    slots = [(await plan_day(opd, doctor, seats=[20]))[0] for doctor in ("asha", "bela")]
    stored.day_sheets.update_one({"_id": SHEET}, DAMAGE[what])
    token = await book(opd, slots[1], "patient")
    await until(lambda: token.token_id in {event.token_id for event in stored.relayed()})


async def test_more_damaged_outboxes_than_one_look_reads_starve_no_others(
    houses: Houses, stored: Stored
) -> None:
    stored.day_sheets.insert_many(
        [{"_id": f"a{n:04}-20900605", "unrelayed": True} for n in range(MOST_SHEETS + 1)]
    )
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[20])
    token = await book(opd, slot, "patient")
    await until(lambda: token.token_id in {event.token_id for event in stored.relayed()})


async def test_an_event_that_can_not_be_decoded_stops_no_others_and_is_told_once_a_minute(
    start_services: StartServices, stored: Stored
) -> None:
    (service,) = await start_services(1)
    slots = [(await open_day(service.port, doctor, seats=[5]))[0] for doctor in ("asha", "bela")]
    await until(lambda: len(stored.relayed()) == 2)
    undecodable = {"n": 7, "at": YEAR_20000}
    stored.day_sheets.update_one(
        {"_id": SHEET}, {"$push": {"outbox": undecodable}, "$set": {"unrelayed": True}}
    )

    def told() -> list[str]:
        return [line for line in service.log.splitlines() if SHEET in line and "damaged" in line]

    async def book(patient: int) -> None:
        """In a pass of its own."""
        await client.ask("POST", "/api/tokens/book", booking(slots[1], f"patient{patient}"))
        await until(lambda: len(stored.relayed()) == 3 + patient)

    async with Client(service.port) as client:
        await book(0)
        await until(lambda: bool(told()))
        for patient in range(1, 4):
            await book(patient)

    assert len(told()) == 1
    assert "relay_failed" not in service.log


async def test_a_damaged_sheet_is_a_503_that_names_it_and_a_line_in_the_log(
    start_services: StartServices, stored: Stored
) -> None:
    (service,) = await start_services(1)
    (damaged,) = await open_day(service.port, seats=[5])
    (intact,) = await open_day(service.port, "bela", seats=[5])
    stored.day_sheets.update_one({"_id": SHEET}, {"$unset": {"tokens": ""}, "$inc": {"version": 1}})

    async with Client(service.port) as client:
        refused = await client.ask("POST", "/api/tokens/book", booking(damaged, "patient"))
        taken = await client.ask("POST", "/api/tokens/book", booking(intact, "patient"))
        ready = await client.ask("GET", "/readyz")

    assert (refused.status, refused.code) == (503, "document_damaged")
    assert SHEET.encode() in refused.body
    assert "retry-after" in refused.headers
    assert (taken.status, ready.status) == (201, 200)
    (line,) = [line for line in service.log.splitlines() if "document_damaged" in line][:1]
    assert SHEET in line
    assert "tokens" in line


async def test_bookings_go_on_with_a_doctor_whose_own_document_is_damaged(
    start_services: StartServices, stored: Stored
) -> None:
    """Also in a process that has not met the doctor before."""
    knowing, other = await start_services(2)
    (slot,) = await open_day(knowing.port, seats=[5])
    stored.doctors.update_one({"_id": "asha"}, {"$unset": {"name": ""}})

    async with Client(other.port) as client:
        taken = await client.ask("POST", "/api/tokens/book", booking(slot, "patient"))
        refused = await client.ask("GET", "/api/doctors/asha")

    assert taken.status == 201
    assert (refused.status, refused.code) == (503, "document_damaged")


async def test_a_patients_list_leaves_a_damaged_day_out_and_names_it(
    start_services: StartServices, stored: Stored
) -> None:
    (service,) = await start_services(1)
    slots = [(await open_day(service.port, doctor, seats=[5]))[0] for doctor in ("asha", "bela")]
    async with Client(service.port) as client:
        for slot in slots:
            await client.ask("POST", "/api/tokens/book", booking(slot, "patient"))
        await until(lambda: stored.day_sheets.count_documents({"unrelayed": True}) == 0)
        whole = await client.ask("GET", "/api/tokens/patient/patient")
        stored.day_sheets.update_one(
            {"_id": SHEET}, {"$unset": {"tokens": ""}, "$inc": {"version": 1}}
        )
        rest = await client.ask("GET", "/api/tokens/patient/patient")

    assert "x-incomplete" not in whole.headers
    assert [slot in whole.body.decode() for slot in slots] == [True, True]
    assert (rest.status, rest.headers["x-incomplete"]) == (200, SHEET)
    assert [slot in rest.body.decode() for slot in slots] == [False, True]


async def test_a_damaged_doctor_is_an_error_of_that_doctor_alone(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    for doctor in ("asha", "bela"):
        await plan_day(opd, doctor, seats=[5])
    stored.doctors.update_one({"_id": "asha"}, {"$unset": {"name": ""}})

    damage, bela = await asyncio.gather(
        opd.doctors.get(make_caller(), "asha"),
        opd.doctors.get(make_caller(), "bela"),
        return_exceptions=True,
    )

    assert isinstance(damage, DocumentDamaged)
    assert damage.document_id == "asha"
    assert bela == await opd.doctors.get(make_caller(), "bela")
    found = await book(opd, f"bela-{SHEET.split('-')[1]}-0800", "patient")
    assert found.number == 1


async def test_a_damaged_sheet_hides_no_other_patients_tokens(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    for doctor in ("asha", "bela"):
        (slot,) = await plan_day(opd, doctor, seats=[5])
        await book(opd, slot, doctor)
        await book(opd, slot, "patient")
    stored.day_sheets.update_one(
        {"_id": SHEET},
        {"$set": {"unrelayed": True, "tokens.1.patient.id": 7}, "$inc": {"version": 1}},
    )

    asha, bela = await asyncio.gather(
        opd.tokens.of_patient(make_caller(), "asha"), opd.tokens.of_patient(make_caller(), "bela")
    )

    assert (asha.tokens, asha.left_out) == ([], [SHEET])
    assert [view.token.patient.id for view in bela.tokens] == ["bela"]
    assert bela.left_out == []


async def test_a_sheet_mended_by_hand_is_read_again(houses: Houses, stored: Stored) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    before = stored.sheet(SHEET).time
    stored.day_sheets.update_one({"_id": SHEET}, {"$set": {"time": "noon"}, "$inc": {"version": 1}})
    with pytest.raises(DocumentDamaged):
        await book(opd, slot, "patient")

    stored.day_sheets.update_one({"_id": SHEET}, {"$set": {"time": before}})

    assert (await book(opd, slot, "patient")).number == 1
