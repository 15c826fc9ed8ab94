"""Rule 8: the status changes that may be asked for, and the return of who came late."""

from datetime import datetime, timedelta

import pytest

from engine.day import Day
from models.errors import AlreadyBooked, BadTransition, DayOver, SlotFull, UnknownToken
from models.events import StatusChanged, TokenState
from models.reasons import CameLate
from models.source import Source
from models.token import Status
from tests.factories import (
    OpdDay,
    at,
    make_policy,
    make_slot,
    make_token,
    slot_id,
    token_id,
)

ALLOWED: dict[Status, set[Status]] = {
    Status.WAITLISTED: {Status.CHECKED_IN, Status.CANCELLED},
    Status.BOOKED: {Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW},
    Status.CHECKED_IN: {
        Status.CALLED,
        Status.IN_CONSULTATION,
        Status.PARKED,
        Status.CANCELLED,
        Status.NO_SHOW,
    },
    Status.CALLED: {Status.IN_CONSULTATION, Status.PARKED, Status.MISSED, Status.NO_SHOW},
    Status.IN_CONSULTATION: {Status.PARKED, Status.COMPLETED},
    Status.PARKED: {Status.CHECKED_IN, Status.CANCELLED},
    Status.MISSED: {Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
    Status.NO_SHOW: {Status.CHECKED_IN},
    Status.MOVED: set(),
}


def _desk_with(status: Status) -> OpdDay:
    """A full slot, so that a waitlisted token is not promoted."""
    tokens = (make_token(1, status=status), make_token(2, source=Source.EMERGENCY))
    return OpdDay(make_slot(seats=1), tokens=tokens)


@pytest.mark.parametrize("asked", Status)
@pytest.mark.parametrize("present", Status)
def test_the_table_of_status_changes(present: Status, asked: Status) -> None:
    opd_day = _desk_with(present)
    token = opd_day.sheet.tokens[0]
    before = opd_day.sheet

    if asked is present:
        assert opd_day.set(token, asked) is token
        assert opd_day.sheet is before
        assert opd_day.last.events == ()
        assert opd_day.last.outcome.number == token.number
    elif asked in ALLOWED[present]:
        waits = (present, asked) == (Status.WAITLISTED, Status.CHECKED_IN)
        becomes = present if waits else asked
        assert opd_day.set(token, asked).status is becomes
        (event,) = opd_day.told(StatusChanged)
        assert event.before == TokenState(slot_id("09:00"), present)
        assert event.after == TokenState(slot_id("09:00"), becomes)
        assert event.number == token.number
    else:
        with pytest.raises(BadTransition) as refused:
            opd_day.set(token, asked)
        assert refused.value.present is present
        assert set(refused.value.allowed) == ALLOWED[present]


def test_an_unknown_token_is_refused() -> None:
    opd_day = OpdDay()
    opd_day.book()
    with pytest.raises(UnknownToken):
        opd_day.set(make_token(7), Status.CHECKED_IN)


def test_a_status_change_tells_the_slot_of_its_token() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    token = opd_day.book("10:00")
    opd_day.set(token, Status.CHECKED_IN)
    assert opd_day.last.outcome.slot_id == slot_id("10:00")


def test_each_step_keeps_its_time() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    for clock, status in [
        ("08:50", Status.CHECKED_IN),
        ("09:05", Status.CALLED),
        ("09:06", Status.IN_CONSULTATION),
        ("09:20", Status.COMPLETED),
    ]:
        opd_day.now = at(clock)
        token = opd_day.set(token, status)

    assert token.booked_at == at("08:00")
    assert token.checked_in_at == at("08:50")
    assert token.called_at == at("09:05")
    assert token.started_at == at("09:06")
    assert token.ended_at == at("09:20")
    assert token.cancel_reason is None


def test_a_cancellation_keeps_its_time_and_reason() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    opd_day.now = at("08:30")
    cancelled = opd_day.set(token, Status.CANCELLED, reason="The train is late")
    assert (cancelled.ended_at, cancelled.cancel_reason) == (at("08:30"), "The train is late")


def test_a_reason_is_kept_with_a_cancellation_alone() -> None:
    opd_day = OpdDay()
    assert opd_day.set(opd_day.book(), Status.NO_SHOW, reason="No answer").cancel_reason is None


# Rule 8: a late return


def test_who_came_late_is_checked_in_anew() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.CHECKED_IN)
    opd_day.set(token, Status.CALLED, room="2")
    opd_day.now = at("09:10")
    token = opd_day.set(token, Status.NO_SHOW)
    assert token.ended_at == at("09:10")
    opd_day.now = at("09:30")

    token = opd_day.set(token, Status.CHECKED_IN)

    assert token.status is Status.CHECKED_IN
    assert token.checked_in_at == at("09:30")
    assert (token.called_at, token.ended_at, token.room) == (None, None, None)
    (event,) = opd_day.told(StatusChanged)
    assert event.reason == CameLate()


