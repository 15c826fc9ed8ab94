"""The one place that opens a day: a sheet, now, under the policy."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date

from engine.accuracy import keep_what_is_told
from engine.day import Day
from engine.decide import SheetCommand, decide
from engine.decision import Decision
from models.access import Facility
from models.experience import Experience
from models.policy import Policy
from models.sheet import Sheet
from services.clock import Clock

_REMEMBERED = 200
"""Sheets whose lines are shared."""


class DayOpener:
    """Opens days to be read, and decides commands on them.

    A sheet keeps the zone it was opened in: every hour of that day is of `sheet.zone`, whatever the
    facility's has become. Today is the facility's, and stands on no sheet.
    """

    def __init__(
        self, policy: Policy, clock: Clock, experience: Callable[[str], Experience | None]
    ) -> None:
        """`experience` of the doctor of an id, None where nothing is known."""
        self._policy = policy
        self._clock = clock
        self._experience = experience
        self._beside: OrderedDict[str, Sequence[Sheet]] = OrderedDict()

    def open(self, sheet: Sheet, others: Sequence[Day] | None = None) -> Day:
        """The sheet as it stands now, to be read.

        `others`: the days with whose lines its own is one, see SharedDays; without any they are as
        this process saw them last.
        """
        if others is None:
            beside = self._beside.get(sheet.id, ()) if sheet.config.pool else ()
            others = [self.open(each, ()) for each in beside]
        experience = self._experience(sheet.resource_id)
        return Day(sheet, self._policy, self._clock.now(), experience, others)

    def remember_beside(self, sheet: Sheet, others: Sequence[Sheet]) -> None:
        """With which sheets' lines that of a sheet is one."""
        self._beside[sheet.id] = others
        self._beside.move_to_end(sheet.id)
        if len(self._beside) > _REMEMBERED:
            self._beside.popitem(last=False)

    def decide(self, sheet: Sheet, command: SheetCommand) -> Decision:
        """Apply a command now, see engine.decide, and keep what who checks in is told."""
        decision = decide(sheet, command, self._policy, self._clock.now())
        return keep_what_is_told(decision, self.open)

    def today(self, facility: Facility) -> date:
        """The facility's today, whatever the server's zone."""
        return self._clock.now().astimezone(facility.zone).date()
