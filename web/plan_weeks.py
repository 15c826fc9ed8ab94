"""A week of the plan: what a doctor's days in it hold, and the weeks beside it."""

from datetime import date, timedelta

from fastapi import Request
from msgspec import Struct

from models.access import Permission
from models.doctor import WEEK
from services.caller import Caller
from services.clock import Clock
from services.slot_service import SlotService
from services.views import SlotView
from web.pages import Told
from web.weeks import today

_DAY = timedelta(days=1)
_MOST_SLOTS = 500


class DayAtAGlance(Struct, frozen=True):
    """A date and a doctor's slots on it, in order of time."""

    day: date
    slots: list[SlotView]

    @property
    def seats(self) -> int:
        """Those of its open slots."""
        return sum(view.capacity for view in self.slots if view.is_open)

    @property
    def taken(self) -> int:
        """The seats that are held."""
        return sum(view.taken for view in self.slots)

    @property
    def waitlisted(self) -> int:
        """How many wait for a seat."""
        return sum(view.waitlisted for view in self.slots)

    @property
    def closed(self) -> int:
        """How many of its slots are closed."""
        return sum(not view.is_open for view in self.slots)


def weeks_told(request: Request, caller: Caller, monday: date) -> Told:
    """The days of the week that is shown, the weeks beside it, and the rest of both pages."""
    clock: Clock = request.state.clock
    manages = caller.principal.may_somewhere(Permission.MANAGE_DOCTORS, clock.now())
    return {
        "may_manage": manages,
        "weekdays": WEEK,
        "week": [monday + n * _DAY for n in range(7)],
        "before": monday - 7 * _DAY,
        "behind": monday + 7 * _DAY,
        "today": today(request),
    }


async def week_of(
    slots: SlotService, caller: Caller, doctor_id: str, monday: date
) -> list[DayAtAGlance]:
    """The slots of each day of a week."""
    by_day: dict[date, list[SlotView]] = {monday + n * _DAY: [] for n in range(7)}
    views, _ = await slots.of_doctor(
        caller, doctor_id, first=monday, last=max(by_day), after=None, limit=_MOST_SLOTS
    )
    for view in views:
        by_day[view.sheet.date].append(view)
    return [DayAtAGlance(day, found) for day, found in by_day.items()]
