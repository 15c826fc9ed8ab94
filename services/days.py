"""The one place that opens a day: a sheet, now, under the facility's policy."""

from datetime import date
from zoneinfo import ZoneInfo

from engine.day import Day
from engine.decide import SheetCommand, decide
from engine.decision import Decision
from models.policy import Policy
from models.sheet import Sheet
from services.clock import Clock


class DayOpener:
    """Opens days to be read, and decides commands on them.

    `zone` is the facility's. It gives what stands on no sheet yet its hours: today, and the sheet
    of a day on which nothing is planned. A sheet keeps the zone it was opened in, and from then on
    every hour of that day is of `sheet.zone`, whatever the facility's has become.
    """

    def __init__(self, policy: Policy, clock: Clock, zone: ZoneInfo) -> None:
        self._policy = policy
        self._clock = clock
        self._zone = zone

    def open(self, sheet: Sheet) -> Day:
        """The sheet as it stands now, to be read."""
        return Day(sheet, self._policy, self._clock.now())

    def decide(self, sheet: Sheet, command: SheetCommand) -> Decision:
        """Apply a command now; see engine.decide."""
        return decide(sheet, command, self._policy, self._clock.now())

    def new(self, sheet_id: str) -> Sheet:
        """The sheet of a day on which nothing is planned yet, in the facility's zone."""
        return Sheet.new(sheet_id, self._zone.key)

    def today(self) -> date:
        """The facility's today, whatever the server's zone."""
        return self._clock.now().astimezone(self._zone).date()
