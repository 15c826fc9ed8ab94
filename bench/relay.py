"""How many events a second the one relay copies, which bounds all that share one `seq`."""

import asyncio
import random
import time
from datetime import UTC, date, datetime

from pydantic import SecretStr

from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import own_database
from config import Settings
from database import connect
from models.access import Grant, Kind, Principal, Role
from models.patient import Newcomer
from models.source import Source
from services.caller import Caller
from services.clock import ManualClock
from services.ids import Ids
from services.log import set_up_logging
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot
from services.store.collections import create_indexes

SHEETS = 60
EVENTS_PER_SHEET = 60

_TOGETHER = 200
_PAGE = 1000
_NOW = datetime(2030, 1, 14, 6, tzinfo=UTC)
_CALLER = Caller(
    principal=Principal(
        id="bench",
        kind=Kind.SYSTEM,
        grants=(Grant(id="all", role=Role.ADMIN, facility_id="main"),),
    )
)

_TEXT = f"""
{SHEETS} sheets with {EVENTS_PER_SHEET} events each wait in their outboxes; then the relay copies them,
and nobody books meanwhile. It is the one place that all facilities of a database share, since it
gives every event its `seq`.
"""


def measure(bench: Bench) -> list[Section]:
    """A backlog, copied."""
    set_up_logging("WARNING", as_json=False)
    rates = []
    for turn in range(bench.passes):
        bench.step(f"pass {turn + 1}")
        with own_database(bench.server_uri) as uri:
            rates.append(asyncio.run(_copy_backlog(uri)))
    row = [f"{min(rates):,.0f} to {max(rates):,.0f}"]
    return [Section("The relay", _TEXT, [Table(["events a second"], [row])])]


def steps(bench: Bench) -> int:
    """How many rounds that takes."""
    return bench.passes


async def _copy_backlog(uri: str) -> float:
    """Events a second."""
    settings = Settings(_env_file=None, mongodb_uri=SecretStr(uri))
    database = connect(settings)
    await create_indexes(database)
    opd = build_opd(settings, database, ManualClock(_NOW), Ids(random.Random(1)), Metrics())
    await _fill(opd)
    began = time.perf_counter()
    opd.relay.start()
    copied = 0
    while copied < SHEETS * EVENTS_PER_SHEET:
        page = await opd.history.events(
            _CALLER, after=copied, sheet_id=None, token_id=None, limit=_PAGE
        )
        copied += len(page.events)
        if not page.events:
            await asyncio.sleep(0.02)
    taken = time.perf_counter() - began
    await opd.stop()
    await database.close()
    return copied / taken


async def _fill(opd: Opd) -> None:
    """Sheets whose events nobody has copied: an added slot, and bookings."""
    bookings = []
    for number in range(SHEETS):
        doctor = f"doctor{number}"
        await opd.doctors.add(
            _CALLER, NewDoctor(name="Dr Rao", specialization="Cardiology", doctor_id=doctor)
        )
        made = await opd.slots.add(
            _CALLER,
            NewSlot(
                doctor_id=doctor,
                day=date(2030, 1, 15),
                start_time="09:00",
                end_time="13:00",
                max_capacity=EVENTS_PER_SHEET,
            ),
        )
        slot_id = made.slot.timed.slot.id
        bookings += [
            NewBooking(
                slot_id=slot_id,
                source=Source.ONLINE,
                patient=Newcomer(id=f"patient{index}", name="Meera Iyer"),
            )
            for index in range(EVENTS_PER_SHEET - 1)
        ]
    for begin in range(0, len(bookings), _TOGETHER):
        some = bookings[begin : begin + _TOGETHER]
        await asyncio.gather(*(opd.bookings.book(_CALLER, booking) for booking in some))
