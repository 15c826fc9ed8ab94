"""The sheet under one command: the questions that the rules ask, and the changes they make."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from models.commands import Command
from models.errors import UnknownSlot
from models.events import Event, EventType, Place, SlotState
from models.policy import Policy
from models.request import Displacement
from models.sheet import EMPTY_ROSTER, Roster, Sheet
from models.slot import HeldHours, Slot, SlotStatus
from models.timeline import Run
from models.token import LIVE, Source, Token


class Outcome(Struct, frozen=True, kw_only=True):
    """What the command was about: the `number` of its token, or its slot.

    `bumped` is the token that gave way to a newcomer; `replayed` says that an earlier request with
    the same key had done all of it already.
    """

    slot_id: str | None = None
    number: int | None = None
    bumped: Displacement | None = None
    replayed: bool = False


class Decision(Struct, frozen=True, kw_only=True):
    """What a command did: the new sheet (the old one, when nothing changed) and its events."""

    sheet: Sheet
    events: tuple[Event, ...]
    outcome: Outcome


class Day:
    """A sheet at one moment under one policy: read by the rules, and changed by them.

    Changes gather here and become a new sheet in `close()`; the sheet given is never touched.
    Reading functions (`engine.queue`, `engine.stats`, `engine.allocation`) use it too, and then
    simply drop it.
    """

    __slots__ = (
        "_declined",
        "_events",
        "_held",
        "_rosters",
        "_sheet",
        "_slots",
        "_tokens",
        "now",
        "policy",
        "timeline",
    )

    def __init__(self, sheet: Sheet, policy: Policy, now: datetime) -> None:
        self._sheet = sheet
        self._tokens = sheet.tokens
        self._slots = sheet.slots
        self._held = sheet.held
        self._declined = sheet.declined
        self._rosters = sheet.rosters
        self._events: list[Event] = []
        self.timeline = sheet.timeline
        self.policy = policy
        self.now = max(now, sheet.time)

    # Questions

    @property
    def sheet(self) -> Sheet:
        """The sheet as it was given."""
        return self._sheet

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens as they are now, in order of number."""
        return self._tokens

    @property
    def held(self) -> tuple[HeldHours, ...]:
        """The hours that slots of the day before take of this day."""
        return self._held

    @property
    def runs(self) -> tuple[Run, ...]:
        """The slots in order of time, with their expected times."""
        return self.timeline.runs

    def run(self, slot_id: str) -> Run:
        """The slot of that id with its expected times. Raises UnknownSlot."""
        run = self.timeline.get(slot_id)
        if run is None:
            raise UnknownSlot
        return run

    def roster(self, slot_id: str) -> Roster:
        """Who holds a seat in the slot and who waits for one."""
        return self._rosters.get(slot_id, EMPTY_ROSTER)

    def is_over(self, run: Run) -> bool:
        """Rule 12: a slot is over from its expected end on."""
        return self.now >= run.expected_end

    def takes(self, run: Run) -> bool:
        """Whether the slot gives out seats at all: it is open and not over."""
        return run.slot.status is SlotStatus.OPEN and not self.is_over(run)

    def has_free_seat(self, run: Run) -> bool:
        """Whether the slot is open, not over, and has fewer taken seats than it has seats."""
        return len(self.roster(run.slot.id).seated) < run.slot.max_capacity and self.takes(run)

    def has_overflow(self, run: Run, *, kept_back: int = 0) -> bool:
        """Whether a seat beyond capacity is left, `kept_back` of them not counted."""
        limit = run.slot.max_capacity + max(0, self.policy.emergency_overflow - kept_back)
        return len(self.roster(run.slot.id).seated) < limit

    def live_token_of(self, patient_id: str, slot_id: str) -> Token | None:
        """Rule 11: the live token that a patient has in a slot, if any."""
        roster = self.roster(slot_id)
        for tokens in (roster.seated, roster.waiting):
            for token in tokens:
                if token.patient_id == patient_id and token.status in LIVE:
                    return token
        return None

    def could_seat(self, token: Token, run: Run) -> bool:
        """Whether the slot has a free seat that rule 11 lets this token take."""
        return self.has_free_seat(run) and self.live_token_of(token.patient_id, run.slot.id) is None

    def score(self, source: Source) -> int:
        """The priority score that a new token of this source gets."""
        return self.policy.scores[source]

    # Changes

    def add(self, token: Token) -> None:
        """Take in a new token, whose number is the next."""
        self._tokens = (*self._tokens, token)
        self._place(token, None)

    def change(self, old: Token, new: Token) -> Token:
        """Put `new` where `old` stood; both carry one number. Returns `new`."""
        index = old.number - 1
        self._tokens = (*self._tokens[:index], new, *self._tokens[index + 1 :])
        self._place(new, old)
        return new

    def put_slot(self, slot: Slot) -> None:
        """Add a slot, or put it in the place of the one with its id."""
        if self.timeline.get(slot.id) is None:
            self._slots = (*self._slots, slot)
        else:
            self._slots = tuple(slot if old.id == slot.id else old for old in self._slots)
        self.timeline = type(self.timeline)(self._slots)

    def hold(self, held: tuple[HeldHours, ...]) -> None:
        """Put these in the place of the hours held so far."""
        self._held = held

    def decline(self, key: str) -> None:
        """Remember that nothing is booked here for this key."""
        self._declined = (*self._declined, key)

    def _place(self, token: Token, old: Token | None) -> None:
        rosters = dict(self._rosters)
        if old is not None:
            rosters[old.slot_id] = rosters.get(old.slot_id, EMPTY_ROSTER).without(old)
        rosters[token.slot_id] = rosters.get(token.slot_id, EMPTY_ROSTER).joined_by(token)
        self._rosters = rosters

    # The record

    def tell(
        self,
        command: Command,
        type_: EventType,
        token: Token,
        reason: str,
        *,
        before: Token | None = None,
        cause: int | None = None,
    ) -> None:
        """Record what happened to a token; `before` is the token as it was, None for a new one."""
        self._record(
            command,
            type_,
            token.slot_id,
            reason,
            token_id=token.id,
            patient_id=token.patient_id if before is None else None,
            number=token.number,
            source=token.source,
            before=None if before is None else Place(before.slot_id, before.status),
            after=Place(token.slot_id, token.status),
            cause=cause,
        )

    def tell_slot(
        self, command: Command, type_: EventType, slot: Slot, reason: str, *, before: Slot | None
    ) -> None:
        """Record what happened to a slot; `before` is the slot as it was, None for a new one."""
        self._record(
            command,
            type_,
            slot.id,
            reason,
            slot_before=None if before is None else _state(before),
            slot_after=_state(slot),
        )

    def tell_sheet(
        self, command: Command, type_: EventType, reason: str, slot_id: str | None = None
    ) -> None:
        """Record what happened to the sheet itself, for the sake of a slot of the day before."""
        self._record(command, type_, slot_id, reason)

    def _record(  # noqa: PLR0913  # the fields of an event
        self,
        command: Command,
        type_: EventType,
        slot_id: str | None,
        reason: str,
        *,
        token_id: str | None = None,
        patient_id: str | None = None,
        number: int | None = None,
        source: Source | None = None,
        before: Place | None = None,
        after: Place | None = None,
        cause: int | None = None,
        slot_before: SlotState | None = None,
        slot_after: SlotState | None = None,
    ) -> None:
        self._events.append(
            Event(
                n=self._sheet.next_event + len(self._events),
                type=type_,
                at=self.now,
                actor=command.actor,
                request_id=command.request_id,
                slot_id=slot_id,
                reason=reason,
                token_id=token_id,
                patient_id=patient_id,
                number=number,
                source=source,
                before=before,
                after=after,
                cause=cause,
                slot_before=slot_before,
                slot_after=slot_after,
            )
        )

    def close(self, outcome: Outcome) -> Decision:
        """The decision: a new sheet if anything happened, else the sheet as it was given."""
        if not self._events:
            return Decision(sheet=self._sheet, events=(), outcome=outcome)
        sheet = replace(
            self._sheet,
            time=self.now,
            slots=self._slots,
            held=self._held,
            declined=self._declined,
            tokens=self._tokens,
            next_event=self._sheet.next_event + len(self._events),
        )
        # What the day has kept in step need not be worked out again by the next command.
        sheet.__dict__["timeline"] = self.timeline
        sheet.__dict__["rosters"] = self._rosters
        return Decision(sheet=sheet, events=tuple(self._events), outcome=outcome)


def _state(slot: Slot) -> SlotState:
    return SlotState(slot.max_capacity, slot.status, slot.delay_minutes)
