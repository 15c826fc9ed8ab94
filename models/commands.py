"""What can be asked of a sheet. New ids come with the command: the engine draws nothing."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from models.doctor import Colleague, Tenure
from models.doctor_session import SessionState
from models.keyed_request import KeyedRequest
from models.line import Mark, ReturnTo
from models.line_config import LineConfig
from models.patient import Patient
from models.slot import SlotStatus
from models.source import Source
from models.token import EndCode, Status


class IfFull(StrEnum):
    """What a newcomer wants of a full slot.

    WAITLIST: a place on its waitlist when no rule gives a seat. REJECT: a seat by whatever rule,
    or a refusal. FREE_SEAT: a seat that nobody has to give up, or a refusal.
    """

    WAITLIST = "waitlist"
    REJECT = "reject"
    FREE_SEAT = "free_seat"


class Command(Struct, frozen=True, gc=False, kw_only=True):
    """What every command tells: who asks, and in which request.

    `on_behalf_of` is what who asks says of the person behind it: a note, no proof.
    """

    actor: str
    on_behalf_of: str | None = None
    request_id: str | None = None


class AddSlot(Command, frozen=True, gc=False, kw_only=True):
    """Plan a slot; `start` and `end` are instants."""

    slot_id: str
    start: datetime
    end: datetime
    max_capacity: int
    request: KeyedRequest | None = None


class ReserveHours(Command, frozen=True, gc=False, kw_only=True):
    """Keep the hours that a slot of the day before, `slot_id`, takes of this day."""

    slot_id: str
    start: datetime
    end: datetime


class ReleaseHours(Command, frozen=True, gc=False, kw_only=True):
    """Give back hours reserved for `slot_id`, which was not added, if reserved by `reserved_by`."""

    slot_id: str
    reserved_by: datetime


class ChangeSlot(Command, frozen=True, gc=False, kw_only=True):
    """Change the seats, the status or the delay of a slot; None leaves a thing as it is.

    `note` is why, in the caller's own words.
    """

    slot_id: str
    max_capacity: int | None = None
    status: SlotStatus | None = None
    delay_minutes: int | None = None
    note: str | None = None


class Book(Command, frozen=True, gc=False, kw_only=True):
    """Give a patient a token in a slot; `check_in`: the patient is there.

    `insists`: to be booked although another doctor might be offered.
    """

    slot_id: str
    token_id: str
    patient: Patient
    source: Source
    if_full: IfFull = IfFull.WAITLIST
    check_in: bool = False
    insists: bool = False
    request: KeyedRequest | None = None


class Decline(Command, frozen=True, gc=False, kw_only=True):
    """Never book or call anything here for this key: its request goes on elsewhere."""

    key: str


class ChangeStatus(Command, frozen=True, gc=False, kw_only=True):
    """Move a token along its way; `note` is why, in the caller's own words.

    The token keeps the note of its cancellation. `any_day`: also before the token's date. `room`:
    where it is called to, or seen. `to`: where in line one stands who comes back from
    PARKED or MISSED, and then nobody else is checked in by it. `end_code`: of a cancellation.
    `at_kiosk`: the patient asks, and not too long before the slot.
    """

    token_id: str
    status: Status
    any_day: bool = False
    note: str | None = None
    room: str | None = None
    to: ReturnTo | None = None
    end_code: EndCode | None = None
    at_kiosk: bool = False


class Tick(Command, frozen=True, gc=False, kw_only=True):
    """Do what time alone brings by now."""


class CallNext(Command, frozen=True, gc=False, kw_only=True):
    """Call whoever is next into `room`, after completing the consultation of `finish`."""

    room: str | None = None
    finish: str | None = None
    request: KeyedRequest | None = None


class CallShared(Command, frozen=True, gc=False, kw_only=True):
    """Call one of a shared line into `room`, after completing the consultation of `finish`.

    `by` is the doctor who calls it from this other one's line, None for the line's own. Whoever does
    not wait here any more is not called, and never will be for this request.
    """

    token_id: str
    by: Colleague | None = None
    room: str | None = None
    finish: str | None = None
    request: KeyedRequest | None = None


class BeginSession(Command, frozen=True, gc=False, kw_only=True):
    """The doctor calls a patient from another's line, and so is there."""


class Recall(Command, frozen=True, gc=False, kw_only=True):
    """Call again who was called and did not come."""

    token_id: str


class SetMark(Command, frozen=True, gc=False, kw_only=True):
    """Mark a token, or take its mark back; `note` is why, in the caller's own words."""

    token_id: str
    mark: Mark | None
    note: str | None = None


class Undo(Command, frozen=True, gc=False, kw_only=True):
    """Take back the step that brought a token to `status`."""

    token_id: str
    status: Status


class SetSession(Command, frozen=True, gc=False, kw_only=True):
    """Say whether the doctor sees patients; `until` is when a break should end."""

    state: SessionState
    until: datetime | None = None
    note: str | None = None


class SetTenure(Command, frozen=True, gc=False, kw_only=True):
    """Know whether the doctor works here, as the doctor's document has it."""

    tenure: Tenure


class SetConfig(Command, frozen=True, gc=False, kw_only=True):
    """Know what the doctor's line has otherwise, as the doctor's document has it."""

    config: LineConfig


class CorrectPatient(Command, frozen=True, gc=False, kw_only=True):
    """Put right what is known of a token's patient; None leaves a thing as it is."""

    token_id: str
    name: str | None = None
    phone_number: str | None = None
    language: str | None = None


class Reallocate(Command, frozen=True, gc=False, kw_only=True):
    """Move the tokens of a slot that can't be held; with `close` False only its waitlist.

    `note` is why, in the caller's own words.
    """

    slot_id: str
    target_slot_id: str | None = None
    close: bool = True
    note: str | None = None
