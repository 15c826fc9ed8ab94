"""Every command tells what it did: who, what, when, why, before and after (DESIGN §7)."""

from typing import get_args

import pytest

from models.commands import Book, ChangeSlot
from models.events import (
    Booked,
    Bumped,
    Event,
    EventType,
    Promoted,
    SlotChanged,
    SlotState,
    StatusChanged,
    TokenState,
)
from models.reasons import (
    Arrived,
    ConsultationBegan,
    ConsultationEnded,
    DidNotCome,
    FreeSeat,
    GaveWay,
    GaveWayToWait,
    NotThere,
    Outranked,
    Reason,
    SentForTests,
    SlotSet,
    WasCalled,
    WasCancelled,
)
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import OpdDay, at, make_patient, make_slot, slot_id, token_id

E, P, W = Source.EMERGENCY, Source.PRIORITY, Source.WALKIN
NINE, TEN = slot_id("09:00"), slot_id("10:00")


def test_the_event_of_a_booking_tells_all_of_it() -> None:
    opd_day = OpdDay()
    opd_day.do(
        Book(
            actor="portal",
            request_id="r1",
            slot_id=NINE,
            token_id=token_id(1),
            patient=make_patient("meera"),
            source=Source.ONLINE,
        )
    )
    assert opd_day.last.events == (
        Booked(
            n=1,
            at=at("08:00"),
            actor="portal",
            request_id="r1",
            reason=FreeSeat(),
            token_id=token_id(1),
            patient_id="meera",
            number=1,
            source=Source.ONLINE,
            after=TokenState(NINE, Status.BOOKED),
        ),
    )


def test_the_event_of_a_slot_tells_all_of_it() -> None:
    opd_day = OpdDay()
    opd_day.do(
        ChangeSlot(
            actor="admin",
            request_id="r2",
            slot_id=NINE,
            delay_minutes=20,
            note="The doctor is in theatre.",
        )
    )
    assert opd_day.last.events == (
        SlotChanged(
            n=1,
            at=at("08:00"),
            actor="admin",
            request_id="r2",
            slot_id=NINE,
            reason=SlotSet(delay_minutes=20),
            note="The doctor is in theatre.",
            slot_before=SlotState(1, SlotStatus.OPEN, 0),
            slot_after=SlotState(1, SlotStatus.OPEN, 20),
        ),
    )


def test_events_are_numbered_from_1_over_commands_without_gaps() -> None:
    opd_day = OpdDay()
    numbers = []
    for source in (W, P, W):
        opd_day.book(source=source)
        numbers += [event.n for event in opd_day.last.events]
    assert numbers == [1, 2, 3, 4]
    assert opd_day.sheet.next_event == 5


def test_a_command_that_changes_nothing_takes_no_event_number() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    opd_day.set(token, Status.BOOKED)
    assert opd_day.sheet.next_event == 2


def test_slot_events_and_token_events_share_one_numbering() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=2), make_slot("10:00"))
    opd_day.book(), opd_day.book()
    opd_day.reallocate("09:00")
    assert [(event.n, event.type) for event in opd_day.last.events] == [
        (3, EventType.SLOT_CHANGED),
        (4, EventType.REALLOCATED),
        (5, EventType.STAYED),
    ]


@pytest.mark.parametrize(
    ("later", "after"),
    [(True, TokenState(TEN, Status.BOOKED)), (False, TokenState(NINE, Status.WAITLISTED))],
)
def test_a_bump_tells_where_the_token_went_and_for_whom(*, later: bool, after: TokenState) -> None:
    slots = [make_slot("09:00"), make_slot("10:00")] if later else [make_slot("09:00")]
    opd_day = OpdDay(*slots)
    opd_day.book(source=W)
    opd_day.book(source=P)
    (bump,) = opd_day.told(Bumped)
    assert (bump.before, bump.after) == (TokenState(NINE, Status.BOOKED), after)
    assert (bump.number, bump.source, bump.cause) == (1, W, 2)
    assert bump.reason == (GaveWay(2, P) if later else GaveWayToWait(2, P))
    (booked,) = opd_day.told(Booked)
    assert booked.reason == Outranked(1)


