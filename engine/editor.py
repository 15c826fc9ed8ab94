"""The changes that one command makes of a sheet."""

from collections.abc import Sequence
from datetime import datetime

from engine.day import Day
from engine.decision import Decision, Outcome
from engine.due import next_tick
from engine.record import Record
from models.commands import Command
from models.doctor import Tenure
from models.doctor_session import DoctorSession
from models.line_config import LineConfig
from models.policy import Policy
from models.sheet import Sheet
from models.slot import ReservedHours, Slot
from models.token import Token


class Editor:
    """Makes one command's changes, and records them.

    `day` is always the sheet as it stands after the changes made so far. Each change makes a new
    one: a rule that keeps an earlier one reads the sheet as it was then.
    """

    __slots__ = ("_given", "_policy", "day", "record")

    def __init__(self, sheet: Sheet, command: Command, policy: Policy, now: datetime) -> None:
        self._given = sheet
        self._policy = policy
        self.day = Day(sheet, policy, now)
        self.record = Record(command, self.day.now, sheet.next_event)

    def put_token(self, token: Token) -> None:
        """Take in a new token, whose number is the next, or put it where its number stood."""
        self._go_on_with(self.day.sheet.with_token(token))

    def put_tokens(self, tokens: Sequence[Token]) -> None:
        """Put many tokens where their numbers stood, each number once."""
        self._go_on_with(self.day.sheet.with_tokens(tokens))

    def put_slot(self, slot: Slot) -> None:
        """Add a slot, or put it in the place of the one with its id."""
        self._go_on_with(self.day.sheet.with_slot(slot))

    def put_reserved_hours(self, reserved_hours: tuple[ReservedHours, ...]) -> None:
        """Put these in the place of the hours reserved so far."""
        self._go_on_with(self.day.sheet.changed(reserved_hours=reserved_hours))

    def decline(self, key: str) -> None:
        """Remember that nothing is booked here for this key."""
        sheet = self.day.sheet
        self._go_on_with(sheet.changed(declined=(*sheet.declined, key)))

    def set_tenure(self, tenure: Tenure) -> None:
        """Know the doctor's tenure from now on."""
        self._go_on_with(self.day.sheet.changed(tenure=tenure))

    def set_config(self, config: LineConfig) -> None:
        """Go by these settings from now on."""
        self._go_on_with(self.day.sheet.changed(config=config))

    def set_session(self, session: DoctorSession) -> None:
        """Know from now on whether the doctor sees patients."""
        self._go_on_with(self.day.sheet.changed(session=session))

    def close(self, outcome: Outcome) -> Decision:
        """The decision: a new sheet if anything happened, else the sheet as it was given."""
        events = self.record.events
        if not events:
            return Decision(sheet=self._given, events=(), outcome=outcome)
        sheet = self.day.sheet.changed(
            time=self.day.now, next_event=self.record.next_event, tick_at=next_tick(self.day)
        )
        return Decision(sheet=sheet, events=events, outcome=outcome)

    def _go_on_with(self, sheet: Sheet) -> None:
        self.day = Day(sheet, self._policy, self.day.now)
