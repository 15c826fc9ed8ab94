"""What rights cost a booking, part by part, with nothing else around it.

Each part is called as a booking calls it, on a service that knows client, doctor and token. The best of
many rounds counts: whatever else the machine does slows some of them, hardly ever all.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from answers.sight import Sight
from bench import day
from bench.access import KEY
from bench.report import Table
from config import Settings
from database import connect
from models.access import Grant, Kind, Permission, Principal, Role
from models.patient import Newcomer
from models.source import Source
from routes.access import guarded
from services.access.guard import Guard
from services.caller import Caller
from services.clock import SystemClock
from services.ids import Ids
from services.log import set_up_logging
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot
from services.views import BookingView

LINK_KEYS = "bench:a-key-of-databases-that-live-for-minutes"
_ROUNDS, _CALLS = 200, 300
_DOCTOR = "parts"
_SLOT = f"{_DOCTOR}-{day.DAY:%Y%m%d}-0900"
_HEADERS = [
    (b"host", b"localhost"),
    (b"x-actor", b"bench"),
    (b"authorization", f"Bearer {KEY}".encode()),
    (b"content-type", b"application/json"),
    (b"content-length", b"130"),
]

Part = Callable[[], Awaitable[object]]


def measure(uri: str) -> Table:
    """In a database that has the bench's client."""
    set_up_logging("WARNING", as_json=False)
    costs = asyncio.run(_measure(uri))
    rows = [[name, f"{cost:.1f}"] for name, cost in costs.items()]
    return Table(["", "µs"], [*rows, ["together", f"**{sum(costs.values()):.1f}**"]])


async def _measure(uri: str) -> dict[str, float]:
    settings = Settings(
        mongodb_uri=SecretStr(uri), link_keys=SecretStr(LINK_KEYS), most_requests=1_000_000_000
    )
    database = connect(settings)
    opd = build_opd(settings, database, SystemClock(), Ids(), Metrics())
    booked = await _book(opd, settings.facility_id)
    empty = await _best(_nothing)
    costs = {name: await _best(part) - empty for name, part in (await _parts(opd, booked)).items()}
    await opd.stop(1)
    await database.close()
    return costs


async def _book(opd: Opd, facility_id: str) -> BookingView:
    grant = Grant(id="all", role=Role.ADMIN, facility_id=facility_id)
    caller = Caller(principal=Principal(id="setup", kind=Kind.SYSTEM, grants=(grant,)))
    await opd.doctors.add(
        caller, NewDoctor(name="B", specialization="B", doctor_id=_DOCTOR, facility_id=facility_id)
    )
    slot = NewSlot(doctor_id=_DOCTOR, day=day.DAY, start_time="09:00", end_time="10:00")
    await opd.slots.add(caller, slot)
    patient = Newcomer(name="Asha Rao", phone_number="+91 98450 12345", id="P1")
    asked = NewBooking(source=Source.ONLINE, slot_id=_SLOT, patient=patient)
    return await opd.bookings.book(caller, asked)


async def _parts(opd: Opd, booked: BookingView) -> dict[str, Part]:
    await opd.access.directory.look()
    clock = SystemClock()
    door = guarded(_no_app, (Permission.BOOK_ONLINE,))
    scope: Scope = {
        "method": "POST",
        "path": day.BOOK_PATH,
        "client": ("127.0.0.1", 40000),
        "headers": _HEADERS,
        "state": {"clock": clock, "opd": opd, "doorkeeper": opd.access.door},
    }
    await door(scope, _no_receive, _no_send)
    client: Principal = scope["state"]["principal"]
    guard: Guard = vars(opd.bookings)["_guard"]
    sheet, token = booked.token.sheet, booked.token.token

    async def link() -> object:
        return opd.links.make(sheet, token, client)

    async def sight() -> object:
        return Sight(client, clock.now()).shows(sheet, token)

    return {
        "who asks, counted, and whether they may here at all": lambda: door(
            scope, _no_receive, _no_send
        ),
        "whose doctor it is, and whether they may there": lambda: guard.slot(
            client, Permission.BOOK_ONLINE, token.slot_id
        ),
        "the patient's link": link,
        "what the answer shows": sight,
    }


async def _best(part: Part) -> float:
    """Microseconds of one call."""
    best = float("inf")
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
        began = time.perf_counter()
        for _ in range(_CALLS):
            await part()
        best = min(best, time.perf_counter() - began)
    return best / _CALLS * 1e6


async def _nothing() -> None:
    pass


async def _no_app(_: Scope, __: Receive, ___: Send) -> None:
    pass


async def _no_receive() -> dict[str, object]:
    return {}


async def _no_send(_: object) -> None:
    pass
