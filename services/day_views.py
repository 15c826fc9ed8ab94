"""A doctor's day as people at a screen see it: in short, whole, or to be run."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from engine.arrival import due_time
from engine.day import Day
from engine.line import WhyNext
from engine.queue import Standing, line_of
from engine.shared_line import next_of_shared, shared_line, why_next
from engine.stats import mean_consultation
from engine.undo import undo_until
from models.rank import ranked
from models.sheet import Sheet
from models.token import AWAY, Status, Token
from services.views import DoctorsLine, SlotView, TokenView, view_line, view_slot, view_token

_BY_DOCTOR = frozenset(
    {Status.CALLED, Status.IN_CONSULTATION, Status.PARKED, Status.COMPLETED, Status.NO_SHOW}
)
"""Where the steps lead that a line is run by."""


class Glance(Struct, frozen=True, kw_only=True):
    """How a doctor's day goes: `late` is by how much later than due the next appointment will be called.

    `called`, then `here`, as they are seen; `expected` are yet to come, `waitlisted` wait for a seat.
    `pool`: the other doctors with whose lines this one is one.
    """

    sheet: Sheet
    pool: list[str]
    inside: list[Token]
    called: list[Token]
    here: list[Token]
    expected: int
    waitlisted: int
    late: timedelta
    slots: list[SlotView]

    @property
    def next(self) -> Token | None:
        """Who comes in next."""
        return next(iter(self.called or self.here), None)

    @property
    def waiting(self) -> int:
        """Those who were called or are here."""
        return len(self.called) + len(self.here)


class WholeDay(Struct, frozen=True, kw_only=True):
    """A doctor's day as a desk sees it: all who are not done with it, and its slots.

    `here` were called or wait, `expected` are yet to come, both in the order of the line; `away`
    were sent for tests or missed the call, `absent` did not come.
    """

    sheet: Sheet
    inside: list[TokenView]
    here: list[TokenView]
    expected: list[TokenView]
    waitlist: list[TokenView]
    away: list[TokenView]
    absent: list[TokenView]
    slots: list[SlotView]


class NextUp(Struct, frozen=True):
    """Who is called next, and why."""

    token: Token
    why: WhyNext


class DoctorsDay(Struct, frozen=True, kw_only=True):
    """A doctor's day as the doctor runs it.

    `mine` are whom this doctor serves or may, on whatever sheet; `of` tells by token whose line one of
    another's is. `inside`, `called` and `away`, sent for tests or called in vain, are of them; `here`
    waits in the line. The last steps of `undoable` may be taken back, the latest first. `planned` is
    how long a consultation is to last, `pace` how long today's did.
    """

    line: DoctorsLine
    glance: Glance
    inside: list[Token]
    called: list[Token]
    here: list[Token]
    mine: list[Token]
    of: Mapping[str, str]
    next: NextUp | None
    away: list[Token]
    undoable: list[Token]
    seen: int
    planned: timedelta
    pace: timedelta | None

    @property
    def sheet(self) -> Sheet:
        """As it was read."""
        return self.line.sheet

    @property
    def pool(self) -> list[str]:
        """Whose line it is besides."""
        return self.glance.pool


def view_glance(day: Day) -> Glance:
    """The day in short."""
    line = line_of(day)
    present = [token for token, standing in line if standing.queue_position is not None]
    return Glance(
        sheet=day.sheet,
        pool=[each.sheet.resource_id for each in day.others],
        inside=[each for each in day.sheet.tokens if each.status is Status.IN_CONSULTATION],
        called=[each for each in present if each.status is Status.CALLED],
        here=[each for each in present if each.status is not Status.CALLED],
        expected=len(line) - len(present),
        waitlisted=sum(each.status is Status.WAITLISTED for each in day.sheet.tokens),
        late=_lateness(day, line),
        slots=[view_slot(day, timed) for timed in day.timed_slots],
    )


def _lateness(day: Day, line: list[tuple[Token, Standing]]) -> timedelta:
    """Of the next appointment; a walk-in was told no time, and the time at tests is not the doctor's."""
    for token, standing in line:
        if token.source.row.appointment and standing.estimated_time is not None:
            due = due_time(day, token)
            since = (due, token.queued_from, token.checked_in_at or due, token.front_at or due)
            return max(timedelta(), standing.estimated_time - max(since))
    return timedelta()


def view_whole_day(day: Day) -> WholeDay:
    """All of the day that a desk may still do something about."""
    line = [TokenView(day.sheet, token, standing) for token, standing in line_of(day)]
    waitlist = [
        view_token(day, token.number)
        for timed in day.timed_slots
        for token in ranked(day.roster(timed.slot.id).waiting)
    ]

    def of(*statuses: Status) -> list[TokenView]:
        return [
            view_token(day, each.number) for each in day.sheet.tokens if each.status in statuses
        ]

    return WholeDay(
        sheet=day.sheet,
        inside=of(Status.IN_CONSULTATION),
        here=[each for each in line if each.standing.queue_position is not None],
        expected=[each for each in line if each.standing.queue_position is None],
        waitlist=waitlist,
        away=of(*AWAY),
        absent=of(Status.NO_SHOW),
        slots=[view_slot(day, timed) for timed in day.timed_slots],
    )


def view_doctors_day(day: Day) -> DoctorsDay:
    """The day with all that it is run by."""
    days = (day, *day.others)
    upcoming, mine, others = next_of_shared(days), _served(day), day.others
    glance = view_glance(day)
    steps = ((undo_until(token), token) for token in mine if token.status in _BY_DOCTOR)
    undoable = [(until, token) for until, token in steps if until is not None and day.now <= until]
    undoable.sort(key=_when, reverse=True)
    return DoctorsDay(
        line=view_line(day),
        glance=glance,
        inside=[token for token in mine if token.status is Status.IN_CONSULTATION],
        called=[token for token in glance.called if token.served_by is None]
        + [token for token in mine if token.status is Status.CALLED and token.served_by],
        here=[each.token for each in shared_line(days)],
        mine=mine,
        of={token.id: each.sheet.resource_id for each in others for token in each.sheet.tokens},
        next=None if upcoming is None else NextUp(upcoming.token, why_next(days)),
        away=[token for token in mine if token.status in AWAY],
        undoable=[token for _, token in undoable],
        seen=sum(token.status is Status.COMPLETED for token in mine),
        planned=day.consultation,
        pace=mean_consultation(mine),
    )


def _when(undoable: tuple[datetime, Token]) -> tuple[datetime, bool, int]:
    """Of what happened at one time, as by Next, the call was last."""
    until, token = undoable
    return until, token.status is Status.CALLED, token.number


def _served(day: Day) -> list[Token]:
    """Those of the sheet whom no other doctor serves, and those of others whom this one does."""
    own = day.sheet.resource_id
    return [token for token in day.sheet.tokens if token.served_by is None] + [
        token for other in day.others for token in other.sheet.tokens if token.served_by == own
    ]
