"""Allocation: the service picks the doctor and the slot."""

from datetime import date

from engine.allocation import Choice, choose_slot
from engine.day import Day
from models.commands import Decline, IfFull
from models.errors import Busy, KeyDeclined, NoSlot, SlotClosed, SlotFull, SlotOver
from models.ids import make_sheet_id, sheet_of_slot
from services.caller import Caller
from services.clock import Clock
from services.days import DayOpener
from services.doctor_service import DoctorService
from services.requests import NewAllocation, NewBooking
from services.store.allocations import AllocationStore, Claim
from services.store.sheets import SheetStore
from services.token_service import TokenService
from services.views import BookingView

_MOST_DOCTORS = 1000
_TRIES = 10


class AllocationService:
    """Picks a slot by what is stored now, books it, and picks again when others were faster.

    With an Idempotency-Key the request first claims the sheet it books on, so that its repeats
    book nowhere else. It may change its mind once the claimed sheet has declined the key: then
    no attempt, however late, books there.
    """

    def __init__(
        self,
        store: SheetStore,
        claims: AllocationStore,
        doctors: DoctorService,
        tokens: TokenService,
        opener: DayOpener,
        clock: Clock,
    ) -> None:
        self._store = store
        self._claims = claims
        self._doctors = doctors
        self._tokens = tokens
        self._opener = opener
        self._clock = clock

    async def allocate(self, caller: Caller, asked: NewAllocation) -> BookingView:
        """A token with the doctor and in the slot that suit best; see engine.allocation.

        Raises UnknownDoctor, NoSlot, SlotFull, IdempotencyMismatch.
        """
        request = caller.remember(asked)
        on = asked.day or self._opener.today()
        for _ in range(_TRIES):
            claim = None if request is None else await self._claims.find(request)
            if claim is not None and (made := await self._made_on(claim)):
                return made
            choice = self._choose(await self._days(asked, on), claim, asked)
            sheet_id = sheet_of_slot(choice.slot_id)
            if request is not None and (claim is None or claim.sheet_id != sheet_id):
                if claim is not None and (made := await self._decline(caller, claim)):
                    return made
                if not await self._claims.take(request, claim, sheet_id, self._clock.now()):
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

    def _choose(self, days: list[Day], claim: Claim | None, asked: NewAllocation) -> Choice:
        """The best slot; on the claimed sheet, as long as that one has a free seat."""
        source, patient = asked.source, asked.patient
        if claim is not None:
            days = [day for day in days if claim.key not in day.sheet.declined]
            claimed = [day for day in days if day.sheet.id == claim.sheet_id]
            choice = choose_slot(claimed, source, patient.id)
            if choice is not None and choice.for_free_seat:
                return choice
        choice = choose_slot(days, source, patient.id)
        if choice is None:
            raise NoSlot
        return choice

    async def _made_on(self, claim: Claim) -> BookingView | None:
        """The token that an earlier try has booked on the claimed sheet, if it has."""
        sheet = await self._store.read(claim.sheet_id)
        return None if sheet is None else self._tokens.made_for(claim.key, sheet)

    async def _decline(self, caller: Caller, claim: Claim) -> BookingView | None:
        """Have the claimed sheet book nothing for this key; its token, if it has booked one."""
        command = Decline(actor=caller.actor, request_id=caller.request_id, key=claim.key)
        decision = await self._store.submit(claim.sheet_id, command)
        return self._tokens.made_for(claim.key, decision.sheet)
