"""Things that tests are about, with defaults that say nothing: a test names only what it varies.

Times are as the desk says them, `"09:30"` in the facility's zone on `DAY`, and name their slot.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from engine.day import Day
from engine.decide import SheetCommand, decide
from engine.decision import Decision, Outcome
from engine.queue import Standing, standing_of
from models.access import Facility
from models.commands import AddSlot, Book, ChangeSlot, ChangeStatus, IfFull, Reallocate
from models.events import Event, EventType, Happening
from models.ids import make_sheet_id
from models.keyed_request import KeyedRequest
from models.line import Order, ReturnTo, Weights
from models.patient import Patient
from models.policy import Policy
from models.sheet import Sheet
from models.slot import Slot, SlotStatus
from models.source import Source
from models.token import Bump, Status, Token

Kind = TypeVar("Kind", bound=Happening)
ZONE = "Asia/Kolkata"
FACILITY = Facility("main", "OPD", ZONE)
DAY = date(2026, 3, 9)
SHEET_ID = make_sheet_id("asha", DAY)
ACTOR = "reception"

SCORES: Mapping[Source, int] = {
    **dict.fromkeys(Source, 50),
    Source.EMERGENCY: 1000,
    Source.PRIORITY: 500,
    Source.FOLLOWUP: 300,
    Source.ONLINE: 200,
    Source.WALKIN: 100,
}
HEAD_STARTS: Mapping[Source, int] = {
    Source.PRIORITY: 25,
    Source.FOLLOWUP: 8,
    Source.ONLINE: 5,
    Source.WALKIN: 0,
}
WAY: Mapping[Status, tuple[Status, ...]] = {
    Status.BOOKED: (),
    Status.CHECKED_IN: (Status.CHECKED_IN,),
    Status.CALLED: (Status.CHECKED_IN, Status.CALLED),
    Status.IN_CONSULTATION: (Status.CHECKED_IN, Status.IN_CONSULTATION),
    Status.PARKED: (Status.CHECKED_IN, Status.PARKED),
    Status.MISSED: (Status.CHECKED_IN, Status.CALLED, Status.MISSED),
    Status.COMPLETED: (Status.CHECKED_IN, Status.IN_CONSULTATION, Status.COMPLETED),
    Status.CANCELLED: (Status.CANCELLED,),
    Status.NO_SHOW: (Status.NO_SHOW,),
}
"""The status changes that lead a booked token to each status."""


def at(clock: str, *, days: int = 0) -> datetime:
    """The instant of a local time, so many days after `DAY`."""
    local = datetime.combine(DAY + timedelta(days=days), time.fromisoformat(clock), ZoneInfo(ZONE))
    return local.astimezone(UTC)


def slot_id(clock: str, sheet_id: str = SHEET_ID) -> str:
    """The id of the slot that starts at this local time."""
    return f"{sheet_id}-{clock.replace(':', '')}"


def token_id(n: int, sheet_id: str = SHEET_ID) -> str:
    """A token id, a different one for each n."""
    return f"{sheet_id}-{str(n).translate(str.maketrans('0123456789', 'abcdefghij')):a>12}"


def clock_of(id_: str) -> str:
    """The planned start of a slot, as its id tells it."""
    digits = id_.rpartition("-")[2]
    return f"{digits[:2]}:{digits[2:]}"


def make_policy(
    *,
    scores: Mapping[Source, int] = SCORES,
    consultation_minutes: int = 10,
    emergency_overflow: int = 3,
    max_bumps: int = 2,
    max_tokens_per_sheet: int = 2000,
    order: Order = Order.HEAD_START,
    head_starts: Mapping[Source, int] = HEAD_STARTS,
    weights: Weights | None = None,
    no_show_minutes: int = 15,
) -> Policy:
    return Policy(
        scores=scores,
        consultation_minutes=consultation_minutes,
        emergency_overflow=emergency_overflow,
        max_bumps=max_bumps,
        max_tokens_per_sheet=max_tokens_per_sheet,
        order=order,
        head_starts=head_starts,
        weights=weights or Weights(),
        no_show_minutes=no_show_minutes,
    )


def make_patient(id_: str = "patient1") -> Patient:
    return Patient(id=id_, name="Meera Iyer", phone_number="+91 98450 12345")


def make_slot(
    clock: str = "09:00",
    *,
    seats: int = 1,
    minutes: int = 60,
    delay: int = 0,
    status: SlotStatus = SlotStatus.OPEN,
    sheet_id: str = SHEET_ID,
    request: KeyedRequest | None = None,
) -> Slot:
    return Slot(
        id=slot_id(clock, sheet_id),
        start=at(clock),
        end=at(clock) + timedelta(minutes=minutes),
        max_capacity=seats,
        delay_minutes=delay,
        status=status,
        request=request,
    )


def make_token(
    number: int = 1,
    *,
    clock: str = "09:00",
    source: Source = Source.WALKIN,
    status: Status = Status.BOOKED,
    patient: str | None = None,
    score: int | None = None,
    bumps: tuple[Bump, ...] = (),
    seated_at: datetime | None = None,
    sheet_id: str = SHEET_ID,
) -> Token:
    return Token(
        id=token_id(number, sheet_id),
        number=number,
        slot_id=slot_id(clock, sheet_id),
        patient=make_patient(patient or f"patient{number}"),
        source=source,
        score=SCORES[source] if score is None else score,
        status=status,
        booked_at=at("08:00"),
        seated_at=seated_at,
        bumps=bumps,
    )


def make_sheet(*slots: Slot, tokens: tuple[Token, ...] = (), sheet_id: str = SHEET_ID) -> Sheet:
    return Sheet.new(sheet_id, FACILITY).changed(slots=slots, tokens=tokens)


def make_book(
    n: int = 1,
    *,
    clock: str = "09:00",
    source: Source = Source.WALKIN,
    patient: str | None = None,
    if_full: IfFull = IfFull.WAITLIST,
    request: KeyedRequest | None = None,
    sheet_id: str = SHEET_ID,
) -> Book:
    return Book(
        actor=ACTOR,
        slot_id=slot_id(clock, sheet_id),
        token_id=token_id(n, sheet_id),
        patient=make_patient(patient or f"patient{n}"),
        source=source,
        if_full=if_full,
        request=request,
    )


def make_add_slot(
    clock: str, *, minutes: int = 60, seats: int = 1, request: KeyedRequest | None = None
) -> AddSlot:
    return AddSlot(
        actor=ACTOR,
        slot_id=slot_id(clock),
        start=at(clock),
        end=at(clock) + timedelta(minutes=minutes),
        max_capacity=seats,
        request=request,
    )


class OpdDay:
    """One doctor's day as a test drives it: each command through `decide`, at the time it is told.

    `desk[token]` is the token as it is now; `last` is the decision on the latest command.
    """

    def __init__(
        self, *slots: Slot, policy: Policy | None = None, tokens: tuple[Token, ...] = ()
    ) -> None:
        self.sheet = make_sheet(*(slots or (make_slot(),)), tokens=tokens)
        self.policy = policy or make_policy()
        self.now = at("08:00")
        self.last = Decision(sheet=self.sheet, events=(), outcome=Outcome(slot_id=""))

    def do(self, command: SheetCommand) -> Decision:
        """Decide the command and take over what it decides; a refusal leaves all as it is."""
        self.last = decide(self.sheet, command, self.policy, self.now)
        self.sheet = self.last.sheet
        return self.last

    # Commands

    def book(
        self,
        clock: str = "09:00",
        source: Source = Source.WALKIN,
        *,
        patient: str | None = None,
        if_full: IfFull = IfFull.WAITLIST,
        request: KeyedRequest | None = None,
    ) -> Token:
        """Book; by default for a patient who has no token yet. The token that came of it."""
        number = self.do(
            make_book(
                len(self.sheet.tokens) + 1,
                clock=clock,
                source=source,
                patient=patient,
                if_full=if_full,
                request=request,
            )
        ).outcome.number
        assert number is not None
        return self.sheet.tokens[number - 1]

    def set(
        self,
        token: Token,
        status: Status,
        *,
        reason: str | None = None,
        room: str | None = None,
        to: ReturnTo | None = None,
    ) -> Token:
        """Ask for one status change."""
        self.do(
            ChangeStatus(
                actor=ACTOR, token_id=token.id, status=status, note=reason, room=room, to=to
            )
        )
        return self[token]

    def bring(self, token: Token, status: Status) -> Token:
        """Lead a booked token to a status, step by step."""
        for step in WAY[status]:
            self.set(token, step)
        return self[token]

    def change(
        self,
        clock: str,
        *,
        seats: int | None = None,
        status: SlotStatus | None = None,
        delay: int | None = None,
    ) -> Slot:
        """Change the slot; the slot as it is then."""
        self.do(
            ChangeSlot(
                actor=ACTOR,
                slot_id=slot_id(clock),
                max_capacity=seats,
                status=status,
                delay_minutes=delay,
            )
        )
        return self.day.timed_slot(slot_id(clock)).slot

    def close(self, clock: str) -> None:
        """Close the slot alone."""
        self.change(clock, status=SlotStatus.CLOSED)

    def reopen(self, clock: str) -> None:
        """Open the slot again."""
        self.change(clock, status=SlotStatus.OPEN)

    def reallocate(
        self, clock: str, target: str | None = None, *, close: bool = True, note: str | None = None
    ) -> None:
        """Move the tokens of a slot that can't be held."""
        self.do(
            Reallocate(
                actor=ACTOR,
                slot_id=slot_id(clock),
                target_slot_id=None if target is None else slot_id(target),
                close=close,
                note=note,
            )
        )

    # What is there now

    def __getitem__(self, token: Token) -> Token:
        return self.sheet.tokens[token.number - 1]

    def state(self, token: Token) -> tuple[str, Status]:
        """The slot's planned start and the status of the token there."""
        return clock_of(self[token].slot_id), self[token].status

    @property
    def day(self) -> Day:
        """The sheet at the day's present moment."""
        return Day(self.sheet, self.policy, self.now)

    def standing(self, token: Token) -> Standing:
        """Where the token stands in its queue."""
        return standing_of(self.day, self[token])

    def told(self, kind: type[Kind]) -> list[Kind]:
        """The events of the latest command that are of this kind."""
        return [event for event in self.last.events if isinstance(event, kind)]

    def events(self, *types: EventType) -> list[Event]:
        """The events of the latest command, of these types or all."""
        return [event for event in self.last.events if not types or event.type in types]
