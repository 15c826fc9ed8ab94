"""The service in this process, on the real database: several of it share one, like processes."""

from datetime import UTC, date, datetime

from pydantic import SecretStr

from config import Driver, Settings
from database import Database, connect
from models.commands import IfFull
from models.patient import Newcomer
from models.source import Source
from services.caller import Caller
from services.clock import ManualClock
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewAllocation, NewBooking, NewDoctor, NewSlot
from services.store.collections import create_indexes
from services.views import BookingView, Cancellation
from tests.integration.invariants import Booked, Cancelled
from tests.integration.proxy import Proxy
from tests.principals import make_caller

DAY = date(2090, 6, 5)
BEFORE = datetime(2090, 6, 1, tzinfo=UTC)
"""Days before `DAY`: nothing has begun."""


class Houses:
    """Builds services on one database, and closes them."""

    def __init__(self, address: str, proxy: Proxy) -> None:
        self._address = address
        self._proxy = proxy
        self._opds: list[Opd] = []
        self._databases: list[Database] = []
        self.clock = ManualClock(BEFORE)
        self.metrics = Metrics()

    async def build(
        self,
        *,
        driver: Driver = Driver.MOTOR,
        through_proxy: bool = False,
        options: str = "",
        emergency_overflow: int = 3,
    ) -> Opd:
        """A service with its own connection, name and cache; `options` are of the connection."""
        address = self._proxy.address if through_proxy else self._address
        settings = Settings(
            _env_file=None,
            mongodb_uri=SecretStr(f"{address}?{options}"),
            mongodb_driver=driver,
            emergency_overflow=emergency_overflow,
        )
        database = connect(settings)
        self._databases.append(database)  # to be closed, also where the next step fails
        await create_indexes(database)
        opd = build_opd(settings, database, self.clock, Ids(), self.metrics)
        opd.start()
        self._opds.append(opd)
        return opd

    async def close(self) -> None:
        """Stop them all, and the proxy."""
        for opd in self._opds:
            await opd.stop()
        # Motor says goodbye without letting the loop go on, in which the proxy would answer.
        await self._proxy.close()
        for database in self._databases:
            await database.close()


async def plan_day(opd: Opd, doctor: str = "asha", *, seats: list[int]) -> list[str]:
    """Add a doctor, and on `DAY` an hour's slot for each number of seats; the slots' ids."""
    await opd.doctors.add(
        make_caller(),
        NewDoctor(name="Dr Rao", specialization="Cardiology", doctor_id=doctor),
    )
    return [
        await add_slot(opd, doctor, f"{hour:02d}:00", f"{hour + 1:02d}:00", seats=count)
        for hour, count in enumerate(seats, start=8)
    ]


async def add_slot(
    opd: Opd, doctor: str, start: str, end: str, *, seats: int = 1, day: date = DAY
) -> str:
    """Add a slot; its id."""
    made = await opd.slots.add(
        make_caller(),
        NewSlot(doctor_id=doctor, day=day, start_time=start, end_time=end, max_capacity=seats),
    )
    return made.slot.timed.slot.id


def asking(opd: Opd, *, key: str | None = None, by: str = "desk") -> Caller:
    """A caller with a request of its own."""
    return make_caller(by, request_id=opd.ids.request_id(), idempotency_key=key)


async def book(
    opd: Opd,
    slot_id: str,
    patient: str,
    source: Source = Source.ONLINE,
    *,
    if_full: IfFull = IfFull.WAITLIST,
    key: str | None = None,
    by: str = "desk",
) -> Booked:
    """Book; what the answer claims."""
    caller = asking(opd, key=key, by=by)
    view = await opd.bookings.book(
        caller,
        NewBooking(
            slot_id=slot_id,
            source=source,
            patient=Newcomer(id=patient, name="Meera Iyer"),
            if_full=if_full,
        ),
    )
    return booked(caller, view)


async def allocate(opd: Opd, key: str, source: Source = Source.ONLINE) -> Booked:
    """Have a slot of `DAY` picked and booked; what the answer claims."""
    caller = asking(opd, key=key)
    view = await opd.allocations.allocate(
        caller, NewAllocation(source=source, patient=Newcomer(name="Meera Iyer"), day=DAY)
    )
    return booked(caller, view)


async def cancel(opd: Opd, token_id: str) -> Cancelled:
    """Cancel; what the answer claims."""
    caller = asking(opd)
    done: Cancellation = await opd.tokens.cancel(caller, token_id, None)
    promoted = tuple(view.token.id for view in done.promoted)
    return Cancelled(caller.request_id or "", token_id, promoted)


def booked(caller: Caller, view: BookingView) -> Booked:
    """What a booking's answer claims."""
    token = view.token.token
    return Booked(
        request_id=caller.request_id or "",
        token_id=token.id,
        number=token.number,
        slot_id=token.slot_id,
        status=token.status,
        bumped=None if view.bumped is None else view.bumped.number,
        replayed=view.replayed,
    )
