"""Why something happened, as a code with what it speaks of; `services.wording` has the words.

A code is stored and answered for ever, so a class may be renamed and its tag may not.
"""

from datetime import datetime

from msgspec import Struct

from models.doctor_session import SessionState
from models.line import Mark, ReturnTo
from models.patient import Particular
from models.slot import SlotStatus
from models.source import Source
from models.token import Status


class Why(Struct, frozen=True, gc=False, tag_field="code", rename="camel"):
    """A reason without parameters, or the base of one with some."""

    @property
    def code(self) -> str:
        """The stable name of the reason, for machines."""
        return str(type(self).__struct_config__.tag)


# A newcomer


class FreeSeat(Why, frozen=True, gc=False, tag="free_seat"):
    """The slot had a seat that nobody held."""


class Outranked(Why, frozen=True, gc=False, tag="outranked"):
    """The slot was full, and token `number` scored lower and gave way."""

    number: int


class EmergencyOverflow(Why, frozen=True, gc=False, tag="emergency_overflow"):
    """The slot was full, and an emergency is seated beyond its capacity."""


class SlotWasFull(Why, frozen=True, gc=False, tag="slot_was_full"):
    """The slot was full, and nobody in it had to give way."""


class GaveWay(Why, frozen=True, gc=False, tag="gave_way"):
    """The newcomer with this `number` and `source` took the seat; a later slot had another."""

    number: int
    source: Source


class GaveWayToWait(Why, frozen=True, gc=False, tag="gave_way_to_wait"):
    """The newcomer with this `number` and `source` took the seat; no later slot had another."""

    number: int
    source: Source


# A seat that fell free


class FirstOnWaitlist(Why, frozen=True, gc=False, tag="first_on_waitlist"):
    """A seat of the token's own slot fell free, and nobody stood before it."""


class LaterSeatFree(Why, frozen=True, gc=False, tag="later_seat_free"):
    """The token had lost its seat, and a later slot has a free one."""


# A token on its way


class Arrived(Why, frozen=True, gc=False, tag="arrived"):
    """The patient is here."""


class CameLate(Why, frozen=True, gc=False, tag="came_late"):
    """The patient is here after being marked absent."""


class WasCalled(Why, frozen=True, gc=False, tag="was_called"):
    """The patient was called."""


class CalledByColleague(Why, frozen=True, gc=False, tag="called_by_colleague"):
    """Another doctor, with whom the line is shared, called the patient."""

    doctor_id: str
    doctor: str


class ConsultationBegan(Why, frozen=True, gc=False, tag="consultation_began"):
    """The patient is with the doctor."""


class ConsultationEnded(Why, frozen=True, gc=False, tag="consultation_ended"):
    """The doctor is done with the patient."""


class WasCancelled(Why, frozen=True, gc=False, tag="was_cancelled"):
    """Somebody asked for it; their own words are the event's note."""


class WentHome(Why, frozen=True, gc=False, tag="went_home"):
    """The patient left before being seen."""


class NotSeen(Why, frozen=True, gc=False, tag="not_seen"):
    """The patient was there, and the day ended."""


class DayEnded(Why, frozen=True, gc=False, tag="day_ended"):
    """The day ended, and with it what was still open."""


class NotThere(Why, frozen=True, gc=False, tag="not_there"):
    """The patient was called or awaited in vain."""


class SentForTests(Why, frozen=True, gc=False, tag="sent_for_tests"):
    """The patient was sent for tests, and is to come back."""


class DidNotCome(Why, frozen=True, gc=False, tag="did_not_come"):
    """The patient was called and did not come."""


class CameBack(Why, frozen=True, gc=False, tag="came_back"):
    """The patient is back, and stands in line there."""

    to: ReturnTo


class CalledAgain(Why, frozen=True, gc=False, tag="called_again"):
    """The patient was called again, for the `time`th time."""

    time: int


class MarkSet(Why, frozen=True, gc=False, omit_defaults=True, tag="mark_set"):
    """Somebody at the desk said so of the patient; None takes it back."""

    mark: Mark | None = None


class StepUndone(Why, frozen=True, gc=False, tag="step_undone"):
    """The step that had brought the token to `status` was a mistake."""

    status: Status


