"""Allocation: the service picks the doctor and the slot."""

from datetime import date

from engine.allocation import why_none
from engine.day import Day
from models.access import Facility
from models.commands import IfFull
from models.doctor import Doctor
from models.errors import (
    Busy,
    DoctorRetired,
    KeyDeclined,
    NoSlot,
    NoSlotCause,
    NotAccepting,
    OtherSpecialization,
    QueueFull,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
)
from models.ids import make_sheet_id, sheet_of_slot
from services.access.guard import Guard
from services.booking_service import BookingService
from services.caller import Caller
from services.days import DayOpener
from services.doctor_service import DoctorService
from services.protocols.claim import Claims, choose_under
from services.requests import NewAllocation, NewBooking
from services.store.facilities import Facilities
from services.store.sheets import SheetStore
from services.views import BookingView

_TRIES = 10


class AllocationService:
    """Picks a slot by what is stored now, books it, and picks again when others were faster."""

    def __init__(
        self,
        *,
        guard: Guard,
        store: SheetStore,
        claims: Claims,
        doctors: DoctorService,
        facilities: Facilities,
        bookings: BookingService,
        opener: DayOpener,
    ) -> None:
        self._guard = guard
        self._store = store
        self._claims = claims
        self._doctors = doctors
        self._facilities = facilities
        self._bookings = bookings
        self._opener = opener

    async def allocate(self, caller: Caller, asked: NewAllocation) -> BookingView:
        """A token with the doctor and in the slot that suit best; see engine.allocation.

        Raises UnknownDoctor, DoctorRetired, OtherSpecialization, NoSlot, SlotFull, SheetFull,
        NotAccepting, QueueFull, IdempotencyMismatch.
        """
        self._guard.reach(caller.principal, asked.source.row.permission)
        request = caller.remember(asked)
        too_full = set[str]()
        for _ in range(_TRIES):
            claim, claimed = await self._claims.find(request)
            if claim and claimed and (made := self._bookings.made_for(caller, claim.key, claimed)):
                return made
            days = await self._days(caller, asked)
            days = [day for day in days if day.sheet.id not in too_full]
            choice = choose_under(claim, days, asked.source, asked.patient.id)
            if choice is None:
                raise (
                    SheetFull
                    if too_full
                    else why_none(days, asked.source, self._day(asked, self._facilities.home))
                )
            if not await self._claims.settle(caller, request, claim, sheet_of_slot(choice.slot_id)):
                continue
            booking = NewBooking(
                slot_id=choice.slot_id,
                source=asked.source,
                patient=asked.patient,
                if_full=IfFull.FREE_SEAT if choice.for_free_seat else asked.if_full,
            )
            try:
                return await self._bookings.book_for(caller, booking, request, insists=True)
            except (KeyDeclined, SlotOver, SlotClosed, DoctorRetired, NotAccepting, QueueFull):
                continue
            except SheetFull:
                too_full.add(sheet_of_slot(choice.slot_id))
            except SlotFull:
                if not choice.for_free_seat:
                    raise
        raise Busy

    async def _days(self, caller: Caller, asked: NewAllocation) -> list[Day]:
        doctors = await self._fitting(caller, asked)
        if not doctors:
            raise NoSlot(NoSlotCause.NO_DOCTOR, self._day(asked, self._facilities.home))
        sheet_ids = [
            make_sheet_id(one.id, self._day(asked, await self._facilities.get(one.facility_id)))
            for one in doctors
        ]
        sheets, _ = await self._store.read_intact(sheet_ids)
        return [self._opener.open(sheet) for sheet in sheets]

    def _day(self, asked: NewAllocation, facility: Facility) -> date:
        """The date asked for, else the facility's today."""
        return asked.day or self._opener.today(facility)

    async def _fitting(self, caller: Caller, asked: NewAllocation) -> list[Doctor]:
        needed = asked.source.row.permission
        if asked.doctor_id is None:
            return await self._doctors.at_work(caller, needed, asked.specialization)
        await self._guard.doctor(caller.principal, needed, asked.doctor_id)
        doctor = await self._doctors.find(asked.doctor_id)
        if doctor.tenure.retired:
            raise DoctorRetired
        wanted = asked.specialization
        if wanted is not None and wanted.casefold() != doctor.specialization.casefold():
            raise OtherSpecialization(doctor.specialization)
        return [doctor]
