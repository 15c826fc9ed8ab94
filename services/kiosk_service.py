"""A kiosk checks patients in: by the number on paper and the end of a phone number, or by a link.

It tells nobody whether a number is there: an unknown one, wrong digits and a patient without a phone
number get one answer. Tries are counted by number and by kiosk, before they are looked at, so that
many at once are no way around; who was right is not counted. Each process counts for itself.
"""

from datetime import timedelta

from limits import RateLimitItemPerHour
from msgspec import Struct

from models.access import Facility, Permission
from models.commands import ChangeStatus
from models.errors import GoToDesk, Unauthenticated
from models.ids import make_sheet_id
from models.sheet import Sheet
from models.token import Status, Token
from services.access.doorkeeper import Credentials
from services.access.guard import Guard
from services.access.limits import Limits
from services.access.links import Links
from services.caller import Caller
from services.clock import Clock
from services.days import DayOpener
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
        self, guard: Guard, links: Links, store: SheetStore, days: DayOpener, clock: Clock
    ) -> None:
        self._guard = guard
        self._links = links
        self._store = store
        self._days = days
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
        sheet = await self._sheet(doctor_id, facility)
        token = None if sheet is None else await self._holder(sheet, ticket)
        if sheet is None or token is None:
            raise GoToDesk
        self._limits.take_back(_BY_KIOSK, kiosk)
        if ticket.number is not None:
            self._limits.take_back(_BY_NUMBER, numbered)
        command = ChangeStatus(
            **caller.signature, token_id=token.id, status=Status.CHECKED_IN, at_kiosk=True
        )
        decision = await self._store.submit(sheet.id, command)
        return view_token(self._days.open(decision.sheet), token.number)

    async def _sheet(self, doctor_id: str, facility: Facility) -> Sheet | None:
        """Today's, unless yesterday's session still runs."""
        today = self._days.today(facility)
        ids = [make_sheet_id(doctor_id, day) for day in (today - timedelta(days=1), today)]
        sheets = await self._store.read_many(ids)
        running = [sheet for sheet in sheets if sheet.session.runs]
        return next((sheet for sheet in (*running, *sheets[::-1]) if sheet.slots), None)

    async def _holder(self, sheet: Sheet, ticket: Ticket) -> Token | None:
        if ticket.number is None:
            return await self._holder_of_link(sheet, ticket.link)
        for token in sheet.tokens[max(0, ticket.number - 1) : ticket.number]:
            phone = "".join(filter(str.isdecimal, token.patient.phone_number or ""))
            if ticket.digits and phone.endswith(ticket.digits):
                return token
        return None

    async def _holder_of_link(self, sheet: Sheet, link: str) -> Token | None:
        given = Credentials(authorization=f"Bearer {link}", session=None, address=None)
        try:
            patient = await self._links.recognise(given)
        except Unauthenticated:
            return None
        token_id = None if patient is None else patient.token_id
        return None if token_id is None else sheet.find_token(token_id)
