"""A doctor who has retired takes no slots and no bookings; what was given out stays."""

import pytest

from models.commands import SetTenure
from models.doctor import Tenure
from models.errors import DoctorRetired
from models.events import EventType
from models.request import Request
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, Desk, make_add_slot, make_slot, slot_id


def _tell(desk: Desk, change: int, *, retired: bool = True) -> None:
    desk.do(SetTenure(actor=ACTOR, tenure=Tenure(retired, change)))


def test_a_retired_doctor_takes_no_booking_of_any_source() -> None:
    desk = Desk(make_slot(seats=5))
    _tell(desk, 1)
    for source in Source:
        with pytest.raises(DoctorRetired):
            desk.book(source=source)


def test_a_retired_doctor_gets_no_slot() -> None:
    desk = Desk()
    _tell(desk, 1)
    with pytest.raises(DoctorRetired):
        desk.do(make_add_slot("11:00"))


def test_a_repeat_of_what_was_done_before_is_answered_as_then() -> None:
    desk = Desk()
    slot, token = Request(key="k1", fingerprint="a"), Request(key="k2", fingerprint="b")
    desk.do(make_add_slot("11:00", request=slot))
    desk.book(request=token)
    _tell(desk, 1)
    assert desk.do(make_add_slot("11:00", request=slot)).outcome.replayed
    desk.book(request=token)
    assert desk.last.outcome.replayed


def test_tokens_stay_and_go_on_their_way_but_nobody_is_promoted() -> None:
    desk = Desk()
    first, second = desk.book(), desk.book()
    _tell(desk, 1)
    assert desk.place(first) == ("09:00", Status.BOOKED)
    desk.set(first, Status.CANCELLED)
    assert desk.place(second) == ("09:00", Status.WAITLISTED)
    assert not desk.day.has_free_seat(desk.day.run(slot_id("09:00")))


def test_a_slot_that_is_opened_again_gives_no_seats_either() -> None:
    desk = Desk(make_slot(status=SlotStatus.CLOSED))
    _tell(desk, 1)
    desk.reopen("09:00")
    with pytest.raises(DoctorRetired):
        desk.book()


def test_one_who_comes_back_is_booked_again_and_waiters_get_the_free_seats() -> None:
    desk = Desk()
    first, second = desk.book(), desk.book()
    _tell(desk, 1)
    desk.set(first, Status.CANCELLED)
    _tell(desk, 2, retired=False)
    assert desk.place(second) == ("09:00", Status.BOOKED)


@pytest.mark.parametrize("change", [0, 1, 2])
def test_what_is_told_late_changes_nothing(change: int) -> None:
    desk = Desk()
    _tell(desk, 2, retired=False)
    _tell(desk, change)
    assert desk.last.events == ()
    assert desk.sheet.tenure == Tenure(retired=False, change=2)


def test_the_record_tells_of_leaving_and_of_coming_back() -> None:
    desk = Desk()
    _tell(desk, 1)
    (left,) = desk.events()
    _tell(desk, 2, retired=False)
    (back,) = desk.events()
    assert (left.type, left.reason.code) == (EventType.DOCTOR_RETIRED, "doctor_left")
    assert (back.type, back.reason.code) == (EventType.DOCTOR_RETURNED, "doctor_came_back")
