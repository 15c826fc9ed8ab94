"""What the use cases answer: stored values with what is worked out when they are read."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from engine.day import Day
from engine.queue import Standing, line_of, standing_of
from engine.shared_line import is_shared
from engine.stats import mean_wait
from engine.walk_ins import is_accepting, size_of_line
from models.errors import Refusal
from models.events import TokenEvent
from models.keyed_request import Displacement
from models.reasons import Reason
from models.sheet import Roster, Sheet
from models.slot import SlotStatus
from models.timeline import TimedSlot
from models.token import Status, Token
from services.store.events import SeenEvent


class TokenView(Struct, frozen=True, gc=False):
    """A token, the sheet it was read from, and where it stands."""

    sheet: Sheet
    token: Token
    standing: Standing


class SlotView(Struct, frozen=True):
    """A slot with its expected times, the sheet it was read from, and its tokens that count."""

    sheet: Sheet
    timed: TimedSlot
    roster: Roster
    over: bool

    @property
    def is_open(self) -> bool:
        """Whether it gives out seats, as far as there are any."""
        return self.timed.slot.status is SlotStatus.OPEN

    @property
    def taken(self) -> int:
        """The seats that are held, those of emergencies beyond capacity too."""
        return len(self.roster.seated)

    @property
    def capacity(self) -> int:
        """The seats there are: as planned, or as many as emergencies have made of them."""
        return max(self.timed.slot.max_capacity, self.taken)

    @property
    def available(self) -> int:
        """The seats that are free: none in a slot that is over or closed."""
        if self.over or self.timed.slot.status is SlotStatus.CLOSED:
            return 0
        return max(0, self.timed.slot.max_capacity - self.taken)

    @property
    def waitlisted(self) -> int:
        """How many wait for a seat."""
        return len(self.roster.waiting)


class DaySeats(Struct, frozen=True):
    """The seats of a date's open slots, how many of all its seats are held, how many wait for one."""

    day: date
    seats: int
    taken: int
    waitlisted: int


class PatientsTokens(Struct, frozen=True, kw_only=True):
    """A patient's tokens, and the ids of the sheets that can't be read and may hold more."""

    tokens: list[TokenView]
    left_out: list[str]


class BookingView(Struct, frozen=True, kw_only=True):
    """A new token and who gave way to it; `replayed` when an earlier request had made it.

    `link` is for the patient, None where there are no keys to sign it. `overruns_until`: a walk-in is
    to know that the day should end then, too late.
    """

    token: TokenView
    link: str | None
    bumped: Displacement | None
    replayed: bool
    overruns_until: datetime | None = None


class SlotMade(Struct, frozen=True, kw_only=True):
    """A new slot; `replayed` when an earlier request had made it."""

    slot: SlotView
    replayed: bool


class RowMade(Struct, frozen=True, kw_only=True):
    """Slots one after the other; and what stood against the one of these hours, if one did."""

    slots: list[SlotMade]
    stopped_by: Refusal | None = None
    stopped_at: tuple[str, str] | None = None


class Cancellation(Struct, frozen=True, kw_only=True):
    """A cancelled token, and who got a seat by it."""

    token: TokenView
    promoted: list[TokenView]


class Reallocated(Struct, frozen=True):
    """A token that was moved, and the slot that it came from."""

    token: TokenView
    from_slot_id: str


class Stayed(Struct, frozen=True):
    """A token that was not moved, and why."""

    token: TokenView
    reason: Reason


class Reallocation(Struct, frozen=True, kw_only=True):
    """What became of the tokens of a slot that can't be held."""

    moved: list[Reallocated]
    stayed: list[Stayed]


class Queue(Struct, frozen=True, kw_only=True):
    """A slot, its queue in order, then its waitlist in order: each token, and where it stands."""

    slot: SlotView
    queue: list[tuple[Token, Standing]]
    waitlist: list[tuple[Token, Standing]]


class DoctorsLine(Struct, frozen=True, kw_only=True):
    """Who is next in a doctor's day, in order, all its slots together, as of a moment.

    `inside` are in consultation; `pool` are the doctors who share the line, this one too; none where it is
    not shared. `size` how many are there and yet to be seen; `mean_wait` is of all who were seen.
    """

    sheet: Sheet
    at: datetime
    pool: list[str]
    inside: list[TokenView]
    line: list[TokenView]
    size: int
    max_size: int | None
    accepting: bool
    mean_wait: timedelta | None


class EventView(Struct, frozen=True, kw_only=True):
    """An event, the facility of its doctor, and of a token's who booked that one, as far as known.

    Who booked is looked up for a caller who may not read names.
    """

    seen: SeenEvent
    facility_id: str
    booked_by: str | None = None


class CalledView(Struct, frozen=True, kw_only=True):
    """Who was called on a day, None for nobody; `replayed` when an earlier request had called."""

    doctor_id: str
    date: date
    token: TokenView | None
    replayed: bool


def view_seats(day: date, slots: Sequence[SlotView]) -> DaySeats:
    """Those of a date's slots together."""
    return DaySeats(
        day,
        seats=sum(slot.capacity for slot in slots if slot.is_open),
        taken=sum(slot.taken for slot in slots),
        waitlisted=sum(slot.waitlisted for slot in slots),
    )


def view_line(day: Day) -> DoctorsLine:
    """Who is next on the day, and who is with the doctor."""
    sheet = day.sheet
    return DoctorsLine(
        sheet=sheet,
        at=day.now,
        pool=[each.sheet.resource_id for each in (day, *day.others)] if is_shared(day) else [],
        inside=[
            view_token(day, token.number)
            for token in sheet.tokens
            if token.status is Status.IN_CONSULTATION
        ],
        line=[TokenView(sheet, token, standing) for token, standing in line_of(day)],
        size=size_of_line(day),
        max_size=day.policy.max_size,
        accepting=is_accepting(day),
        mean_wait=mean_wait(day),
    )


def view_event(seen: SeenEvent, facility_id: str, sheet: Sheet | None) -> EventView:
    """An event of a sheet; None: who booked its token need not be known."""
    booked_by = None
    if sheet is not None and isinstance(seen.event, TokenEvent):
        (token,) = sheet.tokens[seen.event.number - 1 : seen.event.number] or (None,)
        booked_by = None if token is None else token.booked_by
    return EventView(seen=seen, facility_id=facility_id, booked_by=booked_by)


def view_token(day: Day, number: int) -> TokenView:
    """Token `number` of the day."""
    token = day.sheet.tokens[number - 1]
    return TokenView(day.sheet, token, standing_of(day, token))


def view_slot(day: Day, timed: TimedSlot) -> SlotView:
    """A slot of the day."""
    return SlotView(day.sheet, timed, day.roster(timed.slot.id), day.is_over(timed))