class PutRight(Why, frozen=True, gc=False, tag="put_right"):
    """Somebody asked for it: these of the patient's particulars were wrong, or missing.

    Neither what they were nor what they are is told.
    """

    what: tuple[Particular, ...]


# A slot that can't be held


class SlotNotHeld(Why, frozen=True, gc=False, tag="slot_not_held"):
    """The token's slot can't be held, and another slot had a place."""


class AlreadyCalled(Why, frozen=True, gc=False, tag="already_called"):
    """The token is called or with the doctor, so it stays."""


class AwayForNow(Why, frozen=True, gc=False, tag="away_for_now"):
    """The token's patient is away for tests, or was called and did not come, so it stays."""


class NoOtherPlace(Why, frozen=True, gc=False, tag="no_other_place"):
    """No other slot of the day has a place, and the token stays as it is."""


class NoOtherPlaceYet(Why, frozen=True, gc=False, tag="no_other_place_yet"):
    """No other slot of the day has a place, so the token waits for the next free seat."""


# A slot


class SlotPlanned(Why, frozen=True, gc=False, tag="slot_planned"):
    """Somebody added the slot."""


class SlotSet(Why, frozen=True, gc=False, omit_defaults=True, tag="slot_set", rename="camel"):
    """Somebody asked for these seats, this status, this delay; None was not changed."""

    max_capacity: int | None = None
    status: SlotStatus | None = None
    delay_minutes: int | None = None


class SeatAdded(Why, frozen=True, gc=False, tag="seat_added"):
    """Token `number` was there without a seat, and the doctor had time."""

    number: int


class ClosedToReallocate(Why, frozen=True, gc=False, tag="closed_to_reallocate"):
    """The slot can't be held, so it was closed and its tokens took other places."""


# The doctor's session


class ConfigSet(Why, frozen=True, gc=False, tag="config_set"):
    """Somebody said so: of these settings the doctor's line has other values now."""

    what: tuple[str, ...]


class SessionSet(Why, frozen=True, gc=False, omit_defaults=True, tag="session_set"):
    """Somebody said so; a break should last `until`."""

    state: SessionState
    until: datetime | None = None


class PatientWasCalled(Why, frozen=True, gc=False, tag="patient_was_called"):
    """A patient was called or begun with, so the doctor is there."""


# A sheet, for the sake of another


class RunsPastMidnight(Why, frozen=True, gc=False, tag="runs_past_midnight"):
    """A slot of the day before passes midnight and takes hours of this day."""


class SlotNotAdded(Why, frozen=True, gc=False, tag="slot_not_added"):
    """The slot of the day before, for which hours were reserved, was not added."""


class DoctorLeft(Why, frozen=True, gc=False, tag="doctor_left"):
    """The doctor sees no patients here any more."""


class DoctorCameBack(Why, frozen=True, gc=False, tag="doctor_came_back"):
    """The doctor sees patients here again."""


class BookedElsewhere(Why, frozen=True, gc=False, tag="booked_elsewhere"):
    """Another doctor's day suited the request better, or who was to be called was gone."""


StatusReason = (
    Arrived
    | CameLate
    | CameBack
    | WasCalled
    | CalledByColleague
    | ConsultationBegan
    | ConsultationEnded
    | SentForTests
    | DidNotCome
    | WasCancelled
    | WentHome
    | NotThere
    | NotSeen
    | DayEnded
)

Reason = (
    FreeSeat
    | Outranked
    | EmergencyOverflow
    | SlotWasFull
    | GaveWay
    | GaveWayToWait
    | FirstOnWaitlist
    | LaterSeatFree
    | StatusReason
    | CalledAgain
    | StepUndone
    | MarkSet
    | PutRight
    | SlotNotHeld
    | AlreadyCalled
    | AwayForNow
    | NoOtherPlace
    | NoOtherPlaceYet
    | SlotPlanned
    | SlotSet
    | ClosedToReallocate
    | SeatAdded
    | SessionSet
    | ConfigSet
    | PatientWasCalled
    | RunsPastMidnight
    | SlotNotAdded
    | DoctorLeft
    | DoctorCameBack
    | BookedElsewhere
)
