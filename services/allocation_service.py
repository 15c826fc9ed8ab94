"""Allocation: the service picks the doctor and the slot."""

from datetime import date

from engine.day import Day
from models.commands import IfFull
from models.errors import Busy, KeyDeclined, NoSlot, SlotClosed, SlotFull, SlotOver
from models.ids import make_sheet_id, sheet_of_slot
from services.caller import Caller
from services.days import DayOpener
from services.doctor_service import DoctorService
from services.protocols.claim import Claims, choose_under
from services.requests import NewAllocation, NewBooking
from services.store.sheets import SheetStore
from services.token_service import TokenService
from services.views import BookingView

_MOST_DOCTORS = 1000
_TRIES = 10


class AllocationService:
    """Picks a slot by what is stored now, books it, and picks again when others were faster."""

    def __init__(
        self,
        store: SheetStore,
        claims: Claims,
        doctors: DoctorService,
        tokens: TokenService,
        opener: DayOpener,
    ) -> None:
        self._store = store
        self._claims = claims
        self._doctors = doctors
        self._tokens = tokens
        self._opener = opener

    async def allocate(self, caller: Caller, asked: NewAllocation) -> BookingView:
        """A token with the doctor and in the slot that suit best; see engine.allocation.

        Raises UnknownDoctor, NoSlot, SlotFull, IdempotencyMismatch.
        """
        request = caller.remember(asked)
        on = asked.day or self._opener.today()
        for _ in range(_TRIES):
            claim, claimed = await self._claims.find(request)
            if claim and claimed and (made := self._tokens.made_for(claim.key, claimed)):
                return made
            days = await self._days(asked, on)
            choice = choose_under(claim, days, asked.source, asked.patient.id)
            if choice is None:
                raise NoSlot
            if not await self._claims.settle(caller, request, claim, sheet_of_slot(choice.slot_id)):
                continue
            booking = NewBooking(
                slot_id=choice.slot_id,
                source=asked.source,
                patient=asked.patient,
                if_full=IfFull.FREE_SEAT if choice.for_free_seat else asked.if_full,
            )
            try:
                return await self._tokens.book_for(caller, booking, request)
            except (KeyDeclined, SlotOver, SlotClosed):
                continue
            except SlotFull:
                if not choice.for_free_seat:
                    raise
        raise Busy

    async def _days(self, asked: NewAllocation, day: date) -> list[Day]:
        if asked.doctor_id is not None:
            doctors = [await self._doctors.get(asked.doctor_id)]
        else:
            doctors, _ = await self._doctors.list(
                specialization=asked.specialization, after="", limit=_MOST_DOCTORS
            )
        sheets = await self._store.read_intact([make_sheet_id(one.id, day) for one in doctors])
        return [self._opener.open(sheet) for sheet in sheets]