@pytest.mark.parametrize(
    ("seats", "overflow", "taken", "returns"),
    [
        pytest.param(1, 3, 2, True, id="below all of the overflow but one"),
        pytest.param(1, 3, 3, False, id="the last seat is kept for an emergency"),
        pytest.param(1, 1, 0, True, id="a free seat"),
        pytest.param(1, 1, 1, False, id="the only overflow seat is kept"),
        pytest.param(2, 0, 1, True, id="no overflow, a free seat"),
        pytest.param(2, 0, 2, False, id="no overflow, full"),
    ],
)
def test_a_late_return_takes_all_of_the_overflow_but_one(
    seats: int, overflow: int, taken: int, *, returns: bool
) -> None:
    absent = make_token(1, status=Status.NO_SHOW)
    others = [make_token(n, status=Status.COMPLETED) for n in range(2, taken + 2)]
    opd_day = OpdDay(
        make_slot(seats=seats),
        tokens=(absent, *others),
        policy=make_policy(emergency_overflow=overflow),
    )
    if returns:
        assert opd_day.set(absent, Status.CHECKED_IN).status is Status.CHECKED_IN
    else:
        with pytest.raises(SlotFull):
            opd_day.set(absent, Status.CHECKED_IN)


def test_a_late_return_against_another_token_of_the_patient_is_refused() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    absent = opd_day.bring(opd_day.book(patient="meera"), Status.NO_SHOW)
    other = opd_day.book(patient="meera")
    with pytest.raises(AlreadyBooked) as refused:
        opd_day.set(absent, Status.CHECKED_IN)
    assert refused.value.other.id == other.id


def test_a_late_return_is_welcome_where_the_slot_is_over_or_closed() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.NO_SHOW)
    opd_day.close("09:00")
    opd_day.now = at("17:00")
    assert opd_day.set(token, Status.CHECKED_IN).status is Status.CHECKED_IN


@pytest.mark.parametrize(
    ("slot_starts", "now", "returns"),
    [
        pytest.param("09:00", at("23:59:59"), True, id="until midnight"),
        pytest.param("09:00", at("00:00", days=1), False, id="not after midnight"),
        pytest.param("23:30", at("00:29:59", days=1), True, id="until a night slot ends"),
        pytest.param("23:30", at("00:30", days=1), False, id="not after a night slot"),
    ],
)
def test_a_late_return_holds_until_the_end_of_the_local_day(
    slot_starts: str, now: datetime, *, returns: bool
) -> None:
    absent = make_token(1, clock=slot_starts, status=Status.NO_SHOW)
    opd_day = OpdDay(make_slot("08:00"), make_slot(slot_starts), tokens=(absent,))
    opd_day.now = now
    if returns:
        assert opd_day.set(absent, Status.CHECKED_IN).status is Status.CHECKED_IN
    else:
        with pytest.raises(DayOver):
            opd_day.set(absent, Status.CHECKED_IN)


def test_an_allowed_change_is_made_after_the_day_too() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    opd_day.now = at("08:00", days=1)
    assert opd_day.set(token, Status.NO_SHOW).status is Status.NO_SHOW


def test_refusals_of_a_late_return_come_in_their_order() -> None:
    absent = make_token(1, status=Status.NO_SHOW, patient="meera")
    other = make_token(2, patient="meera")
    opd_day = OpdDay(tokens=(absent, other), policy=make_policy(emergency_overflow=0))
    with pytest.raises(AlreadyBooked):  # before slot_full
        opd_day.set(absent, Status.CHECKED_IN)
    opd_day.now = at("08:00", days=1)
    with pytest.raises(DayOver):  # before already_booked
        opd_day.set(absent, Status.CHECKED_IN)


def test_the_sheet_finds_its_tokens_by_id() -> None:
    sheet = OpdDay(tokens=(make_token(1), make_token(2))).sheet
    found = sheet.find_token(token_id(2))
    assert found is sheet.tokens[1]
    assert sheet.find_token(token_id(3)) is None


def test_an_instant_of_the_engine_is_never_before_the_sheets_time() -> None:
    opd_day = OpdDay()
    opd_day.book()
    day = Day(opd_day.sheet, opd_day.policy, opd_day.now - timedelta(hours=1))
    assert day.now == opd_day.sheet.time


def test_a_late_return_that_finds_no_seat_is_told_the_other_slots_of_the_day() -> None:
    opd_day = OpdDay(
        make_slot("09:00"),
        make_slot("10:00"),
        make_slot("11:00"),
        make_slot("12:00", seats=2),
        policy=make_policy(emergency_overflow=0),
    )
    late = opd_day.set(opd_day.book("09:00", patient="meera"), Status.NO_SHOW)
    opd_day.book("09:00")
    opd_day.book("10:00", source=Source.PRIORITY)
    opd_day.book("12:00", patient="meera")

    with pytest.raises(SlotFull) as refused:
        opd_day.set(late, Status.CHECKED_IN)

    assert [one.slot_id for one in refused.value.alternatives] == [slot_id("11:00")]
