"""The desk in process: the services on a fresh embedded database, on a clock of our own."""

import functools
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from config import Settings
from database import connect_embedded
from models.errors import Refusal
from models.patient import Newcomer
from models.token import Status, token_label
from services.caller import Caller
from services.clock import ManualClock
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot
from services.views import SlotView, TokenView
from simulator.answers import (
    Booking,
    Bumped,
    Cancellation,
    Doctor,
    Moved,
    Queue,
    Reallocation,
    Refused,
    Slot,
    Stats,
    Stayed,
    Token,
)
from simulator.desk import NewToken

_CALLER = Caller(actor="simulation")
_MOST_SLOTS = 500

Asked = ParamSpec("Asked")
Told = TypeVar("Told")


@asynccontextmanager
async def open_service_desk(
    settings: Settings, seed: int, now: datetime
) -> AsyncIterator["ServiceDesk"]:
    """A desk whose service has stored nothing yet. The same seed gives the same ids."""
    clock = ManualClock(now)
    database = connect_embedded()
    opd = build_opd(settings, database, clock, Ids(random.Random(seed)), Metrics())
    try:
        yield ServiceDesk(opd, clock)
    finally:
        await opd.stop()
        await database.close()


def _in_words(
    method: Callable[Asked, Coroutine[None, None, Told]],
) -> Callable[Asked, Coroutine[None, None, Told]]:
    """Refusals leave the desk with their code and sentence, as they do over HTTP."""

    @functools.wraps(method)
    async def ask(*args: Asked.args, **kwargs: Asked.kwargs) -> Told:
        try:
            return await method(*args, **kwargs)
        except Refusal as refusal:
            raise Refused(refusal.code, str(refusal)) from refusal

    return ask


class ServiceDesk:
    """A desk in the service's own process."""

    def __init__(self, opd: Opd, clock: ManualClock) -> None:
        self._opd = opd
        self._clock = clock
        self._zone = opd.zone

    def now(self) -> datetime:
        return self._clock.now()

    def at(self, instant: datetime) -> None:
        self._clock.set(instant)

    @_in_words
    async def add_doctor(self, name: str, specialization: str) -> Doctor:
        doctor, _ = await self._opd.doctors.add(
            _CALLER, NewDoctor(name=name, specialization=specialization)
        )
        return Doctor(doctor.id, doctor.name, doctor.specialization)

    @_in_words
    async def add_slot(
        self, doctor_id: str, day: date, start: str, end: str, capacity: int | None
    ) -> Slot:
        made = await self._opd.slots.add(
            _CALLER,
            NewSlot(
                doctor_id=doctor_id,
                day=day,
                start_time=start,
                end_time=end,
                max_capacity=capacity,
            ),
        )
        return _slot(made.slot, self._zone)

    @_in_words
    async def slots(self, doctor_id: str, day: date) -> list[Slot]:
        views, _ = await self._opd.slots.of_doctor(
            doctor_id, first=day, last=day, after=None, limit=_MOST_SLOTS
        )
        return [_slot(view, self._zone) for view in views]

    @_in_words
    async def delay(self, slot_id: str, minutes: int) -> Slot:
        return _slot(
            await self._opd.slots.change(_CALLER, slot_id, delay_minutes=minutes), self._zone
        )

    @_in_words
    async def stats(self, slot_id: str) -> Stats:
        _, stats = await self._opd.slots.stats(slot_id)
        return Stats(
            by_status=stats.by_status,
            by_source=stats.by_source,
            max_capacity=stats.max_capacity,
            taken=stats.taken,
            fill_rate=round(stats.fill_rate, 4),
            waitlisted=stats.waitlisted,
            bumped=stats.bumped,
            overflow=stats.overflow,
        )

    @_in_words
    async def book(self, wanted: NewToken) -> Booking:
        view = await self._opd.tokens.book(
            _CALLER,
            NewBooking(
                slot_id=wanted.slot_id,
                source=wanted.source,
                patient=Newcomer(id=wanted.patient_id, name=wanted.name, phone_number=wanted.phone),
            ),
        )
        gave_way = view.bumped
        return Booking(
            _token(view.token, self._zone),
            None
            if gave_way is None
            else Bumped(
                token_id=gave_way.token_id,
                token_number=token_label(gave_way.number),
                from_slot_id=gave_way.from_slot_id,
                to_slot_id=gave_way.to_slot_id,
            ),
        )

    @_in_words
    async def token(self, token_id: str) -> Token:
        return _token(await self._opd.tokens.get(token_id), self._zone)

    @_in_words
    async def reason(self, token_id: str) -> str:
        _, entries = await self._opd.history.of_token(token_id)
        return entries[-1].event.reason if entries else ""

    @_in_words
    async def queue(self, slot_id: str) -> Queue:
        queue = await self._opd.tokens.queue(slot_id)
        return Queue(
            _slot(queue.slot, self._zone),
            [_token(view, self._zone) for view in queue.queue],
            [_token(view, self._zone) for view in queue.waitlist],
        )

    @_in_words
    async def set_status(self, token_id: str, status: Status) -> Token:
        view = await self._opd.tokens.change_status(_CALLER, token_id, status)
        return _token(view, self._zone)

    @_in_words
    async def cancel(self, token_id: str, reason: str) -> Cancellation:
        view = await self._opd.tokens.cancel(_CALLER, token_id, reason)
        return Cancellation(
            _token(view.token, self._zone), [_token(each, self._zone) for each in view.promoted]
        )

    @_in_words
    async def reallocate(self, slot_id: str) -> Reallocation:
        view = await self._opd.tokens.reallocate(_CALLER, slot_id, target_slot_id=None, close=True)
        return Reallocation(
            [Moved(_token(each.token, self._zone), each.from_slot_id) for each in view.moved],
            [Stayed(_token(each.token, self._zone), each.why) for each in view.stayed],
        )


def _slot(view: SlotView, zone: ZoneInfo) -> Slot:
    slot, taken = view.run.slot, len(view.roster.seated)
    return Slot(
        id=slot.id,
        doctor_id=view.sheet.doctor_id,
        date=view.sheet.date,
        start=slot.start.astimezone(zone),
        end=slot.end.astimezone(zone),
        expected_start=view.run.expected_start.astimezone(zone),
        max_capacity=slot.max_capacity,
        capacity=max(slot.max_capacity, taken),
        taken=taken,
        available=max(0, slot.max_capacity - taken),
        waitlisted=len(view.roster.waiting),
        delay_minutes=slot.delay_minutes,
        status=slot.status,
    )


def _token(view: TokenView, zone: ZoneInfo) -> Token:
    token, standing = view.token, view.standing
    estimate = standing.estimated_time
    return Token(
        id=token.id,
        token_number=token.label,
        slot_id=token.slot_id,
        patient_id=token.patient_id,
        patient_name=token.patient_name,
        phone_number=token.phone_number,
        source=token.source,
        priority=token.priority,
        status=token.status,
        position=standing.position,
        waitlist_position=standing.waitlist_position,
        estimated_time=None if estimate is None else estimate.astimezone(zone),
    )