def test_a_promotion_tells_from_where_to_where() -> None:
    opd_day = OpdDay()
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.set(seated, Status.CANCELLED)
    (cancelled,), (promoted,) = opd_day.told(StatusChanged), opd_day.told(Promoted)
    assert [event.type for event in opd_day.events()] == [cancelled.type, promoted.type]
    assert (cancelled.before, cancelled.after) == (
        TokenState(NINE, Status.BOOKED),
        TokenState(NINE, Status.CANCELLED),
    )
    assert (promoted.token_id, promoted.number) == (waiting.id, 2)
    assert (promoted.before, promoted.after) == (
        TokenState(NINE, Status.WAITLISTED),
        TokenState(NINE, Status.BOOKED),
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.CHECKED_IN, Arrived()),
        (Status.CALLED, WasCalled()),
        (Status.PARKED, SentForTests()),
        (Status.MISSED, DidNotCome()),
        (Status.IN_CONSULTATION, ConsultationBegan()),
        (Status.COMPLETED, ConsultationEnded()),
        (Status.CANCELLED, WasCancelled()),
        (Status.NO_SHOW, NotThere()),
    ],
)
def test_a_status_change_says_why(status: Status, reason: Reason) -> None:
    opd_day = OpdDay()
    opd_day.bring(opd_day.book(), status)
    assert [event.reason for event in opd_day.events(EventType.STATUS_CHANGED)] == [reason]


def test_the_callers_own_words_are_the_note_of_all_that_came_of_them() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=2), make_slot("10:00"))
    first, _ = opd_day.book(), opd_day.book()
    opd_day.set(first, Status.CHECKED_IN)
    assert [event.note for event in opd_day.events()] == [None]
    opd_day.reallocate("09:00", note="The doctor is ill.")
    assert [event.type for event in opd_day.events()] == [
        EventType.SLOT_CHANGED,
        EventType.REALLOCATED,
        EventType.STAYED,
    ]
    assert {event.note for event in opd_day.events()} == {"The doctor is ill."}
    opd_day.set(first, Status.CANCELLED, reason="Feels better")
    assert opd_day[first].cancel_reason == "Feels better"
    notes = {event.type: event.note for event in opd_day.events()}
    assert notes == {EventType.STATUS_CHANGED: "Feels better", EventType.PROMOTED: None}


def test_every_type_of_event_is_one_class_and_every_class_has_a_type() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(Event)]
    assert sorted(map(str, tags)) == sorted(EventType)


def test_the_codes_of_reasons_are_what_is_stored_already() -> None:
    """A code that is renamed or dropped here can't be read back from where it was stored."""
    codes = sorted(str(kind.__struct_config__.tag) for kind in get_args(Reason))
    assert codes == [
        "already_called",
        "arrived",
        "away_for_now",
        "booked_elsewhere",
        "called_again",
        "called_by_colleague",
        "came_back",
        "came_late",
        "closed_to_reallocate",
        "config_set",
        "consultation_began",
        "consultation_ended",
        "day_ended",
        "did_not_come",
        "doctor_came_back",
        "doctor_left",
        "emergency_overflow",
        "first_on_waitlist",
        "free_seat",
        "gave_way",
        "gave_way_to_wait",
        "later_seat_free",
        "mark_set",
        "no_other_place",
        "no_other_place_yet",
        "not_seen",
        "not_there",
        "outranked",
        "patient_was_called",
        "put_right",
        "runs_past_midnight",
        "seat_added",
        "sent_for_tests",
        "session_set",
        "slot_not_added",
        "slot_not_held",
        "slot_planned",
        "slot_set",
        "slot_was_full",
        "step_undone",
        "was_called",
        "was_cancelled",
        "went_home",
    ]
