"""The questions that the rules ask of a sheet."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from models.errors import UnknownSlot
from models.experience import Experience
from models.policy import Policy
from models.sheet import EMPTY_ROSTER, MOST_BYTES, Roster, Sheet
from models.slot import SlotStatus
from models.source import Source
from models.timeline import TimedSlot
from models.token import LIVE, Token


class Day:
    """A sheet at one moment under one policy, its own settings first. A view: it never changes.

    A sheet's time never goes back: an earlier `now` counts as the sheet's own time.
    """

    __slots__ = ("_rosters", "experience", "now", "others", "policy", "sheet", "timed_slots")

    timed_slots: Sequence[TimedSlot]
    """The slots in order of time, with their expected times."""

    experience: Experience | None
    """The doctor's, for telling times. Decisions have none: the same commands give the same sheet."""

    others: Sequence["Day"]
    """The days with whose lines this one's is one, for telling places and times; decisions have none."""

    def __init__(
        self,
        sheet: Sheet,
        policy: Policy,
        now: datetime,
        experience: Experience | None = None,
        others: Sequence["Day"] = (),
    ) -> None:
        self.sheet = sheet
        self.policy = policy.under(sheet.config) if sheet.config.change else policy
        self.experience = experience if self.policy.use_history else None
        self.now = max(now, sheet.time)
        self.others = others
        self.timed_slots = sheet.timeline.timed_slots
        self._rosters = sheet.rosters

    @property
    def today(self) -> date:
        """The local date of `now`, in the zone of the sheet."""
        return self.now.astimezone(self.sheet.zone).date()

    @property
    def midnight(self) -> datetime:
        """The local midnight that ends the sheet's date."""
        return self.sheet.midnight

    @property
    def ends_at(self) -> datetime:
        """The midnight that ends the sheet's date, or the expected end of its last slot, if later."""
        last = self.sheet.timeline.last_end
        return self.midnight if last is None or last < self.midnight else last

    @property
    def consultation(self) -> timedelta:
        """How long one consultation lasts."""
        return timedelta(minutes=self.policy.consultation_minutes)

    @property
    def delayed_past_midnight(self) -> datetime | None:
        """When the last slot should end, if by delays alone that is on the next day."""
        late = [
            timed.expected_end
            for timed in self.timed_slots
            if timed.slot.status is SlotStatus.OPEN
            and timed.expected_end > max(self.midnight, timed.slot.end)
        ]
        return max(late, default=None)

    @property
    def is_full(self) -> bool:
        """Whether the sheet takes no more tokens: they are too many, or their texts too long."""
        sheet = self.sheet
        return len(sheet.tokens) >= self.policy.max_tokens_per_sheet or sheet.size >= MOST_BYTES

    def timed_slot(self, slot_id: str) -> TimedSlot:
        """The slot of that id with its expected times. Raises UnknownSlot."""
        timed = self.sheet.timeline.get(slot_id)
        if timed is None:
            raise UnknownSlot
        return timed

    def roster(self, slot_id: str) -> Roster:
        """Who holds a seat in the slot and who waits for one."""
        return self._rosters.get(slot_id, EMPTY_ROSTER)

    def is_over(self, timed: TimedSlot) -> bool:
        """Rule 12: a slot is over from its expected end on."""
        return self.now >= timed.expected_end

    def takes(self, timed: TimedSlot) -> bool:
        """Whether the slot gives out seats at all: it is open and not over, its doctor here."""
        if self.sheet.tenure.retired:
            return False
        return timed.slot.status is SlotStatus.OPEN and not self.is_over(timed)

    def takes_urgent(self, timed: TimedSlot) -> bool:
        """Whether an emergency may enter: also a slot that is over, while its patients are seen."""
        if self.is_over(timed) and not self.roster(timed.slot.id).present:
            return False
        return timed.slot.status is SlotStatus.OPEN and not self.sheet.tenure.retired

    def has_free_seat(self, timed: TimedSlot) -> bool:
        """Whether the slot is open, not over, and has fewer taken seats than it has seats."""
        return len(self.roster(timed.slot.id).seated) < timed.slot.max_capacity and self.takes(
            timed
        )

    def has_overflow(self, timed: TimedSlot, *, kept_back: int = 0) -> bool:
        """Whether a seat beyond capacity is left, `kept_back` of them not counted."""
        limit = timed.slot.max_capacity + max(0, self.policy.emergency_overflow - kept_back)
        return len(self.roster(timed.slot.id).seated) < limit

    def live_token_of(self, patient_id: str, slot_id: str) -> Token | None:
        """Rule 11: the live token that a patient has in a slot, if any."""
        roster = self.roster(slot_id)
        for tokens in (roster.seated, roster.waiting):
            for token in tokens:
                if token.patient.id == patient_id and token.status in LIVE:
                    return token
        return None

    def could_seat(self, token: Token, timed: TimedSlot) -> bool:
        """Whether the slot has a free seat that rule 11 lets this token take."""
        return (
            self.has_free_seat(timed)
            and self.live_token_of(token.patient.id, timed.slot.id) is None
        )

    def score(self, source: Source) -> int:
        """The score that a new token of this source gets."""
        return self.policy.scores[source]
