"""A kiosk checks patients in: by the number on paper and the end of a phone number, or by a link.

It tells nobody whether a number is there: an unknown one, wrong digits and a patient without a phone
number get one answer. Tries are counted by number and by kiosk, before they are looked at, so that
many at once are no way around; who was right is not counted. Each process counts for itself.
"""

from collections.abc import Iterable, Set

from limits import RateLimitItemPerHour
from msgspec import Struct

from models.access import Permission
from models.commands import ChangeStatus
from models.errors import Forbidden, GoToDesk, Unauthenticated, UnknownDoctor
from models.ids import doctor_of, sheet_of_token
from models.sheet import Sheet
from models.token import Status, Token
from services.access.doorkeeper import Credentials
from services.access.guard import Guard
from services.access.limits import Limits
from services.access.links import Links
from services.caller import Caller
from services.clock import Clock
from services.current_day import CurrentDay
from services.shared_days import SharedDays
from services.store.sheets import SheetStore
from services.views import TokenView, view_token

_BY_NUMBER = RateLimitItemPerHour(5, namespace="kiosk_number")
_BY_KIOSK = RateLimitItemPerHour(20, namespace="kiosk")


class Ticket(Struct, frozen=True, kw_only=True):
    """What a patient holds: either `number` and the last `digits` of the phone number, or a `link`."""

    number: int | None = None
    digits: str = ""
    link: str = ""


class KioskService:
    """Raises Forbidden and UnknownDoctor."""

    def __init__(
        self,
        guard: Guard,
        links: Links,
        store: SheetStore,
        current: CurrentDay,
        clock: Clock,
        shared: SharedDays,
    ) -> None:
        self._shared = shared
        self._guard = guard
        self._links = links
        self._store = store
        self._current = current
        self._limits = Limits(clock)

    async def check_in(self, caller: Caller, doctor_id: str, ticket: Ticket) -> TokenView:
        """Check in whoever holds the ticket.

        Raises GoToDesk, RateLimited, TooEarly, and what engine.status.change_status raises.
        """
        facility = await self._guard.doctor(caller.principal, Permission.CHECK_IN, doctor_id)
        kiosk = caller.principal.id
        numbered = f"{doctor_id} {ticket.number}"
        self._limits.take(_BY_KIOSK, kiosk)
        if ticket.number is not None:
            self._limits.take(_BY_NUMBER, numbered)
        sheet = await self._current.sheet(facility, doctor_id)
        token = await self._holder(sheet, ticket)
        if token is None:
            raise GoToDesk
        self._limits.take_back(_BY_KIOSK, kiosk)
        if ticket.number is not None:
            self._limits.take_back(_BY_NUMBER, numbered)
        command = ChangeStatus(
            **caller.signature, token_id=token.id, status=Status.CHECKED_IN, at_kiosk=True
        )
        await self._shared.look(sheet.id)
        decision = await self._store.submit(sheet.id, command)
        return view_token(await self._shared.open(decision.sheet), token.number)

    async def check_in_by_link(self, caller: Caller, link: str) -> TokenView:
        """Check in whoever holds the link, with whichever doctor it is.

        Raises as check_in does; GoToDesk also where it is none of the kiosk's doctors.
        """
        self._limits.take(_BY_KIOSK, caller.principal.id)
        token_id = await self._token_of_link(link)
        if token_id is None:
            raise GoToDesk
        self._limits.take_back(_BY_KIOSK, caller.principal.id)
        try:
            return await self.check_in(
                caller, doctor_of(sheet_of_token(token_id)), Ticket(link=link)
            )
        except (Forbidden, UnknownDoctor):
            raise GoToDesk from None

    async def seen_today(self, caller: Caller, doctor_ids: Iterable[str]) -> Set[str]:
        """Those of them who have slots on the day that runs. Raises what check_in raises first."""
        found = set()
        for doctor_id in doctor_ids:
            facility = await self._guard.doctor(caller.principal, Permission.CHECK_IN, doctor_id)
            if (await self._current.sheet(facility, doctor_id)).slots:
                found.add(doctor_id)
        return found

    async def _holder(self, sheet: Sheet, ticket: Ticket) -> Token | None:
        if ticket.number is None:
            return await self._holder_of_link(sheet, ticket.link)
        for token in sheet.tokens[max(0, ticket.number - 1) : ticket.number]:
            phone = "".join(filter(str.isdecimal, token.patient.phone_number or ""))
            if ticket.digits and phone.endswith(ticket.digits):
                return token
        return None

    async def _holder_of_link(self, sheet: Sheet, link: str) -> Token | None:
        token_id = await self._token_of_link(link)
        return None if token_id is None else sheet.find_token(token_id)

    async def _token_of_link(self, link: str) -> str | None:
        given = Credentials(authorization=f"Bearer {link}", session=None, address=None)
        try:
            patient = await self._links.recognise(given)
        except Unauthenticated:
            return None
        return None if patient is None else patient.token_id
