"""Bookings: a newcomer gets a token; where a line would rather offer another doctor, the offer."""

from datetime import datetime

from limits import RateLimitItemPerMinute

from engine.decision import Decision
from engine.walk_ins import soonest
from models.access import Permission
from models.commands import Book
from models.doctor import Doctor
from models.errors import DayOverruns, IdempotencyMismatch, KeyDeclined
from models.ids import doctor_of, make_sheet_id, sheet_address, sheet_of_slot
from models.keyed_request import Displacement, KeyedRequest
from models.local_time import local_label
from models.offer import Offer
from models.sheet import Sheet
from services.access.guard import Guard
from services.access.limits import Limits
from services.access.links import Links
from services.caller import Caller
from services.days import DayOpener
from services.doctor_service import DoctorService
from services.ids import Ids
from services.requests import NewBooking
from services.shared_days import SharedDays
from services.store.sheets import SheetStore
from services.views import BookingView, TokenView, view_token

EMERGENCIES = RateLimitItemPerMinute(120, namespace="emergencies")
"""By principal: more than any desk can write down, and fewer than would fill a day with lies."""


class BookingService:
    """Every method raises UnknownSlot, Forbidden, and what engine.booking.book raises."""

    def __init__(
        self,
        guard: Guard,
        store: SheetStore,
        days: DayOpener,
        ids: Ids,
        *,
        doctors: DoctorService,
        links: Links,
        limits: Limits,
        shared: SharedDays,
    ) -> None:
        self._shared = shared
        self._guard = guard
        self._store = store
        self._days = days
        self._ids = ids
        self._doctors = doctors
        self._links = links
        self._limits = limits

    async def book(self, caller: Caller, asked: NewBooking) -> BookingView:
        """A token in this slot.

        Raises DayOverruns with an offer, by which nothing is booked; with nobody to offer the token
        is given, and told that the day overruns.
        """
        request = caller.remember(asked)
        try:
            try:
                return await self.book_for(caller, asked, request, insists=asked.despite_overrun)
            except DayOverruns as overrun:
                offer = await self._offer(caller, asked)
                if offer is not None:
                    ends_at = overrun.ends_at.astimezone(offer.estimated_time.tzinfo)
                    raise DayOverruns(ends_at, offer) from None
            return await self.book_for(caller, asked, request, insists=True)
        except KeyDeclined:
            raise IdempotencyMismatch from None  # the key is that of an `allocate`

    async def book_for(
        self, caller: Caller, asked: NewBooking, request: KeyedRequest | None, *, insists: bool
    ) -> BookingView:
        """The same, for the request that the token shall remember, and without an offer."""
        needed = asked.source.row.permission
        sheet_id = await self._guard.slot(caller.principal, needed, asked.slot_id)
        if asked.check_in:
            await self._guard.slot(caller.principal, Permission.CHECK_IN, asked.slot_id)
        if asked.source.row.emergency:
            self._limits.take(EMERGENCIES, caller.counted_as)
        command = Book(
            **caller.signature,
            slot_id=asked.slot_id,
            token_id=self._ids.token_id(sheet_id),
            patient=asked.patient.as_patient(self._ids.patient_id),
            source=asked.source,
            if_full=asked.if_full,
            check_in=asked.check_in,
            insists=insists,
            request=request,
        )
        if asked.check_in:  # and so told a time, which is kept
            await self._shared.look(sheet_id)
        return self._booking(caller, await self._store.submit(sheet_id, command))

    def made_for(self, caller: Caller, key: str, sheet: Sheet) -> BookingView | None:
        """What the request of this key has booked on a sheet, if anything."""
        for token in sheet.tokens:
            if token.request is not None and token.request.key == key:
                view = view_token(self._days.open(sheet), token.number)
                return self._made(caller, view, token.request.bumped, replayed=True)
        return None

    def _booking(self, caller: Caller, decision: Decision) -> BookingView:
        outcome = decision.outcome
        assert outcome.number is not None  # noqa: S101  # the command was about a token
        return self._made(
            caller,
            view_token(self._days.open(decision.sheet), outcome.number),
            outcome.bumped,
            replayed=outcome.replayed,
            overruns_until=outcome.overruns_until,
        )

    def _made(
        self,
        caller: Caller,
        view: TokenView,
        bumped: Displacement | None,
        *,
        replayed: bool,
        overruns_until: datetime | None = None,
    ) -> BookingView:
        return BookingView(
            token=view,
            link=self._links.make(view.sheet, view.token, caller.principal),
            bumped=bumped,
            replayed=replayed,
            overruns_until=overruns_until,
        )

    async def _offer(self, caller: Caller, asked: NewBooking) -> Offer | None:
        """The doctor of the same specialization and facility who is free soonest that day.

        Only one with whom the caller may book.
        """
        sheet_id = sheet_of_slot(asked.slot_id)
        own = await self._doctors.find(doctor_of(sheet_id))
        others = {each.id: each for each in await self._like(caller, own, asked)}
        _, on = sheet_address(sheet_id)
        sheets, _ = await self._store.read_intact([make_sheet_id(each, on) for each in others])
        found = soonest(list(map(self._days.open, sheets)), asked.source, asked.patient.id)
        if found is None:
            return None
        sheet, slot = found.day.sheet, found.timed.slot
        return Offer(
            doctor_id=sheet.resource_id,
            doctor_name=others[sheet.resource_id].name,
            slot_id=slot.id,
            start_time=local_label(slot.start, sheet.zone),
            end_time=local_label(slot.end, sheet.zone),
            estimated_time=found.begins.astimezone(sheet.zone),
        )

    async def _like(self, caller: Caller, own: Doctor, asked: NewBooking) -> list[Doctor]:
        needed = asked.source.row.permission
        found = await self._doctors.at_work(caller, needed, own.specialization)
        return [each for each in found if each.facility_id == own.facility_id and each.id != own.id]
