"""Which day and which week it is where the hospital stands."""

from datetime import date, timedelta

from fastapi import Request

from models.access import Facility
from services.clock import Clock

_DAY = timedelta(days=1)


def today(request: Request) -> date:
    """The facility's, by the clock of the days."""
    clock: Clock = request.state.opd.day_clock
    home: Facility = request.state.opd.home
    return clock.now().astimezone(home.zone).date()


def monday_of(request: Request, week: date | None) -> date:
    """The first day of the week that has this date; of this week without one."""
    day = week or today(request)
    return day - day.weekday() * _DAY
