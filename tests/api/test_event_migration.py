"""Events stored before are read after: from schema 1 to schema 2."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from database import Database, connect
from models import events, reasons
from models.slot import SlotStatus
from models.source import Source
from services.store.codec import read_event
from services.store.collections import DAY_SHEETS, EVENTS
from services.store.events import EventStore
from services.store.migrations import m0002_schema_2
from tests.api.service import GivenSettings

pytestmark = pytest.mark.both_databases

Old = dict[str, object]

AT = datetime(2030, 1, 15, 3, 30, tzinfo=UTC)
SHEET = "rao-20300115"
NINE, TEN = f"{SHEET}-0900", f"{SHEET}-1000"
TOKEN = f"{SHEET}-aaaaaaaaaaaa"
OPEN = {"maxCapacity": 2, "status": "OPEN", "delayMinutes": 0}
CLOSED = {"maxCapacity": 2, "status": "CLOSED", "delayMinutes": 15}
_SLOT: Old = {"slotId": NINE}
_TOKEN: Old = {"slotId": NINE, "tokenId": TOKEN, "number": 1, "source": "WALKIN"}


@pytest.fixture
def real_address(address: str) -> str:
    """Of a database that no service of today has had."""
    return address


@pytest.fixture
async def database(settings: GivenSettings) -> AsyncIterator[Database]:
    database = connect(settings)
    yield database
    await database.close()


def _place(status: str, slot: str = NINE) -> Old:
    return {"slotId": slot, "status": status}


def _new(status: str) -> Old:
    return {**_TOKEN, "patientId": "p1", "after": _place(status)}


def _changed(before: str, after: str, slot: str = NINE) -> Old:
    return {**_TOKEN, "slotId": slot, "before": _place(before), "after": _place(after, slot)}


OLD: list[tuple[str, str, Old, type[events.Happening], reasons.Reason]] = [
    ("SLOT_ADDED", "The slot was planned.", {**_SLOT, "slotAfter": OPEN},
     events.SlotAdded, reasons.SlotPlanned()),
    ("SLOT_CHANGED", "The slot was closed. The slot is delayed by 15 minutes.",
     {**_SLOT, "slotBefore": OPEN, "slotAfter": CLOSED},
     events.SlotChanged, reasons.SlotSet(None, SlotStatus.CLOSED, 15)),
    ("SLOT_CHANGED", "The slot can't be held, so it was closed and its patients moved.",
     {**_SLOT, "slotBefore": OPEN, "slotAfter": {**OPEN, "status": "CLOSED"}},
     events.SlotChanged, reasons.ClosedToReallocate()),
    ("HOURS_HELD", "A slot of the day before passes midnight and takes these hours.", _SLOT,
     events.HoursReserved, reasons.RunsPastMidnight()),
    ("HOURS_FREED", "The slot of the day before was not added.", _SLOT,
     events.HoursReleased, reasons.SlotNotAdded()),
    ("KEY_DECLINED", "Another doctor's day suited better.", {},
     events.KeyDeclined, reasons.BookedElsewhere()),
    ("BOOKED", "The slot had a free seat.", _new("BOOKED"), events.Booked, reasons.FreeSeat()),
    ("BOOKED", "The slot was full; T012 scored lower and gave way.", _new("BOOKED"),
     events.Booked, reasons.Outranked(12)),
    ("BOOKED_BEYOND_CAPACITY", "The slot was full; an emergency is seated beyond its capacity.",
     _new("BOOKED"), events.BookedBeyondCapacity, reasons.EmergencyOverflow()),
    ("WAITLISTED", "The slot was full.", _new("WAITLISTED"),
     events.Waitlisted, reasons.SlotWasFull()),
    ("BUMPED", "Gave way to T012 (PRIORITY) and got the earliest later free seat.",
     {**_changed("BOOKED", "BOOKED", TEN), "cause": 12},
     events.Bumped, reasons.GaveWay(12, Source.PRIORITY)),
    ("BUMPED",
     "Gave way to T012 (EMERGENCY); no later slot had a free seat, so it waits for one.",
     {**_changed("BOOKED", "WAITLISTED"), "cause": 12},
     events.Bumped, reasons.GaveWayToWait(12, Source.EMERGENCY)),
    ("PROMOTED", "A seat fell free, and it was first on the waitlist.",
     _changed("WAITLISTED", "BOOKED"), events.Promoted, reasons.FirstOnWaitlist()),
    ("PROMOTED", "It had lost its seat, and a later slot has a free one.",
     _changed("WAITLISTED", "BOOKED", TEN), events.Promoted, reasons.LaterSeatFree()),
    ("STATUS_CHANGED", "The patient is here.", _changed("BOOKED", "CHECKED_IN"),
     events.StatusChanged, reasons.Arrived()),
    ("STATUS_CHANGED", "The patient was called.", _changed("CHECKED_IN", "CALLED"),
     events.StatusChanged, reasons.WasCalled()),
    ("STATUS_CHANGED", "The consultation began.", _changed("CALLED", "IN_CONSULTATION"),
     events.StatusChanged, reasons.ConsultationBegan()),
    ("STATUS_CHANGED", "The consultation ended.", _changed("IN_CONSULTATION", "COMPLETED"),
     events.StatusChanged, reasons.ConsultationEnded()),
    ("STATUS_CHANGED", "The patient was not there.", _changed("BOOKED", "NO_SHOW"),
     events.StatusChanged, reasons.NotThere()),
    ("STATUS_CHANGED", "The patient came late.", _changed("NO_SHOW", "CHECKED_IN"),
     events.StatusChanged, reasons.CameLate()),
    ("REALLOCATED", "Its slot can't be held; this slot had a place.",
     _changed("BOOKED", "BOOKED", TEN), events.Reallocated, reasons.SlotNotHeld()),
    ("STAYED", "Called or with the doctor already, so it stays.", _changed("CALLED", "CALLED"),
     events.Stayed, reasons.AlreadyCalled()),
    ("STAYED", "No other slot of the day has a place for it.",
     _changed("CHECKED_IN", "CHECKED_IN"), events.Stayed, reasons.NoOtherPlace()),
    ("STAYED", "No other slot of the day has a place for it. It waits for the next free seat.",
     _changed("BOOKED", "WAITLISTED"), events.Stayed, reasons.NoOtherPlaceYet()),
    ("STATUS_CHANGED", "The token was cancelled.", _changed("BOOKED", "CANCELLED"),
     events.StatusChanged, reasons.WasCancelled()),
]  # fmt: skip


def _old_events(first: int = 1) -> list[Old]:
    return [
        {"n": n, "type": type_, "at": AT, "actor": "desk", "reason": words, **fields}
        for n, (type_, words, fields, _, _) in enumerate(OLD, start=first)
    ]


def _old_sheet(outbox: list[Old]) -> Old:
    token = {"id": TOKEN, "status": "CANCELLED", "cancelReason": "Feels better"}
    return {
        "_id": SHEET,
        "schemaVersion": 1,
        "doctorId": "rao",
        "version": 7,
        "tokens": [token],
        "outbox": outbox,
    }


def _check(told: list[events.Event], first: int = 1) -> None:
    assert [event.n for event in told] == list(range(first, first + len(OLD)))
    assert [(type(event), event.reason) for event in told] == [
        (kind, reason) for *_, kind, reason in OLD
    ]
    assert [event.note for event in told] == [None] * (len(OLD) - 1) + ["Feels better"]
    assert {(event.at, event.actor) for event in told} == {(AT, "desk")}


async def test_events_stored_before_are_read_after(database: Database) -> None:
    copies = [{"_id": seq, "sheet": SHEET, **event} for seq, event in enumerate(_old_events(), 1)]
    await EVENTS.of(database).insert_in_order(copies)
    await DAY_SHEETS.of(database).insert(_old_sheet([]))

    for _ in range(2):  # a crash may make it begin anew
        await m0002_schema_2.migrate(database)

    seen = await EventStore(database).after(0, sheet_id=None, token_id=None, limit=100)
    _check([each.event for each in seen])
    stored = await EVENTS.of(database).find({})
    assert {event["schemaVersion"] for event in stored} == {2}


async def test_an_outbox_written_before_is_read_after(database: Database) -> None:
    await DAY_SHEETS.of(database).insert(_old_sheet(_old_events(first=40)))

    for _ in range(2):
        await m0002_schema_2.migrate(database)

    sheet = await DAY_SHEETS.of(database).find_one({"_id": SHEET})
    assert sheet is not None
    outbox = sheet["outbox"]
    assert isinstance(outbox, list)
    _check([read_event(event) for event in outbox], first=40)
    # Whoever has the old sheet in hand must read it again before it writes.
    assert (sheet["schemaVersion"], sheet["version"]) == (2, 8)
