"""Every command tells what it did: who, what, when, why, before and after (DESIGN §7)."""

import pytest

from models.commands import Book, ChangeSlot
from models.events import Event, EventType, Place, SlotState
from models.slot import SlotStatus
from models.token import Source, Status
from tests.factories import Desk, at, make_book, make_patient, make_slot, slot_id, token_id

E, P, W = Source.EMERGENCY, Source.PRIORITY, Source.WALKIN
NINE, TEN = slot_id("09:00"), slot_id("10:00")


def test_the_event_of_a_booking_tells_all_of_it() -> None:
    desk = Desk()
    desk.do(
        Book(
            actor="portal",
            request_id="r1",
            slot_id=NINE,
            token_id=token_id(1),
            patient=make_patient("meera"),
            source=Source.ONLINE,
        )
    )
    assert desk.last.events == (
        Event(
            n=1,
            type=EventType.BOOKED,
            at=at("08:00"),
            actor="portal",
            request_id="r1",
            slot_id=NINE,
            reason="The slot had a free seat.",
            token_id=token_id(1),
            patient_id="meera",
            number=1,
            source=Source.ONLINE,
            before=None,
            after=Place(NINE, Status.BOOKED),
        ),
    )


def test_the_event_of_a_slot_tells_all_of_it() -> None:
    desk = Desk()
    desk.do(ChangeSlot(actor="admin", request_id="r2", slot_id=NINE, delay_minutes=20))
    assert desk.last.events == (
        Event(
            n=1,
            type=EventType.SLOT_CHANGED,
            at=at("08:00"),
            actor="admin",
            request_id="r2",
            slot_id=NINE,
            reason="The slot is delayed by 20 minutes.",
            slot_before=SlotState(1, SlotStatus.OPEN, 0),
            slot_after=SlotState(1, SlotStatus.OPEN, 20),
        ),
    )


def test_events_are_numbered_from_1_over_commands_without_gaps() -> None:
    desk = Desk()
    numbers = []
    for source in (W, P, W):
        desk.book(source=source)
        numbers += [event.n for event in desk.last.events]
    assert numbers == [1, 2, 3, 4]
    assert desk.sheet.next_event == 5


def test_a_command_that_changes_nothing_takes_no_event_number() -> None:
    desk = Desk()
    token = desk.book()
    desk.set(token, Status.BOOKED)
    assert desk.sheet.next_event == 2


def test_slot_events_and_token_events_share_one_numbering() -> None:
    desk = Desk(make_slot("09:00", seats=2), make_slot("10:00"))
    desk.book(), desk.book()
    desk.reallocate("09:00")
    assert [(event.n, event.type) for event in desk.last.events] == [
        (3, EventType.SLOT_CHANGED),
        (4, EventType.REALLOCATED),
        (5, EventType.STAYED),
    ]


@pytest.mark.parametrize(
    ("later", "after"),
    [(True, Place(TEN, Status.BOOKED)), (False, Place(NINE, Status.WAITLISTED))],
)
def test_a_bump_tells_where_the_token_went_and_for_whom(*, later: bool, after: Place) -> None:
    slots = [make_slot("09:00"), make_slot("10:00")] if later else [make_slot("09:00")]
    desk = Desk(*slots)
    desk.book(source=W)
    desk.book(source=P)
    (bump,) = desk.events(EventType.BUMPED)
    assert (bump.before, bump.after) == (Place(NINE, Status.BOOKED), after)
    assert (bump.number, bump.source, bump.cause) == (1, W, 2)
    assert "T002 (PRIORITY)" in bump.reason
    assert ("earliest later free seat" in bump.reason) is later
    (booked,) = desk.events(EventType.BOOKED)
    assert "T001 scored lower" in booked.reason
    assert booked.cause is None


def test_a_promotion_tells_from_where_to_where() -> None:
    desk = Desk()
    seated, waiting = desk.book(), desk.book()
    desk.set(seated, Status.CANCELLED)
    cancelled, promoted = desk.events()
    assert (cancelled.before, cancelled.after) == (
        Place(NINE, Status.BOOKED),
        Place(NINE, Status.CANCELLED),
    )
    assert (promoted.token_id, promoted.number) == (waiting.id, 2)
    assert (promoted.before, promoted.after) == (
        Place(NINE, Status.WAITLISTED),
        Place(NINE, Status.BOOKED),
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.CHECKED_IN, "The patient is here."),
        (Status.CALLED, "The patient was called."),
        (Status.IN_CONSULTATION, "The consultation began."),
        (Status.COMPLETED, "The consultation ended."),
        (Status.CANCELLED, "The token was cancelled."),
        (Status.NO_SHOW, "The patient was not there."),
    ],
)
def test_a_status_change_says_why(status: Status, reason: str) -> None:
    desk = Desk()
    desk.bring(desk.book(), status)
    assert [event.reason for event in desk.events()] == [reason]


def test_no_reason_names_a_patient() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    told: list[Event] = []
    walk_in = desk.book()
    for step in (
        lambda: desk.book(source=P),
        lambda: desk.book(source=E),
        lambda: desk.book(source=W),
        lambda: desk.set(walk_in, Status.CANCELLED),
        lambda: desk.change("09:00", seats=4),
        lambda: desk.reallocate("09:00"),
    ):
        step()
        told += desk.last.events
    words = " ".join(event.reason for event in told)
    assert len(told) > 8
    assert make_book().patient.name not in words
    assert "patient1" not in words
    assert "98450" not in words
