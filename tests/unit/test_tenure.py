"""A doctor who has retired takes no slots and no bookings; what was given out stays."""

import pytest

from models.commands import SetTenure
from models.doctor import Tenure
from models.errors import DoctorRetired
from models.events import EventType
from models.keyed_request import KeyedRequest
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, OpdDay, make_add_slot, make_slot, slot_id


def _tell(opd_day: OpdDay, change: int, *, retired: bool = True) -> None:
    opd_day.do(SetTenure(actor=ACTOR, tenure=Tenure(retired, change)))


def test_a_retired_doctor_takes_no_booking_of_any_source() -> None:
    opd_day = OpdDay(make_slot(seats=5))
    _tell(opd_day, 1)
    for source in Source:
        with pytest.raises(DoctorRetired):
            opd_day.book(source=source)


def test_a_retired_doctor_gets_no_slot() -> None:
    opd_day = OpdDay()
    _tell(opd_day, 1)
    with pytest.raises(DoctorRetired):
        opd_day.do(make_add_slot("11:00"))


def test_a_repeat_of_what_was_done_before_is_answered_as_then() -> None:
    opd_day = OpdDay()
    slot, token = KeyedRequest(key="k1", fingerprint="a"), KeyedRequest(key="k2", fingerprint="b")
    opd_day.do(make_add_slot("11:00", request=slot))
    opd_day.book(request=token)
    _tell(opd_day, 1)
    assert opd_day.do(make_add_slot("11:00", request=slot)).outcome.replayed
    opd_day.book(request=token)
    assert opd_day.last.outcome.replayed


def test_tokens_stay_and_go_on_their_way_but_nobody_is_promoted() -> None:
    opd_day = OpdDay()
    first, second = opd_day.book(), opd_day.book()
    _tell(opd_day, 1)
    assert opd_day.state(first) == ("09:00", Status.BOOKED)
    opd_day.set(first, Status.CANCELLED)
    assert opd_day.state(second) == ("09:00", Status.WAITLISTED)
    assert not opd_day.day.has_free_seat(opd_day.day.timed_slot(slot_id("09:00")))


def test_a_slot_that_is_opened_again_gives_no_seats_either() -> None:
    opd_day = OpdDay(make_slot(status=SlotStatus.CLOSED))
    _tell(opd_day, 1)
    opd_day.reopen("09:00")
    with pytest.raises(DoctorRetired):
        opd_day.book()


def test_one_who_comes_back_is_booked_again_and_waiters_get_the_free_seats() -> None:
    opd_day = OpdDay()
    first, second = opd_day.book(), opd_day.book()
    _tell(opd_day, 1)
    opd_day.set(first, Status.CANCELLED)
    _tell(opd_day, 2, retired=False)
    assert opd_day.state(second) == ("09:00", Status.BOOKED)


@pytest.mark.parametrize("change", [0, 1, 2])
def test_what_is_told_late_changes_nothing(change: int) -> None:
    opd_day = OpdDay()
    _tell(opd_day, 2, retired=False)
    _tell(opd_day, change)
    assert opd_day.last.events == ()
    assert opd_day.sheet.tenure == Tenure(retired=False, change=2)


def test_the_record_tells_of_leaving_and_of_coming_back() -> None:
    opd_day = OpdDay()
    _tell(opd_day, 1)
    (left,) = opd_day.events()
    _tell(opd_day, 2, retired=False)
    (back,) = opd_day.events()
    assert (left.type, left.reason.code) == (EventType.DOCTOR_RETIRED, "doctor_left")
    assert (back.type, back.reason.code) == (EventType.DOCTOR_RETURNED, "doctor_came_back")
